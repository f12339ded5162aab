// The `url` module (spec/buffer-and-encoding.md §8).
'use strict';

const { fail, members } = internal;
const { UrlObject, UrlObjectImpl } = require('./object');
const { decodeURI } = require('encoding/uri');

function fileURLToPath(url) {
    if (url.protocol !== 'file:') throw fail('The URL must be of scheme file');
    if (url.hostname !== '') throw fail('File URL host must be "localhost" or empty on linux');
    if (/%2f/i.test(url.pathname)) throw fail('File URL path must not include encoded / characters');
    return decodeURI(url.pathname);
}

function pathToFileURL(path) {
    const full = require('path').resolve(path);
    const kept = path.endsWith('/') && !full.endsWith('/') ? `${full}/` : full;
    return new UrlObjectImpl(`file://${kept.replace(/[%\\?#\n\r\t]/g, encodeURIComponent)}`, false, false);
}

module.exports = members.module(
    'url',
    {
        URL: UrlObject,
        parse: (text, parseQuery, slashesDenoteHost) => new UrlObjectImpl(text, parseQuery, slashesDenoteHost),
        format: (object) => new UrlObjectImpl(object).href,
        // Of later versions.
        resolve: (from, to) => new UrlObjectImpl(from, false, false).resolve(to).href,
        fileURLToPath: [fileURLToPath, (text) => fileURLToPath(new UrlObjectImpl(text, false, false))],
        pathToFileURL,
    },
    { later: ['resolve', 'fileURLToPath', 'pathToFileURL'] },
);
