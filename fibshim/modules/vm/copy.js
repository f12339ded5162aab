// What a sandbox does to the values it is given: shallow copies (§7.2 `add`), freezing (§7.2 `freeze`).
'use strict';

const { glue, members, ops } = internal;
const { nameOfBuiltin } = require('core/loader');
const native = ops('vm');
const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { isArray } = Array;

function isProxy(value) {
    glue.slot[0] = value;
    try {
        return native.isProxy();
    } finally {
        glue.slot[0] = 0;
    }
}

function copyProperties(from, to) {
    for (const key of ownKeys(from)) defineProperty(to, key, getOwnPropertyDescriptor(from, key));
    return to;
}

/**
 * A copy of a built-in module object.  Its accessors are of two kinds: properties, which stay connected with the module,
 * and members that are made on first use, which must not be made on the original by who has the copy.
 */
function copyModule(value, name) {
    const connected = new Set();
    for (const [member, kind] of members.signature(name).members) if (kind === 'property') connected.add(member);
    const copy = {};
    for (const key of ownKeys(value)) {
        const own = getOwnPropertyDescriptor(value, key);
        if ('value' in own || connected.has(key)) defineProperty(copy, key, own);
        else members.lazy(copy, key, () => value[key], own.enumerable);
    }
    return copy;
}

/** Internal slots by what reads them, which throws for anything else; and what makes a copy. */
const COPIES = [
    [Date.prototype.getTime, (date) => new Date(date)],
    [getOwnPropertyDescriptor(RegExp.prototype, 'source').get, (source, value) => new RegExp(source, value.flags)],
    [String.prototype.valueOf, Object],
    [Number.prototype.valueOf, Object],
    [Boolean.prototype.valueOf, Object],
    [BigInt.prototype.valueOf, Object],
    [Symbol.prototype.valueOf, Object],
];
/** Classes of ours whose instances are copied. */
const CLASSES = [Date, RegExp, String, Number, Boolean, BigInt, Symbol];

/** What is stored for a value: plain objects, arrays, dates, regular expressions and boxed primitives are copied. */
function shallow(value) {
    if (typeof value !== 'object' || value === null || isProxy(value)) return value;
    const name = nameOfBuiltin(value);
    if (name !== undefined) return members.isPlain(value) ? copyModule(value, name) : value;
    if (isArray(value)) return copyProperties(value, []);
    if (members.isPlain(value)) return copyProperties(value, Object.create(getPrototypeOf(value)));
    const at = CLASSES.findIndex((Class) => getPrototypeOf(value) === Class.prototype);
    if (at < 0 || value === CLASSES[at].prototype) return value;
    const [read, make] = COPIES[at];
    let inside;
    try {
        inside = apply(read, value, []);
    } catch {
        return value; // it only has the prototype
    }
    return copyProperties(value, make(inside, value));
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The built-in objects of our realm. */
function intrinsics() {
    const found = new Set();
    const names = ownKeys(globalThis).filter((name) => {
        const own = getOwnPropertyDescriptor(globalThis, name);
        return own !== undefined && !own.enumerable && isObject(own.value) && own.value !== globalThis;
    });
    for (const name of names) walk(globalThis[name], found, () => {});
    for (const extra of [async () => {}, function* () {}, async function* () {}, [][Symbol.iterator]()])
        walk(getPrototypeOf(extra), found, () => {});
    return found;
}

/**
 * Visit everything that can be reached through properties and prototypes, without running getters.
 * @param {Set<object>} seen is not visited, and filled
 */
function walk(start, seen, visit) {
    const open = [start];
    while (open.length > 0) {
        const object = open.pop();
        if (seen.has(object)) continue;
        seen.add(object);
        const next = [getPrototypeOf(object)];
        for (const key of ownKeys(object)) {
            const own = getOwnPropertyDescriptor(object, key);
            if (own !== undefined) next.push(own.value, own.get, own.set);
        }
        visit(object);
        for (const value of next) if (isObject(value)) open.push(value);
    }
}

/** Freeze an object and what it reaches, but for the built-in objects of our own realm: everybody shares them. */
function freezeDeeply(object) {
    walk(object, intrinsics(), (item) => {
        // Elements of typed arrays cannot be frozen.
        if (ArrayBuffer.isView(item)) Object.preventExtensions(item);
        else Object.freeze(item);
    });
}

module.exports = { freezeDeeply, shallow };
