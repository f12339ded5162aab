// Static files (spec/http.md §13), with byte ranges and precompressed siblings as later versions have them.
'use strict';

const { fail, ops } = internal;
const { HandlerImpl } = require('mq/handler');
const { REMOTE, recordOf, setBytes, valueOf } = require('mq/message');
const { requests } = require('mq/routing');
const { utf8Encode } = require('buffer/bytes');
const { storeOf } = require('./message');
const { isRequest, responseOf } = require('./request');
const { typeOf } = require('./mime');
const { decode, parseDate } = require('./text');
const native = ops('http');

/** POSIX normalisation of a path that begins with `/`, or `../…` if it climbs above its start. */
function normalize(path) {
    const out = [];
    const parts = path.split('/');
    const absolute = path.startsWith('/');
    for (const part of parts) {
        if (part === '' || part === '.') continue;
        if (part !== '..') out.push(part);
        else if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
        else if (!absolute) out.push(part);
    }
    const last = parts[parts.length - 1];
    const isDirectory = last === '' || last === '.' || last === '..';
    return (absolute ? '/' : '') + out.join('/') + (isDirectory && out.length > 0 ? '/' : '');
}

/** A part of a file as the body of a response; it is read when it is sent, or when a script looks at it. */
class FileSource {
    constructor(path, start, size) {
        this.path = path;
        this.start = start;
        this.size = size;
        this.stream = null;
        this.socket = null;
    }

    fetch() {
        return native.readFile(this.path, this.start, this.size);
    }
}

const extensionOf = (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const dot = name.lastIndexOf('.');
    return dot <= 0 ? null : name.slice(dot + 1);
};

/**
 * What a Range header asks for.
 * @returns {[number, number]|null|undefined} start and end; null: cannot be had; undefined: the whole file
 */
function rangeOf(text, size) {
    const match = /^bytes=[ \t]*(\d*)[ \t]*-[ \t]*(\d*)[ \t]*$/.exec(text);
    // Several ranges at once are answered with the whole, which RFC 9110 allows.
    if (match === null || (match[1] === '' && match[2] === '')) return undefined;
    if (match[1] === '') {
        const count = Math.min(Number(match[2]), size);
        return count === 0 ? null : [size - count, size];
    }
    const start = Number(match[1]);
    const end = match[2] === '' ? size : Math.min(Number(match[2]) + 1, size);
    if (match[2] !== '' && Number(match[2]) < start) return undefined;
    return start >= size ? null : [start, end];
}

class FileServer {
    #root;
    #mimes;
    #autoIndex;

    constructor(root, mimes, autoIndex) {
        const path = normalize(root);
        this.#root = path === '' ? './' : path.endsWith('/') ? path : `${path}/`;
        this.#mimes = mimes;
        this.#autoIndex = autoIndex;
    }

    /** Answer a request. */
    answer(record) {
        const res = recordOf(responseOf(record));
        const text = decode(valueOf(record), false);
        if (/[\\%]/.test(text)) {
            res.statusCode = 400;
            return;
        }
        let path = normalize(text);
        if (path.startsWith('../') || path === '..') {
            res.statusCode = 400;
            return;
        }
        if (path.startsWith('/')) path = path.slice(1);
        const full = this.#root + path;
        if (full.includes('\0')) res.statusCode = 404;
        else if (path === '' || path.endsWith('/')) this.#directory(record, res, full, text);
        else if (!this.#file(record, res, full)) res.statusCode = 404;
    }

    #directory(record, res, full, path) {
        if (this.#file(record, res, `${full}index.html`)) return;
        const page = this.#autoIndex ? native.directoryIndex(full, path === '' ? '/' : path) : null;
        if (page === null) {
            res.statusCode = 404;
            return;
        }
        storeOf(res).push('Content-Type', 'text/html');
        setBytes(res, utf8Encode(page));
    }

    /** @returns {boolean} whether there is such a file */
    #file(record, res, path) {
        let found = native.fileInfo(path);
        if (found === null) return this.#member(record, res, path);
        const store = storeOf(res);
        const extension = extensionOf(path);
        if (extension !== null) store.push('Content-Type', typeOf(extension, this.#mimes));
        const headers = storeOf(record);
        if (!this.#isNewer(headers, found[1])) {
            res.statusCode = 304;
            return true;
        }
        store.push('Last-Modified', new Date(found[1]).toUTCString());
        store.push('Accept-Ranges', 'bytes');
        const range = headers.find('range');
        const gzip = range === null && (headers.find('accept-encoding') ?? '').toLowerCase().includes('gzip');
        if (gzip) {
            const packed = native.fileInfo(`${path}.gz`);
            if (packed !== null && packed[1] >= found[1]) {
                path += '.gz';
                found = packed;
                store.push('Content-Encoding', 'gzip');
                store.push('Vary', 'Accept-Encoding');
            }
        }
        this.#send(res, store, path, found, this.#range(headers, range, found));
        return true;
    }

    #isNewer(headers, time) {
        const since = headers.find('if-modified-since');
        const date = since === null ? null : parseDate(since);
        return date === null || Math.abs(date.getTime() - time) >= 1000;
    }

    #range(headers, range, [size, time]) {
        if (range === null) return undefined;
        const condition = headers.find('if-range');
        const date = condition === null ? null : parseDate(condition);
        if (condition !== null && (date === null || Math.abs(date.getTime() - time) >= 1000)) return undefined;
        return rangeOf(range, size);
    }

    #send(res, store, path, [size], range) {
        let start = 0;
        let end = size;
        if (range === null) {
            res.statusCode = 416;
            store.push('Content-Range', `bytes */${size}`);
            return;
        }
        if (range !== undefined) {
            [start, end] = range;
            res.statusCode = 206;
            store.push('Content-Range', `bytes ${start}-${end - 1}/${size}`);
        }
        res.body = res.text = null;
        res.bytes = end > start ? REMOTE : null;
        res.atEnd = false;
        res.source = new FileSource(path, start, end - start);
    }

    /** A member of a zip file, `archive.zip$/inner/name`. */
    #member(record, res, path) {
        if (!path.includes('.zip$')) return false;
        let file;
        try {
            file = require('fs').openFile(path);
        } catch {
            return false;
        }
        const extension = extensionOf(path);
        if (extension !== null) storeOf(res).push('Content-Type', typeOf(extension, this.#mimes));
        res.text = res.bytes = null;
        res.body = file;
        return true;
    }
}

/**
 * A handler that answers requests from files.
 * @param {string} root
 * @param {object} mimes types by extension
 * @param {boolean} autoIndex list directories without index.html
 */
function fileHandler(root, mimes, autoIndex) {
    const server = new FileServer(root, mimes, autoIndex);
    return HandlerImpl.native((v) => {
        if (!isRequest(v)) throw fail(100003);
        const record = recordOf(v);
        requests.method(record);
        server.answer(record);
        return null;
    });
}

module.exports = { FileSource, fileHandler };
