// A WebSocket server that answers every message with itself:  fibshim run echo_server.js [port]
var http = require('http');
var ws = require('ws');

var svr = new http.Server('127.0.0.1', Number(process.argv[2] || 8080), {
    '/echo': ws.upgrade((conn, req) => {
        // `data` is null for an empty message of either type; text arrives as String, binary as Buffer.
        conn.onmessage = (e) => conn.send(e.data !== null ? e.data : e.type === ws.TEXT ? '' : new Buffer(0));
    }),
});
svr.start();
console.log('ws://127.0.0.1:' + svr.socket.localPort + '/echo');
