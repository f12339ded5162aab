// WebSockets over streams that are no connections of ours (spec/ws.md §2.5): an `http.Handler` may sit on any stream.
'use strict';

const { entry, fibers, ops } = internal;
const { readFrom } = require('io/stream');
const { fromBytes, lengthOf } = require('buffer/bytes');
const native = ops('ws');

/** Streams by the number of their pipe. */
const streams = new Map();

function close(stream) {
    try {
        stream.close();
    } catch {
        // it is closed already, or never can be
    }
}

/** Read until the end of the stream; a stream that fails has ended. */
function read(pipe, stream) {
    try {
        for (let data; (data = readFrom(stream, -1)) !== null; ) native.pipeFeed(pipe, data);
    } catch {
        // the end
    }
    native.pipeEnd(pipe);
}

entry('ws.pipe', (pipe) => {
    const stream = streams.get(pipe);
    try {
        for (let data; (data = native.pipeTake(pipe)) !== null; ) {
            if (lengthOf(data) === 0) return;
            stream.write(fromBytes(data));
        }
    } catch {
        native.pipeLost(pipe);
    }
    streams.delete(pipe);
    close(stream);
});

/** Connect a socket to a stream. @param {Function} open `()`: as the op `openPipe`; returns the connection's number */
function connect(stream, open) {
    const [number, pipe] = open();
    streams.set(pipe, stream);
    fibers.start(read, [pipe, stream], undefined);
    return number;
}

module.exports = { connect };
