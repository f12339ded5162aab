// JSON as fibjs reads and writes it (spec/buffer-and-encoding.md §5.7): Buffers and BigInts survive.
'use strict';

const { isArray } = Array;
const { parse: nativeParse, stringify: nativeStringify } = JSON;
const { keys } = Object;
const NativeBigInt = BigInt;

const withBigInts = (key, value) =>
    typeof value === 'bigint' || value instanceof NativeBigInt ? { type: 'BigInt', data: `${value}` } : value;

/**
 * As `JSON.stringify`, BigInts too.
 * @returns {string}
 */
function stringify(value) {
    let text;
    try {
        text = nativeStringify(value);
    } catch (error) {
        if (!(error instanceof TypeError) || !/bigint/i.test(error.message)) throw error;
        text = nativeStringify(value, withBigInts);
    }
    return text === undefined ? 'undefined' : text;
}

/**
 * Parse, and make Buffers and BigInts of their encoded forms.
 * @param {string} text
 */
function parse(text) {
    let value;
    try {
        value = nativeParse(text);
    } catch {
        value = require('./lenient').parse(text);
    }
    // Without both names (or escapes that may hide them) there is nothing to revive.
    if (/\\u/i.test(text) || (text.includes('"type"') && text.includes('"data"'))) return revive(value);
    return value;
}

function revive(value) {
    if (typeof value !== 'object' || value === null) return value;
    if (isArray(value)) {
        for (let i = 0; i < value.length; i++) value[i] = revive(value[i]);
        return value;
    }
    let hasType = false;
    let hasData = false;
    for (const key of keys(value)) {
        const old = value[key];
        if (key === 'type') hasType = true;
        if (key === 'data') hasData = true;
        const made = revive(old);
        if (made !== old)
            Reflect.defineProperty(value, key, { value: made, writable: true, enumerable: true, configurable: true });
    }
    return hasType && hasData ? decoded(value) : value;
}

/** What `{ type, data }` stands for; the object itself if it is something else. */
function decoded(object) {
    const { type, data } = object;
    let name;
    try {
        name = `${type}`;
    } catch {
        return object;
    }
    if (name === 'Buffer') {
        require('buffer');
        const { base64Decode, copyOf, ofArray } = require('buffer/bytes');
        if (typeof data === 'string') return copyOf(base64Decode(data));
        if (isArray(data) && data.every((item) => typeof item === 'number')) return ofArray(data) ?? object;
    }
    if (name === 'BigInt' && typeof data !== 'number') {
        try {
            return NativeBigInt(data);
        } catch {
            return object;
        }
    }
    return object;
}

module.exports = { parse, stringify };
