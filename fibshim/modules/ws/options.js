// Options of `ws.upgrade` and `ws.Socket` (spec/ws.md §2.1, §3.1): what cannot be coerced is ignored.
'use strict';

const { convert } = internal.members;

const MAX_PAYLOAD = 67108864;
/** Bytes that may wait to be sent before `send` blocks. */
const MAX_BUFFERED = 16777216;

/** An option as its type, or its default. */
function option(value, type, other) {
    if (value === undefined || value === null) return other;
    try {
        return convert(type, value);
    } catch {
        return other;
    }
}

/**
 * The options that both sides have.
 * @param {object} opts what the script gave
 * @returns {{deflate: boolean, maxPayload: number, limit: number}} `limit` 0: none
 */
const common = (opts) => ({
    deflate: option(opts.perMessageDeflate, 'Boolean', true),
    maxPayload: option(opts.maxPayload, 'Integer', MAX_PAYLOAD),
    limit: Math.max(0, option(opts.maxBuffered, 'Integer', MAX_BUFFERED)),
});

module.exports = { MAX_PAYLOAD, common, option };
