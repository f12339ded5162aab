// Compressing and decompressing streams (spec/fs-and-path.md §6.3).
'use strict';

const { fail, members, ops } = internal;
const { StreamImpl } = require('io/stream');
const { lockMembers } = require('io/lock');
const { fromBytes, lengthOf, part } = require('buffer/bytes');
const native = ops('zlib');
const { drop } = ops('core.native');

/** What a stream of a script's gets at once. */
const PIECE = 1024;
/** What goes into Python at once. */
const BLOCK = 65536;

const forgotten = new FinalizationRegistry((handle) => drop(handle));

/** A write-only stream that sends what comes out of it to another one; scripts see a Stream. */
class CoderImpl extends StreamImpl {
    #handle;
    #to;

    /**
     * @param {number} handle of a coder in Python
     * @param {object} to a stream
     */
    constructor(handle, to) {
        super();
        this.#handle = handle;
        this.#to = to;
        forgotten.register(this, handle);
    }

    #open() {
        if (this.#handle === 0) throw fail(100009);
        return this.#handle;
    }

    /** Pass output on; the sizes of pieces are only seen by streams of scripts. */
    #send(data) {
        if (data === null) return;
        const buffer = fromBytes(data);
        if (this.#to instanceof StreamImpl) {
            this.#to.write(buffer);
            return;
        }
        const size = lengthOf(buffer);
        for (let at = 0; at < size; at += PIECE) this.#to.write(part(buffer, at, Math.min(at + PIECE, size)));
    }

    write(data) {
        const size = lengthOf(data);
        for (let at = 0; at < size; at += BLOCK) {
            const piece = size <= BLOCK ? data : part(data, at, Math.min(at + BLOCK, size));
            let out = native.feed(this.#open(), piece);
            while (out !== null) {
                this.#send(out);
                out = native.pull(this.#open());
            }
        }
        if (size === 0) this.#open();
    }

    flush() {
        this.#send(native.flush(this.#open()));
    }

    close() {
        if (this.#handle === 0) return;
        const handle = this.#handle;
        this.#handle = 0;
        this.#send(native.finish(handle));
    }

    read(bytes) {
        throw fail(100009);
    }

    copyTo(stream, bytes) {
        throw fail(100009);
    }
}
members.subclass('Stream', lockMembers(CoderImpl));

module.exports = {
    deflater: (form, to, level) => new CoderImpl(native.deflater(form, level), to),
    inflater: (form, to, most) => new CoderImpl(native.inflater(form, most), to),
};
