// What can be sent to another VM (spec/fibers-and-runtime.md §7): a value as JSON text and bytes.
//
// What JSON has stands for itself.  Everything else is an array whose first element says what it is; the content of
// Buffers stands in the bytes, one after the other.
'use strict';

const { fail, members } = internal;
require('buffer'); // so that its bytes are Buffers
const { boxed, isBuffer, isDate } = require('util/format');
const { copyOf } = require('buffer/bytes');
const { apply, defineProperty } = Reflect;
const { isArray } = Array;
const { keys } = Object;
const { parse, stringify } = JSON;
const { asIntN } = BigInt;
const { getTime } = Date.prototype;
const VALUES = { Boolean, Number, String };

const ARRAY = 0;
const UNDEFINED = 1;
const NUMBER = 2;
const DATE = 3;
const BIGINT = 4;
const BUFFER = 5;

class Packer {
    #open = new Set();
    #buffers = [];
    #size = 0;

    /** A value as something that `JSON.stringify` can take. */
    encode(value) {
        switch (typeof value) {
            case 'undefined':
                return [UNDEFINED];
            case 'boolean':
            case 'string':
                return value;
            case 'number':
                return value - value !== 0 || Object.is(value, -0)
                    ? [NUMBER, Object.is(value, -0) ? '-0' : `${value}`]
                    : value;
            case 'bigint':
                if (asIntN(64, value) !== value) throw fail(100006);
                return [BIGINT, `${value}`];
            case 'object':
                return value === null ? null : this.#object(value);
        }
        throw fail(100005);
    }

    #object(value) {
        const Class = VALUES[boxed(value)];
        if (Class !== undefined) return this.encode(apply(Class.prototype.valueOf, value, []));
        if (isDate(value)) return [DATE, apply(getTime, value, [])];
        if (isBuffer(value)) {
            this.#buffers.push(value);
            this.#size += value.length;
            return [BUFFER, this.#size - value.length, value.length];
        }
        if (members.NativeObject.isNative(value)) throw refusal(value);
        if (!isArray(value) && !members.isPlain(value)) throw fail(100005);
        if (this.#open.has(value)) throw fail(100005);
        this.#open.add(value);
        let out;
        if (isArray(value)) {
            out = [ARRAY];
            for (let i = 0; i < value.length; i++) out.push(this.encode(value[i]));
        } else {
            out = { __proto__: null };
            for (const key of keys(value)) out[key] = this.encode(value[key]);
        }
        this.#open.delete(value);
        return out;
    }

    /** The content of the Buffers met. @returns {Uint8Array} */
    bytes() {
        const all = new Uint8Array(this.#size);
        let at = 0;
        for (const buffer of this.#buffers) {
            all.set(buffer, at);
            at += buffer.length;
        }
        return all;
    }
}

/** Why a native object cannot be sent. */
const refusal = (value) =>
    members.classes.Socket !== undefined && value instanceof members.classes.Socket.Impl
        ? fail('Worker: sending a net.Socket is not supported by fibshim.')
        : fail(100009);

/** @returns {{text: string, bytes: Uint8Array}} */
function pack(value) {
    const packer = new Packer();
    const text = stringify(packer.encode(value));
    return { text, bytes: packer.bytes() };
}

/** A new copy of what was packed. */
const unpack = (text, bytes) => decode(parse(text), bytes);

function decode(node, bytes) {
    if (typeof node !== 'object' || node === null) return node;
    if (!isArray(node)) {
        for (const key of keys(node)) {
            const value = node[key];
            if (typeof value === 'object' && value !== null)
                defineProperty(node, key, {
                    value: decode(value, bytes),
                    writable: true,
                    enumerable: true,
                    configurable: true,
                });
        }
        return node;
    }
    const [kind, value, length] = node;
    switch (kind) {
        case UNDEFINED:
            return undefined;
        case NUMBER:
            return Number(value);
        case DATE:
            return new Date(value ?? NaN);
        case BIGINT:
            return BigInt(value);
        case BUFFER:
            return copyOf(bytes.subarray(value, value + length));
    }
    node.shift();
    for (let i = 0; i < node.length; i++) node[i] = decode(node[i], bytes);
    return node;
}

module.exports = { pack, unpack };
