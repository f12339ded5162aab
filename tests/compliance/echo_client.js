// The client under test: connects once for each case and echoes.
//
//     fibshim run echo_client.js ws://127.0.0.1:9001 [AGENT]
'use strict';

const ws = require('ws');
const coroutine = require('coroutine');

const base = process.argv[2] ?? 'ws://127.0.0.1:9001';
const agent = process.argv[3] ?? 'fibshim';
// The cases with a window for the client are for clients that offer it.
const options = { perMessageDeflate: { clientMaxWindowBits: true } };

/** Connect, hand each message to a function, wait for the end. */
function connect(path, receive) {
    const socket = new ws.Socket(base + path, options);
    const over = new coroutine.Event();
    socket.onmessage = (e) => receive(socket, e);
    socket.onclose = () => over.set();
    over.wait();
}

let count = 0;
connect('/getCaseCount', (socket, e) => {
    count = Number(e.data);
});
for (let n = 1; n <= count; n++)
    connect(`/runCase?case=${n}&agent=${agent}`, (socket, e) =>
        socket.send(e.data !== null ? e.data : e.type === ws.TEXT ? '' : new Buffer(0)),
    );
connect(`/updateReports?agent=${agent}`, () => {});
console.log(`${count} cases`);
