// A client that sends its arguments and prints the answers:  fibshim run client.js ws://127.0.0.1:8080/echo hello world
var ws = require('ws');

var words = process.argv.slice(3);
var conn = new ws.Socket(process.argv[2]);

conn.onopen = () => words.forEach((word) => conn.send(word));
conn.onmessage = (e) => {
    console.log(e.data);
    words.shift();
    if (words.length === 0) conn.close(1000, 'done');
};
conn.onerror = (e) => console.log('error', e.code, e.reason);
conn.onclose = (e) => console.log('closed', e.code);
