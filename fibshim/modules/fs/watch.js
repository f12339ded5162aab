// FSWatcher and StatsWatcher (spec/fs-and-path.md §3).
'use strict';

const { entry, fail, fibers, members, ops } = internal;
require('events');
const { nativeClass, implOf } = members;
const { emitNative } = internal.events;
const { emptyStat, statOf } = require('./stat');
const { fullpath } = require('path/posix');
const native = ops('fs');
const { drop } = ops('core.native');

/** An option of a type; the default if it is not there. */
function option(options, name, type, byDefault) {
    const value = options[name];
    if (value === undefined) return byDefault;
    if (typeof value !== type) throw fail(100005);
    return value;
}

/** Assigning makes a function the only listener; reading never gives it back. */
const onEvent = (prototype, event) =>
    Reflect.defineProperty(prototype, `on${event}`, {
        configurable: true,
        enumerable: true,
        get: () => null,
        set(fn) {
            this.removeAllListeners(event);
            this.on(event, fn);
        },
    });

const watchers = new Map();
let last = 0;
/** What the numbers of events mean. */
const KINDS = [undefined, ['change'], ['rename'], ['change', 'rename']];

/** Tells a watcher of an event. */
let fsEvent;

class FSWatcherImpl extends implOf('EventEmitter') {
    #path;
    #number = ++last;
    #handle = 0;
    #closed = false;

    static {
        fsEvent = (watcher, kind) => watcher.#event(kind);
    }

    constructor(path, options, callback) {
        super();
        const persistent = option(options, 'persistent', 'boolean', true);
        option(options, 'recursive', 'boolean', false);
        this.#path = fullpath(path);
        if (callback !== undefined) this.on('change', callback);
        try {
            this.#handle = ops('fs.watching').watch(this.#path, this.#number, persistent);
        } catch (error) {
            if (error.number === 100023) throw error;
            this.#failed(error);
            return;
        }
        watchers.set(this.#number, this);
    }

    /** A target that cannot be watched is reported later, and then the end. */
    #failed(error) {
        const reason = error.message.replace(/^\[\d+\] /, '').toLowerCase();
        const report = { target: this, type: 'error', code: -100009, reason };
        fibers.start(() => emitNative(this, 'error', report), [], undefined);
        this.close();
    }

    #event(kind) {
        if (this.#closed) return;
        const types = KINDS[kind];
        for (const type of types) emitNative(this, 'change', type, this.#path);
        if (types.length === 1) emitNative(this, `${types[0]}only`, types[0], this.#path);
    }

    close() {
        if (this.#closed) return;
        this.#closed = true;
        watchers.delete(this.#number);
        if (this.#handle !== 0) drop(this.#handle);
        fibers.start(() => emitNative(this, 'close'), [], undefined);
    }
}
for (const event of ['change', 'close', 'error']) onEvent(FSWatcherImpl.prototype, event);
nativeClass('FSWatcher', FSWatcherImpl, { constructible: false });
entry('fs.event', (number, kind) => {
    const watcher = watchers.get(number);
    if (watcher !== undefined) fsEvent(watcher, kind);
});

// -- polling -----------------------------------------------------------------------------------

const DEFAULT_INTERVAL = 5007;
/** One watcher for each absolute path. */
const polled = new Map();

let attach;

class StatsWatcherImpl extends implOf('EventEmitter') {
    #path;
    #interval;
    #persistent;
    #timer = null;
    #stat = null;
    #closed = false;

    static {
        attach = (watcher) => watcher.#begin();
    }

    constructor(path, options) {
        super();
        this.#path = path;
        this.#persistent = option(options, 'persistent', 'boolean', true);
        option(options, 'bigint', 'boolean', false);
        const interval = Math.trunc(option(options, 'interval', 'number', DEFAULT_INTERVAL));
        this.#interval = interval < 20 ? DEFAULT_INTERVAL : interval;
    }

    #begin() {
        fibers.start(() => this.#poll(), [], undefined);
    }

    #look() {
        try {
            return statOf(this.#path, native.stat(this.#path));
        } catch {
            return emptyStat();
        }
    }

    #poll() {
        if (this.#closed) return;
        const before = this.#stat;
        const now = this.#look();
        const missing = now.mtimeMs === 0 && now.mode === 0;
        // What has gone is not reported, and still counts as the previous state when it is back.
        const changed = before === null || (!missing && now.mtimeMs !== before.mtimeMs);
        if (before === null || !missing) this.#stat = now;
        this.#arm();
        if (changed) emitNative(this, 'change', now, before ?? emptyStat());
    }

    #arm() {
        if (this.#closed) return;
        this.#timer = require('timers').setTimeout(() => this.#poll(), this.#interval);
        if (!this.#persistent) this.#timer.unref();
    }

    close() {
        if (this.#closed) return;
        this.#closed = true;
        if (polled.get(this.#path) === this) polled.delete(this.#path);
        this.#timer?.clear();
        fibers.start(() => emitNative(this, 'close'), [], undefined);
    }

    ref() {
        this.#persistent = true;
        this.#timer?.ref();
        return this;
    }

    unref() {
        this.#persistent = false;
        this.#timer?.unref();
        return this;
    }
}
onEvent(StatsWatcherImpl.prototype, 'change');
nativeClass('StatsWatcher', StatsWatcherImpl, { constructible: false });

function watchFile(path, options, callback) {
    const full = fullpath(path);
    let watcher = polled.get(full);
    const isNew = watcher === undefined;
    if (isNew) {
        watcher = new StatsWatcherImpl(full, options);
        polled.set(full, watcher);
    }
    watcher.on('change', callback);
    if (isNew) attach(watcher);
    return watcher;
}

function unwatchFile(path, callback) {
    const watcher = polled.get(fullpath(path));
    if (watcher === undefined) return;
    if (callback === undefined) watcher.removeAllListeners('change');
    else watcher.off('change', callback);
    if (watcher.listenerCount('change') === 0) watcher.close();
}

module.exports = {
    watch: [
        (path) => new FSWatcherImpl(path, {}),
        (path, callback) => new FSWatcherImpl(path, {}, callback),
        (path, options) => new FSWatcherImpl(path, options),
        (path, options, callback) => new FSWatcherImpl(path, options, callback),
    ],
    watchFile: [(path, callback) => watchFile(path, {}, callback), watchFile],
    unwatchFile: [unwatchFile, unwatchFile],
};
