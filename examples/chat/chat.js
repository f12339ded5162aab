// A chat room: one page, one WebSocket, everybody hears everybody.
//
//     fibshim run examples/chat/chat.js [port]       then open http://127.0.0.1:8080/ in two windows

var fs = require('fs');
var http = require('http');
var ws = require('ws');

var port = Number(process.argv[2] || 8080);
var page = fs.readTextFile(__dirname + '/chat.html');
var people = new Set();

function say(message) {
    var text = JSON.stringify(message);
    people.forEach((conn) => {
        try {
            conn.send(text);
        } catch (e) {
            // it is just closing: its `close` event takes it off the list
        }
    });
}

var svr = new http.Server('127.0.0.1', port, {
    '/ws': ws.upgrade((conn, req) => {
        var name = 'somebody';
        people.add(conn);

        conn.on('message', (e) => {
            var message = JSON.parse(e.data);
            if (message.name) {
                name = String(message.name).slice(0, 40);
                say({ from: '', text: name + ' has joined', here: people.size });
            } else say({ from: name, text: String(message.text).slice(0, 4000) });
        });

        conn.on('close', () => {
            people.delete(conn);
            say({ from: '', text: name + ' has left', here: people.size });
        });
    }),
    '/': (req) => {
        req.response.addHeader('Content-Type', 'text/html; charset=utf-8');
        req.response.write(page);
    },
});

svr.start();
console.log('chat on http://127.0.0.1:' + svr.socket.localPort + '/');
