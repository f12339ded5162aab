// What a client's handshake takes from its options and from an `http.Client` (spec/ws.md §3.1, §3.3).
'use strict';

const { members } = internal;
const { isPlain } = members;
const { option } = require('./options');
const { keys } = Object;

const USER_AGENT = 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/54.0.2840.98 Safari/537.36';

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

/**
 * Settings of the handshake request.
 * @param {object} opts what the script gave
 */
function settings(opts) {
    return {
        headers: pairs(opts.headers),
        offer: offer(opts.perMessageDeflate),
        userAgent: USER_AGENT,
        encoding: true,
        redirect: true,
        timeout: 0,
        verify: true,
    };
}

module.exports = { settings };
