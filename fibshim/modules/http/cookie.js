// HttpCookie (spec/http.md §9).
'use strict';

const { fail, members } = internal;
const { NativeObject, nativeClass } = members;
const { decode, parseDate } = require('./text');
const { utf8Encode } = require('buffer/bytes');

const invalid = () => new Date(NaN);

/** Percent-encode what must not stand in a cookie. @param {RegExp} reserved the characters to encode */
const encode = (text, reserved) =>
    text.replace(reserved, (c) => {
        let out = '';
        for (const byte of utf8Encode(c)) out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
        return out;
    });
const IN_NAME = /[^\x21-\x7e]+|[",;=\\]/g;
const IN_VALUE = /[^\x21-\x7e]+|[",;\\]/g;

/** The types of the options; values of another type are skipped. */
const OPTIONS = {
    name: 'string',
    value: 'string',
    domain: 'string',
    path: 'string',
    secure: 'boolean',
    httpOnly: 'boolean',
};

class CookieImpl extends NativeObject {
    #name = '';
    #value = '';
    #domain = '';
    #path = '/';
    /** ms, or null */
    #expires = null;
    #httpOnly = false;
    #secure = false;

    constructor(name, value, options) {
        super();
        if (typeof name === 'string') {
            this.#take(options ?? {});
            this.#name = name;
            this.#value = value;
        } else this.#take(name ?? {});
    }

    #take(options) {
        for (const key in OPTIONS) if (typeof options[key] === OPTIONS[key]) this[key] = options[key];
        if (options.expires instanceof Date) this.expires = options.expires;
    }

    get name() {
        return this.#name;
    }

    set name(text) {
        this.#name = text;
    }

    get value() {
        return this.#value;
    }

    set value(text) {
        this.#value = text;
    }

    get domain() {
        return this.#domain;
    }

    set domain(text) {
        this.#domain = text;
    }

    get path() {
        return this.#path;
    }

    set path(text) {
        this.#path = text;
    }

    get expires() {
        return this.#expires === null ? invalid() : new Date(this.#expires);
    }

    set expires(date) {
        const time = date.getTime();
        this.#expires = Number.isNaN(time) ? null : time;
    }

    get httpOnly() {
        return this.#httpOnly;
    }

    set httpOnly(on) {
        this.#httpOnly = on;
    }

    get secure() {
        return this.#secure;
    }

    set secure(on) {
        this.#secure = on;
    }

    /** Fill in from the text of a Set-Cookie header; fields that it does not name stay. */
    parse(header) {
        const match = /^([^=;\s]*)[^=;\S]*=([^;\s]*)(.*)$/s.exec(header);
        if (match === null || match[1] === '') throw fail('HttpCookie: bad cookie format.');
        this.#name = decode(match[1], false);
        if (match[2] !== '') this.#value = decode(match[2], false);
        if (!match[3].startsWith(';')) return;
        for (const piece of match[3].slice(1).split(';')) {
            const [, key, , text] = /^\s*([^=\s]*)(\s*=(.*))?/s.exec(piece);
            const attribute = key.toLowerCase();
            if (attribute === 'secure') this.#secure = true;
            else if (attribute === 'httponly') this.#httpOnly = true;
            else if (text === undefined) continue;
            else if (attribute === 'domain') this.#domain = text;
            else if (attribute === 'path') this.#path = text;
            else if (attribute === 'expires') this.#expires = parseDate(text)?.getTime() ?? null;
        }
    }

    /** Whether the cookie goes to a URL, by domain and path. */
    match(url) {
        const parts = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::\d*)?([^?#]*)/i.exec(url);
        const host = parts === null ? '' : parts[1].toLowerCase();
        const path = parts === null || parts[2] === '' ? '/' : parts[2];
        return this.#matchesHost(host) && this.#matchesPath(path);
    }

    #matchesHost(host) {
        if (this.#domain === '') return true;
        const domain = this.#domain.replace(/^\.+/, '');
        if (domain === '') return true;
        if (!domain.includes('.') && !domain.startsWith('localhost')) return false;
        return host === domain || host.endsWith(`.${domain}`);
    }

    #matchesPath(path) {
        const own = this.#path.replace(/\/$/, '');
        return own === '' || path === own || path.startsWith(`${own}/`);
    }

    /** Whether the cookie has expired at a time. */
    hasExpired(now) {
        return this.#expires !== null && this.#expires <= now;
    }

    /** The text of a Set-Cookie header. */
    toString() {
        let text = `${encode(this.#name, IN_NAME)}=${encode(this.#value, IN_VALUE)}`;
        if (this.#expires !== null) text += `; expires=${new Date(this.#expires).toUTCString()}`;
        if (this.#domain !== '') text += `; domain=${this.#domain}`;
        if (this.#path !== '') text += `; path=${this.#path}`;
        if (this.#secure) text += '; secure';
        if (this.#httpOnly) text += '; HttpOnly';
        return text;
    }
}

const hasExpired = CookieImpl.prototype.hasExpired;
delete CookieImpl.prototype.hasExpired;

const Cookie = nativeClass('HttpCookie', CookieImpl);
module.exports = { Cookie, CookieImpl, hasExpired: (cookie, now) => Reflect.apply(hasExpired, cookie, [now]) };
