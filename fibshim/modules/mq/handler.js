// Handlers, chains and how a message is driven through them (spec/mq-and-events.md §1.1 to §1.5).
//
// A handler is a kind and what belongs to it.  Driving is a loop over "one step": each handler does its work on the
// message and gives the handler that goes next, or null.  There are two drivers: `drive` stays in the fiber that calls
// it (servers give every message a fiber anyway), `driveInFibers` keeps what `mq.invoke` promises, that functions run in
// another fiber than the caller's.
'use strict';

const { fail, fibers, glue, load, members } = internal;
const { NativeObject, nativeClass, defineType, isPlain, refuse } = members;
const { reportText } = load('core/report.js');
const { isEnded: recordEnded, isMessage, recordOf } = require('./message');
const { apply } = Reflect;
const { isArray } = Array;
const concat = glue.uncurry(Array.prototype.concat);
const startsWith = glue.uncurry(String.prototype.startsWith);

const FUNCTION = 0;
const ROUTING = 1;
const NOTHING = 2;
const CHAIN = 3;
const NATIVE = 4;
const SYNC = 5;

/** Passed to the constructor by the package, which no script can do. */
const INSIDE = { __proto__: null };

/**
 * What a native handler returns if it goes on with the connection on its own: the request job may end.  Whoever has to
 * go on after the handler calls `wait`, which blocks the fiber until the connection has ended.
 */
class Detached {
    /** @param {() => void} wait */
    constructor(wait) {
        this.wait = wait;
    }
}

let kindOf;
let whatOf;

class HandlerImpl extends NativeObject {
    #kind;
    #what;

    static {
        kindOf = (handler) => handler.#kind;
        whatOf = (handler) => handler.#what;
    }

    /**
     * For the package: `new HandlerImpl(INSIDE, kind, what)`; a script gives one value to convert.
     * @param {any} value
     */
    constructor(value, kind, what) {
        if (value instanceof HandlerImpl) return value;
        super();
        if (value === INSIDE) {
            this.#kind = kind;
            this.#what = what;
        } else {
            // As base class only: the converted handler's kind, not its class.
            const made = convert(value);
            this.#kind = made.#kind;
            this.#what = made.#what;
        }
    }

    /** A handler that does nothing. */
    static nothing() {
        return new HandlerImpl(INSIDE, NOTHING, null);
    }

    /**
     * A native handler.
     * @param {(message: object) => HandlerImpl|Detached|null} step does the work; it may block
     */
    static native(step) {
        return new HandlerImpl(INSIDE, NATIVE, step);
    }

    /** One step: handle `v` and return the handler that should go next, or null. */
    invoke(v) {
        switch (this.#kind) {
            case FUNCTION:
                return callFunction(this.#what, v);
            case ROUTING:
                return this.#what.select(v);
            case NOTHING:
                return null;
            case CHAIN:
                settleDetached(runChainInFibers(this.#what.list, v));
                return null;
            case SYNC:
                return startSync(this.#what, v);
            default:
                return settleDetached(this.#what(v));
        }
    }
}

function settleDetached(result) {
    if (!(result instanceof Detached)) return result;
    result.wait();
    return null;
}

// -- conversion (§1.1) ---------------------------------------------------------------------------

/**
 * Make a handler of a value; errors of a URL or a rule go to the caller as they are.
 * @returns {HandlerImpl}
 */
function convert(value) {
    if (typeof value === 'function') {
        const original = value.name === 'sync' ? require('util/sync').syncOriginal(value) : undefined;
        return original === undefined
            ? new HandlerImpl(INSIDE, FUNCTION, value)
            : new HandlerImpl(INSIDE, SYNC, original);
    }
    if (value instanceof HandlerImpl) return value;
    if (isArray(value)) return new ChainImpl(value);
    if (isPlain(value)) return new (require('./routing').RoutingImpl)(value);
    const text = `${value}`;
    if (startsWith(text, 'http:') || startsWith(text, 'https:')) return require('http/repeater').repeater(text);
    return require('http/files').fileHandler(text, {}, false);
}

/** As `convert`; what cannot be converted is error 100005. */
function toHandler(value) {
    if (value instanceof HandlerImpl) return value;
    try {
        return convert(value);
    } catch {
        throw fail(100005);
    }
}

const isHandlerForm = (v) => typeof v === 'function' || typeof v === 'string' || isArray(v) || isPlain(v);
defineType(
    'Handler',
    (v, loose) => {
        if (v instanceof HandlerImpl) return v;
        if (!loose && !isHandlerForm(v)) return refuse(100005);
        try {
            return convert(v);
        } catch {
            return refuse(100005);
        }
    },
    (v) => v instanceof HandlerImpl,
);

// As `buffer/bytes` does, which need not be loaded.
const { isNative } = NativeObject;
defineType(
    'object',
    (v) => (isNative(v) || (typeof v === 'object' && ArrayBuffer.isView(v)) ? v : refuse(100005)),
    isNative,
);

// -- function handlers (§1.3) ----------------------------------------------------------------------

/** Call a function handler. @returns {HandlerImpl|null} what goes next */
function callFunction(fn, v) {
    const params = isMessage(v) ? recordOf(v).params : null;
    let result = fn;
    if (params === null) {
        do result = call(result, v);
        while (typeof result === 'function');
    } else {
        const args = concat([v], params);
        do result = apply(result, undefined, args);
        while (typeof result === 'function');
    }
    if (result === undefined || result === null) return null;
    return returned(result, v);
}

const call = (fn, v) => fn(v);

/** What a function handler's result means; values that are no handler mean nothing. */
function returned(result, v) {
    while (fibers.isPromise(result)) result = fibers.settled(result, 'handler');
    if (typeof result === 'function') return callFunction(result, v);
    if (result instanceof HandlerImpl) return result;
    return isHandlerForm(result) ? toHandler(result) : null;
}

/** Go on with what a function handler has returned, as `drive` does. */
function driveResult(result, v) {
    if (result === null) return null;
    let next;
    try {
        next = returned(result, v);
    } catch (error) {
        throw fail(reportText(error));
    }
    return drive(next, v);
}

/** The function of a plain function handler, null for other handlers. */
const functionOf = (handler) => (kindOf(handler) === FUNCTION ? whatOf(handler) : null);

/** As `callFunction`; an exception becomes an Error with the report as its text. */
function callReporting(fn, v) {
    try {
        return callFunction(fn, v);
    } catch (error) {
        throw fail(reportText(error));
    }
}

/**
 * Start a function made by `util.sync`.
 * @returns {HandlerImpl} the internal wait handler
 */
function startSync({ func, isAsync }, v) {
    const params = isMessage(v) ? (recordOf(v).params ?? []) : [];
    let over = false;
    const waiting = [];
    const done = () => {
        over = true;
        fibers.wakeAll(waiting);
    };
    if (isAsync) {
        apply(func, undefined, [v, ...params]).then(done, done);
        fibers.drain();
    } else apply(func, undefined, [v, ...params, () => done()]);
    return HandlerImpl.native(() => {
        while (!over) fibers.park(waiting, 'handler');
        return null;
    });
}

// -- driving in the fiber that calls ---------------------------------------------------------------

/**
 * Drive a message through a handler to its end, in this fiber.
 * @returns {Detached|null} Detached: the connection of the message is somebody else's now
 */
function drive(handler, v) {
    for (let h = handler; h !== null;) {
        switch (kindOf(h)) {
            case FUNCTION:
                h = callReporting(whatOf(h), v);
                break;
            case ROUTING:
                h = whatOf(h).select(v);
                break;
            case NOTHING:
                return null;
            case CHAIN:
                return runChain(whatOf(h).list, v);
            case SYNC:
                h = reporting(startSync, whatOf(h), v);
                break;
            default:
                h = whatOf(h)(v);
                if (h instanceof Detached) return h;
        }
    }
    return null;
}

function reporting(fn, what, v) {
    try {
        return fn(what, v);
    } catch (error) {
        throw fail(reportText(error));
    }
}

const isEnded = (v) => isMessage(v) && recordEnded(recordOf(v));

function runChain(list, v) {
    const count = list.length;
    if (count === 0) throw fail('Chain: empty chain.');
    for (let i = 0; i < count; i++) {
        if (isEnded(v)) return null;
        const result = drive(list[i], v);
        if (result === null) continue;
        if (i + 1 === count) return result;
        result.wait();
    }
    return null;
}

// -- driving with functions in fibers of their own ---------------------------------------------------

/** Run something in a fiber of its own and wait for it. */
function inFiber(fn) {
    const waiting = [];
    let over = false;
    let failed = false;
    let error;
    fibers.start(
        () => {
            try {
                fn();
            } catch (e) {
                failed = true;
                error = e;
            }
            over = true;
            fibers.wakeAll(waiting);
        },
        [],
        undefined,
    );
    while (!over) fibers.park(waiting, 'mq.invoke');
    if (failed) throw error;
}

/** As `runChain`; consecutive functions (and the routings between them) share one fiber. */
function driveInFibers(list, v) {
    const count = list.length;
    let next = 0;
    let h = null;
    const light = () => {
        for (;;) {
            if (h === null) {
                if (isEnded(v)) next = count;
                if (next === count) return;
                h = list[next++];
            }
            const kind = kindOf(h);
            if (kind > NOTHING) return;
            if (kind === FUNCTION) h = callReporting(whatOf(h), v);
            else h = kind === ROUTING ? whatOf(h).select(v) : null;
        }
    };
    for (;;) {
        if (h === null) {
            if (next === count || isEnded(v)) return null;
            h = list[next++];
        }
        const kind = kindOf(h);
        if (kind === FUNCTION) inFiber(light);
        else if (kind === CHAIN) h = runChainInFibers(whatOf(h).list, v);
        else if (kind === SYNC) {
            const what = whatOf(h);
            inFiber(() => (h = reporting(startSync, what, v)));
        } else if (kind === ROUTING) h = whatOf(h).select(v);
        else h = kind === NOTHING ? null : whatOf(h)(v);
        if (h instanceof Detached) {
            if (next === count) return h;
            h.wait();
            h = null;
        }
    }
}

function runChainInFibers(list, v) {
    if (list.length === 0) throw fail('Chain: empty chain.');
    return driveInFibers(list, v);
}

/** `mq.invoke`: drive `v` through a handler. */
function invoke(handler, v) {
    settleDetached(driveInFibers([handler], v));
}

// -- chains (§1.5) -----------------------------------------------------------------------------------

/** The elements of a chain; a run keeps the list it began with, so the list is replaced and never changed. */
class Elements {
    list = [];
}

class ChainImpl extends HandlerImpl {
    #elements;

    constructor(handlers) {
        const elements = new Elements();
        super(INSIDE, CHAIN, elements);
        this.#elements = elements;
        this.#add(handlers);
    }

    #add(values) {
        const made = [];
        for (let i = 0; i < values.length; i++) made[i] = toHandler(values[i]);
        this.#elements.list = concat(this.#elements.list, made);
    }

    static {
        this.prototype.append = [
            function (handlers) {
                this.#add(handlers);
            },
            function (handler) {
                this.#add([handler]);
            },
        ];
    }
}

// A handler is its own handler; everything else is converted by the constructor.
defineType('HandlerObject', (v) => (v instanceof HandlerImpl ? v : refuse(100005)));
const Handler = nativeClass('Handler', HandlerImpl, { overloads: [[['HandlerObject', null]]] });
const Chain = nativeClass('Chain', ChainImpl);

module.exports = {
    Chain,
    ChainImpl,
    Detached,
    Handler,
    HandlerImpl,
    INSIDE,
    NATIVE,
    ROUTING,
    drive,
    driveResult,
    functionOf,
    invoke,
    isEnded,
    kindOf,
    toHandler,
};
