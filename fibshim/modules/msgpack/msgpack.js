// `msgpack` (spec/buffer-and-encoding.md §5.8).
'use strict';

const { fail, members } = internal;
require('buffer');
const { copyOf, isBuffer, lengthOf, ofMemory, set, subarray, utf8Decode, utf8Encode } = require('buffer/bytes');

const { isArray } = Array;
const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

class Writer {
    #data = new Uint8Array(64);
    #size = 0;

    /** Room for some bytes more; where they begin. */
    #room(count) {
        const at = this.#size;
        const need = at + count;
        if (need > this.#data.length) {
            const data = new Uint8Array(Math.max(need, 2 * this.#data.length));
            set(data, this.#data);
            this.#data = data;
        }
        this.#size = need;
        return at;
    }

    byte(value) {
        const at = this.#room(1);
        this.#data[at] = value;
    }

    bytes(data) {
        const at = this.#room(lengthOf(data));
        set(this.#data, data, at);
    }

    uint(value, width) {
        let at = this.#room(width);
        for (let i = width - 1; i >= 0; i--) this.#data[at++] = value / 2 ** (8 * i);
    }

    /**
     * A head with a size.
     * @param {[number, number, number][]} forms largest size, first byte, width of the size (0: within the first byte)
     */
    head(size, forms) {
        for (const [most, first, width] of forms) {
            if (size > most) continue;
            if (width === 0) this.byte(first | size);
            else {
                this.byte(first);
                this.uint(size, width);
            }
            return;
        }
        throw fail(100004);
    }

    result() {
        return copyOf(subarray(this.#data, 0, this.#size));
    }
}

const STR = [[31, 0xa0, 0], [0xff, 0xd9, 1], [0xffff, 0xda, 2], [0xffffffff, 0xdb, 4]]; // prettier-ignore
const BIN = [[0xff, 0xc4, 1], [0xffff, 0xc5, 2], [0xffffffff, 0xc6, 4]]; // prettier-ignore
const ARRAY = [[15, 0x90, 0], [0xffff, 0xdc, 2], [0xffffffff, 0xdd, 4]]; // prettier-ignore
const MAP = [[15, 0x80, 0], [0xffff, 0xde, 2], [0xffffffff, 0xdf, 4]]; // prettier-ignore

function packText(out, text) {
    const data = utf8Encode(text);
    out.head(lengthOf(data), STR);
    out.bytes(data);
}

function packNumber(out, value) {
    out.byte(0xcb);
    scratch.setFloat64(0, value);
    out.bytes(scratchBytes);
}

/** A timestamp in the shortest form that holds it. */
function packDate(out, date) {
    const time = date.getTime();
    const seconds = Math.floor(time / 1000);
    const nanoseconds = (time - seconds * 1000) * 1000000;
    if (seconds >= 0 && seconds < 2 ** 34) {
        if (nanoseconds === 0 && seconds < 2 ** 32) {
            out.byte(0xd6);
            out.byte(0xff);
            out.uint(seconds, 4);
        } else {
            out.byte(0xd7);
            out.byte(0xff);
            out.uint(nanoseconds * 4 + Math.floor(seconds / 2 ** 32), 4);
            out.uint(seconds % 2 ** 32, 4);
        }
        return;
    }
    out.byte(0xc7);
    out.byte(12);
    out.byte(0xff);
    out.uint(nanoseconds || 0, 4);
    scratch.setBigInt64(0, BigInt(seconds || 0));
    out.bytes(scratchBytes);
}

const isIndex = (key) => /^(?:0|[1-9]\d{0,9})$/.test(key) && Number(key) < 4294967295;

function packObject(out, object) {
    const keys = [];
    for (const key in object) if (typeof object[key] !== 'function') keys.push(key);
    out.head(keys.length, MAP);
    for (const key of keys) {
        if (isIndex(key)) packNumber(out, Number(key));
        else packText(out, key);
        pack(out, object[key]);
    }
}

function pack(out, value) {
    switch (typeof value) {
        case 'undefined':
            return out.byte(0xc0);
        case 'boolean':
            return out.byte(value ? 0xc3 : 0xc2);
        case 'number':
            return packNumber(out, value);
        case 'string':
        case 'bigint':
            return packText(out, `${value}`);
        case 'object':
            break;
        default:
            throw fail(100003);
    }
    if (value === null) return out.byte(0xc0);
    if (value instanceof Number) return packNumber(out, value.valueOf());
    if (value instanceof String || value instanceof Boolean || value instanceof BigInt)
        return pack(out, value.valueOf());
    if (value instanceof Date) return packDate(out, value);
    if (isArray(value)) {
        out.head(value.length, ARRAY);
        for (let i = 0; i < value.length; i++) pack(out, value[i]);
        return undefined;
    }
    const data = isBuffer(value) ? value : ArrayBuffer.isView(value) ? ofMemory(value) : undefined;
    if (data !== undefined) {
        out.head(lengthOf(data), BIN);
        return out.bytes(data);
    }
    if (typeof value.toJSON === 'function') {
        const made = value.toJSON('');
        // What answers with an object of its own is not asked again.
        return typeof made === 'object' &&
            made !== null &&
            !isArray(made) &&
            !(made instanceof Date) &&
            !ArrayBuffer.isView(made)
            ? packObject(out, made)
            : pack(out, made);
    }
    return packObject(out, value);
}

/** Thrown by the reader for data that is no msgpack. */
const BAD = { __proto__: null };

class Reader {
    #data;
    #view;
    #at = 0;

    constructor(data) {
        this.#data = data;
        this.#view = new DataView(data.buffer, data.byteOffset, lengthOf(data));
    }

    get atEnd() {
        return this.#at === lengthOf(this.#data);
    }

    /** Go over some bytes; where they begin. */
    #take(count) {
        const at = this.#at;
        if (count > lengthOf(this.#data) - at) throw BAD;
        this.#at += count;
        return at;
    }

    #uint(width) {
        const at = this.#take(width);
        let value = 0;
        for (let i = 0; i < width; i++) value = value * 256 + this.#data[at + i];
        return value;
    }

    #bytes(count) {
        const at = this.#take(count);
        return subarray(this.#data, at, at + count);
    }

    #array(count) {
        const out = [];
        for (let i = 0; i < count; i++) out.push(this.value());
        return out;
    }

    #map(count) {
        const out = {};
        for (let i = 0; i < count; i++) {
            const key = this.value();
            const value = this.value();
            if (typeof key === 'string')
                Reflect.defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true });
        }
        return out;
    }

    #long(signed) {
        const at = this.#take(8);
        const value = signed ? this.#view.getBigInt64(at) : this.#view.getBigUint64(at);
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
    }

    #extension(size) {
        const type = this.#view.getInt8(this.#take(1));
        const data = this.#bytes(size);
        if (type !== -1) return copyOf(data);
        const view = new DataView(data.buffer, data.byteOffset, size);
        if (size === 4) return new Date(view.getUint32(0) * 1000);
        if (size === 8) {
            const first = view.getUint32(0);
            const seconds = (first & 3) * 2 ** 32 + view.getUint32(4);
            return new Date(seconds * 1000 + Math.floor((first >>> 2) / 1000000));
        }
        if (size !== 12) throw BAD;
        return new Date(Number(view.getBigInt64(4)) * 1000 + Math.floor(view.getUint32(0) / 1000000));
    }

    value() {
        const head = this.#data[this.#take(1)];
        if (head < 0x80) return head;
        if (head < 0x90) return this.#map(head & 15);
        if (head < 0xa0) return this.#array(head & 15);
        if (head < 0xc0) return utf8Decode(this.#bytes(head & 31));
        if (head >= 0xe0) return head - 256;
        switch (head) {
            case 0xc0:
                return null;
            case 0xc2:
                return false;
            case 0xc3:
                return true;
            case 0xc4:
            case 0xc5:
            case 0xc6:
                return copyOf(this.#bytes(this.#uint(1 << (head - 0xc4))));
            case 0xc7:
            case 0xc8:
            case 0xc9:
                return this.#extension(this.#uint(1 << (head - 0xc7)));
            case 0xca:
                return this.#view.getFloat32(this.#take(4));
            case 0xcb:
                return this.#view.getFloat64(this.#take(8));
            case 0xcc:
            case 0xcd:
            case 0xce:
                return this.#uint(1 << (head - 0xcc));
            case 0xcf:
                return this.#long(false);
            case 0xd0:
                return this.#view.getInt8(this.#take(1));
            case 0xd1:
                return this.#view.getInt16(this.#take(2));
            case 0xd2:
                return this.#view.getInt32(this.#take(4));
            case 0xd3:
                return this.#long(true);
            case 0xd4:
            case 0xd5:
            case 0xd6:
            case 0xd7:
            case 0xd8:
                return this.#extension(1 << (head - 0xd4));
            case 0xd9:
            case 0xda:
            case 0xdb:
                return utf8Decode(this.#bytes(this.#uint(1 << (head - 0xd9))));
            case 0xdc:
            case 0xdd:
                return this.#array(this.#uint(head === 0xdc ? 2 : 4));
            case 0xde:
            case 0xdf:
                return this.#map(this.#uint(head === 0xde ? 2 : 4));
        }
        throw BAD;
    }
}

function encode(value) {
    const out = new Writer();
    pack(out, value);
    return out.result();
}

/** Undefined for truncated, invalid or trailing data. */
function decode(data) {
    const reader = new Reader(data);
    try {
        const value = reader.value();
        return reader.atEnd ? value : undefined;
    } catch (error) {
        if (error === BAD) return undefined;
        throw error;
    }
}

module.exports = members.module('msgpack', { encode, decode });
