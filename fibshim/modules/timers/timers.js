// The `timers` module and the global timer functions (spec/fibers-and-runtime.md §9).
'use strict';

const { entry, fail, fibers, inner, members, ops, report } = internal;
const { NativeObject, nativeClass, nativeFunction } = members;
const native = ops('timers');
const { apply } = Reflect;
const MAX = 2147483647;

let last = 0;
/** Timers that are armed or whose callback is queued, by number. */
const live = new Map();

class TimerImpl extends NativeObject {
    #number = ++last;
    #callback;
    #args;
    #ms;
    #kind;
    #ref = true;
    #stopped = false;

    /** @param {'once'|'again'|'now'|'hr'} kind */
    constructor(callback, ms, args, kind) {
        super();
        this.#callback = callback;
        this.#args = args;
        this.#ms = ms;
        this.#kind = kind;
        live.set(this.#number, this);
        if (kind === 'now') fibers.start(() => this.fire(), [], undefined);
        else this.#arm();
    }

    #arm() {
        if (this.#kind === 'hr') native.armInterrupt(this.#number, this.#ms, this.#ref);
        else native.arm(this.#number, this.#ms, this.#ref);
    }

    /** Run the callback in the current fiber. */
    fire() {
        if (this.#stopped) return;
        try {
            apply(this.#callback, this, this.#args);
        } finally {
            const again = this.#kind === 'again' || this.#kind === 'hr';
            if (again && !this.#stopped) this.#arm();
            else {
                this.#stopped = true;
                live.delete(this.#number);
            }
        }
    }

    clear() {
        if (this.#stopped) return;
        this.#stopped = true;
        live.delete(this.#number);
        native.clear(this.#number);
    }

    get stopped() {
        return this.#stopped;
    }

    ref() {
        this.#ref = true;
        if (!this.#stopped) native.ref(this.#number, true);
        return this;
    }

    unref() {
        this.#ref = false;
        if (!this.#stopped) native.ref(this.#number, false);
        return this;
    }
}
nativeClass('Timer', TimerImpl, { constructible: false });

entry('timers.fire', (number) => live.get(number)?.fire());
const interrupted = (number) => {
    if (native.interruptOver(number)) live.get(number)?.fire();
};
inner('timers.interrupt', interrupted);
entry('timers.hr', interrupted);

/** Milliseconds as a timer takes them: at least 1, at most 2^31-1. */
const clamp = (ms) => {
    const whole = Math.trunc(ms);
    return whole < 1 || whole > MAX || whole !== whole ? 1 : whole;
};

const set =
    (kind) =>
    (callback, ms, ...args) =>
        new TimerImpl(callback, clamp(ms), args, kind);
const clear = (timer) => {
    if (timer instanceof TimerImpl) timer.clear();
};

// A time-limited call hands its function over in a variable: the nested entry takes it before anything else runs.
let pendingCall = null;
inner('timers.limited', () => {
    const mine = pendingCall;
    pendingCall = null;
    try {
        mine.result = apply(mine.func, undefined, mine.args);
    } catch (error) {
        mine.thrown = true;
        mine.result = error;
    }
});

function callLimited(func, timeout, ...args) {
    const mine = { func, args, thrown: false, result: undefined };
    pendingCall = mine;
    const me = fibers.current();
    let inTime;
    try {
        inTime = native.limited(clamp(timeout));
    } finally {
        fibers.leave(me);
    }
    if (!inTime) throw fail(100021);
    if (mine.thrown) throw mine.result;
    return mine.result;
}

const impl = {
    setTimeout: set('once'),
    setInterval: set('again'),
    setHrInterval: set('hr'),
    setImmediate: (callback, ...args) => new TimerImpl(callback, 0, args, 'now'),
    clearTimeout: clear,
    clearInterval: clear,
    clearHrInterval: clear,
    clearImmediate: clear,
    call: callLimited,
};

module.exports = members.module('timers', impl);
/** The same functions as global ones; their name is that of the global module. */
const globals = members.module('timers', impl, { functionName: 'global' });
Object.defineProperty(module.exports, 'globals', { value: globals, enumerable: false });
