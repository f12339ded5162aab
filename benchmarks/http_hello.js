// A server that says hello, for `wrk -c 50 http://127.0.0.1:PORT/`.
//
//     fibshim run benchmarks/http_hello.js [PORT]
const http = require('http');

const port = Number(process.argv[2] || 8080);
const svr = new http.Server(port, (r) => {
    r.response.write('hello world');
});
svr.start();
console.log('http://127.0.0.1:' + svr.socket.localPort + '/');
