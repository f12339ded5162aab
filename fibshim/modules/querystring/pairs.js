// Splitting and decoding of query texts; `querystring`, `url` and `http` share it.
'use strict';

const { decodeURI, encodeURIComponent } = require('encoding/uri');

const plain = (text) => (/[%+\\]/.test(text) ? decodeURI(text.replace(/\+/g, ' ')) : text);

/**
 * Call `found(name, value)` for each pair; pairs with an empty name are dropped.
 * @param {string} text
 */
function parsePairs(text, separator, equals, found) {
    if (text === '') return;
    for (const piece of separator === '' ? [text] : text.split(separator)) {
        const at = equals === '' ? -1 : piece.indexOf(equals);
        const name = at < 0 ? piece : piece.slice(0, at);
        if (name !== '') found(plain(name), at < 0 ? '' : plain(piece.slice(at + equals.length)));
    }
}

/** The pairs of a text as an HttpCollection. */
function parse(text, separator = '&', equals = '=') {
    const { CollectionImpl, Store } = require('http/collection');
    const store = new Store();
    parsePairs(text, separator, equals, (name, value) => store.push(name, value));
    return new CollectionImpl(store);
}

/** The enumerable keys of any object in their order, inherited ones too. */
function stringify(object, separator = '&', equals = '=') {
    const out = [];
    const add = (name, value) => out.push(`${encodeURIComponent(name)}${equals}${encodeURIComponent(`${value}`)}`);
    for (const name in object) {
        const value = object[name];
        if (Array.isArray(value)) for (let i = 0; i < value.length; i++) add(name, value[i]);
        else add(name, value);
    }
    return out.join(separator);
}

module.exports = { parse, parsePairs, stringify };
