// `base64vlq` (spec/buffer-and-encoding.md §5.5): the numbers of source maps.
'use strict';

const { members } = internal;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

function encodeOne(value) {
    // The sign goes below the lowest bit; 33 bits, so no bit operators on the whole.
    let left = value < 0 ? -value * 2 + 1 : value * 2;
    let out = '';
    do {
        const digit = left % 32;
        left = (left - digit) / 32;
        out += ALPHABET[left > 0 ? digit + 32 : digit];
    } while (left > 0);
    return out;
}

const signed = (value) => {
    const size = Math.floor(value / 2);
    return value % 2 === 1 ? -size : size;
};

module.exports = members.module('base64vlq', {
    encode: [
        encodeOne,
        (values) => {
            let out = '';
            for (let i = 0; i < values.length; i++) out += encodeOne(members.convert('Integer', values[i]));
            return out;
        },
    ],
    decode(text) {
        const out = [];
        let value = 0;
        let scale = 1;
        for (let i = 0; i < text.length; i++) {
            const digit = VALUES[text.charCodeAt(i)] ?? -1;
            if (digit >= 0) {
                value += (digit & 31) * scale;
                scale *= 32;
                if (digit & 32) continue;
            }
            // A character outside the alphabet ends a number like a last digit does.
            out.push(signed(value) + 0);
            value = 0;
            scale = 1;
        }
        return out;
    },
});
