// `encoding` (spec/buffer-and-encoding.md §5.1).
'use strict';

const { members } = internal;
const { decodeURI, encodeURI, encodeURIComponent } = require('./uri');

const ESCAPES = { __proto__: null, '\\': '\\\\', '\r': '\\r', '\n': '\\n', '\t': '\\t', '"': '\\"', "'": "\\'" };
const escaped = (char) => ESCAPES[char];
const SUBMODULES = ['base32', 'base64', 'base64vlq', 'hex', 'iconv', 'json', 'msgpack', 'bson', 'base58'];

const impl = {
    jsstr: (text, json) => text.replace(json ? /[\\\r\n\t"]/g : /[\\\r\n\t"']/g, escaped),
    encodeURI,
    encodeURIComponent,
    decodeURI,
    // Of later versions, which also know base32 and base58 as codecs here.
    isEncoding: (codec) => codec === 'base32' || codec === 'base58' || require('buffer/bytes').isCodec(codec),
    encode: (data, codec) =>
        codec === 'base32' || codec === 'base58'
            ? load(codec).encode(data)
            : require('buffer/bytes').decode(data, codec),
    decode: (text, codec) =>
        codec === 'base32' || codec === 'base58' ? load(codec).decode(text) : require('buffer').from(text, codec),
};
const load = (name) => require(name);
for (const name of SUBMODULES)
    Reflect.defineProperty(impl, name, { configurable: true, enumerable: true, get: () => require(name) });

require('buffer');
module.exports = members.module('encoding', impl, { later: ['base58', 'isEncoding', 'encode', 'decode'] });
