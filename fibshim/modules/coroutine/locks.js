// Lock, Semaphore, Condition and Event (spec/fibers-and-runtime.md §6).  Waiters are served first come, first served.
'use strict';

const { fail, fibers, members } = internal;
const { NativeObject, nativeClass } = members;
const { push, uncurry } = internal.glue;
const shift = uncurry(Array.prototype.shift);

class LockImpl extends NativeObject {
    #owner = null;
    #depth = 0;
    /** Made with the first waiter: subclasses have waiters of their own. */
    #waiters = null;

    /** Take the lock; with `blocking` false only if it is free or owned already. */
    acquire(blocking) {
        const me = fibers.current();
        if (this.#owner === null || this.#owner === me) {
            this.#owner = me;
            this.#depth++;
            return true;
        }
        if (!blocking) return false;
        const waiter = { task: me, wait: fibers.newWait() };
        push((this.#waiters ??= []), waiter);
        fibers.block(waiter.wait, 'Lock.acquire');
        return true;
    }

    /** One level less; at zero the lock passes directly to the first waiter. */
    release() {
        if (this.#owner === null || this.#owner !== fibers.current()) throw fail(100009);
        if (--this.#depth > 0) return;
        const next = this.#waiters === null ? undefined : shift(this.#waiters);
        this.#owner = next === undefined ? null : next.task;
        if (next !== undefined) {
            this.#depth = 1;
            fibers.wake(next.wait);
        }
    }

    /** The number of waiting fibers. */
    count() {
        return this.#waiters === null ? 0 : this.#waiters.length;
    }

    get owned() {
        return this.#owner !== null && this.#owner === fibers.current();
    }
}
const Lock = nativeClass('Lock', LockImpl, { eager: ['acquire', 'release'] });

class SemaphoreImpl extends LockImpl {
    #value;
    #waiters = [];

    constructor(value) {
        super();
        if (value < 0) throw fail(100006);
        this.#value = value;
    }

    wait() {
        if (this.#value > 0) this.#value--;
        else fibers.park(this.#waiters, 'Semaphore.wait');
    }

    trywait() {
        if (this.#value <= 0) return false;
        this.#value--;
        return true;
    }

    post() {
        if (!fibers.wakeFirst(this.#waiters)) this.#value++;
    }

    acquire(blocking) {
        if (!blocking) return this.trywait();
        if (this.#value > 0) this.#value--;
        else fibers.park(this.#waiters, 'Semaphore.acquire');
        return true;
    }

    release() {
        if (!fibers.wakeFirst(this.#waiters)) this.#value++;
    }

    count() {
        return this.#waiters.length;
    }
}
const Semaphore = nativeClass('Semaphore', SemaphoreImpl, { eager: ['wait', 'acquire', 'post'] });

class ConditionImpl extends LockImpl {
    #lock;
    #waiters = [];

    constructor(lock = new LockImpl()) {
        super();
        this.#lock = lock;
    }

    acquire(blocking) {
        return this.#lock.acquire(blocking);
    }

    release() {
        this.#lock.release();
    }

    /** Release one level, wait for a notification, re-acquire. */
    wait() {
        if (!this.#lock.owned) throw fail(100009);
        const number = fibers.newWait();
        push(this.#waiters, number);
        this.#lock.release();
        fibers.block(number, 'Condition.wait');
        this.#lock.acquire(true);
    }

    notify() {
        this.#lock.release();
        fibers.wakeFirst(this.#waiters);
    }

    notifyAll() {
        this.#lock.release();
        fibers.wakeAll(this.#waiters);
    }

    count() {
        return this.#waiters.length;
    }
}
const Condition = nativeClass('Condition', ConditionImpl, { eager: ['wait'] });

class EventImpl extends LockImpl {
    #on;
    #waiters = [];

    constructor(value) {
        super();
        this.#on = value;
    }

    wait() {
        if (!this.#on) fibers.park(this.#waiters, 'Event.wait');
    }

    acquire(blocking) {
        if (!blocking) return this.#on;
        if (!this.#on) fibers.park(this.#waiters, 'Event.acquire');
        return true;
    }

    isSet() {
        return this.#on;
    }

    set() {
        this.#on = true;
        fibers.wakeAll(this.#waiters);
    }

    release() {
        this.#on = true;
        fibers.wakeAll(this.#waiters);
    }

    pulse() {
        fibers.wakeAll(this.#waiters);
    }

    clear() {
        this.#on = false;
    }

    count() {
        return this.#waiters.length;
    }
}
const Event = nativeClass('Event', EventImpl, { eager: ['wait', 'set', 'clear'] });

module.exports = { Condition, Event, Lock, Semaphore };
