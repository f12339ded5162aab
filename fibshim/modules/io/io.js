// The `io` module (spec/io-and-net.md §3).
'use strict';

const { members } = internal;
const { bridge, copyStream } = require('./stream');

module.exports = members.module('io', {
    get MemoryStream() {
        return require('./memory').MemoryStream;
    },
    get BufferedStream() {
        return require('./buffered').BufferedStream;
    },
    copyStream,
    bridge,
});
