// Subprotocols are chosen by the script: an earlier handler of the chain answers the header.
//     fibshim run subprotocol.js [port]
var http = require('http');
var ws = require('ws');

var KNOWN = ['chat.v2', 'chat.v1'];

var svr = new http.Server('127.0.0.1', Number(process.argv[2] || 8080), [
    (req) => {
        var offered = (req.firstHeader('Sec-WebSocket-Protocol') || '').split(',').map((name) => name.trim());
        req.protocol_ = KNOWN.find((name) => offered.includes(name));
        if (req.protocol_) req.response.addHeader('Sec-WebSocket-Protocol', req.protocol_);
    },
    ws.upgrade((conn, req) => {
        // Custom properties that earlier handlers put on the request are still there.
        conn.send('you speak ' + (req.protocol_ || 'nothing I know'));
        conn.onmessage = (e) => conn.send(req.protocol_ + ': ' + e.data);
    }),
]);
svr.start();
console.log('ws://127.0.0.1:' + svr.socket.localPort + '/');
