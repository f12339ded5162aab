// The JavaScript side of `engine.py`: what crosses, and what errors look like.
// A function expression; called once with the slot, the window, the mark and two callables.
//
// It captures the intrinsics it uses (scripts patch them), and the window never leaves it (a script could detach it).
// A template literal calls `String.prototype.concat` in this engine: code that must not fail adds strings with `+`.
(slot, window, mark, pyTake, pyError) => {
    'use strict';
    const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
    const { parse, stringify } = JSON;
    const { bind, call } = Function.prototype;
    const uncurry = bind.bind(call);
    const slice = uncurry(ArrayBuffer.prototype.slice);
    const set = uncurry(Uint8Array.prototype.set);
    // Also flattens: the binding cannot take the ropes that adding long strings makes.
    const toWellFormed = uncurry(String.prototype.toWellFormed);
    const split = uncurry(String.prototype.split);
    const join = uncurry(Array.prototype.join);
    const exec = uncurry(RegExp.prototype.exec);
    const push = uncurry(Array.prototype.push);
    const startsWith = uncurry(String.prototype.startsWith);
    const indexOf = uncurry(String.prototype.indexOf);
    const substring = uncurry(String.prototype.substring);
    const windowBytes = new Uint8Array(window);
    const WINDOW = windowBytes.length;
    const NativeFunction = Function;
    const NativeBigInt = BigInt;
    const NativeError = Error;
    const NativeString = String;
    const objectToString = Object.prototype.toString;
    const NativeUint8Array = Uint8Array;
    const ERRORS = { TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, __proto__: null };

    /** What the binding looks up on an "interrupted" error as it leaves must not be user code. */
    function pin(prototype) {
        for (const [key, value] of [
            ['toString', () => 'InternalError'],
            [Symbol.toPrimitive, undefined],
            ['stack', ''],
        ])
            defineProperty(prototype, key, { value });
    }
    pin(InternalError.prototype);

    /** Make an Error from what Python described. */
    function makeError(data) {
        const error = new (ERRORS[data.name] ?? NativeError)(data.message);
        if (data.number !== undefined) error.number = data.number;
        if (data.code !== undefined) error.code = data.code;
        if (data.cause !== undefined)
            defineProperty(error, 'cause', {
                value: makeError(data.cause),
                writable: true,
                configurable: true,
                enumerable: false,
            });
        return error;
    }

    /** A number of bytes that stand at the start of the window, as an ArrayBuffer of their own. */
    const fromWindow = (size) => slice(window, 0, size);

    /** What a callable meant when it returned the mark. */
    const settle = () => settleKind(pyTake());

    function settleKind(kind) {
        if (kind >= 0) return new NativeUint8Array(slice(window, 0, kind));
        switch (kind) {
            case -1:
                throw makeError(parse(pyError()));
            case -8:
                for (;;);
            case -9:
                throw new NativeError('too many blocked fibers: the system cannot start another thread');
        }
        const value = slot[0];
        slot[0] = 0;
        switch (kind) {
            case -3:
                return new NativeUint8Array(value);
            case -4:
                return value[0] === '-' ? -NativeBigInt(substring(value, 1)) : NativeBigInt(value);
            case -5:
                return parse(value);
        }
        return value;
    }

    const retry = { __proto__: null };
    /** As `settle`, for callables with text arguments: one of them may have been cut at a NUL. */
    function settleText() {
        const kind = pyTake();
        return kind === -6 ? retry : settleKind(kind);
    }

    /**
     * Write bytes into the window, or the slot if they do not fit.
     * @returns {number} the length, or -1 for the slot
     */
    function putBytes(bytes, index) {
        const size = bytes.length;
        if (size <= WINDOW) {
            set(windowBytes, bytes);
            return size;
        }
        slot[index] = bytes;
        return -1;
    }

    /** The names that generated stubs see, in the order of `seen`. */
    const NAMES = [
        'raw', 'mark', 'settle', 'settleText', 'retry', 'slot', 'putBytes', 'toWellFormed', 'stringify', 'enter', 'leave',
        'name',
    ]; // prettier-ignore

    /**
     * Wrap a callable.
     * @param {Function} raw the callable
     * @param {string} kinds one letter an argument: n as it is, s text, b bytes, j anything as JSON
     * @param {object|null} fibers for callables that may block: `enter(name)` and `leave(task)`; they take a callback
     *     number (0: block) as their first argument
     * @param {string} name what stacks and dumps show
     */
    function stub(raw, kinds, fibers, name) {
        const names = [];
        let before = '';
        let sent = '';
        let again = '';
        let bytes = 0;
        let texts = 0;
        for (let i = 0; i < kinds.length; i++) {
            const a = `a${i}`;
            const n = `n${i}`;
            push(names, a);
            if (kinds[i] === 'n') {
                sent += `, ${a}`;
                again += `, ${a}`;
            } else if (kinds[i] === 'b') {
                before += bytes++ ? `slot[${i}] = ${a}; const ${n} = -1;` : `const ${n} = putBytes(${a}, ${i});`;
                sent += `, ${n}`;
                again += `, ${n}`;
            } else {
                texts++;
                if (kinds[i] === 'j') before += `${a} = stringify(${a});`;
                before += `let ${n} = ${a}.length; const f${i} = toWellFormed(${a}); if (f${i} === ${a}) ${a} = f${i}; else { slot[${i}] = ${a}; ${a} = ''; ${n} = -1; }`;
                sent += `, ${a}, ${n}`;
                again += `, (${n} < 0 || (slot[${i}] = ${a}), ''), -1`;
            }
        }
        const seen = [
            raw, mark, settle, settleText, retry, slot, putBytes, toWellFormed, stringify, fibers?.enter, fibers?.leave, name,
        ]; // prettier-ignore
        const make = (first, body) =>
            construct(NativeFunction, [
                ...NAMES,
                `'use strict'; return (${join(first ? [first, ...names] : names, ', ')}) => { ${before} ${body} }`,
            ])(...seen);
        const strip = (text) => substring(text, 2);
        const calls = (first) => {
            const one = `raw(${strip(first + sent)})`;
            const two = `raw(${strip(first + again)})`;
            return texts
                ? `let r = ${one}; if (r === mark && (r = settleText()) === retry) { r = ${two}; if (r === mark) r = settle(); }`
                : `let r = ${one}; if (r === mark) r = settle();`;
        };
        if (!fibers) return make('', `${calls('')} return r;`);
        const made = make('', `const me = enter(name); try { ${calls(', 0')} return r; } finally { leave(me); }`);
        // The callback form: `later(callback number, ...args)` starts the operation and returns at once.
        made.later = make('id', `${calls(', id')}`);
        return made;
    }

    // -- stacks in V8's form ---------------------------------------------------------------------

    const INTERNAL = 12; // frames of ours that may stand above a script's

    const FRAME = /^ {4}at (?:(.*?) \((.*)\)|(.*))$/;
    const options = { fullStack: false };

    /** Our frames and those of built-in functions left out, `<anonymous>` without name. */
    function cleanStack(raw, most) {
        const lines = split(raw, '\n');
        const out = [];
        for (let i = 0; i < lines.length && out.length < most; i++) {
            const match = exec(FRAME, lines[i]);
            if (match === null) continue;
            const where = match[2] ?? match[3];
            if (
                !options.fullStack &&
                (where === 'native' ||
                    startsWith(where, 'fibshim:') ||
                    where === '<input>' ||
                    startsWith(where, '<input>:'))
            )
                continue;
            const name = match[1];
            push(
                out,
                name === undefined || name === '<anonymous>' || name === '<eval>'
                    ? '    at ' + where
                    : '    at ' + name + ' (' + where + ')',
            );
        }
        return join(out, '\n');
    }

    function header(error) {
        try {
            const name = error.name === undefined ? 'Error' : NativeString(error.name);
            const message = error.message === undefined ? '' : NativeString(error.message);
            return message === '' ? name : name === '' ? message : name + ': ' + message;
        } catch {
            return 'Error';
        }
    }

    const withHeader = (error, frames) => (frames === '' ? header(error) : header(error) + '\n' + frames);

    const stackDescriptor = getOwnPropertyDescriptor(NativeError.prototype, 'stack');
    const rawStack = (error) => apply(stackDescriptor.get, error, []);

    /**
     * Give the errors of a realm stacks in V8's form.
     * @param {Function} Err its `Error`
     * @returns {{set: (most: number) => void, reset: () => void}} sets how many frames are taken, and goes back to `stackTraceLimit`
     */
    function adopt(Err) {
        const limitDescriptor = getOwnPropertyDescriptor(Err, 'stackTraceLimit');
        let limit = 10;
        const setLimit = (value) => {
            if (limitDescriptor.set) apply(limitDescriptor.set, Err, [value]);
            else Err.stackTraceLimit = value;
        };
        const set = (most) => setLimit(most > 0 ? most + INTERNAL : most);
        set(limit);
        const { set: setStack } = getOwnPropertyDescriptor(Err.prototype, 'stack');
        defineProperty(Err.prototype, 'stack', {
            configurable: true,
            enumerable: false,
            get() {
                const raw = rawStack(this);
                if (typeof raw !== 'string') return raw;
                if (raw === '' || startsWith(raw, '    at ')) return withHeader(this, cleanStack(raw, limit));
                return raw;
            },
            set: setStack,
        });
        const capture = Err.captureStackTrace;
        const captureStackTrace = {
            captureStackTrace(object, fn) {
                apply(capture, Err, [object, typeof fn === 'function' ? fn : captureStackTrace]);
                const own = getOwnPropertyDescriptor(object, 'stack');
                if (own && typeof own.value === 'string' && (own.value === '' || startsWith(own.value, '    at ')))
                    defineProperty(object, 'stack', {
                        ...own,
                        value: withHeader(object, cleanStack(own.value, limit)),
                    });
            },
        }.captureStackTrace;
        defineProperty(Err, 'captureStackTrace', {
            value: captureStackTrace,
            writable: true,
            configurable: true,
            enumerable: false,
        });
        if (limitDescriptor.configurable)
            defineProperty(Err, 'stackTraceLimit', {
                configurable: true,
                enumerable: true,
                get: () => limit,
                set: (value) => {
                    limit = typeof value === 'number' ? value : 0;
                    set(limit);
                },
            });
        return { set, reset: () => set(limit) };
    }
    const limits = adopt(NativeError);

    /** Make another realm fit to run scripts, before any of them does. @param {object} global its global object */
    function adoptRealm(global) {
        pin(global.InternalError.prototype);
        adopt(global.Error);
    }

    /** The frames of the caller as the engine gives them, at most `most` of a script's. */
    function framesHere(most) {
        limits.set(most);
        const raw = rawStack(new NativeError());
        limits.reset();
        return raw;
    }

    /** The frames of the caller, cleaned, at most `most`. */
    const hereStack = (most) => cleanStack(framesHere(most), most);

    /** Text of any value; user code in it may throw. */
    function textOf(value) {
        for (const make of [NativeString, (v) => apply(objectToString, v, [])])
            try {
                return make(value);
            } catch {
                // the next one
            }
        return '[object]';
    }

    /** Describe anything thrown, as JSON for `ScriptError.from_json`. */
    function describe(error, report = '', depth = 0) {
        return stringify(describeObject(error, report, depth));
    }

    function describeObject(error, report, depth) {
        const read = (key) => {
            try {
                return error[key];
            } catch {
                return undefined;
            }
        };
        if ((typeof error !== 'object' && typeof error !== 'function') || error === null)
            return { name: 'Error', message: textOf(error), report };
        const name = read('name');
        const message = read('message');
        const stack = read('stack');
        const number = read('number');
        const code = read('code');
        const cause = read('cause');
        const head = header(error);
        return {
            name: typeof name === 'string' ? name : 'Error',
            message: message === undefined ? (error instanceof NativeError ? '' : textOf(error)) : textOf(message),
            stack:
                typeof stack === 'string'
                    ? startsWith(stack, head + '\n')
                        ? substring(stack, head.length + 1)
                        : stack === head
                          ? ''
                          : stack
                    : '',
            number: typeof number === 'number' ? number : undefined,
            code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
            cause: cause === undefined || depth > 8 ? undefined : describeObject(cause, '', depth + 1),
            report,
        };
    }

    return {
        WINDOW,
        adoptRealm,
        cleanStack,
        describe,
        framesHere,
        fromWindow,
        hereStack,
        makeError,
        join,
        mark,
        options,
        push,
        putBytes,
        rawStack,
        settle,
        slot,
        stub,
        textOf,
        toWellFormed,
        uncurry,
    };
};
