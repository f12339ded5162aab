// `base32` (spec/buffer-and-encoding.md §5.4).
'use strict';

require('buffer');
const { copyOf } = require('buffer/bytes');
const { base32Encode } = internal.ops('buffer');
const { decode } = internal.ops('base32');

module.exports = internal.members.module('base32', {
    encode: (data) => base32Encode(data),
    decode: (text) => copyOf(decode(text)),
});
