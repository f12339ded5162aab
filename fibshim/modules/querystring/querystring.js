// `querystring` (spec/buffer-and-encoding.md §7).
'use strict';

const { decodeURI, encodeURIComponent } = require('encoding/uri');
const { parse, stringify } = require('./pairs');

const impl = {
    escape: encodeURIComponent,
    unescape: decodeURI,
    parse: (text, separator, equals) => parse(text, separator, equals),
    stringify: (object, separator, equals) => stringify(object, separator, equals),
};

module.exports = internal.members.module('querystring', impl);
