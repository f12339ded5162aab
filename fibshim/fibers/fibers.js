// The JavaScript side of `scheduler.py`: which fiber runs, how it blocks, what happens when it ends.
// A function expression; called once with the engine's glue and the scheduler's callables.
(glue, py) => {
    'use strict';
    const {
        block: pyBlock,
        wake: pyWake,
        start: pyStart,
        drain: pyDrain,
        stackOf: pyStackOf,
        failed: pyFailed,
        blocking,
    } = py;
    const { settle, mark, uncurry, hereStack, cleanStack, framesHere, rawStack, textOf, toWellFormed } = glue;
    const NativeMap = Map;
    const NativeSet = Set;
    const NativeError = Error;
    const mapGet = uncurry(Map.prototype.get);
    const mapSet = uncurry(Map.prototype.set);
    const mapDelete = uncurry(Map.prototype.delete);
    const setAdd = uncurry(Set.prototype.add);
    const setDelete = uncurry(Set.prototype.delete);
    const setForEach = uncurry(Set.prototype.forEach);
    const push = uncurry(Array.prototype.push);
    const shift = uncurry(Array.prototype.shift);
    const splice = uncurry(Array.prototype.splice);
    const sort = uncurry(Array.prototype.sort);
    const { apply } = Reflect;
    const then = uncurry(Promise.prototype.then);
    const isPromise = (value) =>
        value instanceof NativePromise ||
        (hooks.isForeignPromise !== null &&
            typeof value === 'object' &&
            value !== null &&
            hooks.isForeignPromise(value));
    const NativePromise = Promise;

    let count = 1; // fibers begun or created; the main script's is 2
    let waits = 0;
    /** The task that runs; null if nobody has asked for it yet. */
    let current = null;
    /** Tasks that were started and have not begun. */
    const queued = new NativeMap();
    /** Tasks that have blocked at least once and have not ended. */
    const listed = new NativeSet();
    const failed = (text) => pyFailed(toWellFormed(text));
    /** `isForeignPromise`: set when there are other realms. */
    const hooks = { report: failed, isForeignPromise: null };

    /** What is known of a fiber; the object scripts see (`Fiber`) is made only when somebody asks for it. */
    class Task {
        constructor(id) {
            this.id = id;
            this.order = id; // of its begin
            this.fn = null;
            this.args = null;
            this.self = undefined;
            this.caller = null;
            this.fiber = null;
            this.reason = null;
            this.failed = false;
            this.error = undefined;
            this.ended = false;
            this.joiners = null;
            this.inList = false;
        }
    }

    const task = () => (current ??= new Task(count));

    /** @param {string} reason what the fiber is blocked in, as stacks show it */
    function enter(reason) {
        const me = current === null ? task() : current;
        if (!me.inList) {
            me.inList = true;
            setAdd(listed, me);
        }
        me.reason = reason;
        blocking[0] = me.id; // so that the scheduler can say which thread holds this fiber's stack
        return me;
    }

    function leave(me) {
        me.reason = null;
        current = me;
    }

    /** Park the fiber that runs until `wake(number)`; what woke it before it blocks counts. */
    function block(number, reason) {
        const me = enter(reason);
        const r = pyBlock(number);
        leave(me);
        if (r === mark) settle();
    }

    /** Park the fiber that runs at the end of a queue of wait numbers.  Not through `block`: each call costs stack. */
    function park(queue, reason) {
        const number = ++waits;
        push(queue, number);
        const me = enter(reason);
        const r = pyBlock(number);
        leave(me);
        if (r === mark) settle();
    }

    const wake = (number) => {
        pyWake(number);
    };

    /** Wake the first of a queue. @returns {boolean} whether there was one */
    function wakeFirst(queue) {
        if (queue.length === 0) return false;
        pyWake(shift(queue));
        return true;
    }

    function wakeAll(queue) {
        const all = splice(queue, 0, queue.length);
        for (let i = 0; i < all.length; i++) pyWake(all[i]);
    }

    /**
     * Queue a new fiber.
     * @returns {Task}
     */
    function start(fn, args, self) {
        const made = new Task(++count);
        made.fn = fn;
        made.args = args;
        made.self = self;
        mapSet(queued, made.id, made);
        pyStart(made.id);
        return made;
    }

    /** Entry: a fiber that was queued begins. */
    function run(id) {
        const me = mapGet(queued, id);
        mapDelete(queued, id);
        current = me;
        me.order = ++count;
        const { fn, args } = me;
        me.fn = me.args = null;
        try {
            apply(fn, me.self, args);
        } catch (error) {
            me.failed = true;
            me.error = error;
        }
        return end(me);
    }

    /** @returns {boolean} whether `finish` must be called after the promise queue is drained */
    function end(me) {
        if (me.failed || me.joiners !== null || me.inList) return true;
        me.ended = true;
        return false;
    }

    /** Entry: the fiber that ran is over, its promise jobs are done. */
    function finish() {
        const me = current;
        if (me === null) return;
        if (me.failed) {
            me.failed = false;
            const error = me.error;
            me.error = undefined;
            report(error);
        }
        me.ended = true;
        if (me.inList) {
            me.inList = false;
            setDelete(listed, me);
        }
        if (me.joiners !== null) {
            const joiners = me.joiners;
            me.joiners = null;
            wakeAll(joiners);
        }
    }

    /** Report an error nobody catches; whatever reporting runs into must not leave JavaScript. */
    function report(error) {
        try {
            hooks.report(error);
        } catch (inner) {
            failed(textOf(error) + '\n' + (inner instanceof NativeError ? textOf(inner) + '\n' + rawStack(inner) : ''));
        }
    }

    /** Entry: promise jobs are about to run outside of any fiber. */
    function begin() {
        current = null;
        ++count;
    }

    /**
     * Make an entry function: what Python calls for an event, in a fiber of its own.
     * Up to five arguments.
     */
    const entry = (fn) => (a, b, c, d, e) => {
        current = null;
        ++count;
        try {
            fn(a, b, c, d, e);
        } catch (error) {
            const me = task();
            me.failed = true;
            me.error = error;
        }
        return current !== null;
    };

    /** Make a function for Python that may be called in the middle of a fiber (`Scheduler.nested`), which goes on after it. */
    const inner = (fn) => (a, b, c) => {
        const me = current;
        try {
            return fn(a, b, c);
        } catch (error) {
            report(error);
        } finally {
            current = me;
        }
    };

    function join(other) {
        if (other.ended) return;
        park((other.joiners ??= []), 'Fiber.join');
    }

    /** Run the promise jobs that are queued, in this fiber. */
    function drain() {
        const me = current;
        const r = pyDrain();
        current = me;
        if (r === mark) settle();
    }

    /** Wait for a promise: its value, or its reason thrown. */
    function settled(promise, reason) {
        let state = 0;
        let value;
        let number = 0;
        then(
            promise,
            (result) => {
                state = 1;
                value = result;
                if (number) pyWake(number);
            },
            (error) => {
                state = 2;
                value = error;
                if (number) pyWake(number);
            },
        );
        drain();
        if (state === 0) {
            number = ++waits;
            block(number, reason);
        }
        if (state === 2) throw value;
        return value;
    }

    /** The fibers that have begun and not ended, in the order of their begin. */
    function tasks() {
        const all = [];
        setForEach(listed, (me) => push(all, me));
        const me = task();
        if (!me.inList) push(all, me);
        return sort(all, (a, b) => a.order - b.order);
    }

    /** The JavaScript stack of a task, innermost frame first, without its own first line. */
    function stackOf(me) {
        if (me === current) return hereStack(300);
        if (me.ended || me.reason === null || !pyStackOf(me.id)) return '';
        const frames = cleanStack(captured, 300);
        captured = '';
        const first = '    at ' + reasonText(me.reason) + ' (native code)';
        return frames === '' ? first : first + '\n' + frames;
    }
    let captured = '';
    /** Called by the scheduler on top of a parked fiber's frames. */
    const captureFrames = () => {
        captured = framesHere(300);
    };

    const reasonText = (reason) => (typeof reason === 'function' ? reason() : reason);

    return {
        Task,
        begin,
        block,
        captureFrames,
        current: task,
        drain,
        enter,
        entry,
        finish,
        hooks,
        inner,
        isPromise,
        join,
        leave,
        newWait: () => ++waits,
        park,
        reasonText,
        run,
        settled,
        stackOf,
        start,
        tasks,
        wake,
        wakeAll,
        wakeFirst,
    };
};
