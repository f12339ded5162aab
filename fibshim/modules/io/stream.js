// The stream contract (spec/io-and-net.md §2), and copying from one stream to another (§3.1, §3.2).
//
// A stream is a native object of a class below `Stream`, or any object of a script's with `read` and `write`.
'use strict';

const { fail, fibers, members } = internal;
const { NativeObject, defineType, nativeClass, refuse } = members;
const { lengthOf, part, toBytes } = require('buffer/bytes');
require('buffer');

const BLOCK = 65536;

/** Whether a value can be used as a stream. */
const isStream = (value) =>
    typeof value === 'object' &&
    value !== null &&
    (value instanceof StreamImpl || (typeof value.read === 'function' && typeof value.write === 'function'));

/** What a stream gave, as bytes; null at its end. */
function readFrom(stream, bytes) {
    const data = stream.read(bytes);
    if (data === null || data === undefined) return null;
    const made = toBytes(data);
    return lengthOf(made) === 0 ? null : made;
}

/**
 * Copy until the end of `from`, or `bytes` bytes.
 * @param {number} bytes negative: all
 * @returns {number} how many were copied
 */
function copy(from, to, bytes) {
    let total = 0;
    while (bytes < 0 || total < bytes) {
        let data = readFrom(from, bytes < 0 ? -1 : Math.min(bytes - total, BLOCK));
        if (data === null) break;
        if (bytes >= 0 && lengthOf(data) > bytes - total) data = part(data, 0, bytes - total);
        to.write(data);
        total += lengthOf(data);
    }
    return total;
}

/** As `copy`, in the types that scripts see. */
const copyStream = (from, to, bytes) => BigInt(copy(from, to, Number(bytes)));

/** Copy in both directions until both have ended; nothing is thrown. */
function bridge(one, two) {
    let running = 2;
    const waiting = [];
    const direction = (from, to) => {
        try {
            for (;;) {
                let data = null;
                try {
                    data = readFrom(from, -1);
                } catch {
                    // A failed read is an end.
                }
                if (data === null) {
                    // Closing the other side wakes its reader.
                    to.close();
                    break;
                }
                to.write(data);
            }
        } catch {
            // A failed write ends this direction only.
        }
        if (--running === 0) fibers.wakeAll(waiting);
    };
    fibers.start(direction, [one, two], undefined);
    fibers.start(direction, [two, one], undefined);
    if (running > 0) fibers.park(waiting, 'io.bridge');
}

/** The base of all native streams; what a class does not override cannot be done with it. */
class StreamImpl extends NativeObject {
    read(bytes) {
        throw fail(100009);
    }

    write(data) {
        throw fail(100009);
    }

    /** Only compressors have something to flush. */
    flush() {}

    close() {
        throw fail(100009);
    }

    copyTo(stream, bytes) {
        return copyStream(this, stream, bytes);
    }
}

class SeekableStreamImpl extends StreamImpl {
    seek(offset, whence) {
        throw fail(100009);
    }

    tell() {
        throw fail(100009);
    }

    rewind() {
        this.seek(0n, 0);
    }

    size() {
        throw fail(100009);
    }

    readAll() {
        throw fail(100009);
    }

    truncate(bytes) {
        throw fail(100009);
    }

    eof() {
        throw fail(100009);
    }

    stat() {
        throw fail(100009);
    }
}

const Stream = nativeClass('Stream', StreamImpl, { constructible: false });
const SeekableStream = nativeClass('SeekableStream', SeekableStreamImpl, { constructible: false });
defineType(
    'Stream',
    (value) => (isStream(value) ? value : refuse(100005)),
    (value) => value instanceof StreamImpl,
);

module.exports = {
    BLOCK,
    SeekableStream,
    SeekableStreamImpl,
    Stream,
    StreamImpl,
    bridge,
    copy,
    copyStream,
    isStream,
    readFrom,
};
