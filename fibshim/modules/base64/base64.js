// `base64` (spec/buffer-and-encoding.md §5.3).
'use strict';

require('buffer');
const { base64Decode, copyOf, toBase64 } = require('buffer/bytes');

const URL_SAFE = { __proto__: null, alphabet: 'base64url' };

module.exports = internal.members.module('base64', {
    encode: (data, url) => (url ? toBase64(data, URL_SAFE) : toBase64(data)),
    decode: (text) => copyOf(base64Decode(text)),
});
