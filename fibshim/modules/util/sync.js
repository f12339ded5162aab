// `util.sync`, `promisify` and `callbackify` (spec/fibers-and-runtime.md §8.1).
'use strict';

const { fail, fibers, glue, members } = internal;
const { isAsyncFunction, isObject } = require('./kinds');
const { uncurry } = glue;
const { apply } = Reflect;
const NativePromise = Promise;
const NativeError = Error;
const nativeThen = Promise.prototype.then;
const then = uncurry(nativeThen);
const get = uncurry(WeakMap.prototype.get);
const put = uncurry(WeakMap.prototype.set);

/** What `sync` made: `{ func, isAsync }`. */
const originals = new WeakMap();

/** The function behind one that `util.sync` made, and whether it returns a promise; undefined for other functions. */
const syncOriginal = (fn) => get(originals, fn);

/** Hear how a promise or an imitation of one ends. */
function follow(promise, ok, bad) {
    if (fibers.isPromise(promise) && promise.then === nativeThen) {
        then(promise, ok, bad);
        return;
    }
    const derived = promise.then(ok);
    if (fibers.isPromise(derived)) then(derived, undefined, ignore); // its rejection is heard below
    promise.catch(bad);
}
const ignore = () => {};

/** A blocking function of one that calls back or returns a promise. */
function sync(func, asyncFunc) {
    const isAsync = asyncFunc || isAsyncFunction(func);
    const made = members.nativeFunction('sync', (self, args) => {
        const call = { finished: false, resumed: false, error: undefined, result: undefined };
        const waiting = [];
        const finish = (error, result) => {
            if (call.resumed) return;
            call.error = error;
            call.result = result;
            if (!call.finished) {
                call.finished = true;
                fibers.wakeAll(waiting);
            }
        };
        if (isAsync) {
            const promise = apply(func, self, args);
            if (!isObject(promise) || typeof promise.then !== 'function' || typeof promise.catch !== 'function')
                throw new NativeError('not async function.');
            follow(
                promise,
                (value) => finish(undefined, value),
                (reason) => finish(reason, null),
            );
        } else apply(func, self, [...args, finish]);
        fibers.drain();
        if (!call.finished) fibers.park(waiting, 'util.sync');
        call.resumed = true;
        if (call.error !== undefined && call.error !== null) throw call.error;
        return call.result;
    });
    put(originals, made, { func, isAsync });
    return made;
}

/** The other style of a function that `promisify` or `callbackify` has seen. */
const promised = new WeakMap();
const called = new WeakMap();

/** A function that returns a promise, of one that takes a callback `(error, result)`. */
function promisify(func) {
    let made = get(promised, func);
    if (made === undefined) {
        made = members.nativeFunction('promisify', (self, args) => {
            return new NativePromise((resolve, reject) => {
                apply(func, self, [
                    ...args,
                    (error, result) => (error !== undefined && error !== null ? reject(error) : resolve(result)),
                ]);
            });
        });
        put(promised, func, made);
        put(called, made, func);
    }
    return made;
}

/** A function that takes a callback, of one that returns a promise. */
function callbackify(func) {
    let made = get(called, func);
    if (made === undefined) {
        made = members.nativeFunction('callbackify', (self, args) => {
            const callback = args[args.length - 1];
            if (typeof callback !== 'function') throw fail(100005);
            const start = (...values) => fibers.start(callback, values, undefined);
            then(
                NativePromise.resolve(apply(func, self, args.slice(0, -1))),
                (value) => start(undefined, value),
                (reason) => start(reason ?? new NativeError('the promise was rejected without a reason')),
            );
        });
        put(called, func, made);
        put(promised, made, func);
    }
    return made;
}

module.exports = { callbackify, promisify, sync, syncOriginal };
