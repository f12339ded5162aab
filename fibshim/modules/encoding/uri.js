// Percent-encoding as the original does it (spec/buffer-and-encoding.md §5.1): nothing is ever refused.
'use strict';

const { hexDigit, utf8Decode, utf8Encode } = require('buffer/text');

const {
    decodeURIComponent: nativeDecode,
    encodeURI: nativeEncode,
    encodeURIComponent: nativeEncodeComponent,
} = globalThis;

const { fromCharCode } = String;

/** Lone surrogates, which the engine refuses, become their three bytes. */
function encodeWith(encode, text) {
    if (text.isWellFormed()) return encode(text);
    let out = '';
    for (const char of text) {
        if (char.isWellFormed()) out += encode(char);
        else for (const byte of utf8Encode(char)) out += `%${byte.toString(16).toUpperCase()}`;
    }
    return out;
}

const encodeURI = (text) => encodeWith(nativeEncode, text);
const encodeURIComponent = (text) => encodeWith(nativeEncodeComponent, text);

/** Every `%XX`, `%uXXXX` and `\uXXXX`; what is malformed stays. */
function decodeURI(text) {
    if (!/[%\\]/.test(text)) return text;
    if (!/[%\\][uU]/.test(text)) {
        try {
            return nativeDecode(text);
        } catch {
            // A malformed escape, or bytes that are no UTF-8.
        }
    }
    const bytes = utf8Encode(text);
    const size = bytes.length;
    // No escape becomes longer.
    const out = new Uint8Array(size);
    let count = 0;
    for (let i = 0; i < size; i++) {
        const code = bytes[i];
        if (code === 37 || code === 92) {
            const next = bytes[i + 1];
            // Before pairs of digits: `U` is one of them.
            if ((next === 117 || next === 85) && i + 5 < size) {
                let unit = 0;
                for (let k = 2; k < 6 && unit >= 0; k++) {
                    const digit = hexDigit(bytes[i + k]);
                    unit = digit < 0 ? -1 : (unit << 4) | digit;
                }
                if (unit >= 0) {
                    for (const byte of utf8Encode(fromCharCode(unit))) out[count++] = byte;
                    i += 5;
                    continue;
                }
            }
            if (code === 37 && i + 2 < size) {
                const high = hexDigit(next);
                const low = hexDigit(bytes[i + 2]);
                if (high >= 0 && low >= 0) {
                    out[count++] = (high << 4) | low;
                    i += 2;
                    continue;
                }
            }
        }
        out[count++] = code;
    }
    return utf8Decode(out.subarray(0, count));
}

module.exports = { decodeURI, encodeURI, encodeURIComponent };
