// The `util` module (spec/util-assert-test.md §1 to §6).
'use strict';

const { fail, glue, members, ops } = internal;
const { coloured, format, inspect, plain } = require('./format');
const { makeTypes, predicates } = require('./kinds');
const helpers = require('./helpers');
const native = ops('util');

/** A number of an option; what is missing, null or Infinity limits nothing. */
const limit = (value) => {
    if (value === undefined || value === null) return Infinity;
    const number = Number(value);
    return number === number ? Math.max(0, number) : Infinity;
};

/** `util.inspect`: any value, with the options of later versions where they are given. */
function inspectWith(value, options) {
    if (options.table) return require('./table').table(value, options.fields);
    const { depth, maxArrayLength, maxStringLength } = options;
    const limits =
        depth === undefined && maxArrayLength === undefined && maxStringLength === undefined
            ? null
            : { depth: limit(depth), maxArrayLength: limit(maxArrayLength), maxStringLength: limit(maxStringLength) };
    return inspect(value, options.colors ? coloured : plain, limits);
}

const SPACE = /\s/;

/** Split a command line into arguments: quotes keep blanks, a backslash keeps the next character. */
function parseArgs(command) {
    const list = [];
    let word = null;
    let quote = '';
    for (let i = 0; i < command.length; i++) {
        const c = command[i];
        if (c === '\\' && quote !== "'" && i + 1 < command.length && (quote === '' || '"\\'.includes(command[i + 1])))
            word = (word ?? '') + command[++i];
        else if (quote !== '') {
            if (c === quote) quote = '';
            else word += c;
        } else if (c === '"' || c === "'") {
            quote = c;
            word ??= '';
        } else if (SPACE.test(c)) {
            if (word !== null) list.push(word);
            word = null;
        } else word = (word ?? '') + c;
    }
    if (word !== null) list.push(word);
    return list;
}

/** Compile a script to what a `.jsc` file holds. */
function compile(name, script, mode) {
    if (mode < 0 || mode > 2) throw fail(100004);
    if (!native.check(script)) {
        const error = glue.slot[0];
        glue.slot[0] = 0;
        try {
            throw require('core/report').syntaxError(error);
        } finally {
            native.checked();
        }
    }
    return require('buffer').from(native.pack(name, script, mode));
}

let types;
const impl = {
    format: (...args) => format(args),
    inspect: inspectWith,
    deprecate: (fn) => fn,
    compile,
    buildInfo: () => require('./buildinfo').buildInfo(),
    isDeepEqual: (a, b) => require('./equal').deepEqual(a, b),
    parseArgs,
    sync: (func, isAsync) => require('./sync').sync(func, isAsync),
    promisify: (func) => require('./sync').promisify(func),
    callbackify: (func) => require('./sync').callbackify(func),
    debuglog: (section, fn) => require('./debuglog').debuglog(section, fn),
    debug: (section, fn) => require('./debuglog').debuglog(section, fn),
    get LruCache() {
        return require('./lru').LruCache;
    },
    get TextEncoder() {
        return require('./encoding').TextEncoder;
    },
    get TextDecoder() {
        return require('./encoding').TextDecoder;
    },
    get types() {
        return (types ??= makeTypes(members.method));
    },
    ...predicates,
    ...helpers,
};

const util = members.module('util', impl, {
    later: [
        'TextDecoder', 'TextEncoder', 'types', 'debuglog', 'debug', 'isDeepEqual', 'parseArgs', 'promisify', 'callbackify',
    ], // prettier-ignore
});
Object.defineProperty(util, 'inspect', {
    value: members.method('util', [['Value'], ['Object', '{}']], inspectWith),
    writable: true,
    configurable: true,
    enumerable: true,
});

module.exports = util;
