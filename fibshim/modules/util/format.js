// The formatter of `console`, `util.format`, `util.inspect` and assertion messages (spec/fibers-and-runtime.md §12).
//
// Loaded by `console` without the rest of `util`.  It captures the intrinsics it uses: scripts patch them.
'use strict';

const { glue, members } = internal;
const { uncurry } = glue;
const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const NativeString = String;
const NativeSet = Set;
const NativeNumber = Number;
const NativeBigInt = BigInt;
const { asIntN } = BigInt;
const { stringify } = JSON;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const ObjectPrototype = Object.prototype;
const isError = Error.isError;
const setHas = uncurry(Set.prototype.has);
const setAdd = uncurry(Set.prototype.add);
const push = uncurry(Array.prototype.push);
const pop = uncurry(Array.prototype.pop);
const indexOf = uncurry(String.prototype.indexOf);
const charAt = uncurry(String.prototype.charAt);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const slice = uncurry(String.prototype.slice);
const repeat = uncurry(String.prototype.repeat);
const test = uncurry(RegExp.prototype.test);
const exec = uncurry(RegExp.prototype.exec);
const tagOf = uncurry(ObjectPrototype.toString);
const dateValue = uncurry(Date.prototype.getTime);
const dateText = uncurry(Date.prototype.toString);
const regExpSource = uncurry(getOwnPropertyDescriptor(RegExp.prototype, 'source').get);
const regExpFlag = {
    i: uncurry(getOwnPropertyDescriptor(RegExp.prototype, 'ignoreCase').get),
    g: uncurry(getOwnPropertyDescriptor(RegExp.prototype, 'global').get),
    m: uncurry(getOwnPropertyDescriptor(RegExp.prototype, 'multiline').get),
};
const typedArrayLength = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), 'length').get);
const typedArrayTag = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);
const valueOf = {
    Boolean: uncurry(Boolean.prototype.valueOf),
    Number: uncurry(Number.prototype.valueOf),
    String: uncurry(String.prototype.valueOf),
    BigInt: uncurry(BigInt.prototype.valueOf),
    Symbol: uncurry(Symbol.prototype.valueOf),
};
const { toStringTag } = Symbol;
const INDEX = /^(?:0|[1-9]\d{0,9})$/;
const HEX = [];
for (let i = 0; i < 256; i++) HEX[i] = (i < 16 ? '0' : '') + i.toString(16);

const RESET = '\x1b[0m';
/** Colours by kind of value (§11.5); `none` for everything that has none. */
const COLORS = {
    __proto__: null,
    empty: '\x1b[1;39m',
    number: '\x1b[0;33m',
    string: '\x1b[0;32m',
    date: '\x1b[0;35m',
    regexp: '\x1b[0;31m',
    error: '\x1b[1;31m',
    function: '\x1b[0;36m',
};

// -- kinds -------------------------------------------------------------------------------------

const succeeds = (fn, value) => {
    try {
        fn(value);
        return true;
    } catch {
        return false;
    }
};

/** Whether a value has the internal slot that makes it a Date. */
const isDate = (v) => typeof v === 'object' && v !== null && succeeds(dateValue, v);

/** Whether a value is a RegExp; on its prototype the flags read as undefined. */
function isRegExp(v) {
    if (typeof v !== 'object' || v === null) return false;
    try {
        return regExpFlag.g(v) !== undefined;
    } catch {
        return false;
    }
}

/** The kind of a wrapper object: `Boolean`, `Number`, `String`, `BigInt`, `Symbol`; else undefined. */
function boxed(v) {
    for (const kind in valueOf) if (succeeds(valueOf[kind], v)) return kind;
    return undefined;
}

/** Whether a value is a fibjs Buffer. */
function isBuffer(v) {
    const known = members.classes.Buffer;
    return known !== undefined && v instanceof known.Impl && (isView(v) || members.NativeObject.isNative(v));
}

/** Whether a value is a typed array (no DataView). */
const isTypedArray = (v) => isView(v) && typedArrayTag(v) !== undefined;

/** Whether a value is a String object; a failing test of a slot is dear, so it is made only where it may succeed. */
const isStringObject = (v) =>
    typeof v === 'object' &&
    v !== null &&
    (tagOf(v) === '[object String]' || toStringTag in v) &&
    succeeds(valueOf.String, v);

/** What an object is for the formatter: plain objects are told at once. */
function kindOf(v) {
    if (isArray(v)) return 'array';
    const proto = getPrototypeOf(v);
    if (proto === ObjectPrototype || proto === null) return tagOf(v) === '[object Object]' ? 'object' : slots(v);
    return slots(v);
}

function slots(v) {
    if (isBuffer(v)) return 'buffer';
    const tag = tagOf(v);
    // Only objects with an internal slot, or with a tag that hides it, are worth the tests.
    if (tag === '[object Object]' && !(toStringTag in v)) return 'object';
    if (isError(v)) return 'error';
    if (isTypedArray(v)) return 'typed';
    if (isDate(v)) return 'date';
    if (isRegExp(v)) return 'regexp';
    return boxed(v) ?? 'object';
}

// -- the inspect form --------------------------------------------------------------------------

const plain = (kind, text) => text;
const coloured = (kind, text) => COLORS[kind] + text + RESET;

/**
 * The inspect form of a value.
 * @param {any} value
 * @param {Function} paint `plain` or `coloured`
 * @param {object|null} limits `{ depth, maxArrayLength, maxStringLength }` of later versions
 */
function inspect(value, paint = plain, limits = null) {
    const seen = { first: null, set: null };
    const stack = [];
    let out = simple(value, paint, seen, limits, 0);
    let top = null;
    if (typeof out !== 'string') {
        push(stack, (top = out));
        out = '';
    }
    // One turn an entry, so that deep structures need no deep stack.
    while (top !== null) {
        if (top.at === top.count) {
            out += `${top.more}\n${top.indent}${top.close}`;
            pop(stack);
            top = stack.length === 0 ? null : stack[stack.length - 1];
            continue;
        }
        const index = top.at++;
        out += `${index === 0 ? top.open : ','}\n${top.indent}  `;
        const key = top.keys === null ? index : top.keys[index];
        if (top.keys !== null) out += isIndex(key) ? `${key}: ` : `${stringify(key)}: `;
        let item;
        try {
            item = top.object[key];
        } catch {
            item = undefined;
        }
        const made = simple(item, paint, seen, limits, stack.length);
        if (typeof made === 'string') out += made;
        else push(stack, (top = made));
    }
    return out;
}

function isIndex(key) {
    const first = charCodeAt(key, 0);
    return first >= 48 && first <= 57 && test(INDEX, key) && +key < 4294967295;
}

/** The text of a value without entries, or a frame for one that has some. */
function simple(v, paint, seen, limits, level) {
    switch (typeof v) {
        case 'string':
            return paint('string', quoted(v, limits));
        case 'number':
            return paint('number', v === 0 ? '0' : `${v}`);
        case 'boolean':
            return paint('number', v ? 'true' : 'false');
        case 'bigint':
            return paint('number', `${v}n`);
        case 'symbol':
            return '';
        case 'undefined':
            return paint('empty', 'undefined');
    }
    if (v === null) return paint('empty', 'null');
    if (typeof v === 'function') {
        const keys = keysOf(v);
        if (keys.length === 0) {
            const name = read(v, 'name');
            return paint('function', typeof name === 'string' && name !== '' ? `[Function ${name}]` : '[Function]');
        }
        return frame(v, 'object', keys, paint, seen, limits, level);
    }
    const kind = kindOf(v);
    switch (kind) {
        case 'error': {
            const stack = read(v, 'stack');
            return paint('error', text(stack));
        }
        case 'date':
            return paint('date', dateText(v));
        case 'regexp': {
            let flags = '';
            for (const flag in regExpFlag) if (regExpFlag[flag](v)) flags += flag;
            return paint('regexp', `/${regExpSource(v)}/${flags}`);
        }
        case 'buffer':
            return bufferText(v);
        case 'Boolean':
        case 'Number':
        case 'String':
        case 'BigInt':
            return simple(valueOf[kind](v), paint, seen, limits, level);
        case 'Symbol':
            return '{}';
    }
    return frame(v, kind, null, paint, seen, limits, level);
}

function frame(v, kind, keys, paint, seen, limits, level) {
    if (seen.first === null) seen.first = v;
    else if (seen.first === v) return paint('function', '[Circular]');
    else if (seen.set === null) setAdd((seen.set = new NativeSet()), v);
    else if (setHas(seen.set, v)) return paint('function', '[Circular]');
    else setAdd(seen.set, v);
    let object = v;
    if (kind === 'object' && keys === null) {
        const toArray = read(v, 'toArray');
        if (typeof toArray === 'function') {
            try {
                const made = apply(toArray, v, []);
                if (typeof made === 'object' && made !== null) {
                    object = made;
                    if (isArray(made)) kind = 'array';
                }
            } catch {
                // shown as it is
            }
        }
    }
    const list = kind === 'array' || kind === 'typed';
    if (list) keys = null;
    else keys ??= keysOf(object);
    let count = keys !== null ? keys.length : kind === 'typed' ? typedArrayLength(object) : object.length;
    if (count === 0) return list ? '[]' : '{}';
    let more = '';
    if (limits !== null) {
        if (level > limits.depth) return paint('function', list ? '[Array]' : '[Object]');
        if (list && count > limits.maxArrayLength) {
            const left = count - limits.maxArrayLength;
            count = limits.maxArrayLength;
            more = `${count === 0 ? '[' : ','}\n${repeat('  ', level + 1)}... ${left} more item${left === 1 ? '' : 's'}`;
        }
    }
    return {
        object,
        keys,
        count,
        at: 0,
        more,
        open: list ? '[' : '{',
        close: list ? ']' : '}',
        indent: repeat('  ', level),
    };
}

function quoted(v, limits) {
    if (limits === null || v.length <= limits.maxStringLength) return stringify(v);
    const left = v.length - limits.maxStringLength;
    return `${stringify(slice(v, 0, limits.maxStringLength))}... ${left} more character${left === 1 ? '' : 's'}`;
}

/** Enumerable string keys, own first and then inherited. */
function keysOf(object) {
    const keys = [];
    try {
        for (const key in object) push(keys, key);
    } catch {
        // a proxy whose trap throws
    }
    return keys;
}

function read(object, key) {
    try {
        return object[key];
    } catch {
        return undefined;
    }
}

function bufferText(buffer) {
    let out = '<Buffer';
    for (let i = 0; i < buffer.length; i++) out += ` ${HEX[buffer[i]]}`;
    return `${out}>`;
}

/** `String(v)`; nothing for symbols and what cannot be converted. */
function text(v) {
    if (typeof v === 'string') return v;
    if (typeof v === 'symbol') return '';
    try {
        return NativeString(v);
    } catch {
        return '';
    }
}

// -- format ------------------------------------------------------------------------------------

const INTEGER = /^[\t-\r ]*([+-]?\d+)/;

/** `%d`: the text as a decimal integer by C rules, of 32 bits. */
function integerText(v) {
    if (typeof v === 'symbol') return '';
    const match = exec(INTEGER, text(v));
    return match === null ? '0' : `${wrapped(match[1])}`;
}
const wrapped = (digits) =>
    NativeNumber(asIntN(32, NativeBigInt(charAt(digits, 0) === '+' ? slice(digits, 1) : digits)));

/**
 * `util.format`.
 * @param {Array} args the format, if it is a text, and its values
 * @param {boolean} [colors] whether values are coloured
 */
function format(args, colors = false) {
    const count = args.length;
    if (count === 0) return '';
    let out = '';
    let next = 0;
    const first = args[0];
    const paint = colors ? coloured : plain;
    if (typeof first === 'string' || isStringObject(first)) {
        next = 1;
        out = typeof first === 'string' ? first : valueOf.String(first);
        if (count === 1) return out;
        if (indexOf(out, '%') >= 0) {
            const fmt = out;
            out = '';
            let from = 0;
            for (;;) {
                const at = indexOf(fmt, '%', from);
                if (at < 0 || at === fmt.length - 1) break;
                const letter = fmt[at + 1];
                let made;
                if (letter === '%') made = '%';
                else if (next < count && letter === 's') made = text(args[next++]);
                else if (next < count && letter === 'd') made = integerText(args[next++]);
                else if (next < count && letter === 'j') made = inspect(args[next++], paint);
                else made = `%${letter}`;
                if (colors && letter === 'd' && made !== '%d' && made !== '') made = paint('number', made);
                out += slice(fmt, from, at) + made;
                from = at + 2;
            }
            out += slice(fmt, from);
        }
    }
    for (; next < count; next++) {
        const value = args[next];
        if (out !== '') out += ' ';
        if (typeof value === 'string') out += value;
        else if (isStringObject(value)) out += valueOf.String(value);
        else out += inspect(value, paint);
    }
    return out;
}

module.exports = {
    COLORS,
    RESET,
    boxed,
    coloured,
    format,
    inspect,
    isBuffer,
    isDate,
    isRegExp,
    isTypedArray,
    keysOf,
    plain,
    read,
    slots,
    succeeds,
    text,
};
