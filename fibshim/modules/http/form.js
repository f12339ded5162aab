// What is in a query string, a Cookie header or a form (spec/http.md §4, §6).
'use strict';

const { fail, members } = internal;
const { NativeObject, nativeClass } = members;
const { contentOf } = require('mq/message');
const { CollectionImpl, Store } = require('./collection');
const { storeOf } = require('./message');
const { decode } = require('./text');
const { parsePairs } = require('querystring/pairs');
const { latin1Decode, lengthOf, subarray, utf8Decode } = require('buffer/bytes');

/** Entries of `a=b&c=d`. */
function queryStore(text) {
    const store = new Store();
    parsePairs(text, '&', '=', (name, value) => {
        if (name !== '') store.push(name, value);
    });
    return store;
}

/** Entries of a Cookie header. */
function cookieStore(text) {
    const store = new Store();
    for (const piece of text.split(';')) {
        const pair = piece.replace(/^ +/, '');
        const equals = pair.indexOf('=');
        const name = decode(equals < 0 ? pair : pair.slice(0, equals), true);
        if (name !== '') store.push(name, equals < 0 ? '' : decode(pair.slice(equals + 1), true));
    }
    return store;
}

// -- multipart -----------------------------------------------------------------------------------------------

class UploadImpl extends NativeObject {
    #name;
    #type;
    #encoding;
    #data;
    #body = null;

    constructor(name, type, encoding, data) {
        super();
        this.#name = name;
        this.#type = type;
        this.#encoding = encoding;
        this.#data = data;
    }

    get fileName() {
        return this.#name;
    }

    get contentType() {
        return this.#type;
    }

    get contentTransferEncoding() {
        return this.#encoding;
    }

    /** The file as a read-only stream in memory. */
    get body() {
        const { MemoryStreamImpl } = require('io/memory');
        return (this.#body ??= new MemoryStreamImpl(this.#data, true));
    }
}
nativeClass('HttpUploadData', UploadImpl, { constructible: false });

/** Entries that are kept as they are; a name stands for its first value. */
class FormStore extends Store {
    convert(value) {
        return value;
    }

    indexed(name) {
        return this.first(name) ?? undefined;
    }

    keys() {
        return [...super.keys()];
    }

    toObject() {
        const out = {};
        for (let i = this.names.length - 1; i >= 0; i--)
            Object.defineProperty(out, this.names[i], {
                value: this.values[i],
                writable: true,
                enumerable: true,
                configurable: true,
            });
        return out;
    }
}

const DISPOSITION = /^form-data;\s*name=(?:"([^"]*)"|([^;\s]*))(?:\s*;\s*filename=(?:"([^"]*)"|([^;\s]*)))?/i;

/** The lines of a part's head, by lower-case name. */
function partHead(text) {
    const found = new Map();
    for (const line of text.split('\r\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) found.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    return found;
}

/** The position of a text of single bytes, given as one character a byte. */
class Scanner {
    constructor(bytes) {
        this.bytes = bytes;
        this.text = latin1Decode(bytes);
    }

    utf8(start, end) {
        return utf8Decode(subarray(this.bytes, start, end));
    }
}

/** Entries of a multipart body; parsing ends at the first malformed spot. */
function multipartStore(type, bytes) {
    const store = new FormStore();
    const match = /^multipart\/form-data; *boundary=(.+)$/i.exec(type);
    if (match === null) return store;
    const scanner = new Scanner(bytes);
    const { text } = scanner;
    const mark = `--${match[1]}`;
    if (!text.startsWith(mark)) return store;
    let at = mark.length;
    let name = '';
    let fileName;
    while (text.startsWith('\r\n', at)) {
        const headEnd = text.startsWith('\r\n\r\n', at) ? at : text.indexOf('\r\n\r\n', at + 2);
        if (headEnd < 0) break;
        const start = headEnd + 4;
        // The next boundary, with at least one byte behind it.
        const end = text.indexOf(`\r\n${mark}`, start - 2);
        if (end < 0 || end + mark.length + 2 >= text.length) break;
        const head = partHead(scanner.utf8(Math.min(at + 2, headEnd), headEnd));
        const disposition = head.get('content-disposition');
        if (disposition !== undefined) {
            const found = DISPOSITION.exec(disposition);
            if (found === null) break;
            name = found[1] ?? found[2] ?? '';
            fileName = found[3] ?? found[4];
        } else fileName = undefined;
        const stop = Math.max(start, end);
        if (name !== '') {
            const value =
                fileName !== undefined && fileName !== ''
                    ? new UploadImpl(
                          fileName.replace(/^.*[\\/]/, ''),
                          head.get('content-type') ?? '',
                          head.get('content-transfer-encoding') ?? '',
                          subarray(bytes, start, stop),
                      )
                    : scanner.utf8(start, stop);
            store.push(name, value);
        }
        at = end + 2 + mark.length;
    }
    return store;
}

/** The form of a request. */
function formOf(record) {
    const bytes = contentOf(record);
    if (bytes === null || lengthOf(bytes) === 0) return new CollectionImpl(new Store());
    const type = storeOf(record).find('content-type');
    if (type === null) throw fail('HttpRequest: Content-Type is missing.');
    const lower = type.toLowerCase();
    if (lower.startsWith('application/x-www-form-urlencoded')) return new CollectionImpl(queryStore(utf8Decode(bytes)));
    if (lower.startsWith('multipart/form-data;')) return new CollectionImpl(multipartStore(type, bytes));
    throw fail(`HttpRequest: unknown form format: ${type}`);
}

module.exports = { cookieStore, formOf, multipartStore, queryStore };
