// The deep comparison of `assert.deepEqual` and `util.isDeepEqual` (spec/util-assert-test.md §7.3).
'use strict';

const { members } = internal;
const { isBuffer, isDate, isRegExp, keysOf } = require('util/format');
const { isArray } = Array;
const isNative = members.NativeObject.isNative;

/** Whether two Buffers have the same bytes. */
function sameBytes(a, b) {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
}

/**
 * Compare by the rules of §7.3, in their order.
 * @param {Array} as objects met on the way down to `a`
 * @param {Array} bs those on the other side
 */
function compare(a, b, as, bs) {
    if (a === null || a === undefined || b === null || b === undefined) return a === b;
    if (typeof a === 'function' || typeof b === 'function') return a === b;
    if (isDate(a) || isDate(b)) return isDate(a) && isDate(b) && a.getTime() === b.getTime();
    if (isRegExp(a) || isRegExp(b)) return isRegExp(a) && isRegExp(b) && a.source === b.source && a.flags === b.flags;
    if (typeof a !== 'object' || typeof b !== 'object') return a === b;
    if (a === b) return true;
    const lists = isArray(a) && isArray(b);
    if (!lists) {
        if (isBuffer(a) && isBuffer(b)) return sameBytes(a, b);
        if (isNative(a) && isNative(b)) return false;
    }
    for (let i = as.length - 1; i >= 0; i--) {
        if (as[i] === a) return bs[i] === b;
        if (bs[i] === b) return false;
    }
    as.push(a);
    bs.push(b);
    let same = true;
    if (lists) {
        same = a.length === b.length;
        for (let i = 0; same && i < a.length; i++) same = compare(a[i], b[i], as, bs);
    } else {
        const keys = keysOf(a);
        same = keys.length === keysOf(b).length;
        for (let i = 0; same && i < keys.length; i++) same = compare(a[keys[i]], b[keys[i]], as, bs);
    }
    as.pop();
    bs.pop();
    return same;
}

/** Whether two values are deeply equal. */
const deepEqual = (a, b) => compare(a, b, [], []);

module.exports = { deepEqual };
