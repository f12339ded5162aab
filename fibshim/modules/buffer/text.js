// Text and bytes (spec/buffer-and-encoding.md §1.3, §2, §5.2, §5.3): bytes are Uint8Arrays here.
//
// Short data goes through native functions of the engine, one after the other, which costs less than one call into
// Python; the limits below are where the two cost the same.
'use strict';

const { fail, glue, ops } = internal;
const { fromWindow, uncurry } = glue;
const native = ops('buffer');

const { atob, btoa, decodeURIComponent, encodeURIComponent, escape, unescape } = globalThis;
const NativeUint8Array = Uint8Array;
const NativeUint16Array = Uint16Array;
const { fromBase64, fromHex } = Uint8Array;
const bytesFromBase64 = fromBase64.bind(Uint8Array);
const bytesFromHex = fromHex.bind(Uint8Array);
const toBase64 = uncurry(Uint8Array.prototype.toBase64);
const toHex = uncurry(Uint8Array.prototype.toHex);
const subarray = uncurry(Uint8Array.prototype.subarray);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const indexOf = uncurry(String.prototype.indexOf);
const replace = uncurry(String.prototype.replace);
const substring = uncurry(String.prototype.substring);
const fromCharCode = String.fromCharCode;
const { apply } = Reflect;

const SHORT_BYTES = 24;
const SHORT_TEXT = 40;
const SHORT_LATIN = 512;

// -- UTF-8 -------------------------------------------------------------------------------------

/**
 * UTF-8 as text; what is not well-formed is read as §1.3 says, never refused.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function utf8Decode(bytes) {
    const size = bytes.length;
    if (size <= SHORT_BYTES) {
        if (size === 0) return '';
        try {
            return decodeURIComponent(escape(atob(toBase64(bytes))));
        } catch {
            return utf8Lenient(bytes);
        }
    }
    const text = native.utf8Decode(bytes);
    return text === null ? utf8Lenient(bytes) : text;
}

/** Overlong forms, encoded surrogates and values above U+10FFFF pass; a broken sequence is one U+FFFD. */
function utf8Lenient(bytes) {
    const size = bytes.length;
    // No sequence gives more units than it has bytes.
    const units = new NativeUint16Array(size);
    let count = 0;
    for (let i = 0; i < size;) {
        const lead = bytes[i++];
        if (lead < 0x80) {
            units[count++] = lead;
            continue;
        }
        if (lead < 0xc0 || lead > 0xfd) {
            units[count++] = 0xfffd;
            continue;
        }
        let more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : lead < 0xfc ? 4 : 5;
        let value = lead & (0x3f >> more);
        for (; more > 0 && i < size && (bytes[i] & 0xc0) === 0x80; more--) value = (value << 6) | (bytes[i++] & 0x3f);
        if (more > 0) units[count++] = 0xfffd;
        else if (value < 0x10000) units[count++] = value;
        else {
            value -= 0x10000;
            units[count++] = (value >> 10) | 0xd800;
            units[count++] = (value & 0x3ff) | 0xdc00;
        }
    }
    return native.utf16Decode(new NativeUint8Array(units.buffer, 0, count * 2));
}

/**
 * Text as UTF-8 in which lone surrogates are kept.
 * @param {string} text
 * @returns {Uint8Array}
 */
function utf8Encode(text) {
    if (text.length <= SHORT_TEXT) {
        try {
            return bytesFromBase64(btoa(unescape(encodeURIComponent(text))));
        } catch {
            // A lone surrogate.
        }
    }
    const made = native.utf8Encode(text);
    return typeof made === 'number' ? new NativeUint8Array(fromWindow(made)) : made;
}

// -- one byte per character --------------------------------------------------------------------

/** One character per byte. */
const latin1Decode = (bytes) => (bytes.length <= SHORT_LATIN ? atob(toBase64(bytes)) : native.latin1Decode(bytes));

function latin1Encode(text) {
    if (text.length > SHORT_LATIN) return native.encode(text, 'latin-1');
    try {
        return bytesFromBase64(btoa(text));
    } catch {
        throw fail('encoding: convert error.');
    }
}

// -- hex ---------------------------------------------------------------------------------------

/** The value of a digit, -1 for another character; upper-case G to Z count as 0. */
function hexDigit(code) {
    if (code >= 48 && code <= 57) return code - 48;
    if (code >= 97 && code <= 102) return code - 87;
    if (code >= 65 && code <= 70) return code - 55;
    return code >= 71 && code <= 90 ? 0 : -1;
}

/** The original's reading of hex, which refuses nothing (§5.2). */
function hexDecode(text) {
    try {
        return bytesFromHex(text);
    } catch {
        // Not plain pairs of digits.
    }
    const size = text.length;
    const out = new NativeUint8Array(size >> 1);
    let count = 0;
    for (let i = 0; i + 1 < size;) {
        const code = charCodeAt(text, i++);
        if (code === 0) break;
        const high = hexDigit(code);
        if (high < 0) continue;
        const next = charCodeAt(text, i++);
        if (next === 0) break;
        const low = hexDigit(next);
        out[count++] = low < 0 ? high : (high << 4) | low;
    }
    return subarray(out, 0, count);
}

// -- base64 ------------------------------------------------------------------------------------

const LOOSE = { __proto__: null, lastChunkHandling: 'loose' };

/** Both alphabets, everything else is skipped, the rest of less than 8 bits is dropped (§5.3). */
function base64Decode(text) {
    try {
        return bytesFromBase64(text, LOOSE);
    } catch {
        // Not clean base64 of the standard alphabet.
    }
    const end = indexOf(text, '\0');
    if (end >= 0) text = substring(text, 0, end);
    text = replace(text, /[^A-Za-z0-9+/_-]/g, '');
    text = replace(replace(text, /-/g, '+'), /_/g, '/');
    if (text.length % 4 === 1) text = substring(text, 0, text.length - 1);
    return bytesFromBase64(text, LOOSE);
}

// -- codecs by name ----------------------------------------------------------------------------

/** Built-in names and what they stand for; all other names are character sets. */
const KINDS = {
    __proto__: null,
    utf8: 'utf8',
    'utf-8': 'utf8',
    hex: 'hex',
    base64: 'base64',
    ucs2: 'utf16',
    'ucs-2': 'utf16',
    utf16le: 'utf16',
    'utf-16le': 'utf16',
    ucs4: 'utf32',
    'ucs-4': 'utf32',
    utf32le: 'utf32',
    'utf-32le': 'utf32',
    binary: 'latin1',
    latin1: 'latin1',
    ascii: 'ascii',
};

/**
 * Text to bytes by the name of a codec.
 * @param {string} text
 * @param {string} codec
 * @param {boolean} [charsetsOnly] `hex` and `base64` are unknown
 * @returns {Uint8Array}
 */
function encode(text, codec, charsetsOnly = false) {
    switch (KINDS[codec]) {
        case 'utf8':
            return utf8Encode(text);
        case 'hex':
            return charsetsOnly ? native.encode(text, codec) : hexDecode(text);
        case 'base64':
            return charsetsOnly ? native.encode(text, codec) : base64Decode(text);
        case 'utf16':
            return native.encode(text, 'utf-16-le');
        case 'utf32':
            return native.encode(text, 'utf-32-le');
        case 'latin1':
            return latin1Encode(text);
    }
    return native.encode(text, codec);
}

/**
 * Bytes to text by the name of a codec.
 * @param {Uint8Array} bytes
 * @param {string} codec
 * @param {boolean} [charsetsOnly] as for `encode`; `ascii` refuses bytes above 0x7f then
 * @returns {string}
 */
function decode(bytes, codec, charsetsOnly = false) {
    switch (KINDS[codec]) {
        case 'utf8':
            return utf8Decode(bytes);
        case 'hex':
            return charsetsOnly ? native.decode(bytes, codec) : toHex(bytes);
        case 'base64':
            return charsetsOnly ? native.decode(bytes, codec) : toBase64(bytes);
        case 'utf16':
            return native.utf16Decode(bytes);
        case 'utf32':
            return native.utf32Decode(bytes);
        case 'latin1':
            return latin1Decode(bytes);
        case 'ascii':
            return charsetsOnly ? native.decode(bytes, codec) : native.asciiDecode(bytes);
    }
    if (codec === 'undefined' && !charsetsOnly) return utf8Decode(bytes);
    return native.decode(bytes, codec);
}

/** Whether a name is a codec (or, with `charsetsOnly`, a character set). */
function isCodec(codec, charsetsOnly = false) {
    const kind = KINDS[codec];
    if (kind === undefined) return native.isCharset(codec);
    return !charsetsOnly || (kind !== 'hex' && kind !== 'base64');
}

/** A string of UTF-16 code units. */
function unitsToText(units, count) {
    if (count <= 64) return apply(fromCharCode, undefined, subarray16(units, 0, count));
    return native.utf16Decode(new NativeUint8Array(units.buffer, units.byteOffset, count * 2));
}
const subarray16 = uncurry(Uint16Array.prototype.subarray);

module.exports = {
    KINDS,
    base64Decode,
    decode,
    encode,
    hexDecode,
    hexDigit,
    isCodec,
    latin1Decode,
    latin1Encode,
    toBase64,
    toHex,
    unitsToText,
    utf8Decode,
    utf8Encode,
};
