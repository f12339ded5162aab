// Helpers of `util` for objects and arrays (spec/util-assert-test.md §3, §4).
'use strict';

const { fail, members } = internal;
const { boxed, isDate, isRegExp, keysOf } = require('./format');
const { isObject } = require('./kinds');
const { apply, getPrototypeOf, setPrototypeOf } = Reflect;
const { isArray } = Array;
const hasOwn = Object.hasOwn;

const isMissing = (v) => v === null || v === undefined;
const isIndex = (key) => /^(?:0|[1-9]\d{0,9})$/.test(key) && +key < 4294967295;
/** A key as callbacks and `keys` get it: integer-like ones are numbers. */
const keyOf = (key) => (isIndex(key) ? Number(key) : key);

/** An object, or 100004. */
function needObject(v) {
    if (!isObject(v)) throw fail(100004);
    return v;
}

// -- objects -----------------------------------------------------------------------------------

function has(v, key) {
    if (isMissing(v)) return false;
    return hasOwn(needObject(v), key);
}

function keys(v) {
    if (!isObject(v)) return [];
    return isArray(v) ? keysOf(v) : keysOf(v).map(keyOf);
}

const values = (v) => (isObject(v) ? keysOf(v).map((key) => v[key]) : []);

/** A shallow copy of what has a simple one; anything else is returned as it is. */
function clone(v) {
    if (typeof v !== 'object' || v === null) return v;
    if (isArray(v)) return v.slice();
    if (isDate(v)) return new Date(v.getTime());
    if (isRegExp(v)) return new RegExp(v.source, v.flags);
    const kind = boxed(v);
    if (kind !== undefined) return Object(v.valueOf());
    return members.isPlain(v) && Object.prototype.toString.call(v) === '[object Object]' ? { ...v } : v;
}

function deepFreeze(v) {
    if (!isObject(v)) return;
    const left = [v];
    while (left.length > 0) {
        const object = left.pop();
        // Bytes cannot be frozen.
        if (Object.isFrozen(object) || ArrayBuffer.isView(object)) continue;
        Object.freeze(object);
        for (const key of keysOf(object)) {
            const value = object[key];
            if (isObject(value)) left.push(value);
        }
    }
}

function extend(target, ...sources) {
    if (isMissing(target)) return target;
    needObject(target);
    for (const source of sources) {
        if (isMissing(source)) continue;
        for (const key of keysOf(needObject(source))) target[key] = source[key];
    }
    return target;
}

const names = (list) => list.flat().map(String);

function pick(v, ...list) {
    if (isMissing(v)) return {};
    needObject(v);
    const out = {};
    for (const key of names(list)) if (key in v) out[key] = v[key];
    return out;
}

function omit(v, ...list) {
    if (isMissing(v)) return {};
    needObject(v);
    const left = new Set(names(list));
    const out = {};
    for (const key of keysOf(v)) if (!left.has(key)) out[key] = v[key];
    return out;
}

function inherits(ctor, superCtor) {
    if (!isObject(ctor) || !isObject(superCtor) || !isObject(superCtor.prototype) || !isObject(ctor.prototype))
        throw fail(100005);
    ctor.super_ = superCtor;
    if (getPrototypeOf(ctor.prototype) !== superCtor.prototype) setPrototypeOf(ctor.prototype, superCtor.prototype);
}

// -- arrays ------------------------------------------------------------------------------------

function needArray(v) {
    if (!isArray(v)) throw fail(100004);
    return v;
}

const needList = (v) => {
    if (!isObject(v) || v.length === undefined) throw fail(100004);
    return v;
};

const first = [
    (list) => (isMissing(list) ? undefined : needArray(list)[0]),
    (list, n) => (isMissing(list) || n <= 0 ? [] : needArray(list).slice(0, n)),
];
const last = [
    (list) => (isMissing(list) ? undefined : needArray(list)[list.length - 1]),
    (list, n) => (isMissing(list) || n <= 0 ? [] : needArray(list).slice(-n)),
];

/** Strict equality by a Set: NaN is never found, and zeros are one. */
const canMatch = (v) => v === v;

function unique(list, sorted) {
    if (isMissing(list)) return [];
    needArray(list);
    const out = [];
    const seen = new Set();
    for (let i = 0; i < list.length; i++) {
        const value = list[i];
        if (sorted) {
            if (out.length > 0 && out[out.length - 1] === value) continue;
        } else if (canMatch(value)) {
            if (seen.has(value)) continue;
            seen.add(value);
        }
        out.push(value);
    }
    return out;
}

const union = (...lists) =>
    unique(
        lists.map(needArray).flatMap((list) => Array.from(list)),
        false,
    );

function intersection(...lists) {
    if (lists.length === 0 || isMissing(lists[0])) return [];
    lists.forEach(needArray);
    const [head, ...others] = lists;
    const out = [];
    for (const value of head) {
        if (out.some((kept) => kept === value || kept == value)) continue;
        if (others.every((list) => list.some((other) => other === value || other == value))) out.push(value);
    }
    return out;
}

function difference(list, ...others) {
    if (list.length === 0) return [];
    const left = new Set(others.map(needArray).flatMap((other) => Array.from(other)));
    return Array.from(list).filter((value) => !canMatch(value) || !left.has(value));
}

function without(list, ...left) {
    const gone = new Set(left);
    return Array.from(needList(list)).filter((value) => !canMatch(value) || !gone.has(value));
}

/** Replace every list by its elements.  (0.31 loses objects without `length`, and functions.) */
function flatten(list, shallow) {
    const out = [];
    const walk = (from, deep) => {
        const count = from.length;
        for (let i = 0; i < count; i++) {
            const value = from[i];
            if (deep && typeof value === 'object' && value !== null && !isMissing(value.length)) walk(value, !shallow);
            else out.push(value);
        }
    };
    walk(needList(list), true);
    return out;
}

/** Walk a list by its index or an object by its keys: `visit(value, indexOrKey)`. */
function walk(list, visit) {
    if (!isObject(list)) return;
    const count = list.length;
    if (!isMissing(count)) for (let i = 0; i < count; i++) visit(list[i], i);
    else for (const key of keysOf(list)) visit(list[key], keyOf(key));
}

function each(list, fn, context) {
    walk(list, (value, key) => apply(fn, context, [value, key, list]));
    return list;
}

function map(list, fn, context) {
    const out = [];
    walk(list, (value, key) => out.push(apply(fn, context, [value, key, list])));
    return out;
}

function reduce(list, fn, memo, context) {
    walk(list, (value, key) => {
        memo = apply(fn, context, [memo, value, key, list]);
    });
    return memo;
}

module.exports = {
    _extend: extend,
    clone,
    deepFreeze,
    difference,
    each,
    extend,
    first,
    flatten,
    has,
    inherits,
    intersection,
    keys,
    last,
    map,
    omit,
    pick,
    reduce,
    union,
    unique,
    values,
    without,
};
