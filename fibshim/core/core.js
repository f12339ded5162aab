// What the JavaScript halves of all modules share: `internal`.
// A function expression; called once with the engine's glue, the fibers and the runtime's callables.
(glue, fibers, py) => {
    'use strict';
    const { slot, stub, mark, settle, makeError, textOf } = glue;
    const { defineProperty, getOwnPropertyDescriptor, ownKeys, apply, construct } = Reflect;
    const NativeError = Error;
    const split = glue.uncurry(String.prototype.split);

    // -- errors --------------------------------------------------------------------------------

    const TEXTS = {
        100001: 'Invalid number of parameters.',
        100002: 'Parameter not optional.',
        100003: 'The input parameter is not a valid type.',
        100004: 'Invalid argument.',
        100005: 'The argument could not be coerced to the specified type.',
        100006: 'Value is out of range.',
        100007: 'Constructor cannot be called as a function.',
        100008: 'Object is not an instance of declaring class.',
        100009: 'Invalid procedure call.',
        100010: 'Re-entrant calls are not allowed.',
        100011: 'Invalid input data.',
        100012: 'Index was out of range.',
        100013: 'Memory overflow error.',
        100014: 'Collection is empty.',
        100020: 'Internal error.',
        100021: 'The maximum amount of time for a script to execute was exceeded.',
        100022: 'Invalid return type.',
    };

    /**
     * Make a fibjs error to throw.
     * @param {number|string} what a number of the table, or the text of a free-text error (100023)
     * @returns {Error}
     */
    function fail(what) {
        const error = new NativeError(typeof what === 'string' ? what : `[-${what}] ${TEXTS[what]}`);
        error.number = typeof what === 'string' ? 100023 : what;
        return error;
    }

    // -- ops -----------------------------------------------------------------------------------

    const packages = { __proto__: null };

    /**
     * The ops of a module's Python half; each is made when it is first read.
     * @param {string} name a folder below modules/, or `core…`
     */
    function ops(name) {
        if (packages[name]) return packages[name];
        const found = {};
        const dotted = name.startsWith('core') ? name : `modules.${name}`;
        let list = py.kinds(dotted);
        if (list === mark) list = settle();
        for (const line of list === '' ? [] : split(list, '\n')) {
            const blocks = line.includes('!');
            const [op, kinds] = split(line, blocks ? '!' : ':');
            defineProperty(found, op, {
                configurable: true,
                enumerable: true,
                get() {
                    py.op(dotted, op);
                    const raw = globalThis['\ufdd0fibshim'];
                    delete globalThis['\ufdd0fibshim'];
                    const value = stub(raw, kinds, blocks ? fibers : null, `${name}.${op}`);
                    value.raw = raw;
                    defineProperty(found, op, { value, enumerable: true });
                    return value;
                },
            });
        }
        return (packages[name] = found);
    }

    /**
     * Give Python an entry function: what it calls for an event, in a fiber of its own.
     * @param {string} name as in `rt.entries`
     */
    function entry(name, fn) {
        py.exported(name, fibers.entry(fn));
    }

    // -- callbacks -----------------------------------------------------------------------------

    const callbacks = new Map();
    let lastCallback = 0;

    /** Number a callback `(error, result) => {}`; it is called once, in a fiber of its own. */
    function callbackId(fn) {
        callbacks.set(++lastCallback, fn);
        return lastCallback;
    }

    entry('completed', (id, result) => {
        const fn = callbacks.get(id);
        callbacks.delete(id);
        if (result === mark) {
            try {
                result = py.dropped(id);
                if (result === mark) result = settle();
            } catch (error) {
                fn(error);
                return;
            }
        }
        fn(undefined, result);
    });

    // -- built-in modules ----------------------------------------------------------------------

    const loaded = { __proto__: null };

    /**
     * Load a JavaScript file of ours.
     * @param {string} path below the package, e.g. `modules/ws/ws.js`
     */
    function load(path) {
        if (loaded[path]) return loaded[path].exports;
        let ok = py.source(path);
        if (ok === mark) ok = settle();
        const made = slot[0];
        slot[0] = 0;
        if (!ok) throw new NativeError(`${made} ${made.stack}`);
        const module = (loaded[path] = { exports: {} });
        const folder = path.slice(0, path.lastIndexOf('/'));
        const require = (id) => {
            if (id.startsWith('./')) return load(`${folder}/${id.slice(2)}.js`);
            if (id.startsWith('core/')) return load(`${id}.js`);
            return load(id.includes('/') ? `modules/${id}.js` : `modules/${id}/${id}.js`);
        };
        try {
            made(require, module, module.exports, internal);
        } catch (error) {
            delete loaded[path];
            throw error;
        }
        return module.exports;
    }

    const internal = {
        callbackId,
        entry,
        fail,
        fibers,
        glue,
        inner: (name, fn) => py.exported(name, fibers.inner(fn)),
        load,
        makeError,
        ops,
        textOf,
    };
    internal.members = load('core/members.js');
    const { report } = load('core/report.js');
    internal.report = report;
    fibers.hooks.report = report;
    load('core/loader.js');
    return internal;
};
