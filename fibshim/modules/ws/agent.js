// A client's handshake: what it takes from the socket's options and from an `http.Client` (spec/ws.md §3.1, §3.3).
'use strict';

const { members } = internal;
const { isPlain } = members;
const { ClientImpl, globalClient, handshake, resolve } = require('http/client');
const { option } = require('./options');
const { keys } = Object;

/** Headers as pairs; `undefined` is skipped. */
function pairs(headers) {
    const out = [];
    if (!isPlain(headers)) return out;
    for (const name of keys(headers)) {
        const value = headers[name];
        if (value !== undefined) out.push([name, `${value}`]);
    }
    return out;
}

/**
 * The parameters of the compression offer, if `perMessageDeflate` is an object (for fibjs any object means `true`).
 * @returns {Array|null} as `client_offer` takes them; null: the bare offer
 */
function offer(value) {
    if (!isPlain(value)) return null;
    const bits = (name) => (value[name] === true ? -1 : option(value[name], 'Integer', 0));
    return [
        option(value.serverNoContextTakeover, 'Boolean', false),
        option(value.clientNoContextTakeover, 'Boolean', false),
        bits('serverMaxWindowBits'),
        bits('clientMaxWindowBits'),
    ];
}

/** A URL as the HTTP client takes it; null if it is none of a WebSocket. */
const httpUrl = (url) =>
    url.startsWith('ws://') ? `http://${url.slice(5)}` : url.startsWith('wss://') ? `https://${url.slice(6)}` : null;

/** The HTTP client's part in the handshake of one socket. */
class Agent {
    #client;
    #seen = new Set();

    /**
     * @param {string} url
     * @param {object} opts what the script gave
     */
    constructor(url, opts) {
        this.#client = opts.httpClient instanceof ClientImpl ? opts.httpClient : globalClient();
        this.url = url;
        /** What holds for the whole handshake. */
        this.fixed = { headers: pairs(opts.headers), offer: offer(opts.perMessageDeflate) };
    }

    /** What the client has for the request to the current URL; null if there cannot be one. */
    settings() {
        this.#seen.add(this.url);
        const url = httpUrl(this.url);
        if (url === null) return null;
        try {
            return handshake.settings(this.#client, url);
        } catch {
            return null;
        }
    }

    /** Store the cookies of an answer. @param {string} lines of `Set-Cookie` headers */
    keepCookies(lines) {
        if (lines !== '') handshake.keepCookies(this.#client, httpUrl(this.url), lines.split('\n'));
    }

    /**
     * Follow a redirect: the URL changes.
     * @returns {boolean} false if it leads nowhere or in a circle
     */
    follow(location) {
        if (location === '') return false;
        try {
            const url = resolve(httpUrl(this.url), location);
            this.url = url.replace(/^http(s?):\/\//, 'ws$1://');
        } catch {
            return false;
        }
        return !this.#seen.has(this.url);
    }
}

module.exports = { Agent };
