// Members of native classes and modules: how they are called (spec/fibers-and-runtime.md §2).
//
// A member is an implementation plus its signature, which is data (`core/api/NAME.json`).  From both come the argument
// matching, the callback form, the `…Sync` and `…Async` names, `promises`, read-only properties, the classes' `toString`
// and `toJSON`.  The matching of the first, strict pass is generated code, made when a member is first called; only what
// does not fit goes through the interpreter below it.
'use strict';

const { fail, fibers, callbackId, ops } = internal;
const core = ops('core.native');
const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const NativeFunction = Function;
const NativePromise = Promise;
const ObjectPrototype = Object.prototype;
const isArray = Array.isArray;
const MAX = 2147483647;
const { uncurry, push, join } = internal.glue;
const slice = uncurry(Array.prototype.slice);
const { trunc } = Math;
const { parse } = JSON;
const NativeNumber = Number;
const NativeBigInt = BigInt;
const asIntN = BigInt.asIntN;
const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number;
const unbox = (v) => (v instanceof NativeNumber ? apply(numberValue, v, []) : apply(bigintValue, v, []));
const numberValue = Number.prototype.valueOf;
const bigintValue = BigInt.prototype.valueOf;

const signatures = { __proto__: null };

/** The signature file of a module or class. */
function signature(name) {
    return (signatures[name] ??= JSON.parse(core.signature(name)));
}

/** Classes by their fibjs name: `{ Impl, make }`. */
const classes = { __proto__: null };

// -- types -------------------------------------------------------------------------------------

/** What a conversion returns that did not fit; `why` has the number. */
const bad = { why: 100005 };
const refuse = (number) => {
    bad.why = number;
    return bad;
};

const isPlain = (v) => {
    if (typeof v !== 'object' || v === null) return false;
    const proto = getPrototypeOf(v);
    // Plain objects of another realm (vm.SandBox with its own global) count as well.
    return proto === ObjectPrototype || (proto !== null && getPrototypeOf(proto) === null && isForeign(proto));
};
const isForeign = (proto) => {
    const made = getOwnPropertyDescriptor(proto, 'constructor')?.value;
    return (
        typeof made === 'function' &&
        made.name === 'Object' &&
        getOwnPropertyDescriptor(proto, 'hasOwnProperty') !== undefined
    );
};

function toInteger(v, loose) {
    let kind = typeof v;
    if (kind === 'object' && v !== null) {
        if (v instanceof NativeNumber || v instanceof NativeBigInt) v = unbox(v);
        else if (!loose) return refuse(100005);
        kind = typeof v;
    }
    if (kind === 'bigint') {
        if (v > 2147483647n || v < -2147483648n) return refuse(100006);
        return NativeNumber(v);
    }
    if (kind !== 'number') {
        if (!loose || kind === 'undefined') return refuse(100005);
        v = NativeNumber(v);
    }
    if (v !== v) return refuse(100005);
    v = trunc(v);
    if (v > MAX || v < -MAX - 1) return refuse(100006);
    return v | 0;
}

function toLong(v, loose) {
    let kind = typeof v;
    if (kind === 'object' && v !== null) {
        if (v instanceof NativeNumber || v instanceof NativeBigInt) v = unbox(v);
        else if (!loose) return refuse(100005);
        kind = typeof v;
    }
    if (kind === 'bigint') return asIntN(64, v) === v ? v : refuse(100006);
    if (kind !== 'number') {
        if (!loose || kind === 'undefined') return refuse(100005);
        v = NativeNumber(v);
    }
    if (v !== v) return refuse(100005);
    v = trunc(v);
    if (v > MAX_SAFE_INTEGER || v < MIN_SAFE_INTEGER) return refuse(100006);
    return NativeBigInt(v);
}

/** Conversions by declared type: `(value, loose) => converted | bad`. */
const types = {
    __proto__: null,
    Value: (v) => v,
    String(v, loose) {
        if (typeof v === 'string') return v;
        if (v instanceof String) return String(v);
        return loose ? `${v}` : refuse(100005);
    },
    Number(v, loose) {
        if (typeof v === 'number') return v === v ? v : refuse(100005);
        if (v instanceof NativeNumber) return unbox(v) === unbox(v) ? unbox(v) : refuse(100005);
        if (!loose || v === undefined) return refuse(100005);
        v = NativeNumber(v);
        return v === v ? v : refuse(100005);
    },
    Integer: toInteger,
    Long: toLong,
    Boolean(v, loose) {
        if (typeof v === 'boolean') return v;
        if (v instanceof Boolean) return true;
        return loose ? !!v : refuse(100005);
    },
    Function: (v) => (typeof v === 'function' ? v : refuse(100005)),
    Array: (v) => (isArray(v) ? v : refuse(100005)),
    Date: (v) => (v instanceof Date ? v : refuse(100005)),
    Object: (v) => (isPlain(v) ? v : refuse(100005)),
};

/**
 * Let a module say how values of a type are recognised and coerced.
 * @param {Function} convert `(value, loose) => converted | refuse(number)`
 * @param {Function} [test] `(value) => boolean`: the value is taken as it is, for the fast pass
 * @param {Function} [fromText] what `convert` makes of a string, for the fast pass of members with one overload
 */
function defineType(name, convert, test, fromText) {
    types[name] = convert;
    if (test !== undefined) tests[name] = test;
    if (fromText !== undefined) textTypes[name] = fromText;
}

/** Types that strings are converted to at once where nothing else could have taken them. */
const textTypes = { __proto__: null };

function convert(type, value, loose) {
    const known = types[type];
    if (known !== undefined) return known(value, loose);
    const item = classes[type];
    if (item !== undefined && value instanceof item.Impl) return value;
    return refuse(100005);
}

/** Types whose fast test is a call. */
const tests = { __proto__: null, Array: isArray, Object: isPlain, Date: (v) => v instanceof Date };

/** The fast test in generated code that a value already is what is declared. */
const TESTS = {
    __proto__: null,
    Value: () => 'true',
    String: (v) => `typeof ${v} === 'string'`,
    Boolean: (v) => `typeof ${v} === 'boolean'`,
    Integer: (v) => `(typeof ${v} === 'number' && (${v} | 0) === ${v})`,
    Number: (v) => `(typeof ${v} === 'number' && ${v} === ${v})`,
    Function: (v) => `typeof ${v} === 'function'`,
};

const CONSTANTS = {
    __proto__: null,
    'console.ERROR': 3,
    'ws.BINARY': 2,
    AF_INET: 2,
    'net.AF_INET': 2,
    'net.SOCK_STREAM': 1,
    DEFAULT_COMPRESSION: -1,
    ZIP_DEFLATED: 8,
    'hash.SHA1': 2,
};
const defaultValue = (text) => {
    if (text in CONSTANTS) return CONSTANTS[text];
    if (text === 'undefined') return undefined;
    if (text === '{}') return {};
    if (text === '[]') return [];
    if (text[0] === '0' && text.length > 1) return NativeNumber(`0o${text}`);
    const value = parse(text);
    return (value | 0) === value ? value | 0 : value;
};
const isFresh = (text) => text === '{}' || text === '[]';

// -- matching ----------------------------------------------------------------------------------

/** An overload as matching needs it. */
function overload(params) {
    const rest = params.length > 0 && params[params.length - 1][0] === '...';
    const list = rest ? slice(params, 0, -1) : params;
    let required = 0;
    for (let i = 0; i < list.length; i++) if (list[i][1] === null || list[i][1] === undefined) required = i + 1;
    return { list, rest, required };
}

const overloadsOf = (lists) => {
    const out = [];
    for (let i = 0; i < lists.length; i++) push(out, overload(lists[i]));
    return out;
};

/** One implementation for each overload. */
const implsOf = (list, impl) => {
    const out = [];
    for (let i = 0; i < list.length; i++) push(out, isArray(impl) ? impl[i] : impl);
    return out;
};

/** One overload against the arguments: the converted list, or `bad`. */
function tryOverload({ list, rest, required }, args, loose) {
    let count = args.length;
    if (!rest) while (count > required && args[count - 1] === undefined) count--;
    if (!rest && count > list.length) return refuse(100001);
    if (count < required) return refuse(100002);
    const out = [];
    for (let i = 0; i < list.length; i++) {
        const type = list[i][0];
        const text = list[i][1];
        const value = i < count ? args[i] : undefined;
        if (i >= count || (value === undefined && text !== null && text !== undefined)) {
            push(out, defaultValue(text));
            continue;
        }
        const made = convert(type, value, loose);
        if (made === bad) return bad;
        push(out, made);
    }
    if (rest) for (let i = list.length; i < count; i++) push(out, args[i]);
    return out;
}

/**
 * Match arguments by the rules of §2.2.
 * @returns {Array} the converted arguments; `matched` is the index of the overload
 */
function match(overloads, args) {
    for (let pass = 0; pass < 2; pass++) {
        if (pass === 1 && bad.why !== 100001 && bad.why !== 100002 && bad.why !== 100005) break;
        for (let i = 0; i < overloads.length; i++) {
            const made = tryOverload(overloads[i], args, pass === 1);
            if (made !== bad) {
                matched = i;
                return made;
            }
        }
    }
    throw fail(bad.why);
}
let matched = 0;

/**
 * Generate the strict pass: `(self, args) => result`; what it cannot take goes to `slow`.
 * The implementation is called without anything in between: stack is what a blocked fiber costs.  With `direct` the
 * result is the member's function itself.
 */
function generate(overloads, impls, slow, hasResult, { check, keys, plain, callback, direct }) {
    const back = hasResult ? 'return ' : 'return void ';
    let code = check ? 'check(self); const n = args.length;' : 'const n = args.length;';
    if (callback) code += "if (n !== 0 && typeof args[n - 1] === 'function') return callback(self, args);";
    const seen = { slow, check, callback };
    for (let k = 0; k < overloads.length; k++) {
        const { list, rest, required } = overloads[k];
        const tail = rest ? '' : required === list.length ? '' : ` && n <= ${list.length}`;
        const conditions = [`n ${tail === '' && !rest ? '===' : '>='} ${required}${tail}`];
        const values = [];
        // An overload that cannot be tested ends the generation: a later one must not get what is its.
        let possible = true;
        for (let i = 0; i < list.length && possible; i++) {
            const type = list[i][0];
            const text = list[i][1];
            const given = `args[${i}]`;
            // A whole number may be a double inside the engine (4 / 2), and would cross as one.
            let v = type === 'Integer' ? `(${given} | 0)` : given;
            let test;
            if (TESTS[type]) test = TESTS[type](given);
            else if (tests[type] || classes[type]) {
                const Impl = classes[type]?.Impl;
                seen[`t${k}_${i}`] = tests[type] ?? ((value) => value instanceof Impl);
                test = `t${k}_${i}(${given})`;
            } else {
                possible = false;
                break;
            }
            if (overloads.length === 1 && textTypes[type] !== undefined) {
                seen[`c${k}_${i}`] = textTypes[type];
                v = `(typeof ${given} === 'string' ? c${k}_${i}(${given}) : ${given})`;
                test = `(typeof ${given} === 'string' || ${test})`;
            }
            if (i < required) {
                if (test !== 'true') push(conditions, test);
                push(values, v);
                continue;
            }
            if (type === 'Value') test = `${given} !== undefined`;
            push(conditions, `(n <= ${i} || ${test})`);
            if (isFresh(text)) seen[`d${k}_${i}`] = () => defaultValue(text);
            else seen[`d${k}_${i}`] = defaultValue(text);
            push(values, `(n > ${i} ? ${v} : d${k}_${i}${isFresh(text) ? '()' : ''})`);
        }
        if (!possible) break;
        seen[`f${k}`] = keys ? keys[k] : impls[k];
        const condition = join(conditions, ' && ');
        if (rest && keys)
            code += `if (${condition}) ${back}apply(self[f${k}], self, ${list.length === 0 ? 'args' : `[${join(values, ', ')}, ...slice(args, ${list.length})]`});`;
        else if (rest && list.length === 0) code += `if (${condition}) ${back}apply(f${k}, self, args);`;
        else if (rest)
            code += `if (${condition}) ${back}apply(f${k}, self, [${join(values, ', ')}, ...slice(args, ${list.length})]);`;
        else if (keys) code += `if (${condition}) ${back}self[f${k}](${join(values, ', ')});`;
        else if (plain) code += `if (${condition}) ${back}f${k}(${join(values, ', ')});`;
        else code += `if (${condition}) ${back}call(${join([`f${k}`, 'self', ...values], ', ')});`;
    }
    code += 'return slow(self, args);';
    seen.apply = apply;
    seen.call = call;
    seen.slice = slice;
    const names = ownKeys(seen);
    const body = direct
        ? `return { [direct](...args) { const self = this; ${code} } }[direct];`
        : `return (self, args) => { ${code} };`;
    seen.direct = direct;
    push(names, 'direct');
    return construct(NativeFunction, [...names, `'use strict'; ${body}`])(...valuesOf(seen, names));
}
const call = Function.prototype.call.bind(Function.prototype.call);
const valuesOf = (object, names) => {
    const out = [];
    for (let i = 0; i < names.length; i++) push(out, object[names[i]]);
    return out;
};

const noOptions = { check: null, keys: null, plain: false, callback: null, direct: '' };

/**
 * What takes raw arguments: `box.run(self, args)`; undefined if the signature has no result.
 * @param {Array} overloads parameter lists of the signature
 * @param {Function|Function[]} impl one function for all overloads or one each
 * @param {object} [options] `check` of `this`; `keys`, under which `this` has the implementations; `plain`: they need no
 *     `this`; `callback`: takes over when the last argument is a function; `direct`: the name of a member whose function
 *     is to be generated now and returned (hot paths)
 */
function matcher(overloads, impl, hasResult = true, options = noOptions) {
    const list = overloadsOf(overloads);
    const impls = implsOf(list, impl);
    const slow = (self, args) => {
        const made = match(list, args);
        const result = apply(impls[matched], self, made);
        return hasResult ? result : undefined;
    };
    if (options.direct !== '') return generate(list, impls, slow, hasResult, options);
    const box = {
        run(self, args) {
            box.run = generate(list, impls, slow, hasResult, options);
            return box.run(self, args);
        },
    };
    return box;
}

// -- call forms --------------------------------------------------------------------------------

/** Run a blocking function in a fiber of its own and then the callback. */
function background(fn, self, args, callback, hasResult) {
    fibers.start(
        () => {
            let result;
            try {
                result = apply(fn, self, args);
            } catch (error) {
                callback(error);
                return;
            }
            if (hasResult) callback(undefined, result);
            else callback(undefined);
        },
        [],
        undefined,
    );
}

/** The callback as a script gets it: `this` undefined, one argument on failure. */
const scriptCallback = (callback, hasResult) => (error, result) => {
    if (error !== undefined) call(callback, undefined, error);
    else if (hasResult) call(callback, undefined, undefined, result);
    else call(callback, undefined, undefined);
};

/**
 * Start an async implementation in callback form.  An op's stub starts its operation at once; anything else runs in a
 * fiber of its own.
 */
function startAsync(impl, self, args, callback, hasResult) {
    if (impl.later !== undefined) {
        impl.later(callbackId(scriptCallback(callback, hasResult)), ...args);
        return;
    }
    background(impl, self, args, scriptCallback(callback, hasResult), hasResult);
}

/** As `matcher`, for an async member. */
function asyncMatcher(overloads, impl, hasResult, options = noOptions) {
    const list = overloadsOf(overloads);
    const impls = implsOf(list, impl);
    const returned = hasResult ? null : undefined;
    const callback = (self, args) => {
        const made = match(list, slice(args, 0, -1));
        startAsync(impls[matched], self, made, args[args.length - 1], hasResult);
        return returned;
    };
    return matcher(overloads, impl, hasResult, { ...options, callback });
}

/** The function of a member: `name`, length 0. */
function memberFunction(name, box) {
    return {
        [name](...args) {
            return box.run(this, args);
        },
    }[name];
}

/** A native function: `name`, length 0. */
function nativeFunction(name, run) {
    return {
        [name](...args) {
            return run(this, args);
        },
    }[name];
}

/** The promise form of an async member. */
function promiseForm(name, overloads, impl, hasResult) {
    const list = overloadsOf(overloads);
    const impls = implsOf(list, impl);
    return nativeFunction(name, (self, args) => {
        const made = match(list, args);
        const chosen = impls[matched];
        return new NativePromise((resolve, reject) => {
            startAsync(
                chosen,
                self,
                made,
                (error, result) => (error !== undefined ? reject(error) : resolve(result)),
                hasResult,
            );
        });
    });
}

// -- properties --------------------------------------------------------------------------------

const readOnly = (name) => () => {
    throw `Property '${name}' is read-only.`;
};

/** Assigning coerces at once. */
function setter(type, set) {
    return (self, value) => {
        const made = convert(type, value, true);
        if (made === bad) throw fail(bad.why);
        apply(set, self, [made]);
    };
}

/** Lazily evaluated property of a module or prototype that a script may overwrite. */
function lazy(target, key, make, enumerable = true) {
    defineProperty(target, key, {
        configurable: true,
        enumerable,
        get() {
            const value = make();
            defineProperty(target, key, { value, writable: true, configurable: true, enumerable });
            return value;
        },
        set(value) {
            defineProperty(target, key, { value, writable: true, configurable: true, enumerable });
        },
    });
}

const groups = (members) => {
    const found = new Map();
    for (const item of members) {
        const list = found.get(item[0]);
        if (list === undefined) found.set(item[0], [item]);
        else list.push(item);
    }
    return found;
};

/** What stands for members without implementation: functions and getters that only throw. */
const absent = new WeakSet();
const addAbsent = uncurry(WeakSet.prototype.add);
const hasAbsent = uncurry(WeakSet.prototype.has);

/** Mark a function, so that the compatibility table can tell it from one that works. */
function markAbsent(fn) {
    addAbsent(absent, fn);
    return fn;
}
const isAbsent = (fn) => hasAbsent(absent, fn);

/** A function in place of a member that is not supported: it throws an error that says so. */
const unsupported = (owner, name) =>
    markAbsent(() => {
        throw fail(`${owner}.${name} is not supported by fibshim.`);
    });

/**
 * Put the members of a signature on an object.
 * @param {object} target module object or prototype or constructor
 * @param {string} owner name of the module or class
 * @param {object} impl what implements them: methods (one function or one for each overload), accessors, values
 * @param {Array} items members of the signature
 * @param {string|null} functionName the name that functions get (modules: the module's); null: their own
 * @param {Function|null} check throws if `this` is not an instance
 * @param {'plain'|'method'|'call'} style how implementations are called: without `this`; as methods of instances; with
 *     any `this`
 * @param {string[]} eager members whose function is generated at once, one call less deep
 */
function putMembers(target, owner, impl, items, functionName, check, style, eager = []) {
    const promises = [];
    for (const [name, rows] of groups(items)) {
        const [, kind, flags, type] = rows[0];
        const own = findDescriptor(impl, name);
        if (kind === 'const') {
            const text = type ?? own?.value;
            defineProperty(target, name, {
                value: own ? own.value : typeof text === 'string' ? constant(text) : text,
                enumerable: true,
                configurable: true,
                writable: false,
            });
            continue;
        }
        if (kind === 'method') {
            const overloads = rows.map((row) => row[4]);
            const body = own?.value ?? unsupported(owner, name);
            const hasResult = rows.some((row) => row[3] !== null);
            const label = functionName ?? name;
            const isAsync = flags.includes('a');
            const options = { ...noOptions, check, plain: style === 'plain' };
            if (style === 'method') {
                options.keys = overloads.map((_, k) => {
                    const key = Symbol(name);
                    defineProperty(target, key, { value: isArray(body) ? body[k] : body });
                    return key;
                });
            }
            if (eager.includes(name)) options.direct = label;
            const made = (isAsync ? asyncMatcher : matcher)(overloads, body, hasResult, options);
            const value = options.direct === '' ? memberFunction(label, made) : made;
            if (isAbsent(body)) markAbsent(value);
            const place = (key, what, enumerable) =>
                defineProperty(target, key, { value: what, writable: true, configurable: true, enumerable });
            place(name, value, true);
            if (isAsync) {
                place(`${name}Sync`, value, true);
                lazy(target, `${name}Async`, () => promiseForm(label, overloads, body, hasResult), false);
                promises.push(name);
            }
            continue;
        }
        if (kind === 'property') {
            const get = own?.get ?? (own && 'value' in own ? () => own.value : unsupported(owner, name));
            const set = own?.set;
            const put = flags.includes('r') ? readOnly(name) : set ? setter(type, set) : readOnly(name);
            const checked = check
                ? function () {
                      check(this);
                      return apply(get, this, []);
                  }
                : get;
            if (isAbsent(get)) markAbsent(checked);
            defineProperty(target, name, {
                configurable: true,
                enumerable: true,
                get: checked,
                set(value) {
                    if (check) check(this);
                    put(this, value);
                },
            });
            continue;
        }
        if (own) {
            if ('value' in own)
                defineProperty(target, name, {
                    value: own.value,
                    writable: true,
                    configurable: true,
                    enumerable: true,
                });
            else lazy(target, name, own.get);
        } else lazy(target, name, () => notConstructor(owner, name));
    }
    if (promises.length > 0 && !check)
        lazy(
            target,
            'promises',
            () => {
                const all = {};
                for (const name of promises) {
                    all[name] = target[`${name}Async`];
                    all[`${name}Sync`] = target[name];
                }
                return all;
            },
            false,
        );
}

const constant = (text) => {
    const value = Number(text);
    return text === '' || value !== value ? text : value;
};

/** As `unsupported`, for a class. */
const notConstructor = (owner, name) =>
    markAbsent(
        {
            [name]: function () {
                throw fail(`${owner}.${name} is not supported by fibshim.`);
            },
        }[name],
    );

function findDescriptor(object, name) {
    for (let o = object; o !== null && o !== ObjectPrototype; o = getPrototypeOf(o)) {
        const found = getOwnPropertyDescriptor(o, name);
        if (found !== undefined) return found;
    }
    return undefined;
}

/**
 * Make a module object.
 * @param {string} name of the module, and of its signature file
 * @param {object} impl its members: methods, accessors, classes (a getter: made on first use)
 * @param {object} [options] `later`: names of members of later versions that are implemented; `target`: put them there;
 *     `functionName`
 */
function module_(name, impl, options = {}) {
    const target = options.target ?? {};
    const known = signature(name);
    const later = options.later ?? [];
    putMembers(
        target,
        name,
        impl,
        known.members.concat(known.later.filter((row) => later.includes(row[0]))),
        options.functionName ?? name,
        null,
        'plain',
        options.eager,
    );
    return target;
}

// -- classes -----------------------------------------------------------------------------------

/** The base of everything that fibjs implements natively. */
class NativeObject {
    #native;

    constructor() {
        if (hooks.created !== null) hooks.created(this);
    }

    static isNative(value) {
        return typeof value === 'object' && value !== null && #native in value;
    }
}

/** `created` is told of every new native object once somebody counts them (`census.js`). */
const hooks = { created: null };

const propertiesOf = (name) => {
    const out = [];
    for (let n = name; n; n = signature(n).extends) {
        if (n === 'object') break;
        for (const row of signature(n).members) if (row[1] === 'property' && !row[2].includes('s')) out.push(row);
    }
    return out;
};

/** Inherited members that an implementation overrides: they are matched like its own. */
function overridden(known, prototype) {
    const rows = [];
    const seen = known.members.map((row) => row[0]);
    for (let base = known.extends; base && base !== 'object'; base = signature(base).extends) {
        const found = signature(base).members.filter(
            ([name]) => getOwnPropertyDescriptor(prototype, name) && !seen.includes(name),
        );
        rows.push(...found);
        seen.push(...found.map((row) => row[0]));
    }
    return rows;
}

/** Put members on the prototype of an implementation, around what it implements itself. */
function putInstanceMembers(Impl, name, rows, { unchecked, eager }) {
    const { prototype } = Impl;
    const check = unchecked
        ? null
        : (self) => {
              if (!(self instanceof Impl) || !NativeObject.isNative(self)) throw fail(100008);
          };
    const own = {};
    for (const key of ownKeys(prototype)) {
        if (key === 'constructor') continue;
        defineProperty(own, key, getOwnPropertyDescriptor(prototype, key));
    }
    putMembers(prototype, name, own, rows, null, check, check ? 'method' : 'call', eager);
}

/**
 * Let an implementation that has no fibjs class of its own be an instance of one: what it overrides is matched.
 * @param {string} name the class whose implementation, or a subclass of it, `Impl` extends
 */
function subclass(name, Impl) {
    putInstanceMembers(Impl, name, overridden({ members: [], extends: name }, Impl.prototype), {});
}

/**
 * Make a native class of an implementation.
 * @param {string} name of the class, and of its signature file
 * @param {Function} Impl a class; its methods get matched arguments.  The base must be `NativeObject` or the `Impl` of
 *     another native class (`implOf`).  A class without constructor in the signature cannot be made by scripts.
 * @param {object} [options] `unchecked`: methods work on any `this`; `statics`: implementation of static members;
 *     `later`: members of later versions that are implemented; `constructible`: false refuses `new`; `overloads`:
 *     parameter lists of further constructors, tried first
 * @returns {Function} the constructor that scripts see; `Impl` objects are its instances
 */
function nativeClass(name, Impl, options = {}) {
    const known = signature(name);
    const later = options.later ?? [];
    const members = known.members.concat(
        known.later.filter((row) => later.includes(row[0])),
        overridden(known, Impl.prototype),
    );
    const constructors = members.filter((row) => row[1] === 'constructor');
    const allowed = options.constructible ?? constructors.length > 0;
    const list = overloadsOf([...(options.overloads ?? []), ...constructors.map((row) => row[4] ?? [])]);
    const make = {
        [name]: function (...args) {
            if (new.target === undefined) {
                if (options.callable) return apply(options.callable, this, args);
                throw fail(100007);
            }
            if (!allowed) throw 'not a constructor';
            return construct(Impl, match(list, args), new.target);
        },
    }[name];
    const prototype = Impl.prototype;
    const rows = members.filter(
        (row) => row[1] !== 'constructor' && !row[2].includes('s') && (row[1] === 'method' || row[1] === 'property'),
    );
    putInstanceMembers(Impl, name, rows, options);
    const statics = members.filter((row) => row[2].includes('s') || row[1] === 'const');
    putMembers(make, name, options.statics ?? {}, statics, name, null, 'call');
    defineProperty(prototype, 'constructor', { value: make, writable: true, configurable: true, enumerable: false });
    if (getOwnPropertyDescriptor(prototype, 'toString') === undefined)
        defineProperty(prototype, 'toString', {
            value: nativeFunction('toString', () => name),
            writable: true,
            configurable: true,
            enumerable: false,
        });
    if (getOwnPropertyDescriptor(prototype, 'toJSON') === undefined)
        defineProperty(prototype, 'toJSON', {
            value: nativeFunction('toJSON', (self) => {
                const out = {};
                for (const [key] of propertiesOf(name)) {
                    let value;
                    try {
                        value = self[key];
                    } catch {
                        continue;
                    }
                    if (typeof value !== 'function') out[key] = value;
                }
                return out;
            }),
            writable: true,
            configurable: true,
            enumerable: false,
        });
    defineProperty(make, 'prototype', { value: prototype, writable: false, enumerable: false, configurable: false });
    const base = getPrototypeOf(prototype).constructor;
    if (base !== NativeObject && base !== Object) Object.setPrototypeOf(make, base);
    classes[name] = { Impl, make };
    return make;
}

/** The class to extend for an implementation of a subclass. */
const implOf = (name) => classes[name].Impl;

/** Wrap a function as a native one with a signature of its own, for members that are in no signature file. */
function method(name, params, impl, { isAsync = false, hasResult = true } = {}) {
    return memberFunction(name, (isAsync ? asyncMatcher : matcher)([params], impl, hasResult));
}

module.exports = {
    NativeObject,
    background,
    classes,
    convert: (type, value) => {
        const made = convert(type, value, true);
        if (made === bad) throw fail(bad.why);
        return made;
    },
    defineType,
    hooks,
    implOf,
    isAbsent,
    isPlain,
    lazy,
    method,
    refuse,
    module: module_,
    nativeClass,
    nativeFunction,
    putMembers,
    signature,
    subclass,
    unsupported,
};
