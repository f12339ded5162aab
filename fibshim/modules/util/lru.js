// `util.LruCache` (spec/util-assert-test.md §6).
'use strict';

const { fibers, members } = internal;
require('events');
const { defineEventProperty, emitNative, hasListeners } = internal.events;
const { apply } = Reflect;
const NativeMap = Map;
const now = performance.now.bind(performance);

/** Entries stand in two orders: the Map's is that of use (last used last), the list `#ages` that of setting. */
class LruCacheImpl extends members.implOf('EventEmitter') {
    #limit;
    #timeout;
    /** name → `{ value, at }`, least recently used first. */
    #entries = new NativeMap();
    /** name → time of setting, oldest first. */
    #ages = new NativeMap();
    /** Updaters that run: name → wait numbers of the fibers that want the same name. */
    #updating = new NativeMap();

    constructor(size, timeout) {
        super();
        this.#limit = size;
        this.#timeout = timeout;
    }

    get size() {
        this.#clean();
        return this.#entries.size;
    }

    get timeout() {
        return this.#timeout;
    }

    set timeout(value) {
        this.#timeout = value;
    }

    /** Remove everything, without events. */
    clear() {
        this.#entries.clear();
        this.#ages.clear();
    }

    has(name) {
        this.#clean();
        return this.#entries.has(name);
    }

    /** The value of a name, or what the updater makes of it; fibers that want the same name wait for it. */
    get(name, updater) {
        for (;;) {
            this.#clean();
            if (this.#entries.has(name)) {
                const value = this.#entries.get(name);
                this.#entries.delete(name);
                this.#entries.set(name, value);
                return value;
            }
            const waiting = this.#updating.get(name);
            if (waiting === undefined) break;
            fibers.park(waiting, 'LruCache.get');
        }
        if (updater === undefined) return undefined;
        const waiting = [];
        this.#updating.set(name, waiting);
        let value;
        try {
            value = apply(updater, this, [name]);
        } finally {
            this.#updating.delete(name);
            fibers.wakeAll(waiting);
        }
        if (value !== undefined && value !== null && !this.#entries.has(name)) this.#put(name, value);
        return value;
    }

    set(name, value) {
        if (arguments.length === 1) {
            for (const key in name) this.#put(key, name[key]);
        } else this.#put(name, value);
        this.#clean();
    }

    /** Remove a name, without an event. */
    remove(name) {
        this.#entries.delete(name);
        this.#ages.delete(name);
    }

    isEmpty() {
        this.#clean();
        return this.#entries.size === 0;
    }

    toJSON() {
        this.#clean();
        const out = {};
        for (const [name, value] of [...this.#entries].reverse()) out[name] = value;
        return out;
    }

    #put(name, value) {
        this.remove(name);
        this.#entries.set(name, value);
        this.#ages.set(name, now());
    }

    /** Drop what is too old, then the least recently used beyond the size. */
    #clean() {
        if (this.#timeout > 0) {
            const limit = now() - this.#timeout;
            for (const [name, at] of this.#ages) {
                if (at >= limit) break;
                this.#expire(name);
            }
        }
        if (this.#limit > 0)
            for (const name of this.#entries.keys()) {
                if (this.#entries.size <= this.#limit) break;
                this.#expire(name);
            }
    }

    #expire(name) {
        const value = this.#entries.get(name);
        this.remove(name);
        if (hasListeners(this, 'expire'))
            fibers.start(
                () => emitNative(this, 'expire', { target: this, type: 'expire', key: name, value }),
                [],
                undefined,
            );
    }
}

defineEventProperty(LruCacheImpl.prototype, 'expire');

module.exports = { LruCache: members.nativeClass('LruCache', LruCacheImpl) };
