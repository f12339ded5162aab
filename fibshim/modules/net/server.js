// TcpServer (spec/io-and-net.md §4.5), the base of all servers.
'use strict';

const { fail, fibers, load, members, ops } = internal;
const { NativeObject, nativeClass, nativeFunction } = members;
const { defineProperty } = Reflect;
const { output } = load('core/report.js');
const { drive } = require('mq/handler');
const native = ops('net');

const NEW = 0;
const STARTED = 1;
const STOPPED = 2;

const servers = new Map();
let lastServer = 0;

let waitFor;
let isServer;

class TcpServerImpl extends NativeObject {
    #listener;
    #socket = null;
    #state = NEW;
    #waiting = [];
    #handler;
    #number;
    #accept;

    static {
        waitFor = (server) => {
            while (server.#state === STARTED) fibers.park(server.#waiting, 'Server.run');
        };
        isServer = (server) => typeof server === 'object' && server !== null && #state in server;
    }

    /**
     * Bind and listen.
     * @param {string} address
     * @param {number} port
     * @param {object} handler
     * @param {Function} [accept] for subclasses: has the listener with that number accept connections
     */
    constructor(address, port, handler, accept) {
        if (handler === undefined) {
            handler = port;
            port = address;
            address = '';
        }
        super();
        try {
            this.#listener = native.listen(address, port);
        } catch (error) {
            defineProperty(error, 'port', { value: port, writable: true, configurable: true, enumerable: false });
            throw error;
        }
        this.#handler = handler;
        this.#accept = accept;
        this.#number = ++lastServer;
    }

    /** Begin to accept; the process stays alive until the server is stopped. */
    start() {
        if (this.#state !== NEW) throw fail(100009);
        if (this.#accept !== undefined) this.#accept(this.#listener);
        else {
            servers.set(this.#number, this);
            native.accept(this.#listener, this.#number);
        }
        this.#state = STARTED;
    }

    /** Close the listening socket; connections live on. */
    stop() {
        if (this.#state === STOPPED) return;
        this.#state = STOPPED;
        native.stop(this.#listener);
        fibers.wakeAll(this.#waiting);
    }

    get socket() {
        return (this.#socket ??= require('./socket').socketOf(this.#listener));
    }

    get handler() {
        return this.#handler;
    }

    set handler(handler) {
        this.#handler = handler;
    }
}

const TcpServer = nativeClass('TcpServer', TcpServerImpl);

// What 0.31 has lost and its manual still shows (spec/http.md §12.2).  The callback form of `run` starts at once, so that
// a port or state that does not allow it is an error for the caller.
const check = (self) => {
    if (!isServer(self)) throw fail(100008);
};
const place = (name, run) =>
    defineProperty(TcpServerImpl.prototype, name, {
        value: nativeFunction(name, run),
        writable: true,
        configurable: true,
        enumerable: true,
    });
const run = (self, args) => {
    check(self);
    const callback = args[args.length - 1];
    if (args.length > 1 || (args.length === 1 && callback !== undefined && typeof callback !== 'function'))
        throw fail(100001);
    if (typeof callback !== 'function') {
        self.start();
        waitFor(self);
        return;
    }
    self.start();
    members.background(
        waitFor,
        undefined,
        [self],
        (error) => (error === undefined ? callback(undefined) : callback(error)),
        false,
    );
};
place('run', run);
place('runSync', run);
place('asyncRun', (self, args) => {
    check(self);
    if (args.length > 0) throw fail(100001);
    self.start();
});

internal.entry('net.connection', (id, number) => {
    const socket = require('./socket').socketOf(id);
    try {
        const result = drive(servers.get(number).handler, socket);
        if (result !== null) result.wait();
    } catch (error) {
        output.write(`TcpServer: ${error.message}`);
    }
    socket.close();
});

module.exports = { TcpServer, TcpServerImpl };
