// The `net` module (spec/io-and-net.md §4).
'use strict';

const { members } = internal;

module.exports = members.module('net', {
    AF_INET: 2,
    AF_INET6: 10,
    SOCK_STREAM: 1,
    SOCK_DGRAM: 2,
    get Socket() {
        return require('./socket').Socket;
    },
    get TcpServer() {
        return require('./server').TcpServer;
    },
    backend: () => 'EPoll',
});
