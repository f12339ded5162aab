// Fiber objects, `start` and `parallel` (spec/fibers-and-runtime.md §5).
'use strict';

const { fail, fibers, members, report } = internal;
const { NativeObject, nativeClass } = members;
const { ownKeys, getOwnPropertyDescriptor } = Reflect;

/** The task of a Fiber object. */
let taskOf;

class FiberImpl extends NativeObject {
    #task;

    static {
        taskOf = (fiber) => fiber.#task;
    }

    constructor(task) {
        super();
        this.#task = task;
        task.fiber = this;
    }

    /** Block until the fiber has ended. */
    join() {
        fibers.join(this.#task);
    }

    get id() {
        return BigInt(this.#task.id);
    }

    get caller() {
        return this.#task.caller;
    }

    get stack() {
        return fibers.stackOf(this.#task);
    }
}

/** The Fiber object of a task. */
const fiberOf = (task) => task.fiber ?? new FiberImpl(task);

/** The Fiber that runs. */
const current = () => fiberOf(fibers.current());

/** Copy the starter's own enumerable properties (fiber-local storage). */
function copyLocals(from, to) {
    if (from === null) return;
    for (const key of ownKeys(from)) {
        const own = getOwnPropertyDescriptor(from, key);
        if (own !== undefined && own.enumerable && typeof key === 'string') to[key] = from[key];
    }
}

/** Queue a new fiber with `this` = its Fiber, which gets the starter's locals. */
function start(func, ...args) {
    const starter = fibers.current();
    const task = fibers.start(func, args, undefined);
    const fiber = new FiberImpl(task);
    task.self = fiber;
    task.caller = fiberOf(starter);
    copyLocals(starter.fiber, fiber);
    return fiber;
}

/**
 * Run `count` items, at most `limit` at once, and wait for all of them.
 * @param {(i: number) => any} item
 */
function runAll(count, limit, item) {
    if (count <= 0) return [];
    const results = new Array(count).fill(undefined);
    const caller = fibers.current();
    const parent = fiberOf(caller);
    let next = 0;
    let left = count;
    let failed = false;
    const done = [];
    const begin = (task, index) => {
        const fiber = new FiberImpl(task);
        task.caller = parent;
        copyLocals(parent, fiber);
        task.self = fiber;
        try {
            results[index] = Reflect.apply(item, fiber, [index]);
        } catch (error) {
            failed = true;
            report(error);
        }
    };
    // A fiber for each item: items may wait for each other, and own locks of their own.
    const startNext = () => {
        const index = next++;
        fibers.start(
            () => {
                begin(fibers.current(), index);
                if (next < count) startNext();
                if (--left === 0) fibers.wakeAll(done);
            },
            [],
            undefined,
        );
    };
    const width = limit <= 0 || limit >= count ? count : limit;
    for (let i = 0; i < width; i++) startNext();
    while (left > 0) fibers.park(done, 'coroutine.parallel');
    if (failed) throw fail(100020);
    return results;
}

const invoke = (fn) =>
    function () {
        return Reflect.apply(fn, this, []);
    };

const parallel = [
    (funcs, limit) => {
        for (const fn of funcs) if (typeof fn !== 'function') throw fail(100004);
        return runAll(funcs.length, limit, function (i) {
            return Reflect.apply(funcs[i], this, []);
        });
    },
    (datas, func, limit) =>
        runAll(datas.length, limit, function (i) {
            return Reflect.apply(func, this, [datas[i]]);
        }),
    (func, num, limit) =>
        runAll(num, limit, function (i) {
            return Reflect.apply(func, this, [i]);
        }),
    (...funcs) => {
        for (const fn of funcs) if (typeof fn !== 'function') throw fail(100004);
        return runAll(funcs.length, -1, function (i) {
            return Reflect.apply(funcs[i], this, []);
        });
    },
];

const Fiber = nativeClass('Fiber', FiberImpl, { constructible: false });

module.exports = { Fiber, copyLocals, current, fiberOf, parallel, start, taskOf };
