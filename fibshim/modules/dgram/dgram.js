// The `dgram` module (spec/io-and-net.md §6).
'use strict';

const { entry, fail, fibers, members, ops } = internal;
require('buffer');
require('events');
const { emitNative } = internal.events;
const { fromBytes, lengthOf, part } = require('buffer/bytes');
const { lockMembers } = require('io/lock');
const { implOf, nativeClass } = members;
const native = ops('dgram');
const { drop } = ops('core.native');

const LOCAL = { udp4: '127.0.0.1', udp6: '::1', __proto__: null };
const isLiteral = (address) => /^[0-9.]+$|:/.test(address);

/** Sockets that are bound, by their handles. */
const bound = new Map();
const forgotten = new FinalizationRegistry((handle) => drop(handle));

/** Tell a socket of a datagram, or of an error. */
let arrived;
let failed;

class DgramSocketImpl extends implOf('EventEmitter') {
    #type;
    #handle;
    #bound = false;

    static {
        arrived = (socket) => socket.#message();
        failed = (socket, number) => socket.#fail(number);
    }

    /** @param {string} type `udp4` or `udp6` */
    constructor(type, { reuseAddr, recvBufferSize, sendBufferSize }) {
        super();
        this.#type = type;
        const reuse = reuseAddr !== undefined && members.convert('Boolean', reuseAddr);
        this.#handle = native.create(type === 'udp4' ? 4 : 6, reuse);
        forgotten.register(this, this.#handle);
        if (recvBufferSize !== undefined) this.setRecvBufferSize(members.convert('Integer', recvBufferSize));
        if (sendBufferSize !== undefined) this.setSendBufferSize(members.convert('Integer', sendBufferSize));
    }

    #open() {
        if (this.#handle === 0) throw fail(100009);
        return this.#handle;
    }

    #later(name, ...args) {
        fibers.start(() => emitNative(this, name, ...args), [], undefined);
    }

    #fail(number) {
        const reason = `[${number}] ${native.errorText(number)}`;
        emitNative(this, 'error', { target: this, type: 'error', code: -number, reason });
    }

    #message() {
        const data = native.take(this.#handle);
        if (data === null) return;
        const [address, port] = native.sender(this.#handle);
        const msg = fromBytes(data);
        emitNative(this, 'message', msg, { data: msg, address, port });
    }

    #bind(port, address) {
        const handle = this.#open();
        if (this.#bound) throw fail(100009);
        native.bind(handle, port, address);
        this.#bound = true;
        bound.set(handle, this);
        this.#later('listening');
    }

    /** `(port, address)` or `({ port, address })` */
    bind(port, address) {
        if (typeof port === 'object') {
            const options = port;
            if (options.port === undefined || options.address === undefined) throw fail(100002);
            port = members.convert('Integer', options.port);
            address = members.convert('String', options.address);
        }
        this.#bind(port, address);
    }

    /** `(msg, port, address)` or `(msg, offset, length, port, address)` */
    send(msg, ...rest) {
        this.#open();
        if (rest.length > 2) {
            const [offset, length] = rest.splice(0, 2);
            if (offset < 0 || length <= 0) throw fail(100004);
            const size = lengthOf(msg);
            msg = part(msg, Math.min(offset, size), Math.min(offset + length, size));
        }
        const [port, name] = rest;
        let address = name === '' ? LOCAL[this.#type] : name;
        if (!isLiteral(address)) address = native.resolve(this.#open(), address);
        if (!this.#bound) this.#bind(0, '');
        return native.send(this.#open(), msg, port, address);
    }

    address() {
        if (this.#handle === 0) {
            const error = fail('[9] Bad file descriptor');
            error.number = 9;
            throw error;
        }
        const [address, port] = native.address(this.#handle);
        return { family: 'IPv4', address, port };
    }

    close(callback) {
        const handle = this.#open();
        if (callback !== undefined) this.on('close', callback);
        this.#handle = 0;
        bound.delete(handle);
        drop(handle);
        if (this.#bound) fibers.start(() => this.#fail(9), [], undefined);
        this.#later('close');
    }

    getRecvBufferSize() {
        return native.bufferSize(this.#open(), true);
    }

    getSendBufferSize() {
        return native.bufferSize(this.#open(), false);
    }

    setRecvBufferSize(size) {
        native.setBufferSize(this.#open(), true, size);
    }

    setSendBufferSize(size) {
        native.setBufferSize(this.#open(), false, size);
    }

    setBroadcast(flag) {
        native.setBroadcast(this.#open(), flag);
    }

    #reference(on) {
        if (this.#handle !== 0) native.reference(this.#handle, on);
        return this;
    }

    ref() {
        return this.#reference(true);
    }

    unref() {
        return this.#reference(false);
    }
}
nativeClass('DgramSocket', lockMembers(DgramSocketImpl), { constructible: false });

entry('dgram.message', (handle) => {
    const socket = bound.get(handle);
    if (socket !== undefined) arrived(socket);
});
entry('dgram.error', (handle, number) => {
    const socket = bound.get(handle);
    if (socket !== undefined) failed(socket, number);
});

// -- the module --------------------------------------------------------------------------------

/** @param {object} options with the `type` */
function create(options, callback) {
    const { type } = options;
    // Every overload is tried after a bad type: the last one misses its callback, or refuses the type as well.
    if (typeof type !== 'string' || !(type in LOCAL)) throw fail(callback === undefined ? 100002 : 100004);
    const socket = new DgramSocketImpl(type, options);
    if (callback !== undefined) socket.on('message', callback);
    return socket;
}

module.exports = members.module('dgram', {
    get Socket() {
        return members.classes.DgramSocket.make;
    },
    createSocket: (options, callback) => create(typeof options === 'string' ? { type: options } : options, callback),
});
