// `ws.upgrade` (spec/ws.md §2): the handler that makes WebSockets of requests.
'use strict';

const { fail, fibers, glue, members, ops } = internal;
const { Detached, HandlerImpl } = require('mq/handler');
const { isMessage, recordOf } = require('mq/message');
const { requests } = require('mq/routing');
const { isUpgrade, storeOf } = require('http/message');
const { responseOf } = require('http/request');
const { connectionOf, headText } = require('http/handler');
const { serverSocket, waitFor } = require('./socket');
const { common } = require('./options');
const native = ops('ws');
const push = glue.uncurry(Array.prototype.push);
const split = glue.uncurry(String.prototype.split);
const indexOf = glue.uncurry(String.prototype.indexOf);
const substring = glue.uncurry(String.prototype.substring);
const toLowerCase = glue.uncurry(String.prototype.toLowerCase);

/** The header lines of a request as pairs. */
function linesOf(record) {
    const store = storeOf(record);
    store.open();
    const { names, values } = store;
    const lines = [];
    for (let i = 0; i < names.length; i++) push(lines, [names[i], values[i]]);
    // Connection headers are in no collection.
    if (record.head === null) {
        if (isUpgrade(record)) push(lines, ['Connection', 'upgrade']);
        return lines;
    }
    const rows = split(record.head, '\r\n');
    for (let i = 1; i < rows.length; i++) {
        const colon = indexOf(rows[i], ':');
        if (colon === 10 && toLowerCase(substring(rows[i], 0, colon)) === 'connection')
            push(lines, ['Connection', substring(rows[i], colon + 1)]);
    }
    return lines;
}

/** Put the handshake into a response (§2.3). @returns {string} the head of the answer */
function answerHead(res, headers) {
    const store = storeOf(res);
    for (let i = 0; i < headers.length; i++)
        if (headers[i][0] !== 'Connection') store.push(headers[i][0], headers[i][1]);
    res.statusCode = 101;
    res.statusMessage = '';
    const head = headText(res);
    // A script's header with a line break in it would be two.
    const lines = store.names.length + 2;
    if (split(head, '\n').length !== lines || split(head, '\r').length !== lines)
        throw fail('HttpMessage: bad header: line breaks and NUL are not allowed.');
    return head + 'Connection: upgrade\r\n\r\n';
}

/** Check the handshake of a request. @returns {{head: string, parameters: Array}} */
function handshake(record, deflate) {
    const { protocol } = record;
    const [ok, result, more] = native.check(
        requests.method(record),
        +protocol[5] * 10 + +protocol[7],
        linesOf(record),
        deflate,
    );
    const res = recordOf(responseOf(record));
    if (ok) return { head: answerHead(res, result), parameters: more ?? [] };
    for (let i = 0; i < more.length; i++) storeOf(res).push(more[i][0], more[i][1]);
    throw fail(result);
}

/** The stream that a request was read from. */
function streamOf(record) {
    const { source } = record;
    if (source === null) throw fail(100009);
    return source.stream;
}

const overStream = (stream, open) => require('./pipe').connect(stream, open);

/**
 * Make the handler.
 * @param {object} opts
 * @param {Function} accept `(socket, request)`, called in a fiber of its own for each connection
 */
function upgrade(opts, accept) {
    const { deflate, maxPayload, limit } = common(opts);
    // All sockets of this handler share it.
    const options = { server: true, maxPayload, url: '', protocol: '', origin: '' };
    const handler = HandlerImpl.native((req) => {
        const record = isMessage(req) ? recordOf(req) : null;
        if (record === null || !requests.is(record)) throw fail(100003);
        const { head, parameters } = handshake(record, deflate);
        const id = connectionOf(req);
        const stream = id === 0 ? streamOf(record) : null;
        const closable = stream === null ? null : require('./pipe').inner(stream);
        const limits = [maxPayload, limit];
        let number = id;
        let pipe = 0;
        const socket = serverSocket(options, closable, (index) => {
            if (id !== 0) native.accept(id, index, head, parameters, limits);
            else [number, pipe] = overStream(stream, () => native.openPipe(index, head, parameters, limits));
            return number;
        });
        fibers.start(accept, [socket, req], handler);
        return new Detached(() => {
            waitFor(socket);
            if (pipe !== 0) require('./pipe').waitFor(pipe);
        });
    });
    return handler;
}

module.exports = { upgrade };
