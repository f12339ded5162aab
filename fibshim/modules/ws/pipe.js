// WebSockets over streams that are no connections of ours (spec/ws.md §2.5): an `http.Handler` may sit on any stream.
'use strict';

const { entry, fibers, ops } = internal;
const { readFrom } = require('io/stream');
const { BufferedStreamImpl } = require('io/buffered');
const { fromBytes, lengthOf } = require('buffer/bytes');
const native = ops('ws');

/** Streams to write to, by the number of their pipe. */
const streams = new Map();
/** Fibers that wait for the end of any stream. */
const waiting = [];

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
        for (let data; (data = readFrom(stream, -1)) !== null;) native.pipeFeed(pipe, data);
    } catch {
        // the end
    }
    native.pipeEnd(pipe);
}

entry('ws.pipe', (pipe) => {
    const stream = streams.get(pipe);
    try {
        for (let data; (data = native.pipeTake(pipe)) !== null;) {
            if (lengthOf(data) === 0) return;
            stream.write(fromBytes(data));
        }
    } catch {
        native.pipeLost(pipe);
    }
    streams.delete(pipe);
    close(stream);
    fibers.wakeAll(waiting);
});

/** Block until the stream of a pipe is closed, which is after the end of its socket. */
function waitFor(pipe) {
    while (streams.has(pipe)) fibers.park(waiting, 'WebSocket');
}

/** What may be written and closed while a fiber reads from a stream: a BufferedStream itself serves one at a time. */
const inner = (stream) => (stream instanceof BufferedStreamImpl ? stream.stream : stream);

/**
 * Connect a socket to a stream.
 * @param {Function} open `()`: as the op `openPipe`
 * @returns {Array} the numbers of the connection and of the pipe
 */
function connect(stream, open) {
    const [number, pipe] = open();
    streams.set(pipe, inner(stream));
    fibers.start(read, [pipe, stream], undefined);
    return [number, pipe];
}

module.exports = { connect, inner, waitFor };
