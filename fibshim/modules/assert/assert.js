// The `assert` module (spec/util-assert-test.md §7).
'use strict';

const { fail, members } = internal;
const { boxed, inspect } = require('util/format');
const NativeError = Error;
const { apply } = Reflect;

const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';
const isKind = (type, wrapper) => (v) =>
    typeof v === type || (typeof v === 'object' && v !== null && boxed(v) === wrapper);

/** Throw unless the condition holds; the default message is made only then. */
function expect(condition, msg, text) {
    if (!condition) throw new NativeError(msg !== '' ? msg : text());
}

const say = (a, words) => () => `expected ${inspect(a)} ${words}`;
const sayTwo = (a, words, e) => () => `expected ${inspect(a)} ${words} ${inspect(e)}`;

// -- comparisons -------------------------------------------------------------------------------

/** A number for `closeTo`; NaN is refused. */
function numeric(v) {
    const number = Number(v);
    if (number !== number) throw fail(100004);
    return number;
}

function close(a, e, delta) {
    return Math.abs(numeric(a) - numeric(e)) <= numeric(delta);
}

/** Order of two texts by their code points, which is that of their UTF-8 bytes. */
function compareTexts(a, b) {
    const left = a[Symbol.iterator]();
    const right = b[Symbol.iterator]();
    for (;;) {
        const x = left.next();
        const y = right.next();
        if (x.done || y.done) return (x.done ? 0 : 1) - (y.done ? 0 : 1);
        const difference = x.value.codePointAt(0) - y.value.codePointAt(0);
        if (difference !== 0) return difference;
    }
}

const isNumber = isKind('number', 'Number');

/** Negative, zero or positive, as `a` is below, equal to or above `b`. */
function order(a, b) {
    const first = isNumber(a);
    const second = isNumber(b);
    if ((first && Number(a) !== Number(a)) || (second && Number(b) !== Number(b))) throw fail(100004);
    if (first || second) {
        const x = Number(a);
        const y = Number(b);
        if (x === x && y === y) return x < y ? -1 : x > y ? 1 : 0;
    }
    return compareTexts(`${a}`, `${b}`);
}

// -- properties --------------------------------------------------------------------------------

/** The object that a property is looked for in. */
function owner(object, property) {
    if (typeof property !== 'string') throw fail(100004);
    if (typeof object === 'string') return Object(object);
    if (!isObject(object)) throw fail(100004);
    return object;
}

const has = (object, property) => property in owner(object, property);
const value = (object, property) => owner(object, property)[property];

/** Walk a dotted path to its last step. @returns {[any, string]} the object there, undefined if a step is missing */
function walk(object, path) {
    let at = owner(object, path);
    const steps = path.split('.');
    for (let i = 0; i < steps.length - 1; i++) {
        at = at[steps[i]];
        if (typeof at === 'string') at = Object(at);
        if (!isObject(at)) return [undefined, ''];
    }
    return [at, steps[steps.length - 1]];
}

function deepHas(object, path) {
    const [at, step] = walk(object, path);
    return at !== undefined && step in at;
}

function deepValue(object, path) {
    const [at, step] = walk(object, path);
    return at === undefined ? undefined : at[step];
}

// -- members -----------------------------------------------------------------------------------

const deepEqual = (a, b) => require('util/equal').deepEqual(a, b);
/** `==`; asked second, since the engine's is wrong for some long strings that were added up. */
const same = (a, e) => a === e || a == e;
const ok = (a, msg) => expect(a, msg, say(a, 'to be truthy'));

const impl = {
    ok,
    notOk: (a, msg) => expect(!a, msg, say(a, 'to be falsy')),
    equal: (a, e, msg) => expect(same(a, e), msg, sayTwo(a, 'to equal', e)),
    notEqual: (a, e, msg) => expect(!same(a, e), msg, sayTwo(a, 'to not equal', e)),
    strictEqual: (a, e, msg) => expect(a === e, msg, sayTwo(a, 'to strictly equal', e)),
    notStrictEqual: (a, e, msg) => expect(a !== e, msg, sayTwo(a, 'to not strictly equal', e)),
    deepEqual: (a, e, msg) => expect(deepEqual(a, e), msg, sayTwo(a, 'to deeply equal', e)),
    notDeepEqual: (a, e, msg) => expect(!deepEqual(a, e), msg, sayTwo(a, 'to not deeply equal', e)),
    closeTo: (a, e, delta, msg) =>
        expect(close(a, e, delta), msg, () => `${sayTwo(a, 'to be close to', e)()} +/- ${inspect(delta)}`),
    notCloseTo: (a, e, delta, msg) =>
        expect(!close(a, e, delta), msg, () => `${sayTwo(a, 'not to be close to', e)()} +/- ${inspect(delta)}`),
    lessThan: (a, e, msg) => expect(order(a, e) < 0, msg, sayTwo(a, 'to be below', e)),
    notLessThan: (a, e, msg) => expect(order(a, e) >= 0, msg, sayTwo(a, 'to be at least', e)),
    greaterThan: (a, e, msg) => expect(order(a, e) > 0, msg, sayTwo(a, 'to be above', e)),
    notGreaterThan: (a, e, msg) => expect(order(a, e) <= 0, msg, sayTwo(a, 'to be at most', e)),
    exist: (a, msg) => expect(a !== undefined && a !== null, msg, say(a, 'to be true')),
    notExist: (a, msg) => expect(a === undefined || a === null, msg, say(a, 'not to be true')),
    isUndefined: (a, msg) => expect(a === undefined, msg, say(a, 'to be undefined')),
    isDefined: (a, msg) => expect(a !== undefined, msg, say(a, 'not to be undefined')),
    property: (o, p, msg) => expect(has(o, p), msg, sayTwo(o, 'to have a property', p)),
    notProperty: (o, p, msg) => expect(!has(o, p), msg, sayTwo(o, 'to not have a property', p)),
    deepProperty: (o, p, msg) => expect(deepHas(o, p), msg, sayTwo(o, 'to have a deep property', p)),
    notDeepProperty: (o, p, msg) => expect(!deepHas(o, p), msg, sayTwo(o, 'to not have a deep property', p)),
    throws(fn, msg) {
        try {
            apply(fn, undefined, []);
        } catch {
            return;
        }
        throw new NativeError(msg !== '' ? msg : 'Missing expected exception.');
    },
    doesNotThrow(fn, msg) {
        try {
            apply(fn, undefined, []);
        } catch {
            throw new NativeError(msg !== '' ? msg : 'Got unwanted exception.');
        }
    },
    ifError(error) {
        if (error) throw error;
    },
};

/** `propertyVal`, `deepPropertyVal` and their negations. */
function valueMembers(prefix, read, words) {
    impl[`${prefix}Val`] = (o, p, v, msg) => {
        const got = read(o, p);
        expect(
            same(got, v),
            msg,
            () => `${sayTwo(o, `to have a ${words}`, p)()} of ${inspect(v)}, but got ${inspect(got)}`,
        );
    };
    impl[`${prefix}NotVal`] = (o, p, v, msg) => {
        const got = read(o, p);
        expect(!same(got, v), msg, () => `${sayTwo(o, `not to have a ${words}`, p)()} of ${inspect(v)}`);
    };
}
valueMembers('property', value, 'property');
valueMembers('deepProperty', deepValue, 'deep property');

/** Kinds by the word that messages use; `is<Kind>` and `isNot<Kind>` are made of them. */
const KINDS = {
    true: (v) => v === true,
    false: (v) => v === false,
    null: (v) => v === null,
    function: (v) => typeof v === 'function',
    object: isObject,
    array: Array.isArray,
    string: isKind('string', 'String'),
    number: isNumber,
    boolean: isKind('boolean', 'Boolean'),
};
for (const word of Object.keys(KINDS)) {
    const name = word[0].toUpperCase() + word.slice(1);
    const is = KINDS[word];
    impl[`is${name}`] = (a, msg) => expect(is(a), msg, say(a, `to be ${word}`));
    impl[`isNot${name}`] = (a, msg) => expect(!is(a), msg, say(a, `not to be ${word}`));
}

const NAMED = ['array', 'function', 'string', 'object', 'number', 'boolean', 'null', 'undefined'];
const memberOf = (type, negated) => {
    if (!NAMED.includes(type)) throw fail(100004);
    if (type === 'undefined') return negated ? impl.isDefined : impl.isUndefined;
    return impl[(negated ? 'isNot' : 'is') + type[0].toUpperCase() + type.slice(1)];
};
impl.typeOf = (a, type, msg) => memberOf(type, false)(a, msg);
impl.notTypeOf = (a, type, msg) => memberOf(type, true)(a, msg);

const assert = members.method(
    'assert',
    [
        ['Value', 'undefined'],
        ['String', '""'],
    ],
    ok,
    { hasResult: false },
);
members.module('assert', impl, { target: assert });
delete assert.Function; // the signature's word for the call itself

module.exports = assert;
