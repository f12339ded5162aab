// Digest (spec/crypto-db-xml.md §2).
'use strict';

const { fail, members, ops } = internal;
const { NativeObject, nativeClass } = members;
const { concat, copyOf, fromBytes, lengthOf } = require('buffer/bytes');
require('buffer');
const native = ops('hash');
const { drop } = ops('core.native');

/** Sizes of the digests by the number of the algorithm. */
const SIZES = [0, 16, 16, 16, 20, 28, 32, 48, 64, 20, 32];
/** Bytes that are kept here, so that most digests are one call into Python. */
const KEPT = 16384;

const forgotten = new FinalizationRegistry((handle) => drop(handle));

class DigestImpl extends NativeObject {
    #algo;
    #key;
    /** Data of less than `KEPT` bytes; null once it is in Python. */
    #pieces = [];
    #kept = 0;
    #handle = 0;
    #ended = false;

    /**
     * @param {number} algo 1 to 10
     * @param {Uint8Array|null} key of an HMAC
     */
    constructor(algo, key) {
        super();
        this.#algo = algo;
        this.#key = key === null ? null : copyOf(key);
    }

    #check() {
        if (this.#ended) throw fail(100009);
    }

    /** The data that was kept. */
    #take() {
        const data = concat(this.#pieces, this.#kept);
        this.#pieces = null;
        return data;
    }

    update(data) {
        this.#check();
        if (this.#pieces !== null && this.#kept + lengthOf(data) <= KEPT) {
            this.#pieces.push(copyOf(data));
            this.#kept += lengthOf(data);
            return this;
        }
        if (this.#pieces !== null) {
            const kept = this.#take();
            this.#handle =
                this.#key === null ? native.begin(this.#algo, kept) : native.beginHmac(this.#algo, this.#key, kept);
            forgotten.register(this, this.#handle);
        }
        native.update(this.#handle, data);
        return this;
    }

    digest(codec) {
        this.#check();
        this.#ended = true;
        let made;
        if (this.#pieces === null) made = native.finish(this.#handle);
        else if (this.#key === null) made = native.digest(this.#algo, this.#take());
        else made = native.hmac(this.#algo, this.#key, this.#take());
        const buffer = fromBytes(made);
        return codec === 'buffer' ? buffer : buffer.toString(codec);
    }

    get size() {
        this.#check();
        return SIZES[this.#algo];
    }
}
nativeClass('Digest', DigestImpl, { constructible: false });

/** Whether there is an algorithm of this number. */
const isAlgorithm = (algo) => algo >= 1 && algo <= 10;

module.exports = { DigestImpl, isAlgorithm };
