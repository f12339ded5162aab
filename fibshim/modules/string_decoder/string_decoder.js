// `string_decoder` (spec/buffer-and-encoding.md §6): text of pieces that may end in the middle of a character.
'use strict';

const { fail, members } = internal;
const { NativeObject, nativeClass } = members;
require('buffer');
const { allocate, concat, copyOf, decode, lengthOf, set, subarray } = require('buffer/bytes');

const NAMES = {
    __proto__: null,
    utf8: 'utf8',
    'utf-8': 'utf8',
    ucs2: 'utf16le',
    'ucs-2': 'utf16le',
    utf16le: 'utf16le',
    latin1: 'latin1',
    binary: 'latin1',
    base64: 'base64',
    ascii: 'ascii',
    hex: 'hex',
};

/** The bytes of the UTF-8 sequence that a byte begins; 0 for a byte that begins none. */
const sequence = (byte) =>
    byte < 0xc0 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : byte < 0xfc ? 5 : byte < 0xfe ? 6 : 0;

/** How many bytes at the end begin a UTF-8 sequence that is not complete: `[bytes, length of the sequence]`. */
function pendingUtf8(data) {
    const size = lengthOf(data);
    for (let back = 1; back <= 5 && back <= size; back++) {
        const byte = data[size - back];
        if ((byte & 0xc0) === 0x80) continue;
        const total = sequence(byte);
        return total > back ? [back, total] : [0, 0];
    }
    return [0, 0];
}

class StringDecoderImpl extends NativeObject {
    #encoding;
    #need = 0;
    #total = 0;
    #char;

    constructor(encoding) {
        super();
        this.encoding = encoding;
        this.#char = allocate(this.#encoding === 'base64' ? 3 : 4);
    }

    /** Keep the beginning of a character of `total` bytes. */
    #keep(bytes, total) {
        if (lengthOf(this.#char) < total) this.#char = allocate(total);
        set(this.#char, bytes);
        this.#total = total;
        this.#need = total - lengthOf(bytes);
    }

    /** The bytes that are kept. */
    #pending() {
        return subarray(this.#char, 0, this.#need > 0 ? this.#total - this.#need : 0);
    }

    /** Decode all that is complete and keep the rest. */
    #decode(data) {
        const size = lengthOf(data);
        let rest = 0;
        let total = 0;
        if (this.#encoding === 'utf8') [rest, total] = pendingUtf8(data);
        else if (this.#encoding === 'utf16le') {
            rest = size % 2;
            total = 2;
            // A high surrogate waits for its partner.
            if (size - rest >= 2 && (data[size - rest - 1] & 0xfc) === 0xd8) {
                rest += 2;
                total = 4;
            }
        } else if (this.#encoding === 'base64') {
            rest = size % 3;
            total = 3;
        }
        const whole = copyOf(subarray(data, 0, size - rest));
        if (rest > 0) this.#keep(subarray(data, size - rest), total);
        else this.#need = this.#total = 0;
        return decode(whole, this.#encoding);
    }

    write(data) {
        if (lengthOf(data) === 0) return '';
        return this.#need > 0 ? this.#decode(concat([this.#pending(), data])) : this.#decode(data);
    }

    text(data, offset) {
        return this.#decode(subarray(data, offset < 0 ? 0 : offset));
    }

    fillLast(data) {
        const has = this.#total - this.#need;
        const count = Math.min(this.#need, lengthOf(data));
        for (let i = 0; i < count; i++) {
            if (this.#encoding === 'utf8' && (data[i] & 0xc0) !== 0x80) {
                this.#need = this.#total = 0;
                return '\ufffd';
            }
            this.#char[has + i] = data[i];
        }
        this.#need -= count;
        return this.#need > 0 ? null : decode(subarray(this.#char, 0, this.#total), this.#encoding);
    }

    /** Text of what is pending; the state stays. */
    #rest() {
        const data = this.#pending();
        const size = lengthOf(data);
        if (size === 0) return '';
        return this.#encoding === 'utf8' ? '\ufffd' : decode(data, this.#encoding);
    }

    static {
        StringDecoderImpl.prototype.end = [
            function () {
                return this.#rest();
            },
            function (data) {
                return this.write(data) + this.#rest();
            },
        ];
    }

    get encoding() {
        return this.#encoding;
    }

    set encoding(encoding) {
        const name = NAMES[encoding.toLowerCase()];
        if (name === undefined) throw fail(`string_decoder: Unknown encoding: ${encoding}`);
        this.#encoding = name;
    }

    get lastNeed() {
        return this.#need;
    }

    set lastNeed(value) {
        this.#need = value;
    }

    get lastTotal() {
        return this.#total;
    }

    set lastTotal(value) {
        this.#total = value;
    }

    get lastChar() {
        return this.#char;
    }

    set lastChar(value) {
        this.#char = value;
    }
}
const StringDecoder = nativeClass('StringDecoder', StringDecoderImpl);

module.exports = members.module('string_decoder', { StringDecoder });
