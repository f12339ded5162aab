// Compression is on by default on both sides; here one path of the server declines it and one limits what it accepts.
//     fibshim run compression.js [port]
var http = require('http');
var ws = require('ws');

var echo = (conn) => {
    conn.onmessage = (e) => conn.send(JSON.stringify({ compressed: e.compress, length: e.data.length }));
};

var svr = new http.Server('127.0.0.1', Number(process.argv[2] || 8080), {
    '/deflate': ws.upgrade(echo),
    '/plain': ws.upgrade({ perMessageDeflate: false }, echo),
    '/small': ws.upgrade({ maxPayload: 1024 }, echo),
});
svr.start();
console.log('ws://127.0.0.1:' + svr.socket.localPort + '/deflate');
