// `base58`, of later versions (spec/buffer-and-encoding.md §12).
'use strict';

require('buffer');
const { copyOf } = require('buffer/bytes');
const native = internal.ops('base58');

module.exports = internal.members.module(
    'base58',
    {
        encode: [(data) => native.encode(data, -1), (data, version) => native.encode(data, version & 255)],
        decode: [
            (text) => copyOf(native.decode(text, -1)),
            (text, version) => copyOf(native.decode(text, version & 255)),
        ],
    },
    { later: ['encode', 'decode'] },
);
