// The class behind Buffer, what becomes a Buffer, and what other modules need of both (spec/buffer-and-encoding.md §4.2, §4.9).
//
// Buffers that scripts make lie on resizable ArrayBuffers, so that `append` and `resize` work in place; room is only taken
// when it is used.  Buffers of received data lie on what the engine made and have a fixed size.
'use strict';

const { fail, glue, members } = internal;
const { uncurry } = glue;
const { NativeObject, defineType, refuse } = members;
const text = require('./text');
const { utf8Encode } = text;

const NativeArrayBuffer = ArrayBuffer;
const NativeUint8Array = Uint8Array;
const NativeNumber = Number;
const { isView } = ArrayBuffer;
const { isArray } = Array;
const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const { trunc } = Math;
const set = uncurry(Uint8Array.prototype.set);
const subarray = uncurry(Uint8Array.prototype.subarray);
const getter = (object, key) => uncurry(getOwnPropertyDescriptor(object, key).get);
const typedArray = getPrototypeOf(Uint8Array.prototype);
const bufferOf = getter(typedArray, 'buffer');
const offsetOf = getter(typedArray, 'byteOffset');
const lengthOf = getter(typedArray, 'length');
const tagOf = getter(typedArray, Symbol.toStringTag);
const viewBuffer = getter(DataView.prototype, 'buffer');
const viewOffset = getter(DataView.prototype, 'byteOffset');
const viewLength = getter(DataView.prototype, 'byteLength');

const GROWABLE = { __proto__: null, maxByteLength: 0x7fffffff };

/** Buffers are instances of this class; scripts see it under its constructor, `Buffer`. */
class BufferImpl extends Uint8Array {}

/** A Buffer of zeros that can grow. */
const allocate = (size) => new BufferImpl(new NativeArrayBuffer(size, GROWABLE));

/** A Buffer with a copy of bytes. */
function copyOf(bytes) {
    const made = allocate(lengthOf(bytes));
    set(made, bytes);
    return made;
}

/**
 * The same memory as a Buffer.
 * @param {Uint8Array} bytes
 * @returns {Buffer}
 */
const fromBytes = (bytes) => new BufferImpl(bufferOf(bytes), offsetOf(bytes), lengthOf(bytes));

/** Whether a value is a Buffer. */
const isBuffer = (value) => value instanceof BufferImpl;

/**
 * The bytes of an ArrayBuffer or a view as a Buffer, without a copy if its elements are bytes.
 * @returns {Buffer|undefined} undefined for anything else
 */
function ofMemory(value) {
    if (isView(value)) {
        switch (tagOf(value)) {
            case undefined:
                return new BufferImpl(viewBuffer(value), viewOffset(value), viewLength(value));
            case 'Uint8Array':
            case 'Int8Array':
            case 'Uint8ClampedArray':
                return new BufferImpl(bufferOf(value), offsetOf(value), lengthOf(value));
            case 'BigInt64Array':
            case 'BigUint64Array':
                return ofBigInts(value);
        }
        const size = lengthOf(value);
        const made = allocate(size);
        for (let i = 0; i < size; i++) made[i] = value[i];
        return made;
    }
    if (value instanceof NativeArrayBuffer) return new BufferImpl(value);
    return undefined;
}

function ofBigInts(value) {
    const size = lengthOf(value);
    const made = allocate(size);
    for (let i = 0; i < size; i++) made[i] = NativeNumber(value[i] & 0xffn);
    return made;
}

/** The elements of an array as bytes; undefined if one of them is no Integer. */
function ofArray(array) {
    const size = array.length;
    const made = allocate(size);
    for (let i = 0; i < size; i++) {
        const item = array[i];
        if ((item | 0) === item) made[i] = item;
        else {
            const number = toInteger(item);
            if (number === undefined) return undefined;
            made[i] = number;
        }
    }
    return made;
}

function toInteger(value) {
    try {
        return members.convert('Integer', value);
    } catch (error) {
        if (error?.number === 100005 || error?.number === 100006) return undefined;
        throw error;
    }
}

/** How many bytes a number stands for; undefined if it is none or none that can be a size. */
function sizeOf(value) {
    if (typeof value === 'object' && value !== null && (value instanceof NativeNumber || value instanceof BigInt))
        value = value.valueOf();
    if (typeof value === 'bigint') value = value <= 0x7fffffffn ? NativeNumber(value) : Infinity;
    else if (typeof value !== 'number' || value !== value) return undefined;
    return trunc(value);
}

/** The conversion of §4.9: `(value, loose) => Buffer | refusal`. */
function convert(value, loose) {
    if (value instanceof BufferImpl) return value;
    if (typeof value === 'string') return loose ? fromBytes(utf8Encode(value)) : refuse(100005);
    if (typeof value === 'object' && value !== null) {
        const made = ofMemory(value);
        if (made !== undefined) return made;
        if (!loose) return refuse(100005);
        if (isArray(value)) return ofArray(value) ?? fromBytes(utf8Encode(`${value}`));
    } else if (!loose) return refuse(100005);
    if (value === undefined) return allocate(0);
    const size = sizeOf(value);
    if (size === undefined) return fromBytes(utf8Encode(`${value}`));
    if (size < 0 || size > 0x7fffffff) return refuse(100005);
    return allocate(size);
}

/**
 * The bytes that a value stands for where a Buffer is wanted.
 * @returns {Buffer}
 */
function toBytes(value) {
    if (value instanceof BufferImpl) return value;
    return members.convert('Buffer', value);
}

/**
 * One Buffer of many pieces.
 * @param {Uint8Array[]} pieces
 * @param {number} [size] of all of them, if it is known
 */
function concat(pieces, size) {
    if (size === undefined) {
        size = 0;
        for (let i = 0; i < pieces.length; i++) size += lengthOf(pieces[i]);
    }
    const made = allocate(size);
    let at = 0;
    for (let i = 0; i < pieces.length; i++) {
        set(made, pieces[i], at);
        at += lengthOf(pieces[i]);
    }
    return made;
}

/** A part as a Buffer on the same memory. */
const part = (bytes, start, end = lengthOf(bytes)) =>
    new BufferImpl(bufferOf(bytes), offsetOf(bytes) + start, end - start);

defineType('Buffer', convert, isBuffer, (text) => fromBytes(utf8Encode(text)));
const isArrayBuffer = (value) => value instanceof NativeArrayBuffer;
const isTypedArray = (value) => isView(value) && tagOf(value) !== undefined;
const isNative = (value) => NativeObject.isNative(value) || value instanceof BufferImpl;
for (const [name, test] of [
    ['ArrayBuffer', isArrayBuffer],
    ['ArrayBufferView', isView],
    ['TypedArray', isTypedArray],
    ['object', isNative],
    ['NativeObject', isNative],
])
    defineType(name, (value) => (test(value) ? value : refuse(100005)), test);

module.exports = {
    ...text,
    BufferImpl,
    allocate,
    concat,
    copyOf,
    fromBytes,
    isBuffer,
    lengthOf,
    ofArray,
    ofMemory,
    part,
    set,
    sizeOf,
    subarray,
    toBytes,
};
