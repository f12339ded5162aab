// The `json` module (spec/buffer-and-encoding.md §5.7).
'use strict';

const { parse, stringify } = require('./text');

module.exports = internal.members.module('json', {
    encode: (value) => stringify(value),
    decode: (text) => parse(text),
});
