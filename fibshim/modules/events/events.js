// `events`: EventEmitter, and what other modules use to emit (spec/mq-and-events.md, part 2).
//
// The listeners of an object stand in a private field that is put on it when the first one comes, so every object can
// be an emitter and nothing of it shows.  Lists change in place; `emit` copies the ones it walks.
'use strict';

const { fail, fibers, glue, members } = internal;
const { uncurry } = glue;
const { NativeObject, nativeClass, nativeFunction } = members;
const { apply, defineProperty, getOwnPropertyDescriptor, isExtensible, ownKeys } = Reflect;
const call = uncurry(Function.prototype.call);
const push = uncurry(Array.prototype.push);
const unshift = uncurry(Array.prototype.unshift);
const splice = uncurry(Array.prototype.splice);
const slice = uncurry(Array.prototype.slice);
const lastIndexOf = uncurry(Array.prototype.lastIndexOf);
const keysOf = Object.keys;
const { isArray } = Array;
const weakGet = uncurry(WeakMap.prototype.get);
const weakSet = uncurry(WeakMap.prototype.set);
const NativeNumber = Number;
const test = uncurry(RegExp.prototype.test);
const INDEX = /^(?:0|[1-9]\d{0,9})$/;
const isIndex = (name) => test(INDEX, name) && +name < 4294967295;

// -- state -------------------------------------------------------------------------------------

/** What is known of an emitter. */
class State {
    /** Lists of listeners by event; none is empty. */
    lists = { __proto__: null };
    max = undefined;
}

/** A constructor that gives back what it got, so that a subclass puts its private fields there. */
const identity = function (object) {
    return object;
};
let stateOf;
let addState;
/** States of objects that cannot get a field any more. */
const sealed = new WeakMap();

class Stamp extends identity {
    #state = new State();

    static {
        stateOf = (object) => (#state in object ? object.#state : weakGet(sealed, object));
        addState = (object) => {
            if (isExtensible(object)) return new Stamp(object).#state;
            const state = new State();
            weakSet(sealed, object, state);
            return state;
        };
    }
}

const obtain = (emitter) => stateOf(emitter) ?? addState(emitter);

function add(emitter, name, fn, told, first) {
    const state = obtain(emitter);
    // Its listeners do not hear of their own registration: they are not in the list yet.
    if (state.lists.newListener !== undefined && !announce(emitter, 'newListener', name, told)) return;
    const list = state.lists[name];
    if (list === undefined) state.lists[name] = [fn];
    else if (first) unshift(list, fn);
    else push(list, fn);
}

/** @returns {boolean} false if the last of several listeners failed: nothing is added then */
function announce(emitter, event, name, fn) {
    const { error, last } = deliver(emitter, slice(stateOf(emitter).lists[event]), [name, fn], false);
    if (error !== undefined) throw error.value;
    return last === undefined;
}

function remove(emitter, name, fn) {
    const state = stateOf(emitter);
    const list = state?.lists[name];
    if (list === undefined) return;
    const at = lastIndexOf(list, fn);
    if (at < 0) return;
    if (list.length === 1) delete state.lists[name];
    else splice(list, at, 1);
    if (state.lists.removeListener !== undefined) emit(emitter, 'removeListener', [name, original(fn)]);
}

/** Wrappers that `once` made and what they call. */
const originals = new WeakMap();
const original = (fn) => weakGet(originals, fn) ?? fn;

// -- emit --------------------------------------------------------------------------------------

/** The Fiber objects are needed only when a second listener gets a fiber of its own. */
let fiberModule;

/**
 * Call listeners by §2.4: the first here, the others in fibers that are queued before it is called; wait for all.
 * @returns {{error?: {value: any}, last?: {value: any}}} what the first threw, and the last
 */
function deliver(emitter, list, args, native) {
    const result = { error: undefined, last: undefined };
    const count = list.length;
    const done = [];
    let left = count - 1;
    if (left > 0) {
        fiberModule ??= internal.load('modules/coroutine/fiber.js');
        const starter = fibers.current();
        const parent = fiberModule.fiberOf(starter);
        for (let i = 1; i < count; i++) {
            const task = fibers.start(
                () => {
                    try {
                        apply(list[i], emitter, args);
                    } catch (error) {
                        if (i === count - 1) result.last = { value: error };
                        throw error; // the fiber ends with a report
                    } finally {
                        if (--left === 0) fibers.wakeAll(done);
                    }
                },
                [],
                undefined,
            );
            task.caller = parent;
            fiberModule.copyLocals(parent, fiberModule.fiberOf(task));
        }
    }
    try {
        apply(list[0], emitter, args);
    } catch (error) {
        result.error = { value: error };
    }
    if (native) fibers.drain();
    while (left > 0) fibers.park(done, 'EventEmitter.emit');
    return result;
}

/**
 * Emit an event as a script does.
 * @param {object} emitter
 * @param {string} name
 * @param {Array} args
 * @returns {boolean} whether there was a listener
 */
function emit(emitter, name, args) {
    const list = stateOf(emitter)?.lists[name];
    if (list === undefined) return false;
    if (list.length === 1) {
        apply(list[0], emitter, args);
        return true;
    }
    const { error, last } = deliver(emitter, slice(list), args, false);
    if (error !== undefined) throw error.value;
    if (last !== undefined) throw fail(internal.load('core/report.js').reportText(last.value));
    return true;
}

/** Whether an emitter has listeners of an event. */
const hasListeners = (emitter, name) => stateOf(emitter)?.lists[name] !== undefined;

/**
 * Emit an event that comes from outside; call it in the fresh fiber of the event.  What the first listener throws ends
 * that fiber with a report.
 */
function emitNative(emitter, name, ...args) {
    const list = stateOf(emitter)?.lists[name];
    if (list === undefined) return false;
    if (list.length === 1) {
        if (args.length === 1) call(list[0], emitter, args[0]);
        else apply(list[0], emitter, args);
        return true;
    }
    const { error } = deliver(emitter, slice(list), args, true);
    if (error !== undefined) throw error.value;
    return true;
}

/** As `emitNative`, for one argument: the hot path. */
function emitOne(emitter, name, arg) {
    const state = stateOf(emitter);
    if (state === undefined) return false;
    const list = state.lists[name];
    if (list === undefined) return false;
    if (list.length === 1) {
        call(list[0], emitter, arg);
        return true;
    }
    return emitNative(emitter, name, arg);
}

// -- the class ---------------------------------------------------------------------------------

let maximum = 10;

/** Apply a registration to each entry of a plain object; integer-like keys are skipped. */
function each(emitter, map, register) {
    const names = keysOf(map);
    for (let i = 0; i < names.length; i++) {
        if (isIndex(names[i])) continue;
        const fn = map[names[i]];
        if (typeof fn !== 'function') throw fail(100003);
        register(emitter, names[i], fn);
    }
    return emitter;
}

/** The three forms of a registering member. */
const registering = (register) => [
    function (name, fn) {
        register(this, name, fn);
        return this;
    },
    function (map) {
        return each(this, map, register);
    },
];

const on = (emitter, name, fn) => add(emitter, name, fn, fn, false);
const prepend = (emitter, name, fn) => add(emitter, name, fn, fn, true);

function once(emitter, name, fn) {
    const wrapper = function (...args) {
        remove(emitter, name, wrapper);
        return apply(fn, this, args);
    };
    wrapper._func = fn;
    weakSet(originals, wrapper, fn);
    add(emitter, name, wrapper, fn, false);
}

function prependOnce(emitter, name, fn) {
    const wrapper = function (...args) {
        remove(emitter, name, wrapper);
        return apply(fn, this, args);
    };
    add(emitter, name, wrapper, wrapper, true);
}

/** Remove all listeners of an event, without events. */
function clear(emitter, name) {
    const state = stateOf(emitter);
    if (state !== undefined) delete state.lists[name];
    return emitter;
}

const removing = [
    function (name, fn) {
        remove(this, name, fn);
        return this;
    },
    function (name) {
        return clear(this, name);
    },
    function (map) {
        return each(this, map, remove);
    },
];

class EmitterImpl extends NativeObject {
    setMaxListeners(n) {
        if (n >= 0) obtain(this).max = n;
    }

    getMaxListeners() {
        return stateOf(this)?.max ?? maximum;
    }

    listeners(name) {
        const list = stateOf(this)?.lists[name];
        return list === undefined ? [] : slice(list);
    }

    eventNames() {
        const state = stateOf(this);
        return state === undefined
            ? []
            : keysOf(state.lists).map((name) => (isIndex(name) ? NativeNumber(name) : name));
    }

    /** Remove the listeners of the events listed, or all. */
    removeAllListeners(names) {
        for (let i = 0; i < names.length; i++) {
            if (typeof names[i] !== 'string') throw fail(100005);
            clear(this, names[i]);
        }
        return this;
    }
}

const methods = {
    on: registering(on),
    addListener: registering(on),
    prependListener: registering(prepend),
    once: registering(once),
    prependOnceListener: registering(prependOnce),
    off: removing,
    removeListener: removing,
    addEventListener(name, fn, options) {
        (options.once ? once : on)(this, name, fn);
        return this;
    },
    removeEventListener(name, fn) {
        remove(this, name, fn);
        return this;
    },
    emit() {},
    listenerCount() {},
};
for (const name of Object.keys(methods))
    defineProperty(EmitterImpl.prototype, name, {
        value: methods[name],
        writable: true,
        configurable: true,
        enumerable: true,
    });

const defaults = {
    get defaultMaxListeners() {
        return maximum;
    },
    set defaultMaxListeners(n) {
        if (n < 0) throw fail('"defaultMaxListeners" must be a positive number');
        maximum = n;
    },
};

const EventEmitter = nativeClass('EventEmitter', EmitterImpl, {
    unchecked: true,
    statics: defaults,
    later: ['addEventListener', 'removeEventListener'],
    callable(...args) {
        if (this === undefined || this === null) throw fail(100007);
        if (args.length > 0) throw fail(100001);
        copyMembers(this, true);
    },
});

const nameOf = (value) => (typeof value === 'string' ? value : `${value}`);

/** Replace a method by one that matches its few arguments itself. */
function replace(name, run) {
    defineProperty(EmitterImpl.prototype, name, {
        value: nativeFunction(name, run),
        writable: true,
        configurable: true,
        enumerable: true,
    });
}

const emitMember = {
    emit(name, ...args) {
        if (name === undefined && args.length === 0) throw fail(100002);
        return emit(this, typeof name === 'string' ? name : `${name}`, args);
    },
}.emit;
defineProperty(emitMember, 'length', { value: 0, configurable: true });
defineProperty(EmitterImpl.prototype, 'emit', {
    value: emitMember,
    writable: true,
    configurable: true,
    enumerable: true,
});
replace('listenerCount', (self, args) => {
    if (args.length === 0) throw fail(100002);
    if (args.length > 2) throw fail(100001);
    if (args.length === 2 && (typeof args[0] !== 'object' || args[0] === null) && typeof args[0] !== 'function')
        throw fail(100005);
    const emitter = args.length === 2 ? args[0] : self;
    return stateOf(emitter)?.lists[nameOf(args[args.length - 1])]?.length ?? 0;
});
{
    const matched = EmitterImpl.prototype.removeAllListeners;
    replace('removeAllListeners', (self, args) => {
        if (args.length === 0 || (args.length === 1 && args[0] === undefined)) {
            const state = stateOf(self);
            if (state !== undefined) state.lists = { __proto__: null };
            return self;
        }
        if (args.length === 1 && typeof args[0] === 'string') return clear(self, args[0]);
        return apply(matched, self, args);
    });
}

/** Put the members on an object itself, enumerable. */
function copyMembers(target, withDefault) {
    const { prototype } = EventEmitter;
    for (const name of ownKeys(prototype)) {
        const own = getOwnPropertyDescriptor(prototype, name);
        if (own.enumerable) defineProperty(target, name, own);
    }
    if (withDefault)
        defineProperty(target, 'defaultMaxListeners', getOwnPropertyDescriptor(EventEmitter, 'defaultMaxListeners'));
}

// The constructor is an emitter itself.
copyMembers(EventEmitter, false);
defineProperty(EventEmitter, 'EventEmitter', {
    value: EventEmitter,
    writable: true,
    configurable: true,
    enumerable: true,
});

/**
 * Define the property `on<event>` on the prototype of an implementation class, before `nativeClass` is called.
 * Assigning a function makes it the only listener; reading gives the first one.
 */
function defineEventProperty(prototype, event) {
    defineProperty(prototype, `on${event}`, {
        configurable: true,
        enumerable: true,
        get() {
            return stateOf(this)?.lists[event]?.[0] ?? null;
        },
        set(fn) {
            if (typeof fn !== 'function') throw fail(100005);
            clear(this, event);
            on(this, event, fn);
        },
    });
}

/** What other modules use; `require('events')` of scripts is the class alone. */
internal.events = { defineEventProperty, emit, emitNative, emitOne, hasListeners };

module.exports = EventEmitter;
