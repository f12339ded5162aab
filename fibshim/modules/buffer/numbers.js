// Numbers in Buffers (spec/buffer-and-encoding.md §4.6 and §4.7).
//
// Results of up to 48 bits are numbers, as in later versions; wider ones BigInts.  With `noAssert` the bytes beyond the end
// read as zero (`undefined | 0`) and are not written.
'use strict';

const { fail, members } = internal;
const { defineType, refuse } = members;
const { BufferImpl, lengthOf } = require('./bytes');
const { asIntN, asUintN } = BigInt;
const NativeBigInt = BigInt;
const NativeNumber = Number;
const { floor, trunc } = Math;
const { isSafeInteger } = Number;

/** A `Long` argument as a number where that loses nothing, so that the usual case makes no BigInt. */
function toWide(value, loose) {
    if (typeof value === 'object' && value !== null) {
        if (value instanceof NativeNumber || value instanceof NativeBigInt) value = value.valueOf();
        else if (!loose) return refuse(100005);
    }
    if (typeof value === 'bigint') return asIntN(64, value) === value ? value : refuse(100006);
    if (typeof value !== 'number') {
        if (!loose || value === undefined) return refuse(100005);
        value = NativeNumber(value);
    }
    if (value !== value) return refuse(100005);
    value = trunc(value);
    return isSafeInteger(value) ? value + 0 : refuse(100006);
}
defineType('Wide', toWide, (value) => typeof value === 'number' && isSafeInteger(value));

function check(buffer, offset, width, noAssert) {
    if (offset < 0 || (offset + width > lengthOf(buffer) && !noAssert)) throw fail(100006);
}

const scratch = new BufferImpl(8);
const floats = new Float32Array(scratch.buffer);
const doubles = new Float64Array(scratch.buffer);

// -- reading -----------------------------------------------------------------------------------

/** An unsigned number of at most four bytes. */
function low32(buffer, offset, width, little) {
    let value = 0;
    if (little) for (let i = width - 1; i >= 0; i--) value = (value << 8) | buffer[offset + i];
    else for (let i = 0; i < width; i++) value = (value << 8) | buffer[offset + i];
    return value >>> 0;
}

/** A number of any width up to eight bytes. */
function readWide(buffer, offset, width, little, signed) {
    const high = width > 4 ? width - 4 : 0;
    const lowPart = low32(buffer, little ? offset : offset + high, width - high, little);
    const highPart = high === 0 ? 0 : low32(buffer, little ? offset + 4 : offset, high, little);
    if (width <= 6) {
        const value = highPart * 0x100000000 + lowPart;
        const limit = 2 ** (8 * width);
        return signed && value >= limit / 2 ? value - limit : value;
    }
    const value = (NativeBigInt(highPart) << 32n) | NativeBigInt(lowPart);
    // Eight bytes are signed in every case.
    return signed || width === 8 ? asIntN(8 * width, value) : value;
}

const narrowReader = (width, little, signed) => {
    const shift = 32 - 8 * width;
    return function (offset, noAssert) {
        check(this, offset, width, noAssert);
        const value = low32(this, offset, width, little);
        return signed ? (value << shift) >> shift : value;
    };
};

const wideReader = (little, signed) =>
    function (offset, width, noAssert) {
        if (width < 1 || width > 8) throw fail(100004);
        check(this, offset, width, noAssert);
        return readWide(this, offset, width, little, signed);
    };

const longReader = (little) =>
    function (offset, noAssert) {
        check(this, offset, 8, noAssert);
        return readWide(this, offset, 8, little, true);
    };

const floatReader = (view, width, little) =>
    function (offset, noAssert) {
        check(this, offset, width, noAssert);
        for (let i = 0; i < width; i++) scratch[little ? i : width - 1 - i] = this[offset + i];
        return view[0];
    };

// -- writing -----------------------------------------------------------------------------------

/** Write the low bytes of a value. @returns {number} the offset after what was written */
function writeWide(buffer, value, offset, width, little) {
    let lowPart;
    let highPart;
    if (typeof value === 'bigint') {
        lowPart = NativeNumber(asUintN(32, value));
        highPart = NativeNumber(asUintN(32, value >> 32n));
    } else {
        lowPart = value >>> 0;
        highPart = floor(value / 0x100000000) >>> 0;
    }
    const size = lengthOf(buffer);
    let i = 0;
    for (; i < width && offset + i < size; i++) {
        const place = little ? i : width - 1 - i;
        buffer[offset + i] = place < 4 ? lowPart >>> (8 * place) : highPart >>> (8 * (place - 4));
    }
    return offset + i;
}

const writer = (width, little) =>
    function (value, offset, noAssert) {
        check(this, offset, width, noAssert);
        return writeWide(this, value, offset, width, little);
    };

const wideWriter = (little) =>
    function (value, offset, width, noAssert) {
        if (width < 1 || width > 8) throw fail(100004);
        check(this, offset, width, noAssert);
        return writeWide(this, value, offset, width, little);
    };

const floatWriter = (view, width, little) =>
    function (value, offset, noAssert) {
        check(this, offset, width, noAssert);
        view[0] = value;
        const size = lengthOf(this);
        let i = 0;
        for (; i < width && offset + i < size; i++) this[offset + i] = scratch[little ? i : width - 1 - i];
        return offset + i;
    };

const methods = {
    readUInt8: narrowReader(1, true, false),
    readInt8: narrowReader(1, true, true),
    writeUInt8: writer(1, true),
    writeInt8: writer(1, true),
};
for (const [end, little] of [
    ['LE', true],
    ['BE', false],
]) {
    for (const width of [2, 4])
        for (const [sign, signed] of [
            ['UInt', false],
            ['Int', true],
        ]) {
            methods[`read${sign}${8 * width}${end}`] = narrowReader(width, little, signed);
            methods[`write${sign}${8 * width}${end}`] = writer(width, little);
        }
    methods[`readUInt${end}`] = wideReader(little, false);
    methods[`readInt${end}`] = wideReader(little, true);
    methods[`writeUInt${end}`] = methods[`writeInt${end}`] = wideWriter(little);
    methods[`readInt64${end}`] = longReader(little);
    methods[`writeInt64${end}`] = writer(8, little);
    methods[`readFloat${end}`] = floatReader(floats, 4, little);
    methods[`readDouble${end}`] = floatReader(doubles, 8, little);
    methods[`writeFloat${end}`] = floatWriter(floats, 4, little);
    methods[`writeDouble${end}`] = floatWriter(doubles, 8, little);
}

module.exports = methods;
