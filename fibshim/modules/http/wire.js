// HTTP messages on streams: `readFrom`, `sendTo` and the handler's loop for any stream (spec/http.md §10, §11.1).
//
// A server's own connections do not come here (`server.py`).  What is read is held to the same rules as there: what two
// parsers could read differently is refused.
'use strict';

const { fail, load, members } = internal;
const { output } = load('core/report.js');
const { contentOf, isMessage, recordOf, reset, setBytes, valueOf } = require('mq/message');
const { requests } = require('mq/routing');
const { BufferedStream, BufferedStreamImpl } = require('io/buffered');
const { concat, fromBytes, lengthOf, utf8Encode } = require('buffer/bytes');
const { isProtocol, isUpgrade, setProtocol, storeOf } = require('./message');
const { RequestImpl, responseOf, setTarget } = require('./request');
const { putCookies, statusLine } = require('./response');

const LINE = 4096;
const MB = 1 << 20;

// -- reading -----------------------------------------------------------------------------------------------

function streamOf(stream, kind) {
    if (!(stream instanceof BufferedStreamImpl)) throw fail(`${kind}: only accept BufferedStream object.`);
    return stream;
}

/** What `stream` and `socket` of a message that was read from a stream are. */
class Source {
    constructor(stream) {
        this.stream = stream;
    }

    get socket() {
        return this.stream.stream;
    }
}

const NAME = /^([^\s:\u0000-\u001f\u007f]+)[ \t]*:[ \t]*(.*)$/;

/**
 * Read header lines into the store.
 * @returns {{length: number, chunked: boolean}} what is said about the body; a length of -1: nothing
 */
function readHeaders(record, stream) {
    const store = storeOf(record);
    const body = { length: -1, chunked: false };
    let count = 0;
    record.keepAlive = record.protocol > 'HTTP/1.0';
    for (;;) {
        const line = stream.readLine(LINE);
        if (line === null || line === '') return body;
        const match = NAME.exec(line);
        if (match === null) throw fail(`HttpMessage: bad header: ${line}`);
        const [, name, value] = match;
        const lower = name.toLowerCase();
        if (lower === 'content-length') {
            readLength(record, body, value);
            continue;
        }
        if (lower === 'transfer-encoding') {
            if (value.toLowerCase() !== 'chunked') throw fail('HttpMessage: unknown transfer-encoding.');
            body.chunked = true;
            continue;
        }
        if (++count > record.maxHeadersCount) throw fail('HttpMessage: too many headers.');
        if (lower === 'connection') {
            const text = value.toLowerCase();
            record.upgrade = text.includes('upgrade');
            record.keepAlive = record.upgrade || text.includes('keep-alive');
        } else store.push(name, value);
    }
}

function readLength(record, body, value) {
    const match = /^\s*(-?\d*)/.exec(value);
    const length = Number(match[1]);
    // Two lengths, or text that is none: another parser might find another end.
    if (body.length >= 0 && body.length !== length) throw fail(100011);
    if (!(length >= 0) || (record.maxBodySize >= 0 && length > record.maxBodySize * MB))
        throw fail('HttpMessage: body is too huge.');
    body.length = length;
}

function readChunks(record, stream) {
    const pieces = [];
    let total = 0;
    for (;;) {
        const line = stream.readLine(LINE);
        const match = line === null ? null : /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/.exec(line);
        if (match === null) throw fail('HttpMessage: bad chunk size.');
        const size = parseInt(match[1], 16);
        total += size;
        if (record.maxBodySize >= 0 && total > record.maxBodySize * MB) throw fail('HttpMessage: body is too huge.');
        if (size > 0) {
            const data = stream.read(size);
            if (data === null || lengthOf(data) < size) throw fail('HttpMessage: body is not complete.');
            pieces.push(data);
        }
        const end = stream.readLine(LINE);
        if (end !== '') throw fail('HttpMessage: bad chunk size.');
        if (size === 0) break;
    }
    return concat(pieces, total);
}

/** Read the body that the headers have announced. */
function readBody(record, stream, { length, chunked }, untilEnd) {
    if (chunked) {
        if (length > 0) throw fail(100011);
        if (record.maxBodySize !== 0) setBytes(record, readChunks(record, stream));
    } else if (length > 0) {
        const data = stream.read(length);
        if (data === null || lengthOf(data) < length) throw fail('HttpMessage: body is not complete.');
        setBytes(record, data);
    } else if (length < 0 && untilEnd) {
        const pieces = [];
        for (let data; (data = stream.read(-1)) !== null;) pieces.push(data);
        setBytes(record, concat(pieces));
    }
}

/**
 * Read a request.
 * @returns {boolean} false at the end of the stream
 */
function readRequest(record, stream) {
    streamOf(stream, 'HttpRequest');
    reset(record, '', false);
    record.behaviour.clear(record);
    const line = stream.readLine(LINE);
    if (line === null) return false;
    record.source = new Source(stream);
    const space = line.search(/[ \t]/);
    const method = space < 0 ? line : line.slice(0, space);
    if (method === '') throw fail('HttpRequest: bad method.');
    const rest = space < 0 ? '' : line.slice(space).trimStart();
    const end = rest.search(/[ \t]/);
    const target = end < 0 ? rest : rest.slice(0, end);
    if (target === '') throw fail('HttpRequest: bad address.');
    if (end < 0) throw fail('HttpRequest: bad protocol version.');
    const protocol = rest.slice(end).trimStart();
    if (!isProtocol(protocol)) throw fail('HttpMessage: bad protocol version.');
    record.line = null;
    record.method = method;
    setTarget(record, target);
    record.value = undefined;
    setProtocol(record, protocol);
    readBody(record, stream, readHeaders(record, stream), false);
    return true;
}

/** Read a response; `noBody`: it answers a HEAD. */
function readResponse(record, stream, noBody = false) {
    streamOf(stream, 'HttpResponse');
    reset(record, '', false);
    record.behaviour.clear(record);
    record.source = new Source(stream);
    const line = stream.readLine(LINE) ?? '';
    const match = /^(.{8}) (\d{3})(?!\d)(?: ?)(.*)$/.exec(line);
    if (match === null) throw fail(`HttpResponse: bad protocol: ${line}`);
    setProtocol(record, match[1]);
    record.statusCode = Number(match[2]);
    record.statusMessage = match[3];
    const body = readHeaders(record, stream);
    if (noBody && !body.chunked) return;
    readBody(record, stream, body, !record.keepAlive && !noBody);
}

// -- writing -----------------------------------------------------------------------------------------------

/** Start line and all headers. */
function headOf(record, start, length) {
    const store = storeOf(record);
    store.open();
    let text = `${start}\r\n`;
    for (let i = 0; i < store.names.length; i++) {
        const line = `${store.names[i]}: ${store.values[i]}`;
        if (/[\r\n\0]/.test(line)) throw fail('HttpMessage: bad header: line breaks and NUL are not allowed.');
        text += `${line}\r\n`;
    }
    text += `Connection: ${isUpgrade(record) ? 'upgrade' : record.keepAlive ? 'keep-alive' : 'close'}\r\n`;
    if (length >= 0) text += `Content-Length: ${length}\r\n`;
    if (/[\r\n\0]/.test(start)) throw fail('HttpMessage: bad header: line breaks and NUL are not allowed.');
    return utf8Encode(`${text}\r\n`);
}

function send(record, stream, start, emptyLength) {
    const bytes = contentOf(record);
    const size = bytes === null ? 0 : lengthOf(bytes);
    const head = headOf(record, start, size === 0 ? emptyLength : size);
    stream.write(size === 0 ? fromBytes(head) : concat([head, bytes]));
}

/** The start line of a request. */
function requestLine(record) {
    valueOf(record); // parses the line
    requests.method(record);
    const { method, address, queryString, protocol } = record;
    return `${method} ${address}${queryString === '' ? '' : `?${queryString}`} ${protocol}`;
}

const sendRequest = (record, stream) => send(record, stream, requestLine(record), -1);

function sendResponse(record, stream) {
    putCookies(record);
    send(record, stream, statusLine(record), 0);
}

/** Status line and headers only. */
function sendHeader(record, stream) {
    putCookies(record);
    const bytes = contentOf(record);
    const text = record.statusMessage;
    record.statusMessage = '';
    const start = statusLine(record);
    record.statusMessage = text;
    stream.write(fromBytes(headOf(record, start, bytes === null ? 0 : lengthOf(bytes))));
}

// -- the handler on a stream -------------------------------------------------------------------------------

/** Serve the requests of a stream until it is to be closed. */
function serve(service, v) {
    const { codingOf, compress, noCache } = require('./handler');
    if (isMessage(v)) v = v.stream;
    if (!members.classes.Stream || !(v instanceof members.classes.Stream.Impl)) throw fail(100003);
    const stream = v instanceof BufferedStreamImpl ? v : new BufferedStream(v);
    stream.EOL = '\r\n';
    const req = new RequestImpl();
    const record = recordOf(req);
    const res = recordOf(responseOf(record));
    record.maxHeadersCount = service.maxHeadersCount;
    record.maxBodySize = service.maxBodySize;
    for (;;) {
        try {
            if (!readRequest(record, stream)) return null;
        } catch {
            res.statusCode = 400;
            res.keepAlive = false;
            trySend(() => sendResponse(res, stream));
            return null;
        }
        res.protocol = record.protocol;
        res.keepAlive = record.keepAlive;
        res.first = service.first;
        res.opened = false;
        const result = service.handle(req, record, res);
        if (result !== null) {
            result.wait();
            return null;
        }
        noCache(res);
        const { body } = res;
        const headOnly = requests.method(record).toUpperCase() === 'HEAD';
        if (headOnly) res.keepAlive = false;
        const sent = trySend(() => {
            if (headOnly) sendHeader(res, stream);
            else {
                const bytes = contentOf(res);
                const coding = bytes === null ? null : codingOf(record, res, lengthOf(bytes));
                if (coding !== null) {
                    setBytes(res, compress(coding, bytes));
                    storeOf(res).push('Content-Encoding', coding);
                }
                sendResponse(res, stream);
            }
        });
        if (body !== null) body.close();
        if (!sent || !res.keepAlive) return null;
    }
}

function trySend(fn) {
    try {
        fn();
        return true;
    } catch (error) {
        if (error.number === 100023) output.write(`HttpHandler: ${error.message}`);
        return false;
    }
}

module.exports = { LINE, Source, readRequest, readResponse, sendHeader, sendRequest, sendResponse, serve, streamOf };
