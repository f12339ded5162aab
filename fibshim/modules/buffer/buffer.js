// `Buffer` (spec/buffer-and-encoding.md §4): a Uint8Array, as in later versions, with the chapter's own methods over it.
'use strict';

const { fail, glue, members, ops } = internal;
const { uncurry } = glue;
const bytes = require('./bytes');
const {
    BufferImpl,
    allocate,
    concat,
    copyOf,
    fromBytes,
    isBuffer,
    latin1Decode,
    lengthOf,
    ofArray,
    ofMemory,
    set,
    sizeOf,
    subarray,
    toBase64,
    toBytes,
    toHex,
    utf8Decode,
    utf8Encode,
} = bytes;

const NativeUint8Array = Uint8Array;
const NativeNumber = Number;
const { isArray } = Array;
const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Reflect;
const { min } = Math;
const base = getPrototypeOf(Uint8Array.prototype);
const resize = uncurry(ArrayBuffer.prototype.resize);
const isResizable = uncurry(getOwnPropertyDescriptor(ArrayBuffer.prototype, 'resizable').get);
const bufferOf = uncurry(getOwnPropertyDescriptor(base, 'buffer').get);
const [fillBytes, findByte, findLastByte, joinBytes, keysOf, valuesOf, entriesOf, copyWithin] = [
    'fill',
    'indexOf',
    'lastIndexOf',
    'join',
    'keys',
    'values',
    'entries',
    'copyWithin',
].map((name) => uncurry(base[name]));
const reverseBytes = uncurry(base.reverse);
const sliceArray = uncurry(Array.prototype.slice);
const filterArray = uncurry(Array.prototype.filter);
const indexOfText = uncurry(String.prototype.indexOf);
const lastIndexOfText = uncurry(String.prototype.lastIndexOf);

// -- codecs ------------------------------------------------------------------------------------

let safe = false;
const SAFE = /^(?:hex|base64|utf-?8|ucs-?[24]|utf-?16le|utf-?32le)$/;
/** Safe mode (§2) refuses all codecs but these. */
const checkCodec = (codec) => {
    if (safe && !SAFE.test(codec)) throw fail('Buffer: Unknown codec.');
};

function encode(text, codec) {
    if (codec === 'utf8') return utf8Encode(text);
    checkCodec(codec);
    return bytes.encode(text, codec);
}

function decode(data, codec) {
    if (codec === 'utf8') return utf8Decode(data);
    checkCodec(codec);
    return bytes.decode(data, codec);
}

// -- construction ------------------------------------------------------------------------------

/** The overloads of §4.2, in their order. */
function make(args) {
    let count = args.length;
    while (count > 0 && args[count - 1] === undefined) count--;
    if (count > 2) throw fail(100001);
    const value = args[0];
    if (count === 2) return copyOf(encode(`${value}`, `${args[1]}`));
    if (count === 0) return allocate(0);
    if (typeof value === 'string') return copyOf(utf8Encode(value));
    if (isArray(value)) return ofArray(value) ?? copyOf(utf8Encode(`${value}`));
    const memory = typeof value === 'object' && value !== null ? ofMemory(value) : undefined;
    if (memory !== undefined) return copyOf(memory);
    const size = sizeOf(value);
    if (size === undefined) return copyOf(utf8Encode(`${value}`));
    if (size > 0x7fffffff || size < -0x80000000) throw fail(100006);
    if (size < 0) throw fail(100004);
    return allocate(size);
}

/** A class of bytes; calling it without `new` throws 100007. */
function Buffer(...args) {
    if (new.target === undefined) throw fail(100007);
    const made = make(args);
    if (new.target !== Buffer) setPrototypeOf(made, new.target.prototype);
    return made;
}
defineProperty(Buffer, 'length', { value: 0, configurable: true });

/** `offset` and `length` of `from`. */
function pick(data, offset, length) {
    if (offset < 0) throw fail(100004);
    const size = lengthOf(data);
    if (offset >= size) return allocate(0);
    return copyOf(subarray(data, offset, length < 0 ? size : min(size, offset + length)));
}

/** Repeat a pattern over a part of a Buffer. */
function repeat(target, pattern, start, end) {
    let have = lengthOf(pattern);
    if (have === 0 || start >= end) return;
    if (have === 1) {
        fillBytes(target, pattern[0], start, end);
        return;
    }
    have = min(have, end - start);
    set(target, subarray(pattern, 0, have), start);
    // What is there already doubles at each step.
    while (start + have < end) {
        const more = min(have, end - start - have);
        copyWithin(target, start + have, start, start + more);
        have += more;
    }
}

function compare(a, b) {
    const left = latin1Decode(a);
    const right = latin1Decode(b);
    return left < right ? -1 : left > right ? 1 : 0;
}

const statics = {
    isBuffer,
    from: [
        pick,
        (text, offset, length) => pick(utf8Encode(text), offset, length),
        (text, codec) => copyOf(encode(text, codec)),
    ],
    concat(list, limit) {
        if (limit < -1) throw fail(100004);
        const pieces = [];
        let size = 0;
        for (let i = 0; i < list.length; i++) {
            const piece = toBytes(list[i]);
            pieces.push(piece);
            size += lengthOf(piece);
        }
        const made = concat(pieces, size);
        if (limit >= 0 && limit < size) resize(bufferOf(made), limit);
        return made;
    },
    alloc: [
        (size, fill) => {
            const made = allocate(size > 0 ? size : 0);
            if ((fill & 255) !== 0) fillBytes(made, fill);
            return made;
        },
        (size, fill, codec) => {
            checkCodec(codec);
            const made = allocate(size > 0 ? size : 0);
            let pattern;
            try {
                pattern = encode(fill, codec);
            } catch {
                return made;
            }
            repeat(made, pattern, 0, lengthOf(made));
            return made;
        },
        (size, fill) => {
            const made = allocate(size > 0 ? size : 0);
            repeat(made, fill, 0, lengthOf(made));
            return made;
        },
    ],
    allocUnsafe: (size) => allocate(size > 0 ? size : 0),
    allocUnsafeSlow: (size) => allocate(size > 0 ? size : 0),
    byteLength: [
        (text, codec) => {
            try {
                return encode(text, codec).length;
            } catch {
                return 0;
            }
        },
        (memory) => memory.byteLength,
        (memory) => memory.byteLength,
        (buffer) => lengthOf(buffer),
    ],
    compare,
    isEncoding: (codec) => (!safe || SAFE.test(codec)) && bytes.isCodec(codec),
};

// -- methods -----------------------------------------------------------------------------------

/** Change the size in place. */
function grow(buffer, size) {
    const memory = bufferOf(buffer);
    if (!isResizable(memory) || buffer.byteOffset !== 0)
        throw fail('Buffer: the size of received data and of views is fixed; copy it first (Buffer.from).');
    resize(memory, size);
}

function append(buffer, data) {
    const size = lengthOf(buffer);
    const more = lengthOf(data);
    if (more === 0) return;
    // Data may be (a part of) the Buffer itself.
    const copy = bufferOf(data) === bufferOf(buffer) ? new NativeUint8Array(data) : data;
    grow(buffer, size + more);
    set(buffer, copy, size);
}

function write(buffer, data, offset, length) {
    const size = lengthOf(buffer);
    if (offset < 0 || length < -1) throw fail(100004);
    if (offset > size) throw fail(100006);
    let count = min(lengthOf(data), size - offset);
    if (length >= 0) count = min(count, length);
    set(buffer, subarray(data, 0, count), offset);
    return count;
}

function fill(buffer, pattern, offset, end) {
    const size = lengthOf(buffer);
    if (end < 0) end += size + 1;
    if (end > size) throw fail(100006);
    if (offset < 0 || offset > end) throw fail(100004);
    repeat(buffer, pattern, offset, end);
    return buffer;
}

const one = new NativeUint8Array(1);
const byte = (value) => {
    one[0] = value;
    return one;
};

function checkOffset(buffer, offset) {
    if (offset < 0) throw fail(100004);
    if (offset > lengthOf(buffer)) throw fail(100006);
}

function indexOf(buffer, needle, offset) {
    checkOffset(buffer, offset);
    const size = lengthOf(needle);
    if (size === 0) return offset;
    if (size === 1) return findByte(buffer, needle[0], offset);
    // Texts of one byte per character are searched by the engine.
    const found = indexOfText(latin1Decode(subarray(buffer, offset)), latin1Decode(needle));
    return found < 0 ? -1 : found + offset;
}

/** Of later versions; `offset` 0 is "from the end", others as in Node. */
function lastIndexOf(buffer, needle, offset) {
    const size = lengthOf(buffer);
    const from = offset <= 0 ? size + offset : min(offset, size);
    if (from < 0) return -1;
    const length = lengthOf(needle);
    if (length === 0) return from;
    if (length === 1) return size === 0 ? -1 : findLastByte(buffer, needle[0], min(from, size - 1));
    return lastIndexOfText(latin1Decode(buffer), latin1Decode(needle), from);
}

function slice(buffer, start, end) {
    const size = lengthOf(buffer);
    if (start < 0) start = start + size < 0 ? 0 : start + size;
    if (end < 0) end += size;
    end = min(end, size);
    return start >= end ? allocate(0) : copyOf(subarray(buffer, start, end));
}

const toArray = (buffer) => sliceArray(buffer);

function toText(buffer, codec, offset, end) {
    const size = lengthOf(buffer);
    if (offset < 0) offset = 0;
    end = min(end, size);
    if (end < 0 || offset >= end) {
        // An unknown name is an error also where nothing is to be decoded.
        return decode(new NativeUint8Array(0), codec);
    }
    return decode(offset === 0 && end === size ? buffer : subarray(buffer, offset, end), codec);
}

const methods = {
    ...require('./numbers'),
    resize(size) {
        if (size < 0) throw fail(100004);
        if (size !== lengthOf(this)) grow(this, size);
    },
    append: [
        function (data) {
            append(this, data);
        },
        function (text, codec) {
            append(this, encode(text, codec));
        },
    ],
    write: [
        function (text, offset, length, codec) {
            return write(this, encode(text, codec), offset, length);
        },
        function (text, offset, codec) {
            return write(this, encode(text, codec), offset, -1);
        },
        function (text, codec) {
            return write(this, encode(text, codec), 0, -1);
        },
    ],
    fill: [
        function (value, offset, end) {
            return fill(this, byte(value), offset, end);
        },
        function (data, offset, end) {
            // The pattern may lie in what is overwritten.
            return fill(this, bufferOf(data) === bufferOf(this) ? new NativeUint8Array(data) : data, offset, end);
        },
        function (text, offset, end) {
            return fill(this, utf8Encode(text), offset, end);
        },
    ],
    indexOf: [
        function (value, offset) {
            return indexOf(this, byte(value), offset);
        },
        function (data, offset) {
            return indexOf(this, data, offset);
        },
        function (text, offset) {
            return indexOf(this, utf8Encode(text), offset);
        },
    ],
    lastIndexOf: [
        function (value, offset) {
            return lastIndexOf(this, byte(value), offset);
        },
        function (data, offset) {
            return lastIndexOf(this, data, offset);
        },
        function (text, offset) {
            return lastIndexOf(this, utf8Encode(text), offset);
        },
    ],
    compare(other) {
        return compare(this, other);
    },
    copy(target, targetStart, sourceStart, sourceEnd) {
        const size = lengthOf(this);
        if (targetStart < 0 || sourceStart < 0 || sourceStart > size) throw fail(100006);
        if (sourceEnd === -1 || sourceEnd > size) sourceEnd = size;
        if (sourceEnd < 0 || sourceStart >= sourceEnd || targetStart >= lengthOf(target)) return 0;
        const count = min(sourceEnd - sourceStart, lengthOf(target) - targetStart);
        set(target, subarray(this, sourceStart, sourceStart + count), targetStart);
        return count;
    },
    set(source, start) {
        if (start < 0) throw fail(100006);
        if (lengthOf(source) + start > lengthOf(this)) throw fail('Buffer: Source is too large.');
        set(this, source, start);
        return lengthOf(source);
    },
    slice: [
        function (start) {
            return slice(this, start, lengthOf(this));
        },
        function (start, end) {
            return slice(this, start, end);
        },
    ],
    join(separator) {
        return joinBytes(this, separator);
    },
    reverse() {
        return reverseBytes(copyOf(this));
    },
    equals(other) {
        if (!isBuffer(other)) return false;
        return this === other || (lengthOf(this) === lengthOf(other) && compare(this, other) === 0);
    },
    hex() {
        return toHex(this);
    },
    base64() {
        return toBase64(this);
    },
    base32() {
        return ops('buffer').base32Encode(this);
    },
    base58() {
        return require('base58').encode(this);
    },
    keys() {
        return keysOf(new NativeUint8Array(lengthOf(this)));
    },
    values() {
        return valuesOf(new NativeUint8Array(this));
    },
    entries() {
        return entriesOf(new NativeUint8Array(this));
    },
    toArray() {
        return toArray(this);
    },
    toString: [
        function (codec, offset, end) {
            return toText(this, codec, offset, end);
        },
        function (codec, offset) {
            return toText(this, codec, offset, lengthOf(this));
        },
        function () {
            return utf8Decode(this);
        },
    ],
};

// -- the class ---------------------------------------------------------------------------------

const prototype = BufferImpl.prototype;
const known = members.signature('Buffer');
const later = ['lastIndexOf', 'base32', 'base58'];
/** Types of its own: another module reads `object` more widely, and wide numbers need not become BigInts to be written. */
const TYPES = { __proto__: null, Long: 'Wide', object: 'NativeObject' };
// `length` and the indexes are the typed array's own.
const rows = [...known.members, ...known.later.filter(([name]) => later.includes(name))]
    .filter(([, kind]) => kind === 'method')
    .map(([name, kind, flags, type, params]) => [
        name,
        kind,
        flags,
        type,
        params.map(([param, text]) => [TYPES[param] ?? param, text]),
    ]);
members.putMembers(
    prototype,
    'Buffer',
    methods,
    rows.filter(([, , flags]) => !flags.includes('s')),
    null,
    (self) => {
        if (!(self instanceof BufferImpl)) throw fail(100008);
    },
);
members.putMembers(
    Buffer,
    'Buffer',
    statics,
    rows.filter(([, , flags]) => flags.includes('s')),
    'Buffer',
    null,
);

const hidden = (target, key, value) =>
    defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
hidden(prototype, 'constructor', Buffer);
hidden(
    prototype,
    'toJSON',
    members.nativeFunction('toJSON', (self) => {
        if (!(self instanceof BufferImpl)) throw fail(100008);
        return { type: 'Buffer', data: toArray(self) };
    }),
);
// The engine's own calls `set` of its result, which wants two arguments here.
hidden(
    prototype,
    'filter',
    {
        filter(fn, self) {
            return ofArray(filterArray(this, fn, self));
        },
    }.filter,
);
defineProperty(prototype, 'length', {
    configurable: true,
    enumerable: true,
    get: getOwnPropertyDescriptor(base, 'length').get,
    set() {
        throw "Property 'length' is read-only.";
    },
});
setPrototypeOf(Buffer, NativeUint8Array);
defineProperty(Buffer, 'prototype', { value: prototype, writable: false, enumerable: false, configurable: false });
// `map`, `filter` and `subarray` make their results with this, from arguments that `Buffer` itself refuses.
for (const made of [Buffer, BufferImpl])
    defineProperty(made, Symbol.species, { configurable: true, get: () => BufferImpl });
hidden(Buffer, 'Buffer', Buffer);
members.classes.Buffer = { Impl: BufferImpl, make: Buffer };

/** Switch safe mode of this VM (Workers with `safe_buffer`). */
bytes.setSafe = (on) => {
    safe = on;
};

module.exports = Buffer;
