// MemoryStream (spec/io-and-net.md §3.3).
'use strict';

const { fail, members } = internal;
const { nativeClass } = members;
const { copyOf, lengthOf, part, set, subarray } = require('buffer/bytes');
const { SeekableStreamImpl } = require('./stream');

const NativeUint8Array = Uint8Array;
const { now } = Date;
const { max, min } = Math;
const EMPTY = new Uint8Array(0);

/** Content of a stream, unmatched: what other modules use. */
let write, content, rest, sizeOf;

class MemoryStreamImpl extends SeekableStreamImpl {
    // `#data` may be longer than the content; while it is shared with a clone or with its maker, a change makes a copy.
    #data;
    #size;
    #position = 0;
    #time;
    #shared;
    #frozen;

    static {
        write = (stream, bytes) => stream.#write(bytes);
        content = (stream) => subarray(stream.#data, 0, stream.#size);
        rest = (stream) => subarray(stream.#data, stream.#position, stream.#size);
        sizeOf = (stream) => stream.#size;
    }

    /**
     * @param {Uint8Array} [data] the content to begin with; it is not copied and must not change
     * @param {boolean} [frozen] read-only, as clones are
     * @param {number} [time] of the last modification
     */
    constructor(data, frozen = false, time = now()) {
        super();
        this.#data = data ?? EMPTY;
        this.#size = data === undefined ? 0 : lengthOf(data);
        this.#shared = true;
        this.#frozen = frozen;
        this.#time = time;
    }

    #change() {
        if (this.#frozen) throw fail(100009);
        this.#time = now();
    }

    /** Room for `size` bytes in memory of its own. */
    #reserve(size) {
        const have = lengthOf(this.#data);
        if (size <= have && !this.#shared) return;
        const room = size <= have ? have : this.#size === 0 ? size : max(size, 2 * have);
        const data = new NativeUint8Array(room);
        set(data, subarray(this.#data, 0, this.#size));
        this.#data = data;
        this.#shared = false;
    }

    #write(bytes) {
        this.#change();
        const end = this.#position + lengthOf(bytes);
        this.#reserve(max(end, this.#size));
        set(this.#data, bytes, this.#position);
        this.#position = end;
        if (end > this.#size) this.#size = end;
    }

    read(bytes) {
        const left = this.#size - this.#position;
        const count = bytes < 0 ? left : min(bytes, left);
        if (count <= 0) return null;
        const start = this.#position;
        this.#position += count;
        return copyOf(subarray(this.#data, start, start + count));
    }

    write(data) {
        this.#write(data);
    }

    flush() {
        if (this.#frozen) throw fail(100009);
    }

    close() {}

    seek(offset, whence) {
        let to = Number(offset);
        if (whence === 1) to += this.#position;
        else if (whence === 2) to += this.#size;
        else if (whence !== 0) throw fail(100004);
        this.#position = min(max(to, 0), this.#size);
    }

    tell() {
        return BigInt(this.#position);
    }

    rewind() {
        this.#position = 0;
    }

    size() {
        return BigInt(this.#size);
    }

    readAll() {
        return this.read(-1);
    }

    truncate(bytes) {
        if (bytes < 0n) throw fail(100004);
        const size = Number(bytes);
        this.#change();
        this.#reserve(size);
        if (size > this.#size) this.#data.fill(0, this.#size, size);
        this.#size = size;
        this.#position = 0;
    }

    /** As 0.31 answers: always false, except for a clone. */
    eof() {
        return this.#frozen && this.#position === this.#size;
    }

    stat() {
        return require('fs/stat').memoryStat(this.#size, this.#time);
    }

    setTime(date) {
        if (this.#frozen) throw fail(100009);
        this.#time = date.getTime();
    }

    /** A read-only snapshot. */
    clone() {
        this.#shared = true;
        return new MemoryStreamImpl(subarray(this.#data, 0, this.#size), true, this.#time);
    }

    clear() {
        this.#data = EMPTY;
        this.#shared = true;
        this.#size = this.#position = 0;
        this.#time = now();
    }
}
const MemoryStream = nativeClass('MemoryStream', MemoryStreamImpl);

module.exports = { MemoryStream, MemoryStreamImpl, content, rest, sizeOf, write };
