// `iconv` (spec/buffer-and-encoding.md §5.6).
'use strict';

require('buffer');
const { copyOf, decode, encode, isCodec } = require('buffer/bytes');

module.exports = internal.members.module('iconv', {
    encode: (charset, text) => copyOf(encode(text, charset, true)),
    decode: (charset, data) => decode(data, charset, true),
    isEncoding: (charset) => isCodec(charset, true),
});
