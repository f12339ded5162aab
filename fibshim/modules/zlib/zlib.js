// The `zlib` module (spec/fs-and-path.md §6).
'use strict';

const { members, ops } = internal;
const { copy } = require('io/stream');
const { fromBytes } = require('buffer/bytes');
const { deflater, inflater } = require('./coder');
const native = ops('zlib');

const DEFAULT = -1;

const toBuffer = (data) => (data === null ? null : fromBytes(data));
const compress = (form) => (data, level) => toBuffer(native.compress(form, level ?? DEFAULT, data));
const decompress = (form) => (data, most) => toBuffer(native.decompress(form, most, data));

/** One implementation for each overload: from a Buffer, from a Stream. */
const into = (make) => [
    (data, to, option) => {
        const coder = make(to, option);
        coder.write(data);
        coder.close();
    },
    (from, to, option) => {
        const coder = make(to, option);
        copy(from, coder, -1);
        coder.close();
    },
];

const make = (form) => ({
    deflate: (to, level) => deflater(form, to, level ?? DEFAULT),
    inflate: (to, most) => inflater(form, to, most),
});
const zlib = make('zlib');
const raw = make('raw');
const gzip = make('gzip');

module.exports = members.module(
    'zlib',
    {
        deflate: compress('zlib'),
        deflateRaw: compress('raw'),
        gzip: compress('gzip'),
        inflate: decompress('zlib'),
        inflateRaw: decompress('raw'),
        gunzip: decompress('gzip'),
        deflateTo: into(zlib.deflate),
        deflateRawTo: into(raw.deflate),
        gzipTo: into(gzip.deflate),
        inflateTo: into(zlib.inflate),
        inflateRawTo: into(raw.inflate),
        gunzipTo: into(gzip.inflate),
        createDeflate: (to) => zlib.deflate(to),
        createDeflateRaw: (to) => raw.deflate(to),
        createGzip: (to) => gzip.deflate(to),
        createInflate: zlib.inflate,
        createInflateRaw: raw.inflate,
        createGunzip: gzip.inflate,
        get constants() {
            const names = members.signature('zlib_constants').later.map(([name]) => name);
            return members.module('zlib_constants', {}, { later: names });
        },
    },
    { later: ['constants'] },
);
