// HttpHandler: from a request to its answer (spec/http.md §11).
//
// A server's connections live in Python; each request is a job with the text of its head, and its answer is one call.
// `http.Handler` used on any other stream does the same with `readFrom` and `sendTo`.
'use strict';

const { fail, glue, load, members, ops } = internal;
const { nativeClass } = members;
const { output, reportText } = load('core/report.js');
const { Detached, HandlerImpl, INSIDE, NATIVE, drive, driveResult, functionOf } = require('mq/handler');
const { REMOTE, contentOf, recordOf, reset } = require('mq/message');
const { requests } = require('mq/routing');
const { isConsumed } = require('./collection');
const { isUpgrade, storeOf } = require('./message');
const { RequestImpl, begin: beginRequest, responseOf } = require('./request');
const { begin: beginResponse, putCookies, statusLine } = require('./response');
const native = ops('http');
const { uncurry } = glue;
const toUpperCase = uncurry(String.prototype.toUpperCase);
const toLowerCase = uncurry(String.prototype.toLowerCase);
const indexOf = uncurry(String.prototype.indexOf);
const startsWith = uncurry(String.prototype.startsWith);

// Flags of a request, as in `server.py`; from 16 on the slot of its connection.
const KEEP = 1;
const BODY = 2;
const HEAD = 4;
const OLD = 8;
const ALL = 15;
const SLOT = 4;

const MIN_COMPRESSED = 128;
const MAX_COMPRESSED = 67108864;
const EMPTY = new Uint8Array(0);

/** The settings of a server or handler, and how it answers. */
class Service {
    #serverName;
    #handler;
    maxHeadersCount = 128;
    maxBodySize = 64;
    /** what CORS answers allow; null: switched off */
    allowHeaders = null;
    /** called when limits change */
    changed = () => {};
    /** the handler if it is a plain function, which needs no driving */
    fn = null;

    constructor(handler) {
        this.handler = handler;
        this.serverName = 'fibjs/0.31.0';
    }

    get handler() {
        return this.#handler;
    }

    set handler(handler) {
        this.#handler = handler;
        this.fn = functionOf(handler);
    }

    get serverName() {
        return this.#serverName;
    }

    set serverName(text) {
        this.#serverName = text;
        /** The first header of every response. */
        this.first = ['Server', 'server', text];
        /** The number of the head of an answer that has nothing of its own; 0: it is not known yet, -1: it is refused. */
        this.plain = 0;
    }

    /** @returns {number} */
    plainHead() {
        if (this.plain === 0)
            this.plain = native.keepHead(
                `HTTP/1.1 200 OK\r\nServer: ${this.#serverName}\r\n${NO_CACHE}Connection: keep-alive\r\nContent-Length: `,
            );
        return this.plain;
    }

    /**
     * Run the handler on a request whose response has been begun.
     * @returns {Detached|null} Detached: there is nothing to answer
     */
    handle(req, record, res) {
        if (this.allowHeaders !== null && this.#crossOrigin(record, res)) return null;
        try {
            return drive(this.#handler, req);
        } catch (error) {
            this.failed(record, res, error);
            return null;
        }
    }

    /** As `handle`, from what a function handler has returned. */
    goOn(result, req, record, res) {
        try {
            return driveResult(result, req);
        } catch (error) {
            this.failed(record, res, error);
            return null;
        }
    }

    /** A handler threw: 500, with what is in the response already. */
    failed(record, res, error) {
        const text = error instanceof Error && typeof error.message === 'string' ? error.message : `${error}`;
        record.lastError = text;
        output.write(`HttpHandler: ${text}`);
        res.statusCode = 500;
    }

    /** CORS headers. @returns {boolean} whether that is the whole answer */
    #crossOrigin(record, res) {
        const origin = storeOf(record).find('origin');
        if (origin === null) return false;
        const store = storeOf(res);
        store.setMap({ 'Access-Control-Allow-Credentials': 'true', 'Access-Control-Allow-Origin': origin });
        if (toUpperCase(requests.method(record)) !== 'OPTIONS') return false;
        store.setMap({
            'Access-Control-Allow-Methods': '*',
            'Access-Control-Allow-Headers': this.allowHeaders,
            'Access-Control-Max-Age': '1728000',
        });
        res.asIs = true;
        return true;
    }
}

// -- compression (§11.1, step 9) -----------------------------------------------------------------------

/** Whether a body of this type may be compressed. */
function isCompressible(type) {
    const lower = toLowerCase(type);
    return startsWith(lower, 'text/') || require('./mime').isCompressible(lower);
}

/** The coding to use for a response, or null. @param {number} size of the body */
function codingOf(record, res, size) {
    if (!res.opened || size <= MIN_COMPRESSED || size >= MAX_COMPRESSED) return null;
    const store = storeOf(res);
    const type = store.find('content-type');
    if (type === null) return null;
    const accepted = storeOf(record).find('accept-encoding');
    if (accepted === null || store.find('content-encoding') !== null) return null;
    const lower = toLowerCase(accepted);
    const coding = indexOf(lower, 'gzip') >= 0 ? 'gzip' : indexOf(lower, 'deflate') >= 0 ? 'deflate' : null;
    return coding !== null && isCompressible(type) ? coding : null;
}

// -- a head as text ------------------------------------------------------------------------------------

let lines = 0;

/**
 * Start line and headers, without Connection, Content-Length and the empty line; `lines` counts them.
 * @param {boolean} [noStore] with the headers of `noCache` behind the script's
 */
function headText(res, noStore = false) {
    if (res.cookies !== null) {
        if (noStore) noCache(res);
        noStore = false;
        putCookies(res);
    }
    const store = storeOf(res);
    store.open();
    const { names, lowers, values } = store;
    const count = names.length;
    let text = `${statusLine(res)}\r\n`;
    lines = 1;
    for (let i = 0; i < count; i++) {
        // We say how long the body is and what becomes of the connection: twice would be wrong.
        if (isConsumed(lowers[i])) continue;
        text += `${names[i]}: ${values[i]}\r\n`;
        lines++;
    }
    if (!noStore) return text;
    lines += 2;
    return text + NO_CACHE;
}
const NO_CACHE = 'Cache-Control: no-cache, no-store\r\nExpires: -1\r\n';

/** Whether a plain success must not be cached. */
const isUncached = (res) =>
    res.statusCode === 200 && !res.asIs && (!res.opened || storeOf(res).find('last-modified') === null);

/** The headers that forbid to cache a plain success. */
function noCache(res) {
    if (!isUncached(res)) return;
    const store = storeOf(res);
    store.push('Cache-Control', 'no-cache, no-store');
    store.push('Expires', '-1');
}

// -- connections of servers ------------------------------------------------------------------------------

/** Connections by slot. */
const connections = [];
const services = new Map();

const { answerPlain } = native;

/** A connection: its request and response objects are the same for all its requests. */
class Connection {
    #stream = null;
    #socket = null;

    constructor(id, service) {
        this.id = id;
        this.service = service;
        this.request = new RequestImpl();
        this.record = recordOf(this.request);
        this.response = recordOf(responseOf(this.record));
        this.record.source = this;
        /** the response is as `beginResponse` makes it, and the request has no body */
        this.fresh = false;
    }

    /** The bytes of the body. */
    fetch() {
        return native.body(this.id);
    }

    get socket() {
        return (this.#socket ??= require('net/socket').socketOf(this.id));
    }

    get stream() {
        if (this.#stream === null) {
            const { BufferedStream } = require('io/buffered');
            this.#stream = new BufferedStream(this.socket);
            this.#stream.EOL = '\r\n';
        }
        return this.#stream;
    }
}

internal.entry('http.request', (id, head, flags, server) => {
    const slot = flags >> SLOT;
    let connection = connections[slot];
    if (connection === undefined || connection.id !== id)
        connection = connections[slot] = new Connection(id, services.get(server));
    const { record, response: res, service } = connection;
    if (connection.fresh && (flags & ALL) === KEEP) {
        // As below; what the last answer left untouched needs no reset.
        connection.fresh = false;
        record.head = record.line = head;
        record.value = undefined;
        record.isPlain = false;
        record.upgrade = undefined;
        record.opened = record.ended = false;
        record.params = null;
        if (record.body !== null || record.text !== null || record.bytes !== null) reset(record, undefined, false);
        if (record.derived) record.cookies = record.query = record.form = null;
        record.keepAlive = true;
        record.protocol = 'HTTP/1.1';
        res.first = service.first;
    } else {
        const protocol = (flags & OLD) === 0 ? 'HTTP/1.1' : 'HTTP/1.0';
        const keep = (flags & KEEP) !== 0;
        connection.fresh = false;
        beginRequest(record, head, protocol, keep, (flags & BODY) !== 0);
        beginResponse(res, service.first, protocol, keep);
    }
    const { fn } = service;
    let result;
    if (fn !== null && service.allowHeaders === null) {
        try {
            result = fn(connection.request);
        } catch (error) {
            service.failed(record, res, fail(reportText(error)));
        }
        if (result !== undefined && service.goOn(result, connection.request, record, res) !== null) return;
    } else if (service.handle(connection.request, record, res) !== null) return;
    // The answer of nearly every request that only writes text: nothing has looked at the headers.
    if (
        !res.opened &&
        (flags & (KEEP | HEAD | OLD)) === KEEP &&
        res.statusCode === 200 &&
        res.body === null &&
        res.bytes === null &&
        res.cookies === null &&
        res.statusMessage === '' &&
        res.keepAlive &&
        !res.upgrade &&
        res.protocol === 'HTTP/1.1' &&
        answerPlain(id, service.plain > 0 ? service.plain : service.plainHead(), res.text === null ? '' : res.text)
    ) {
        res.text = null;
        res.ended = false;
        connection.fresh = true;
        return;
    }
    answer(connection, (flags & HEAD) !== 0);
});

internal.entry('http.closed', (id, slot) => {
    const connection = connections[slot];
    if (connection !== undefined && connection.id === id) connections[slot] = undefined;
});

/** Send the response of a connection's request. */
function answer(connection, headOnly) {
    const { id, record, response: res } = connection;
    const noStore = isUncached(res);
    const { statusCode } = res;
    const bare = statusCode === 204 || statusCode === 304 || (statusCode >= 100 && statusCode < 200);
    const keep = res.keepAlive && !headOnly;
    // RFC 9110, 6.4.1 and 8.6: these have neither body nor length, which would be taken for the next answer.
    headOnly ||= bare;
    const flags = (keep ? KEEP : 0) | (headOnly ? 2 : 0) | (isUpgrade(res) ? 4 : 0) | (bare ? 8 : 0);
    const stream = res.body;
    try {
        const { text } = res;
        let sent;
        const file =
            res.bytes === REMOTE && (headOnly || codingOf(record, res, res.source.size) === null) ? res.source : null;
        // The size in bytes matters only if the headers allow compression.
        if (
            text !== null &&
            (headOnly || text.length * 3 <= MIN_COMPRESSED || codingOf(record, res, MIN_COMPRESSED + 1) === null)
        ) {
            const head = headText(res, noStore);
            sent = native.answer(id, flags, lines, head, text);
        } else if (file !== null) {
            const head = headText(res, noStore);
            sent = native.answerFile(id, flags, lines, head, file.path, file.start, file.size);
        } else {
            let bytes = contentOf(res) ?? EMPTY;
            const coding = headOnly ? null : codingOf(record, res, bytes.length);
            if (coding !== null) {
                bytes = native.compress(coding, bytes);
                storeOf(res).push('Content-Encoding', coding);
            }
            const head = headText(res, noStore);
            sent = native.answerBytes(id, flags, lines, head, bytes);
        }
        if (!sent) throw fail('HttpMessage: bad header: line breaks and NUL are not allowed.');
    } catch (error) {
        connection.service.failed(record, res, error);
        native.answer(id, 0, 1, 'HTTP/1.1 500 Internal Server Error\r\n', '');
    } finally {
        if (res.asIs) res.asIs = false;
        if (stream !== null) stream.close();
    }
}

// -- HttpHandler -------------------------------------------------------------------------------------------

let serviceOf;

class HttpHandlerImpl extends HandlerImpl {
    #service;

    static {
        serviceOf = (handler) => handler.#service;
    }

    constructor(handler) {
        const service = new Service(handler);
        super(INSIDE, NATIVE, (v) => require('./wire').serve(service, v));
        this.#service = service;
    }

    enableCrossOrigin(allowHeaders) {
        this.#service.allowHeaders = allowHeaders;
    }

    get maxHeadersCount() {
        return this.#service.maxHeadersCount;
    }

    set maxHeadersCount(value) {
        if (value < 0) throw fail(100006);
        this.#service.maxHeadersCount = value;
        this.#service.changed();
    }

    get maxBodySize() {
        return this.#service.maxBodySize;
    }

    set maxBodySize(value) {
        this.#service.maxBodySize = value;
        this.#service.changed();
    }

    get serverName() {
        return this.#service.serverName;
    }

    set serverName(text) {
        this.#service.serverName = text;
    }

    get handler() {
        return this.#service.handler;
    }

    set handler(value) {
        this.#service.handler = value;
    }
}

const HttpHandler = nativeClass('HttpHandler', HttpHandlerImpl);

/** The number of the connection of a request in `rt.handles`; 0 if it is none of a server. */
function connectionOf(req) {
    const { source } = recordOf(req);
    return source instanceof Connection ? source.id : 0;
}

module.exports = {
    Connection,
    Detached,
    HttpHandler,
    HttpHandlerImpl,
    Service,
    codingOf,
    compress: native.compress,
    connectionOf,
    headText,
    noCache,
    serviceOf,
    services,
};
