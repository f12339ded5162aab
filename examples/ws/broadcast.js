// What one says, all hear; a ticker speaks as well:  fibshim run broadcast.js [port]
var coroutine = require('coroutine');
var http = require('http');
var ws = require('ws');

var all = new Set();
var tell = (text) =>
    all.forEach((conn) => {
        // A peer that does not read blocks the fiber that sends to it beyond 16 MB, so each gets its own when it may be slow.
        coroutine.start(() => {
            try {
                conn.send(text);
            } catch (e) {
                all.delete(conn);
            }
        });
    });

var svr = new http.Server(
    '127.0.0.1',
    Number(process.argv[2] || 8080),
    ws.upgrade((conn) => {
        all.add(conn);
        conn.onmessage = (e) => tell(e.data);
        conn.onclose = () => all.delete(conn);
    }),
);
svr.start();
console.log('ws://127.0.0.1:' + svr.socket.localPort + '/');

var n = 0;
setInterval(() => tell('tick ' + ++n), 200);
