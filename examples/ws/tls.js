// wss://: the same handler behind an HttpsServer:  fibshim run tls.js CERT.pem KEY.pem [port]
var crypto = require('crypto');
var fs = require('fs');
var http = require('http');
var ws = require('ws');

var crt = crypto.loadCert(process.argv[2]);
var key = crypto.loadPKey(process.argv[3]);

var svr = new http.HttpsServer(
    crt,
    key,
    '127.0.0.1',
    Number(process.argv[4] || 8443),
    ws.upgrade((conn) => {
        conn.onmessage = (e) => conn.send(e.data);
    }),
);
svr.start();
console.log('wss://127.0.0.1:' + svr.socket.localPort + '/');
