// Socket (spec/io-and-net.md §4.2).
'use strict';

const { fail, members, ops } = internal;
const { nativeClass } = members;
const { fromBytes } = require('buffer/bytes');
const { StreamImpl } = require('io/stream');
const native = ops('net');

const AF_INET = 2;
const SOCK_STREAM = 1;
const RECEIVE = 2048;

class SocketImpl extends StreamImpl {
    /** number of the endpoint or listener; 0: none yet; -1: closed */
    #handle = 0;
    #family;
    #type;
    #timeout = 0;
    #remote = null;
    #local = null;

    /** @param {number} [handle] for the package: of a connection that is there already */
    constructor(family = AF_INET, type = SOCK_STREAM, handle = 0) {
        super();
        if ((family !== AF_INET && family !== 10) || (type !== SOCK_STREAM && type !== 2)) throw fail(100004);
        this.#family = family;
        this.#type = type;
        this.#handle = handle;
    }

    #open() {
        if (this.#handle < 0) throw fail(100009);
        return this.#handle;
    }

    #connected() {
        const handle = this.#open();
        if (handle === 0) throw fail107();
        return handle;
    }

    /** The address of the other side, asked for once. */
    #other() {
        return (this.#remote ??= native.address(this.#connected(), true));
    }

    #own() {
        if (this.#open() === 0) return ['0.0.0.0', 0];
        return (this.#local ??= native.address(this.#handle, false));
    }

    get family() {
        this.#open();
        return this.#family;
    }

    get type() {
        this.#open();
        return this.#type;
    }

    get remoteAddress() {
        return this.#other()[0];
    }

    get remotePort() {
        return this.#other()[1];
    }

    get localAddress() {
        return this.#own()[0];
    }

    get localPort() {
        return this.#own()[1];
    }

    get timeout() {
        return this.#timeout;
    }

    set timeout(ms) {
        this.#timeout = ms;
        if (this.#handle > 0) native.setTimeout(this.#handle, ms);
    }

    /** Whatever is there for -1, else exactly that many bytes unless the stream ends. */
    read(bytes) {
        return bufferOf(native.read(this.#connected(), bytes <= 0 ? RECEIVE : bytes, bytes > 0));
    }

    /** As soon as anything is there, at most `bytes`. */
    recv(bytes) {
        return bufferOf(native.read(this.#connected(), bytes <= 0 ? RECEIVE : bytes, false));
    }

    write(data) {
        native.write(this.#connected(), data);
    }

    send(data) {
        native.write(this.#connected(), data);
    }

    close() {
        if (this.#handle > 0) native.close(this.#handle);
        this.#handle = -1;
    }
}

const bufferOf = (bytes) => (bytes === null || bytes === undefined ? null : fromBytes(bytes));

/** What the system says of a socket without a connection. */
function fail107() {
    const error = fail('[107] Transport endpoint is not connected');
    error.number = 107;
    return error;
}

const Socket = nativeClass('Socket', SocketImpl);

/** The Socket of a connection or listener that is there already. */
const socketOf = (handle) => new SocketImpl(AF_INET, SOCK_STREAM, handle);

module.exports = { Socket, SocketImpl, socketOf };
