'use strict';

var test = require('test');
test.setup();

const EventEmitter = require('events');
const coroutine = require('coroutine');
const util = require('util');

const numberOf = (fn) => {
    try {
        fn();
    } catch (e) {
        return e.number;
    }
    return undefined;
};

describe('EventEmitter: ways to get one', () => {
    it('is the module itself', () => {
        assert.isFunction(EventEmitter);
        assert.strictEqual(EventEmitter.EventEmitter, EventEmitter);
    });

    it('takes no arguments', () => {
        assert.strictEqual(
            numberOf(() => new EventEmitter(1)),
            100001,
        );
    });

    it('can be extended', () => {
        class A extends EventEmitter {}
        const a = new A();
        let got;
        a.on('x', (v) => (got = v));
        a.emit('x', 3);
        assert.strictEqual(got, 3);
        assert.ok(a instanceof EventEmitter);
    });

    it('works through util.inherits without the base constructor being called', () => {
        function F() {}
        util.inherits(F, EventEmitter);
        const f = new F();
        let n = 0;
        f.on('x', () => n++);
        f.emit('x');
        assert.strictEqual(n, 1);
    });

    it('copies its methods onto an object it is called with', () => {
        const o = {};
        EventEmitter.call(o);
        assert.ok(Object.keys(o).includes('on'));
        assert.ok(Object.keys(o).includes('defaultMaxListeners'));
        let n = 0;
        o.on('x', () => n++);
        assert.isTrue(o.emit('x'));
        assert.strictEqual(n, 1);
    });

    it('throws 100007 without new and this', () => {
        assert.strictEqual(
            numberOf(() => EventEmitter()),
            100007,
        );
    });

    it('is an emitter as a constructor', () => {
        let n = 0;
        const f = () => n++;
        EventEmitter.on('static-event', f);
        EventEmitter.emit('static-event');
        EventEmitter.off('static-event');
        assert.strictEqual(n, 1);
    });

    it('has methods that work on any object', () => {
        for (const o of [{}, [], () => {}, Object.freeze({}), new Proxy({}, {})]) {
            let n = 0;
            EventEmitter.prototype.on.call(o, 'x', () => n++);
            EventEmitter.prototype.emit.call(o, 'x');
            assert.strictEqual(n, 1);
        }
    });

    it('keeps its state out of sight', () => {
        const o = {};
        EventEmitter.prototype.on.call(o, 'x', () => {});
        assert.deepEqual(Reflect.ownKeys(o), []);
        assert.strictEqual(EventEmitter.prototype.listenerCount.call(Object.create(o), 'x'), 0);
        assert.strictEqual(EventEmitter.prototype.listenerCount.call({ ...o }, 'x'), 0);
    });

    it('gives process its methods', () => {
        assert.isFunction(process.on);
        assert.isFunction(process.emit);
    });
});

describe('EventEmitter: registration', () => {
    const names = (e, ev) => e.listeners(ev).map((f) => f.name);
    const a = () => {};
    const b = () => {};
    const c = () => {};

    it('appends, and prepends', () => {
        const e = new EventEmitter();
        assert.strictEqual(e.on('x', a), e);
        e.addListener('x', b);
        e.prependListener('x', c);
        assert.deepEqual(names(e, 'x'), ['c', 'a', 'b']);
    });

    it('registers the same function as often as asked', () => {
        const e = new EventEmitter();
        e.on('x', a);
        e.on('x', a);
        assert.strictEqual(e.listenerCount('x'), 2);
    });

    it('calls a once listener once', () => {
        const e = new EventEmitter();
        let n = 0;
        e.once('x', () => n++);
        e.emit('x');
        e.emit('x');
        assert.strictEqual(n, 1);
        assert.strictEqual(e.listenerCount('x'), 0);
    });

    it('removes a once listener before it is called', () => {
        const e = new EventEmitter();
        let count;
        e.prependOnceListener('x', () => (count = e.listenerCount('x')));
        e.emit('x');
        assert.strictEqual(count, 0);
    });

    it('shows the wrapper of once, with the original as _func', () => {
        const e = new EventEmitter();
        e.once('x', a);
        e.off('x', a);
        assert.strictEqual(e.listenerCount('x'), 1);
        assert.strictEqual(e.listeners('x')[0]._func, a);
    });

    it('removes one occurrence, from the end', () => {
        const e = new EventEmitter();
        e.on('x', a);
        e.on('x', b);
        e.on('x', a);
        e.off('x', a);
        assert.deepEqual(names(e, 'x'), ['a', 'b']);
        e.removeListener('x', c);
        assert.deepEqual(names(e, 'x'), ['a', 'b']);
    });

    it('removes all listeners of an event', () => {
        const e = new EventEmitter();
        e.on('x', a);
        e.on('x', b);
        e.off('x');
        e.on('y', a);
        e.off('y', undefined);
        assert.deepEqual(e.eventNames(), []);
    });

    it('takes a map of events', () => {
        const e = new EventEmitter();
        e.on({ x: a, y: b });
        e.once({ x: c });
        assert.strictEqual(e.listenerCount('x'), 2);
        e.off({ x: a, y: b });
        assert.strictEqual(e.listenerCount('x'), 1);
        assert.strictEqual(e.listenerCount('y'), 0);
    });

    it('skips integer-like keys of a map', () => {
        const e = new EventEmitter();
        e.on({ 0: a, x: b });
        assert.deepEqual(e.eventNames(), ['x']);
    });

    it('removes listeners of the events in an array', () => {
        const e = new EventEmitter();
        e.on({ x: a, y: b, z: c });
        e.removeAllListeners(['x', 'z']);
        assert.deepEqual(e.eventNames(), ['y']);
    });

    it('removes everything without argument, and one event by its name', () => {
        const e = new EventEmitter();
        e.on({ x: a, y: b });
        e.removeAllListeners('x');
        assert.deepEqual(e.eventNames(), ['y']);
        e.removeAllListeners();
        assert.deepEqual(e.eventNames(), []);
    });

    it('gives a copy of its list', () => {
        const e = new EventEmitter();
        e.on('x', a);
        e.listeners('x').push(b);
        assert.strictEqual(e.listenerCount('x'), 1);
        assert.deepEqual(e.listeners('none'), []);
    });

    it('names its events, integer-like ones first and as numbers', () => {
        const e = new EventEmitter();
        e.on('b', a);
        e.on('7', a);
        e.on('a', a);
        assert.deepEqual(e.eventNames(), [7, 'b', 'a']);
    });

    it('converts event names', () => {
        const e = new EventEmitter();
        e.on(5, a);
        assert.strictEqual(e.listenerCount('5'), 1);
        assert.throws(() => e.on(Symbol('x'), a));
    });

    it('knows the later names too', () => {
        const e = new EventEmitter();
        e.addEventListener('x', a);
        e.addEventListener('x', b, { once: true });
        e.emit('x');
        assert.strictEqual(e.listenerCount('x'), 1);
        e.removeEventListener('x', a);
        assert.strictEqual(EventEmitter.listenerCount(e, 'x'), 0);
    });

    it('stores a maximum for compatibility', () => {
        const e = new EventEmitter();
        assert.strictEqual(e.getMaxListeners(), 10);
        assert.isUndefined(e.setMaxListeners(3));
        assert.strictEqual(e.getMaxListeners(), 3);
        e.setMaxListeners(-1);
        assert.strictEqual(e.getMaxListeners(), 3);
        EventEmitter.defaultMaxListeners = 0;
        assert.strictEqual(new EventEmitter().getMaxListeners(), 0);
        EventEmitter.defaultMaxListeners = 10;
        try {
            EventEmitter.defaultMaxListeners = -1;
        } catch (error) {
            assert.strictEqual(error.message, '"defaultMaxListeners" must be a positive number');
            assert.strictEqual(error.number, 100023);
        }
    });
});

describe('EventEmitter: argument errors', () => {
    const e = new EventEmitter();
    const cases = {
        "on('x', null)": [() => e.on('x', null), 100001],
        "on('x')": [() => e.on('x'), 100005],
        "on('x', undefined)": [() => e.on('x', undefined), 100005],
        'a map with another value': [() => e.on({ ok: () => {}, bad: 1 }), 100003],
        'removeAllListeners with another element': [() => e.removeAllListeners(['ok', 1]), 100005],
        'emit()': [() => e.emit(), 100002],
    };
    for (const [name, [fn, number]] of Object.entries(cases))
        it(name, () => {
            assert.strictEqual(numberOf(fn), number);
        });

    it('does what comes before the bad element', () => {
        const m = new EventEmitter();
        assert.throws(() => m.on({ ok: () => {}, bad: 1 }));
        assert.strictEqual(m.listenerCount('ok'), 1);
        assert.throws(() => m.removeAllListeners(['ok', 1]));
        assert.strictEqual(m.listenerCount('ok'), 0);
    });
});

describe('EventEmitter: newListener and removeListener', () => {
    const watch = () => {
        const e = new EventEmitter();
        const log = [];
        e.on('newListener', (name, fn) => log.push(['new', name, fn]));
        e.on('removeListener', (name, fn) => log.push(['remove', name, fn]));
        log.length = 0;
        return [e, log];
    };
    const f = () => {};

    it('tells before a listener is added', () => {
        const e = new EventEmitter();
        let count;
        e.on('newListener', () => (count = e.listenerCount('x')));
        e.on('x', f);
        assert.strictEqual(count, 0);
    });

    it('tells the original function of once, and the wrapper of prependOnceListener', () => {
        const [e, log] = watch();
        e.once('x', f);
        assert.strictEqual(log[0][2], f);
        e.prependOnceListener('x', f);
        assert.strictEqual(log[1][2], e.listeners('x')[0]);
    });

    it('tells of removal, also by once itself', () => {
        const [e, log] = watch();
        e.on('x', f);
        e.off('x', f);
        e.once('y', f);
        e.emit('y');
        assert.deepEqual(
            log.map((item) => item[0] + item[1]),
            ['newx', 'removex', 'newy', 'removey'],
        );
        assert.strictEqual(log[3][2], f);
    });

    it('is silent for off(ev) and removeAllListeners', () => {
        const [e, log] = watch();
        e.on({ x: f, y: f });
        log.length = 0;
        e.off('x');
        e.removeAllListeners(['y']);
        assert.deepEqual(log, []);
    });

    it('does not tell listeners of their own registration', () => {
        const e = new EventEmitter();
        const names = [];
        e.on('newListener', (name) => names.push(name));
        e.once('x', f);
        assert.deepEqual(names, ['x']);
    });

    it('does not add a listener whose announcement fails', () => {
        const e = new EventEmitter();
        e.on('newListener', () => {
            throw new Error('no');
        });
        assert.throws(() => e.on('x', f));
        assert.strictEqual(e.listenerCount('x'), 0);
    });
});

describe('EventEmitter: emit', () => {
    it('tells whether there was a listener', () => {
        const e = new EventEmitter();
        assert.isFalse(e.emit('x'));
        e.on('x', () => {});
        assert.isTrue(e.emit('x'));
    });

    it('passes all arguments and itself as this', () => {
        const e = new EventEmitter();
        let got;
        e.on('x', function (...args) {
            got = [this === e, ...args];
        });
        e.emit('x', 1, undefined, 2);
        assert.deepEqual(got, [true, 1, undefined, 2]);
    });

    it('calls the first listener in its own fiber, the others in new ones', () => {
        const e = new EventEmitter();
        const fibers = [];
        for (let i = 0; i < 3; i++) e.on('x', () => fibers.push(coroutine.current()));
        e.emit('x');
        assert.strictEqual(fibers[0], coroutine.current());
        assert.strictEqual(new Set(fibers).size, 3);
        assert.strictEqual(fibers[1].caller, coroutine.current());
    });

    it('copies fiber locals to the new fibers', () => {
        const e = new EventEmitter();
        let got;
        e.on('x', () => {});
        e.on('x', () => (got = coroutine.current().tag));
        coroutine.current().tag = 'local';
        e.emit('x');
        assert.strictEqual(got, 'local');
    });

    it('waits for all listeners', () => {
        const e = new EventEmitter();
        const log = [];
        e.on('x', () => log.push(1));
        e.on('x', () => {
            coroutine.sleep(1);
            log.push(2);
        });
        e.emit('x');
        assert.deepEqual(log, [1, 2]);
    });

    it('runs listeners in the order of the list if none blocks', () => {
        const e = new EventEmitter();
        const log = [];
        for (let i = 0; i < 5; i++) e.on('x', () => log.push(i));
        e.emit('x');
        assert.deepEqual(log, [0, 1, 2, 3, 4]);
    });

    it('starts the others when the first blocks', () => {
        const e = new EventEmitter();
        const log = [];
        const gate = new coroutine.Event();
        e.on('x', () => {
            gate.wait();
            log.push('first');
        });
        e.on('x', () => {
            log.push('second');
            gate.set();
        });
        e.emit('x');
        assert.deepEqual(log, ['second', 'first']);
    });

    it('creates the further fibers before it calls the first listener', () => {
        const e = new EventEmitter();
        const log = [];
        e.on('x', () => {
            coroutine.start(() => log.push('started by first'));
            log.push('first');
        });
        e.on('x', () => log.push('second'));
        e.emit('x');
        coroutine.sleep(0);
        assert.deepEqual(log, ['first', 'second', 'started by first']);
    });

    it('takes the list as it is at the start', () => {
        const e = new EventEmitter();
        const log = [];
        const second = () => log.push('second');
        e.on('x', () => {
            log.push('first');
            e.off('x', second);
            e.on('x', () => log.push('late'));
        });
        e.on('x', second);
        e.emit('x');
        assert.deepEqual(log, ['first', 'second']);
    });

    it('throws what the first listener throws, after the others have run', () => {
        const e = new EventEmitter();
        const error = new Error('first');
        let ran = false;
        e.on('x', () => {
            throw error;
        });
        e.on('x', () => (ran = true));
        let got;
        try {
            e.emit('x');
        } catch (caught) {
            got = caught;
        }
        assert.strictEqual(got, error);
        assert.isTrue(ran);
    });

    it('treats error as an ordinary event', () => {
        assert.isFalse(new EventEmitter().emit('error', new Error('x')));
    });
});

require.main === module && test.run(console.DEBUG);
