// The server under test: echoes every message with its type.
//
//     fibshim run echo_server.js PORT
'use strict';

const http = require('http');
const ws = require('ws');

const server = new http.Server(
    '127.0.0.1',
    Number(process.argv[2] ?? 9001),
    ws.upgrade((socket) => {
        socket.onmessage = (e) => socket.send(e.data !== null ? e.data : e.type === ws.TEXT ? '' : new Buffer(0));
    }),
);
server.start();
console.log('ready');
