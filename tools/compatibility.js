// The survey behind docs/compatibility.md: looks at every member of the API as a script of the running version finds it.
// Runs as a main script with two more globals: `internal`, and `survey(text)`, which takes the result.
'use strict';

const { members } = internal;
const { getOwnPropertyDescriptor } = Reflect;
const input = JSON.parse(require('fs').readFile(argv[2], 'utf8'));

/** Objects of the API that are no modules. */
const PLACES = {
    constants: () => require('constants'),
    console: () => console,
    global: () => globalThis,
    path_posix: () => require('path').posix,
    path_win32: () => require('path').win32,
    fs_constants: () => require('fs').constants,
    crypto_constants: () => require('crypto').constants,
    webcrypto: () => require('crypto').webcrypto,
    subtle: () => require('crypto').webcrypto.subtle,
    multibase: () => require('encoding').multibase,
    performance: () => require('perf_hooks').performance,
    types: () => require('util').types,
    zlib_constants: () => require('zlib').constants,
};

/** What scripts get as parameters. */
const given = { __filename, __dirname, require, run, exports, module, argv, repl };
// Workers get one parameter more.
if (input.worker.includes('Master') && !members.isAbsent(require('coroutine').Worker)) given.Master = undefined;

const errorText = (error) => (error instanceof Error ? error.message : `${error}`);

/** The descriptor of a member, wherever in the prototype chain it is. */
function find(object, name) {
    for (let o = object; o !== null && o !== undefined; o = Object.getPrototypeOf(o)) {
        const found = getOwnPropertyDescriptor(o, name);
        if (found !== undefined) return found;
    }
    return undefined;
}

const problems = [];
const problem = (owner, name, text) => problems.push(`${owner}.${name}: ${text}`);

/** The text of what a piece of code throws, primitive strings as they are; undefined if it does not throw. */
function thrown(code) {
    try {
        code();
    } catch (error) {
        return error;
    }
    return undefined;
}

/** Whether a member is there, and of the declared kind: works, unsupported or missing. */
function state(owner, target, self, [name, kind, flags, type], isLater) {
    // The declaration of a module that can be called itself.
    if (kind === 'method' && name === 'Function') return typeof target === 'function' ? 'works' : 'missing';
    const found = find(target, name);
    if (found === undefined) return 'missing';
    if (kind === 'property') {
        if ('value' in found) {
            // Standard globals of the engine, and what scripts get as parameters.
            if (owner !== 'global') problem(owner, name, 'is a value instead of an accessor');
            return 'works';
        }
        if (members.isAbsent(found.get)) return 'unsupported';
        if (typeof found.get !== 'function') problem(owner, name, 'has no getter');
        if (flags.includes('r') && self !== null) {
            const error = thrown(() => (self[name] = 1));
            const wanted = `Property '${name}' is read-only.`;
            if (error !== wanted) problem(owner, name, `assigning throws ${error} instead of the text "${wanted}"`);
        }
        return 'works';
    }
    const value = target[name];
    if (kind === 'method') {
        if (typeof value !== 'function') {
            problem(owner, name, `is of type ${typeof value} instead of a function`);
            return 'works';
        }
        if (members.isAbsent(value)) return 'unsupported';
        if (flags.includes('a')) {
            if (target[`${name}Sync`] !== value) problem(owner, name, 'has no Sync form of its own');
            if (typeof target[`${name}Async`] !== 'function') problem(owner, name, 'has no Async form');
        }
        return 'works';
    }
    if (kind === 'const') {
        // Constants that came later are those of the system; what is declared of them was read on another one.
        if (`${value}` !== `${type}` && type !== null && type !== '' && !isLater)
            problem(owner, name, `is ${value}, declared as ${type}`);
        if ((found.writable || found.set) && !isLater) problem(owner, name, 'is a constant that can be assigned');
        return 'works';
    }
    if (typeof value === 'function' && members.isAbsent(value)) return 'unsupported';
    if (
        typeof value !== 'function' &&
        ((kind === 'class' && !input.modules.includes(type)) || typeof value !== 'object' || value === null)
    )
        problem(owner, name, `is of type ${typeof value} instead of a ${kind}`);
    return 'works';
}

const rank = ['missing', 'unsupported', 'works'];

/** Enter the states of the members of one module or class. */
function survey(name, targetOf, selfOf, reason) {
    const known = members.signature(name);
    const result = { members: {}, later: {}, reason, extends: known.extends ?? '' };
    for (const isLater of [false, true]) {
        const into = isLater ? result.later : result.members;
        for (const row of isLater ? known.later : known.members) {
            let found = 'missing';
            if (reason === '') {
                const target = targetOf(row);
                found = target === null ? 'works' : state(name, target, selfOf(row), row, isLater);
            }
            if (rank.indexOf(found) >= rank.indexOf(into[row[0]] ?? 'missing')) into[row[0]] = found;
        }
    }
    return result;
}

/** A class that is a member of a module and no native one. */
function plainClass(name) {
    for (const place of [globalThis, ...Object.values(result.modules).map((item) => item.target)]) {
        const found = place === undefined ? undefined : find(place, name);
        if (typeof found?.value !== 'function' && found?.get === undefined) continue;
        const make = place[name];
        if (typeof make === 'function' && !members.isAbsent(make)) return { make, Impl: null };
    }
    return undefined;
}

const result = { modules: {}, classes: {}, problems };

for (const name of input.modules) {
    let target;
    let reason = '';
    try {
        target = PLACES[name] ? PLACES[name]() : require(name);
        if (target === undefined || target === null) reason = 'not there';
    } catch (error) {
        reason = errorText(error);
    }
    result.modules[name] = survey(
        name,
        ([member]) => (name === 'global' && member in given ? given : target),
        ([member]) => (name === 'global' && member in given ? null : target),
        reason,
    );
    // Not part of the result: JSON leaves functions and hidden properties out.
    Object.defineProperty(result.modules[name], 'target', { value: target });
}

// Classes are made on first use: everything that belongs to a module has to be loaded.
for (const file of input.files) {
    try {
        internal.load(file);
    } catch (error) {
        problems.push(`${file}: ${errorText(error)}`);
    }
}

for (const name of input.classes) {
    if (name === 'object') {
        const timer = setTimeout(() => {}, 0);
        clearTimeout(timer);
        result.classes[name] = survey(
            name,
            () => timer,
            () => null,
            '',
        );
        continue;
    }
    const item = members.classes[name] ?? plainClass(name);
    if (item === undefined) {
        result.classes[name] = survey(name, null, null, 'not there');
        continue;
    }
    const { make, Impl } = item;
    // An object of the class as far as the check of `this` can see; its implementation is never reached.
    const self = Impl === null ? null : Reflect.construct(members.NativeObject, [], Impl);
    const own = (row) => {
        if (row[1] === 'constructor' || row[0].startsWith('operator')) return null;
        return row[2].includes('s') || row[1] === 'const' ? make : make.prototype;
    };
    result.classes[name] = survey(name, own, (row) => (row[2].includes('s') ? make : self), '');
}

globalThis.survey(JSON.stringify(result));
