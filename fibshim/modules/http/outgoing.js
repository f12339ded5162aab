// What a client sends: URLs, options, header lines (spec/http.md §15.2, §15.3).
'use strict';

const { fail, members } = internal;
const { isPlain } = members;
const { toBytes, utf8Encode } = require('buffer/bytes');
const { SeekableStreamImpl } = require('io/stream');
const { UrlObject } = require('url/object');
const { isConsumed } = require('./collection');

const EMPTY = new Uint8Array(0);

// -- URLs ------------------------------------------------------------------------------------------------------

/** What is needed of a URL. */
function target(text) {
    const url = new UrlObject(text);
    const { protocol } = url;
    if (protocol !== 'http:' && protocol !== 'https:') throw fail('HttpClient: unknown protocol');
    if (url.hostname === '') throw fail('HttpClient: unknown host');
    const isSecure = protocol === 'https:';
    return {
        text,
        isSecure,
        host: url.hostname,
        hostText: url.host,
        port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
        path: `${url.pathname === '' ? '/' : url.pathname}${queryOf(url)}`,
    };
}

const queryOf = ({ href }) => {
    const hash = href.indexOf('#');
    const mark = href.indexOf('?');
    return mark < 0 || (hash >= 0 && hash < mark) ? '' : href.slice(mark, hash < 0 ? undefined : hash);
};

/** Where a redirect leads. */
const resolve = (base, location) => new UrlObject(base).resolve(location).href;

// -- options ---------------------------------------------------------------------------------------------------

/** The bytes of a body option. @returns {{bytes: Uint8Array, type: string|null}} */
function bodyOf(options) {
    const { body } = options;
    if (body !== undefined) {
        if (body instanceof SeekableStreamImpl) {
            body.rewind();
            return { bytes: body.readAll() ?? EMPTY, type: null };
        }
        if (isPlain(body)) {
            const { stringify } = require('querystring/pairs');
            return { bytes: utf8Encode(stringify(body)), type: 'application/x-www-form-urlencoded' };
        }
        return { bytes: toBytes(body), type: null };
    }
    if ('json' in options)
        return { bytes: utf8Encode(require('json/text').stringify(options.json)), type: 'application/json' };
    return { bytes: null, type: null };
}

/** The script's headers as lines. */
function headersOf(headers, type) {
    const lines = [];
    if (isPlain(headers)) {
        for (const name in headers) {
            if (type !== null && name === 'Content-Type') continue;
            // The length of the body and the fate of the connection are ours to say.
            if (isConsumed(name.toLowerCase())) continue;
            const value = headers[name];
            for (const one of Array.isArray(value) ? value : [value]) lines.push([name, `${one}`]);
        }
    }
    if (type !== null) lines.push(['Content-Type', type]);
    return lines;
}

const has = (lines, name) => lines.some(([key]) => key.toLowerCase() === name);

function lineText(name, value) {
    const text = `${name}: ${value}`;
    if (/[\r\n\0]/.test(text)) throw fail('HttpMessage: bad header: line breaks and NUL are not allowed.');
    return `${text}\r\n`;
}

module.exports = { bodyOf, has, headersOf, lineText, resolve, target };
