// `hex` (spec/buffer-and-encoding.md §5.2).
'use strict';

require('buffer');
const { copyOf, hexDecode, toHex } = require('buffer/bytes');

module.exports = internal.members.module('hex', {
    encode: (data) => toHex(data),
    decode: (text) => copyOf(hexDecode(text)),
});
