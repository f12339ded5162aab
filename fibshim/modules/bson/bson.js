// `bson` (spec/buffer-and-encoding.md §5.9).
'use strict';

const { fail, members } = internal;
require('buffer');
const { concat, copyOf, isBuffer, lengthOf, subarray, utf8Decode, utf8Encode } = require('buffer/bytes');
const { MongoIDImpl, bytesOf } = require('./objectid');

const { isArray } = Array;
const DOUBLE = 0x01;
const STRING = 0x02;
const DOCUMENT = 0x03;
const ARRAY = 0x04;
const BINARY = 0x05;
const UNDEFINED = 0x06;
const OBJECT_ID = 0x07;
const BOOLEAN = 0x08;
const DATE = 0x09;
const NULL = 0x0a;
const REGEX = 0x0b;
const CODE = 0x0d;
const SYMBOL = 0x0e;
const INT32 = 0x10;
const TIMESTAMP = 0x11;
const INT64 = 0x12;

// -- encoding ----------------------------------------------------------------------------------

/** Bytes of a number. */
function number(width, put) {
    const data = new Uint8Array(width);
    put(new DataView(data.buffer));
    return data;
}
const int32 = (value) => number(4, (view) => view.setInt32(0, value, true));
const int64 = (value) => number(8, (view) => view.setBigInt64(0, value, true));

/** Text up to an embedded NUL, with one at its end. */
function cstring(text) {
    const end = text.indexOf('\0');
    return concat([utf8Encode(end < 0 ? text : text.slice(0, end)), new Uint8Array(1)]);
}

function element(out, type, key, ...pieces) {
    out.push(new Uint8Array([type]), cstring(key), ...pieces);
}

function text(out, key, value) {
    const data = cstring(value);
    element(out, STRING, key, int32(lengthOf(data)), data);
}

function encodeNumber(out, key, value) {
    if (Number.isInteger(value) && !Object.is(value, -0)) {
        if ((value | 0) === value) return element(out, INT32, key, int32(value));
        if (value >= -(2 ** 63) && value < 2 ** 63) return element(out, INT64, key, int64(BigInt(value)));
    }
    return element(
        out,
        DOUBLE,
        key,
        number(8, (view) => view.setFloat64(0, value, true)),
    );
}

function encodeValue(out, key, value) {
    switch (typeof value) {
        case 'undefined':
        case 'function':
            return undefined;
        case 'number':
            return encodeNumber(out, key, value);
        case 'boolean':
            return element(out, BOOLEAN, key, new Uint8Array([value ? 1 : 0]));
        case 'object':
            break;
        default:
            return text(out, key, String(value));
    }
    if (value === null) return element(out, NULL, key);
    if (value instanceof Date) return element(out, DATE, key, int64(BigInt(Math.trunc(value.getTime() || 0))));
    if (value instanceof Number) return encodeNumber(out, key, value.valueOf());
    if (value instanceof Boolean || value instanceof String || value instanceof BigInt)
        return encodeValue(out, key, value.valueOf());
    if (value instanceof RegExp)
        return element(out, REGEX, key, cstring(value.source), cstring(value.flags.replace(/[^gim]/g, '')));
    if (isBuffer(value)) return element(out, BINARY, key, int32(lengthOf(value)), new Uint8Array(1), value);
    if (value instanceof MongoIDImpl) return element(out, OBJECT_ID, key, bytesOf(value));
    if (isArray(value)) return element(out, ARRAY, key, document(value));
    if (typeof value.toJSON === 'function') {
        const made = value.toJSON(key);
        if (typeof made !== 'object' || made === null || made instanceof Date || isArray(made) || isBuffer(made))
            return encodeValue(out, key, made);
        value = made;
    }
    return element(out, DOCUMENT, key, document(value));
}

function document(object) {
    const out = [];
    if (isArray(object)) for (let i = 0; i < object.length; i++) encodeValue(out, `${i}`, object[i]);
    else for (const key in object) encodeValue(out, key, object[key]);
    const body = concat(out);
    return concat([int32(lengthOf(body) + 5), body, new Uint8Array(1)]);
}

function encode(object) {
    if (typeof object.toJSON === 'function') {
        object = object.toJSON('');
        const refused =
            typeof object !== 'object' ||
            object === null ||
            object instanceof Date ||
            object instanceof RegExp ||
            isArray(object) ||
            isBuffer(object);
        if (refused) throw fail(100004);
    }
    return document(object);
}

// -- decoding ----------------------------------------------------------------------------------

class Reader {
    #data;
    #view;
    #at = 0;

    constructor(data) {
        this.#data = data;
        this.#view = new DataView(data.buffer, data.byteOffset, lengthOf(data));
    }

    /** Go over some bytes; where they begin. */
    #take(count, end) {
        const at = this.#at;
        if (count < 0 || count > end - at) throw fail(100011);
        this.#at += count;
        return at;
    }

    #int32(end) {
        return this.#view.getInt32(this.#take(4, end), true);
    }

    #cstring(end) {
        const at = this.#data.indexOf(0, this.#at);
        if (at < 0 || at >= end) throw fail(100011);
        const start = this.#at;
        this.#at = at + 1;
        return utf8Decode(subarray(this.#data, start, at));
    }

    #string(end) {
        const size = this.#int32(end);
        if (size < 1) throw fail(100011);
        const at = this.#take(size, end);
        return utf8Decode(subarray(this.#data, at, at + size - 1));
    }

    #long(end) {
        return Number(this.#view.getBigInt64(this.#take(8, end), true));
    }

    document(asArray, limit) {
        const start = this.#at;
        const size = this.#int32(limit);
        const end = start + size;
        if (size < 5 || end > limit || this.#data[end - 1] !== 0) throw fail(100011);
        const out = asArray ? [] : {};
        while (this.#at < end - 1) {
            const type = this.#data[this.#take(1, end)];
            const key = this.#cstring(end);
            const value = this.#value(type, end);
            if (value === SKIPPED) continue;
            if (asArray) out.push(value);
            else Reflect.defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true });
        }
        if (this.#at !== end - 1) throw fail(100011);
        this.#at = end;
        return out;
    }

    #binary(end) {
        const size = this.#int32(end);
        this.#take(1, end);
        const at = this.#take(size, end);
        return copyOf(subarray(this.#data, at, at + size));
    }

    #value(type, end) {
        switch (type) {
            case DOUBLE:
                return this.#view.getFloat64(this.#take(8, end), true);
            case STRING:
                return this.#string(end);
            case DOCUMENT:
            case ARRAY:
                return this.document(type === ARRAY, end);
            case BINARY:
                return this.#binary(end);
            case OBJECT_ID: {
                const at = this.#take(12, end);
                return new MongoIDImpl(subarray(this.#data, at, at + 12));
            }
            case BOOLEAN:
                return this.#data[this.#take(1, end)] !== 0;
            case DATE:
                return new Date(this.#long(end));
            case NULL:
                return null;
            case REGEX: {
                const source = this.#cstring(end);
                return new RegExp(source, this.#cstring(end).replace(/[^gim]/g, ''));
            }
            case INT32:
                return this.#int32(end);
            case INT64:
                return this.#long(end);
        }
        return this.#skip(type, end);
    }

    /** Go over what has no meaning in JavaScript, and say so. */
    #skip(type, end) {
        require('console').log(`unknown type: ${type}`);
        if (type === CODE || type === SYMBOL) this.#string(end);
        else if (type === TIMESTAMP) this.#take(8, end);
        else if (type === 0x13) this.#take(16, end);
        else if (type === 0x0c) {
            this.#string(end);
            this.#take(12, end);
        } else if (type === 0x0f) {
            const size = this.#int32(end);
            this.#take(size - 4, end);
        } else if (type !== UNDEFINED && type !== 0xff && type !== 0x7f) throw fail(100011);
        return SKIPPED;
    }
}
const SKIPPED = { __proto__: null };

const decode = (data) => new Reader(data).document(false, lengthOf(data));

module.exports = members.module('bson', { encode, decode });
