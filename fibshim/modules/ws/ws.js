// The `ws` module (spec/ws.md).
'use strict';

const { members } = internal;

module.exports = members.module('ws', {
    CONTINUE: 0,
    TEXT: 1,
    BINARY: 2,
    CLOSE: 8,
    PING: 9,
    PONG: 10,
    CONNECTING: 0,
    OPEN: 1,
    CLOSING: 2,
    CLOSED: 3,
    get Message() {
        return require('./message').WebSocketMessage;
    },
    get Socket() {
        return require('./socket').WebSocket;
    },
    // One function for each overload: without and with options.
    upgrade: [
        (accept) => require('./upgrade').upgrade({}, accept),
        (opts, accept) => require('./upgrade').upgrade(opts, accept),
    ],
});
