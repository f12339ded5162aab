// Predicates of `util` and `util.types` (spec/util-assert-test.md §2): they look at internal slots, not at prototypes.
'use strict';

const { glue } = internal;
const { boxed, isBuffer, isDate, isRegExp, isTypedArray, succeeds } = require('./format');
const { uncurry } = glue;
const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const isError = Error.isError;
const NativePromise = Promise;
const resolve = Promise.resolve;
const mapSize = uncurry(getOwnPropertyDescriptor(Map.prototype, 'size').get);
const setSize = uncurry(getOwnPropertyDescriptor(Set.prototype, 'size').get);
const typedArrayTag = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);
const MapIterator = getPrototypeOf(new Map().entries());
const SetIterator = getPrototypeOf(new Set().entries());
const AsyncFunction = async function () {}.constructor;
const AsyncGeneratorFunction = async function* () {}.constructor;

const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';
const isThing = (v) => typeof v === 'object' && v !== null;
const isWrapped = (v, kind) => isThing(v) && boxed(v) === kind;
const tagged = (name) => (v) => isView(v) && typedArrayTag(v) === name;

/** `Promise.resolve` gives back what is a promise and has the constructor asked for. */
function isPromise(v) {
    if (!isThing(v)) return false;
    try {
        const { constructor } = v;
        return v instanceof NativePromise && apply(resolve, constructor, [v]) === v;
    } catch {
        return false;
    }
}

const isAsyncFunction = (v) =>
    typeof v === 'function' && (v instanceof AsyncFunction || v instanceof AsyncGeneratorFunction);

/** Empty in the sense of `util.isEmpty`. */
function isEmpty(v) {
    if (typeof v === 'string') return v === '';
    if (!isObject(v)) return true;
    if (isArray(v)) return v.length === 0;
    return Object.keys(v).length === 0;
}

const predicates = {
    isEmpty,
    isArray: (v) => isArray(v),
    isBoolean: (v) => typeof v === 'boolean' || isWrapped(v, 'Boolean'),
    isNull: (v) => v === null,
    isNullOrUndefined: (v) => v === null || v === undefined,
    isNumber: (v) => typeof v === 'number' || isWrapped(v, 'Number'),
    isBigInt: (v) => typeof v === 'bigint' || isWrapped(v, 'BigInt'),
    isString: (v) => typeof v === 'string' || isWrapped(v, 'String'),
    isUndefined: (v) => v === undefined,
    isRegExp,
    isObject,
    isDate,
    isNativeError: (v) => isError(v),
    isPrimitive: (v) => !isObject(v),
    isSymbol: (v) => typeof v === 'symbol',
    isDataView: (v) => isView(v) && !isTypedArray(v),
    isExternal: () => false,
    isMap: (v) => isThing(v) && succeeds(mapSize, v),
    isMapIterator: (v) => isThing(v) && getPrototypeOf(v) === MapIterator,
    isPromise,
    isAsyncFunction,
    isSet: (v) => isThing(v) && succeeds(setSize, v),
    isSetIterator: (v) => isThing(v) && getPrototypeOf(v) === SetIterator,
    isTypedArray,
    isUint8Array: tagged('Uint8Array'),
    isFunction: (v) => typeof v === 'function',
    isBuffer: (v) => isThing(v) && isBuffer(v),
};

const ARRAYS = ['Float32', 'Float64', 'Int8', 'Int16', 'Int32', 'Uint8Clamped', 'Uint16', 'Uint32'];

/** `util.types` of later versions: each predicate takes one value. */
function makeTypes(method) {
    const types = {};
    const all = { ...predicates };
    for (const name of ARRAYS) all[`is${name}Array`] = tagged(`${name}Array`);
    for (const name of Object.keys(all)) types[name] = method('types', [['Value']], all[name]);
    return types;
}

module.exports = { AsyncFunction, isAsyncFunction, isObject, makeTypes, predicates };
