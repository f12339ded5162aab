// UrlObject (spec/buffer-and-encoding.md §8): the legacy parser, which accepts everything.
'use strict';

const { fail, members } = internal;
const { NativeObject, classes, nativeClass } = members;
const { decodeURI, encodeURIComponent } = require('encoding/uri');
const { utf8Encode } = require('buffer/text');

const SLASHED = ['http:', 'https:', 'ftp:', 'gopher:', 'file:'];
/** Protocols whose URLs have slashes, or none at all. */
const isSlashed = (protocol) => protocol === '' || SLASHED.includes(protocol);
const TRIM = /^[ \t\r\n\f\xa0\ufeff]+|[ \t\r\n\f\xa0\ufeff]+$/g;
const HOST = /^(?:\[[0-9a-fA-F:.]*\]|(?:[A-Za-z0-9._-]|[^\0-\x7f])*)/;
const PORT = /^:([0-9]*)/;
const UNSAFE = {
    path: /[\0- "#'<>?`\x7f]|[^\0-\x7f]+/g,
    query: /[\0- "#'<>`\x7f]|[^\0-\x7f]+/g,
    hash: /[\0- "'<>`\x7f]|[^\0-\x7f]+/g,
};

const percent = (text) => {
    let out = '';
    for (const byte of utf8Encode(text)) out += `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;
    return out;
};
const escapeUnsafe = (text, part) => text.replace(UNSAFE[part], percent);

/** Cut a text at the first of some characters. @returns {[string, string]} */
function cut(text, pattern) {
    const at = text.search(pattern);
    return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

/** Resolve `.`, `..` and repeated slashes; surplus `..` stay only in relative paths. */
function normalizePath(path) {
    const absolute = path.startsWith('/');
    const parts = path.split('/');
    const last = parts[parts.length - 1];
    const out = [];
    for (const part of parts) {
        if (part === '' || part === '.') continue;
        if (part !== '..') out.push(part);
        else if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
        else if (!absolute) out.push(part);
    }
    const text = out.join('/');
    const open =
        (last === '' || last === '.' || last === '..') &&
        out.length > 0 &&
        (last === '' || out[out.length - 1] !== '..');
    return `${absolute ? '/' : ''}${text}${open ? '/' : ''}`;
}

class UrlObjectImpl extends NativeObject {
    #protocol = '';
    #slashes = false;
    #username = '';
    #password = '';
    #host = '';
    #hostname = '';
    #port = '';
    #pathname = '';
    #query = '';
    #hash = '';
    /** The parsed query, once somebody wanted it. */
    #params = null;

    constructor(source, parseQuery, slashesDenoteHost) {
        super();
        if (typeof source === 'string') this.#parse(source, parseQuery, slashesDenoteHost);
        else if (source !== undefined) this.#format(source);
    }

    #clear() {
        this.#slashes = false;
        this.#protocol = this.#username = this.#password = this.#host = this.#hostname = this.#port = '';
        this.#pathname = this.#query = this.#hash = '';
    }

    #parse(text, parseQuery, slashesDenoteHost) {
        this.#clear();
        text = text.replace(TRIM, '');
        text = text.slice(0, 1) + text.slice(1).replace(/\\/g, '/');
        if (!text.startsWith('/') || text.includes('#') || slashesDenoteHost) {
            text = this.#parseProtocol(text);
            text = this.#parseAuthority(text, slashesDenoteHost);
        }
        this.#parsePath(text);
        if (parseQuery) this.#params = require('querystring/pairs').parse(this.#query);
        else if (this.#params !== null && this.#query !== '')
            this.#params = require('querystring/pairs').parse(this.#query);
    }

    #parseProtocol(text) {
        const found = /^[A-Za-z0-9.+-]+:/.exec(text);
        if (found === null) return text;
        this.#protocol = found[0].toLowerCase();
        return text.slice(found[0].length);
    }

    #parseAuthority(text, slashesDenoteHost) {
        if (!text.startsWith('//')) return text;
        const script = this.#protocol === 'javascript:';
        if (script || (this.#protocol === '' && !slashesDenoteHost && !/^\/\/[^@/]+@[^@/]+/.test(text))) return text;
        this.#slashes = true;
        text = text.slice(2);
        const [authority] = cut(text, /[/?#]/);
        const at = authority.lastIndexOf('@');
        if (at >= 0) {
            const [user, password] = cut(authority.slice(0, at), ':');
            this.#username = decodeURI(user);
            this.#password = decodeURI(password.slice(1));
            text = text.slice(at + 1);
        }
        for (;;) {
            text = this.#parseHost(text);
            // Of a list of hosts the last one remains.
            if (!text.startsWith(',')) return text;
            text = text.slice(1);
        }
    }

    #parseHost(text) {
        const [found] = HOST.exec(text);
        text = text.slice(found.length);
        const literal = found.startsWith('[');
        let name = (literal ? found.slice(1, -1) : found).toLowerCase();
        if (/[^\0-\x7f]/.test(name)) name = require('punycode').toASCII(name);
        this.#hostname = name;
        this.#host = literal ? `[${name}]` : name;
        this.#port = '';
        const port = PORT.exec(text);
        if (port !== null) {
            text = text.slice(port[0].length);
            this.#port = port[1];
            if (port[1] !== '') this.#host += port[0];
        }
        return text;
    }

    #parsePath(text) {
        const [path, rest] = cut(text, /[?#]/);
        const [query, hash] = cut(rest, '#');
        const script = this.#protocol === 'javascript:';
        this.#pathname = script ? path : escapeUnsafe(path, 'path');
        if (this.#hostname !== '' && isSlashed(this.#protocol) && !path.startsWith('/'))
            this.#pathname = `/${this.#pathname}`;
        this.#query = escapeUnsafe(query.slice(1), 'query');
        this.#hash = escapeUnsafe(hash, 'hash');
    }

    #format(object) {
        this.#clear();
        const texts = ['protocol', 'username', 'password', 'host', 'port', 'hostname', 'pathname'];
        for (const key of texts) {
            const value = object[key];
            if (typeof value === 'string') this[key] = value;
        }
        // Slashes need a host name here, whatever the protocol.
        this.#slashes = this.#protocol === 'file:' || (isSlashed(this.#protocol) && this.#hostname !== '');
        const { query, hash, slashes } = object;
        if (query !== undefined && query !== null) {
            try {
                this.#setQuery(query);
            } catch {
                // A bad query is ignored.
            }
        }
        if (typeof hash === 'string') this.hash = hash;
        if (slashes !== undefined && slashes !== null) this.#slashes = !!slashes;
    }

    #setQuery(value) {
        const { parse, stringify } = require('querystring/pairs');
        const Collection = classes.HttpCollection?.Impl;
        if (typeof value === 'string') {
            this.#query = value;
            if (this.#params !== null) this.#params = parse(value);
        } else if (Collection !== undefined && value instanceof Collection) this.#params = value;
        else if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
            this.#query = stringify(value);
            this.#params = null;
        } else throw fail(100004);
    }

    #copy() {
        const made = new UrlObjectImpl();
        made.#protocol = this.#protocol;
        made.#slashes = this.#slashes;
        made.#username = this.#username;
        made.#password = this.#password;
        made.#host = this.#host;
        made.#hostname = this.#hostname;
        made.#port = this.#port;
        made.#pathname = this.#pathname;
        made.#query = this.#query;
        made.#hash = this.#hash;
        return made;
    }

    parse(text, parseQuery, slashesDenoteHost) {
        this.#parse(text, parseQuery, slashesDenoteHost);
    }

    format(object) {
        this.#format(object);
    }

    resolve(text) {
        const to = new UrlObjectImpl(text, false, true);
        if (to.#host !== '' || to.#slashes || (to.#protocol !== '' && to.#protocol !== this.#protocol)) {
            if (to.#protocol === '') to.#protocol = this.#protocol;
            to.#pathname = normalizePath(to.#pathname);
            return to;
        }
        const made = this.#copy();
        if (to.#pathname !== '') {
            const base = to.#pathname.startsWith('/')
                ? ''
                : made.#pathname.slice(0, made.#pathname.lastIndexOf('/') + 1);
            const root = base === '' && made.#hostname !== '' && !to.#pathname.startsWith('/') ? '/' : base;
            made.#pathname = normalizePath(root + to.#pathname);
            made.#query = to.#query;
            made.#hash = to.#hash;
        } else if (to.#query !== '') {
            made.#query = to.#query;
            made.#hash = to.#hash;
        } else if (to.#hash !== '') made.#hash = to.#hash;
        return made;
    }

    normalize() {
        this.#pathname = normalizePath(this.#pathname);
    }

    toString() {
        return this.#href();
    }

    #auth() {
        if (this.#username === '') return '';
        const password = this.#password === '' ? '' : `:${encodeURIComponent(this.#password)}`;
        return encodeURIComponent(this.#username) + password;
    }

    #search() {
        return this.#query === '' ? '' : `?${this.#query}`;
    }

    #href() {
        const auth = this.#username === '' ? '' : `${this.#auth()}@`;
        const slashes = this.#slashes ? '//' : '';
        return `${this.#protocol}${slashes}${auth}${this.#host}${this.#pathname}${this.#search()}${this.#hash}`;
    }

    get href() {
        return this.#href();
    }

    set href(text) {
        this.#parse(text, this.#params !== null, false);
    }

    get protocol() {
        return this.#protocol;
    }

    set protocol(text) {
        text = text.toLowerCase();
        this.#protocol = text === '' || text.endsWith(':') ? text : `${text}:`;
        this.#slashes = isSlashed(this.#protocol);
    }

    get slashes() {
        return this.#slashes;
    }

    set slashes(value) {
        this.#slashes = value;
    }

    get auth() {
        return this.#auth();
    }

    /** Ignored, as in the original; so are `path` and `search`. */
    set auth(text) {}

    get username() {
        return this.#username;
    }

    set username(text) {
        this.#username = text;
    }

    get password() {
        return this.#password;
    }

    set password(text) {
        this.#password = text;
    }

    get host() {
        return this.#host;
    }

    set host(text) {
        this.#host = text;
    }

    get hostname() {
        return this.#hostname;
    }

    set hostname(text) {
        this.#hostname = text;
        if (this.#host !== '' || text === '') return;
        this.#host = text.includes(':') && !text.startsWith('[') ? `[${text}]` : text;
        if (this.#port !== '') this.#host += `:${this.#port}`;
    }

    get port() {
        return this.#port;
    }

    set port(text) {
        this.#port = text;
    }

    get path() {
        return this.#pathname + this.#search();
    }

    set path(text) {}

    get pathname() {
        return this.#pathname;
    }

    set pathname(text) {
        this.#pathname = this.#hostname !== '' && !text.startsWith('/') ? `/${text}` : text;
    }

    get search() {
        return this.#search();
    }

    set search(text) {}

    get query() {
        return this.#params ?? this.#query;
    }

    set query(value) {
        this.#setQuery(value);
    }

    get hash() {
        return this.#hash;
    }

    set hash(text) {
        this.#hash = text === '' || text.startsWith('#') ? text : `#${text}`;
    }

    get searchParams() {
        return (this.#params ??= require('querystring/pairs').parse(this.#query));
    }
}
const UrlObject = nativeClass('UrlObject', UrlObjectImpl);

module.exports = { UrlObject, UrlObjectImpl };
