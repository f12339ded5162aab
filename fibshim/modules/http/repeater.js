// HttpRepeater, a reverse proxy (spec/http.md §14).  Query strings are forwarded and headers are not repeated, which 0.31
// gets wrong.
'use strict';

const { fail, members } = internal;
const { nativeClass } = members;
const { HandlerImpl, INSIDE, NATIVE } = require('mq/handler');
const { contentOf, recordOf, setBytes, valueOf } = require('mq/message');
const { UrlObject } = require('url/object');
const { requests } = require('mq/routing');
const { storeOf } = require('./message');
const { isRequest, responseOf } = require('./request');
const { ClientImpl, forward } = require('./client');

/** Headers that belong to one connection (RFC 9110, 7.6.1), besides those that are in no collection. */
const OWN = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'];

/** A checked backend. */
function backend(text) {
    const url = new UrlObject(text);
    if (url.hostname === '') throw fail('HttpRepeater: hostname is empty.');
    if (url.href.includes('?')) throw fail('HttpRepeater: query is not empty.');
    if (url.hash !== '') throw fail('HttpRepeater: hash is not empty.');
    return url;
}

/** The path of a target below a backend, normalised. */
function join(base, value) {
    const parts = `${base}${value.startsWith('/') ? '' : '/'}${value}`.split('/');
    const out = [];
    for (const part of parts) {
        if (part === '..') out.pop();
        else if (part !== '' && part !== '.') out.push(part);
    }
    const last = parts[parts.length - 1];
    const open = out.length > 0 && (last === '' || last === '.' || last === '..');
    return `/${out.join('/')}${open ? '/' : ''}`;
}

class RepeaterImpl extends HandlerImpl {
    #backends = [];
    #next = 0;
    #client = new ClientImpl();

    constructor(urls) {
        const state = { answer: null };
        super(INSIDE, NATIVE, (v) => state.answer(v));
        state.answer = (v) => {
            if (!isRequest(v)) throw fail(100003);
            this.#forward(recordOf(v));
            return null;
        };
        this.#client.enableCookie = false;
        this.#client.autoRedirect = false;
        this.#client.enableEncoding = false;
        this.#client.userAgent = '';
        this.load(typeof urls === 'string' ? [urls] : urls);
    }

    /** Replace the list of backends. */
    load(urls) {
        if (urls.length === 0) throw fail(100004);
        const made = [];
        for (const url of urls) {
            if (typeof url !== 'string') throw fail(100005);
            made.push(backend(url));
        }
        this.#backends = made;
        this.#next = 0;
    }

    get urls() {
        return this.#backends.map((url) => url.href);
    }

    get client() {
        return this.#client;
    }

    #forward(record) {
        const url = this.#backends[this.#next];
        this.#next = (this.#next + 1) % this.#backends.length;
        const path = join(url.pathname, valueOf(record));
        const method = requests.method(record);
        const query = record.queryString === '' ? '' : `?${record.queryString}`;
        const store = storeOf(record);
        store.remove('Host');
        store.open();
        const lines = [];
        for (let i = 0; i < store.names.length; i++)
            if (!OWN.includes(store.lowers[i])) lines.push([store.names[i], store.values[i]]);
        const to = `${url.protocol}//${url.host}${path}${query}`;
        const from = forward(this.#client, method, to, lines, contentOf(record));
        const res = recordOf(responseOf(record));
        res.statusCode = from.statusCode;
        res.statusMessage = from.statusMessage;
        const headers = storeOf(from);
        headers.open();
        const target = storeOf(res);
        // The backend's headers take the place of ours.
        for (const name of new Set(headers.lowers)) target.remove(name);
        for (let i = 0; i < headers.names.length; i++)
            if (!OWN.includes(headers.lowers[i])) target.push(headers.names[i], headers.values[i]);
        res.asIs = true;
        setBytes(res, contentOf(from));
    }
}

const Repeater = nativeClass('HttpRepeater', RepeaterImpl);

module.exports = { Repeater, RepeaterImpl, repeater: (url) => new RepeaterImpl(url) };
