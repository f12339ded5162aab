// `ws.Socket` (spec/ws.md §3).
//
// Connections live in Python and know their socket by its index in `table`; what happens to them arrives as events, each
// in a fiber of its own.  The last one (`ws.close` or `ws.closed`) takes the socket out of the table.
'use strict';

const { entry, fail, fibers, glue, members, ops } = internal;
const { nativeClass, nativeFunction } = members;
require('events');
const { defineEventProperty, emitNative, emitOne } = internal.events;
const { received, sockets } = require('./message');
const { common, option } = require('./options');
const native = ops('ws');
const { sendText, sendBytes } = native;
const sendRaw = sendText.raw;
const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { uncurry } = glue;
const push = uncurry(Array.prototype.push);
const pop = uncurry(Array.prototype.pop);
const fromWindow = glue.fromWindow;
const { mark, slot } = glue;
const isWellFormed = uncurry(String.prototype.isWellFormed);
const toWellFormed = uncurry(String.prototype.toWellFormed);
const { isView } = ArrayBuffer;
const NativeArrayBuffer = ArrayBuffer;
const NativeUint8Array = Uint8Array;
const NativeString = String;
const getter = (prototype, key) => uncurry(getOwnPropertyDescriptor(prototype, key).get);
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const tagOf = getter(typedArray, Symbol.toStringTag);
const memoryOf = [getter(typedArray, 'buffer'), getter(typedArray, 'byteOffset'), getter(typedArray, 'byteLength')];
const viewMemoryOf = ['buffer', 'byteOffset', 'byteLength'].map((key) => getter(DataView.prototype, key));
const EmitterImpl = members.implOf('EventEmitter');

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const NOT_OPEN = ['CONNECTING', '', 'CLOSING', 'CLOSED'].map((name) => `websocket: WebSocket is in ${name} state.`);

/** Passed to the constructor by the package, which no script can do. */
const INSIDE = { __proto__: null };

/** Sockets whose connection may still bring events, by index; `free` lists indexes to use again. */
const table = [];
const free = [];

function enter(socket) {
    const index = free.length > 0 ? pop(free) : table.length;
    table[index] = socket;
    return index;
}

function leave(index) {
    table[index] = undefined;
    push(free, index);
}

/** What only some sockets have. */
class Extra {
    // of the own `close`
    code = 0;
    reason = '';
    /** fibers that wait for the end */
    waiting = [];
    stream = null;
    /** what `stream` is to be made of; null: the connection */
    under = null;
    /** of a client while it is connecting */
    agent = null;
}

let attach;
let begin;
let isSocket;
let member;
let waitFor;

class WebSocketImpl extends EmitterImpl {
    #number = 0;
    #index;
    #state;
    /** `server`, `maxPayload`; of clients also `url`, `protocol`, `origin`.  Sockets of one handler share theirs */
    #options;
    #started = false;
    #extra = null;

    /**
     * For the package: `new WebSocketImpl(INSIDE, options)` makes a server's socket, which `attach` then connects.
     * @param {string} url
     * @param {string|object} protocol or all options
     * @param {string} [origin]
     */
    constructor(url, protocol, origin) {
        super();
        if (url === INSIDE) {
            this.#options = protocol;
            this.#state = OPEN;
            this.#index = enter(this);
            return;
        }
        const opts = typeof protocol === 'object' ? protocol : { protocol, origin };
        const known = common(opts);
        this.#options = {
            server: false,
            maxPayload: known.maxPayload,
            url,
            protocol: option(opts.protocol, 'String', ''),
            origin: option(opts.origin, 'String', ''),
        };
        this.#started = true;
        this.#state = CONNECTING;
        this.#index = enter(this);
        const { Agent } = require('./agent');
        const agent = new Agent(url, opts);
        this.#extra = new Extra();
        this.#extra.agent = agent;
        this.#number = native.connect(
            this.#index,
            url,
            { ...this.#options, ...known, ...agent.fixed },
            agent.settings(),
        );
    }

    static {
        isSocket = (value) => typeof value === 'object' && value !== null && #state in value;
        sockets.options = (socket) => socket.#options;
        sockets.stream = (socket) => socket.#stream();

        /** Connect a server's socket. */
        attach = (socket, stream, accept) => {
            if (stream !== null) (socket.#extra = new Extra()).under = stream;
            try {
                socket.#number = accept(socket.#index);
            } catch (error) {
                leave(socket.#index);
                throw error;
            }
        };

        /** The first listener is there: read. */
        begin = (socket) => {
            if (socket.#started) return;
            socket.#started = true;
            if (socket.#index < 0) socket.#index = enter(socket);
            native.start(socket.#number, socket.#index);
        };

        /** Block until the connection has ended. */
        waitFor = (socket) => {
            if (socket.#index < 0) begin(socket);
            while (socket.#state !== CLOSED) fibers.park((socket.#extra ??= new Extra()).waiting, 'WebSocket');
        };

        member = {
            send(...args) {
                let state;
                try {
                    state = this.#state;
                } catch {
                    throw fail(100008);
                }
                const data = args[0];
                if (args.length !== 1) checkCount(args);
                if (typeof data === 'string') {
                    if (state !== OPEN) throw fail(NOT_OPEN[state]);
                    const number = this.#number;
                    const result = isWellFormed(data)
                        ? sendRaw(number, data, data.length)
                        : sendText(number, toWellFormed(data));
                    if (result !== null) sent(number, data, result);
                    return;
                }
                const bytes = bytesOf(data);
                const text = bytes === undefined ? textOf(data) : '';
                if (this.#state !== OPEN) throw fail(NOT_OPEN[this.#state]);
                if ((bytes === undefined ? sendText(this.#number, text) : sendBytes(this.#number, bytes)) === 1)
                    native.drained(this.#number);
            },
        };

        entry('ws.open', (index) => {
            const socket = table[index];
            socket.#state = OPEN;
            socket.#extra.agent = null;
            emitNative(socket, 'open');
        });
        entry('ws.cookies', (index, lines) => table[index].#extra.agent.keepCookies(lines));
        entry('ws.redirect', (index, location) => {
            const socket = table[index];
            const { agent } = socket.#extra;
            if (agent.follow(location)) native.follow(socket.#number, agent.url, agent.settings());
            else native.follow(socket.#number, '', null);
        });
        entry('ws.text', (index, text) => {
            const socket = table[index];
            if (socket !== undefined) emitOne(socket, 'message', received(socket, text, false));
        });
        entry('ws.compressedText', (index, text) => {
            const socket = table[index];
            if (socket !== undefined) emitOne(socket, 'message', received(socket, text, true));
        });
        entry('ws.binary', (index, size, compressed) => {
            let content;
            if (size >= 0) content = fromWindow(size);
            else {
                content = slot[0];
                slot[0] = 0;
            }
            const socket = table[index];
            if (socket !== undefined) emitOne(socket, 'message', received(socket, content, compressed));
        });
        entry('ws.error', (index, code, reason) => {
            const socket = table[index];
            socket.#state = CLOSED;
            emitNative(socket, 'error', endEvent(socket, 'error', code, reason));
        });
        const ended = (index, code, reason) => {
            const socket = table[index];
            leave(index);
            socket.#state = CLOSED;
            const extra = socket.#extra;
            if (extra !== null) {
                fibers.wakeAll(extra.waiting);
                if (code < 0) ({ code, reason } = extra);
            }
            emitNative(socket, 'close', endEvent(socket, 'close', code, reason));
        };
        entry('ws.close', ended);
        // After the own `close`, with what it was given.
        entry('ws.closed', (index) => ended(index, -1, ''));
        // The peer has gone before anybody listened.  A script that still holds the socket may do so later and gets
        // everything then; if nobody does, the rest of the connection goes with the socket.
        entry('ws.lost', (index) => {
            const socket = table[index];
            if (socket === undefined || socket.#started || socket.#state !== OPEN) return;
            if (socket.#extra !== null && socket.#extra.waiting.length > 0) {
                begin(socket);
                return;
            }
            leave(index);
            socket.#index = -1;
            forgotten.register(socket, socket.#number);
        });
    }

    #stream() {
        const extra = (this.#extra ??= new Extra());
        if (extra.stream === null) {
            const { BufferedStream } = require('io');
            extra.stream = new BufferedStream(extra.under ?? require('net/socket').socketOf(this.#number));
        }
        return extra.stream;
    }

    get url() {
        return this.#options.url;
    }

    get protocol() {
        return this.#options.protocol;
    }

    get origin() {
        return this.#options.origin;
    }

    get readyState() {
        return this.#state;
    }

    /** Begin the closing handshake; without effect if the socket is not open. */
    close(code, reason) {
        if (code !== 1000 && (code < 3000 || code > 4999))
            throw fail('websocket: The code must be either 1000, or between 3000 and 4999.');
        if (this.#state !== OPEN) return;
        this.#state = CLOSING;
        const extra = (this.#extra ??= new Extra());
        extra.code = code;
        extra.reason = reason;
        if (this.#index < 0) begin(this);
        native.shut(this.#number, code, reason);
    }

    send() {}

    ref() {
        native.setRef(this.#number, true);
        return this;
    }

    unref() {
        native.setRef(this.#number, false);
        return this;
    }
}

const forgotten = new FinalizationRegistry((number) => native.forget(number));

/** Refuse `send()` and `send(a, b)`; trailing `undefined` counts as not given. */
function checkCount(args) {
    let count = args.length;
    while (count > 1 && args[count - 1] === undefined) count--;
    if (count === 0) throw fail(100002);
    if (count > 1) throw fail(100001);
}

/** What is left to do after a text was handed over in the short way. */
function sent(number, text, result) {
    // With a NUL in it, it has not arrived as a whole.
    if (result === mark) result = sendText(number, text);
    if (result === 1) native.drained(number);
}

/** The bytes of what is sent as BINARY; undefined for anything else. */
function bytesOf(data) {
    const tag = tagOf(data);
    if (tag === 'Uint8Array') return data;
    if (isView(data)) {
        const [buffer, offset, size] = tag === undefined ? viewMemoryOf : memoryOf;
        return new NativeUint8Array(buffer(data), offset(data), size(data));
    }
    return data instanceof NativeArrayBuffer ? new NativeUint8Array(data) : undefined;
}

const textOf = (data) => (data instanceof NativeString ? NativeString(data) : `${data}`);

/** The argument of `error` and `close` listeners (§3.8). */
function endEvent(target, type, code, reason) {
    const event = { target, type };
    if (code !== 0) event.code = code;
    if (reason !== '') event.reason = reason;
    return event;
}

for (const event of ['open', 'message', 'close', 'error']) defineEventProperty(WebSocketImpl.prototype, event);

const WebSocket = nativeClass('WebSocket', WebSocketImpl);

const place = (name, value) =>
    defineProperty(WebSocketImpl.prototype, name, { value, writable: true, configurable: true, enumerable: true });

// On the hot path: matches its one argument itself.
defineProperty(member.send, 'length', { value: 0, configurable: true });
place('send', member.send);

// Whoever adds a listener wants to hear something (§2.4).
for (const name of [
    'on',
    'addListener',
    'prependListener',
    'once',
    'prependOnceListener',
    'off',
    'removeListener',
    'addEventListener',
    'removeEventListener',
]) {
    const inherited = EmitterImpl.prototype[name];
    const removes = name === 'off' || name === 'removeListener';
    place(
        name,
        nativeFunction(name, (self, args) => {
            const result = apply(inherited, self, args);
            if (isSocket(self) && !(removes && args.length === 1 && typeof args[0] === 'string')) begin(self);
            return result;
        }),
    );
}
for (const event of ['open', 'message', 'close', 'error']) {
    const own = getOwnPropertyDescriptor(WebSocketImpl.prototype, `on${event}`);
    const { set } = own;
    own.set = function (fn) {
        apply(set, this, [fn]);
        begin(this);
    };
    defineProperty(WebSocketImpl.prototype, `on${event}`, own);
}

/**
 * The socket of a connection that a server has accepted.
 * @param {object} options shared by all sockets of one handler
 * @param {object|null} stream below the connection; null: the connection is one of ours
 * @param {Function} accept `(index)`: hands the connection over; returns its number
 */
const serverSocket = (options, stream, accept) => {
    const socket = new WebSocketImpl(INSIDE, options);
    attach(socket, stream, accept);
    return socket;
};

module.exports = { WebSocket, WebSocketImpl, serverSocket, waitFor };
