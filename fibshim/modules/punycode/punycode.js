// `punycode` (spec/buffer-and-encoding.md §9; RFC 3492).
'use strict';

const { fail, members } = internal;

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const MAX = 0x7fffffff;

function adapt(delta, count, first) {
    delta = first ? Math.floor(delta / 700) : delta >> 1;
    delta += Math.floor(delta / count);
    let k = 0;
    for (; delta > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) delta = Math.floor(delta / (BASE - T_MIN));
    return k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + 38));
}

const threshold = (k, bias) => Math.min(Math.max(k - bias, T_MIN), T_MAX);
const digitText = (digit) => String.fromCharCode(digit < 26 ? digit + 97 : digit + 22);

function digitOf(code) {
    if (code >= 48 && code <= 57) return code - 22;
    if (code >= 65 && code <= 90) return code - 65;
    if (code >= 97 && code <= 122) return code - 97;
    throw fail(100011);
}

/** One label, without the prefix. */
function encode(text) {
    const points = Array.from(text, (char) => char.codePointAt(0));
    let out = '';
    for (const point of points) if (point < 128) out += String.fromCharCode(point);
    const basic = out.length;
    let handled = basic;
    if (basic > 0) out += '-';
    let n = 128;
    let delta = 0;
    let bias = 72;
    while (handled < points.length) {
        let next = MAX;
        for (const point of points) if (point >= n && point < next) next = point;
        delta += (next - n) * (handled + 1);
        if (delta > MAX) throw fail(100011);
        n = next;
        for (const point of points) {
            if (point < n) delta++;
            if (point !== n) continue;
            let q = delta;
            for (let k = BASE; ; k += BASE) {
                const t = threshold(k, bias);
                if (q < t) break;
                out += digitText(t + ((q - t) % (BASE - t)));
                q = Math.floor((q - t) / (BASE - t));
            }
            out += digitText(q);
            bias = adapt(delta, handled + 1, handled === basic);
            delta = 0;
            handled++;
        }
        delta++;
        n++;
    }
    return out;
}

/** The inverse. */
function decode(text) {
    if (/[^\0-\x7f]/.test(text)) throw fail(100011);
    const dash = text.lastIndexOf('-');
    const points = Array.from(text.slice(0, Math.max(dash, 0)), (char) => char.charCodeAt(0));
    let n = 128;
    let i = 0;
    let bias = 72;
    for (let at = dash > 0 ? dash + 1 : 0; at < text.length;) {
        const before = i;
        let weight = 1;
        for (let k = BASE; ; k += BASE) {
            if (at >= text.length) throw fail(100011);
            const digit = digitOf(text.charCodeAt(at++));
            i += digit * weight;
            if (i > MAX) throw fail(100011);
            const t = threshold(k, bias);
            if (digit < t) break;
            weight *= BASE - t;
        }
        bias = adapt(i - before, points.length + 1, before === 0);
        n += Math.floor(i / (points.length + 1));
        if (n > 0x10ffff) throw fail(100011);
        i %= points.length + 1;
        points.splice(i++, 0, n);
    }
    let out = '';
    for (const point of points) out += String.fromCodePoint(point);
    return out;
}

/** Convert the labels after the first `@`. */
function labels(domain, separator, convert) {
    const at = domain.indexOf('@') + 1;
    return domain.slice(0, at) + domain.slice(at).split(separator).map(convert).join('.');
}

const toASCII = (domain) =>
    labels(domain, /[.\u3002\uff0e\uff61]/, (label) => (/[^ -~]/.test(label) ? `xn--${encode(label)}` : label));
const toUnicode = (domain) =>
    labels(domain, '.', (label) => (label.startsWith('xn--') ? decode(label.slice(4).toLowerCase()) : label));

module.exports = members.module('punycode', { encode, decode, toASCII, toUnicode });
