// The `coroutine` module (spec/fibers-and-runtime.md §5).
'use strict';

const { fibers, members, ops } = internal;
const { Fiber, current, fiberOf, parallel, start } = require('./fiber');
const native = ops('coroutine');

/** Per VM: the filter of console output. */
const settings = { loglevel: 10, spareFibers: 256 };

module.exports = members.module(
    'coroutine',
    {
        get Lock() {
            return require('./locks').Lock;
        },
        get Semaphore() {
            return require('./locks').Semaphore;
        },
        get Condition() {
            return require('./locks').Condition;
        },
        get Event() {
            return require('./locks').Event;
        },
        get Worker() {
            return require('./worker').Worker;
        },
        start,
        parallel,
        current,
        sleep: native.sleep,
        get fibers() {
            return fibers.tasks().map(fiberOf);
        },
        get spareFibers() {
            return settings.spareFibers;
        },
        set spareFibers(value) {
            settings.spareFibers = value;
        },
        get vmid() {
            return native.vmid();
        },
        get loglevel() {
            return settings.loglevel;
        },
        set loglevel(value) {
            settings.loglevel = value;
            internal.loglevel = value;
        },
    },
    { eager: ['sleep', 'start'] },
);
