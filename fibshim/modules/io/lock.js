// One fiber at a time inside an object (spec/fibers-and-runtime.md §1.4): for classes whose members block.
'use strict';

const { fibers } = internal;
const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;

/** Stamps the lock onto an object, whatever its class. */
class Stamped {
    constructor(object) {
        return object;
    }
}
class Lock extends Stamped {
    #owner = null;
    #depth = 0;
    #waiters = null;

    /** Run a function in the lock of an object; the owning fiber may re-enter. */
    static run(object, fn, args) {
        const me = fibers.current();
        if (!(#owner in object)) new Lock(object);
        if (object.#owner !== null && object.#owner !== me) {
            const waiter = { task: me, wait: fibers.newWait() };
            (object.#waiters ??= []).push(waiter);
            // Whoever leaves the lock hands it over before the wake.
            fibers.block(waiter.wait, 'object lock');
        } else {
            object.#owner = me;
            object.#depth++;
        }
        try {
            return apply(fn, object, args);
        } finally {
            if (--object.#depth === 0) {
                const next = object.#waiters === null ? undefined : object.#waiters.shift();
                object.#owner = next === undefined ? null : next.task;
                if (next !== undefined) {
                    object.#depth = 1;
                    fibers.wake(next.wait);
                }
            }
        }
    }
}

const wrap = (fn) =>
    function (...args) {
        return Lock.run(this, fn, args);
    };

/**
 * Put all methods and properties of an implementation class behind its objects' lock; call it before `nativeClass`.
 * @param {Function} Impl
 * @param {string[]} [except] members that stay free
 */
function lockMembers(Impl, except = []) {
    const { prototype } = Impl;
    for (const key of ownKeys(prototype)) {
        if (key === 'constructor' || except.includes(key)) continue;
        const own = getOwnPropertyDescriptor(prototype, key);
        if (typeof own.value === 'function') own.value = wrap(own.value);
        if (own.get) own.get = wrap(own.get);
        if (own.set) own.set = wrap(own.set);
        defineProperty(prototype, key, own);
    }
    return Impl;
}

module.exports = { lockMembers };
