// coroutine.Worker (spec/fibers-and-runtime.md §7).
var test = require('test');
test.setup();

var coroutine = require('coroutine');
var { Worker, Event } = coroutine;
var files = __dirname + '/files/';

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number === 100023 ? e.message : e.number || `${e.name}: ${e.message}`;
    }
    return 'no error';
}

/** A worker whose script has ended. */
function loaded(name, options) {
    var worker = options ? new Worker(files + name, options) : new Worker(files + name);
    var ready = new Event();
    worker.onload = () => ready.set();
    worker.onerror = () => ready.set();
    ready.wait();
    return worker;
}

/** Send something and wait for the next message. */
function ask(worker, data) {
    var got;
    var answered = new Event();
    worker.onmessage = (msg) => {
        got = msg;
        answered.set();
    };
    worker.postMessage(data);
    answered.wait();
    return got;
}

describe('Worker', () => {
    var echo;
    before(() => {
        echo = loaded('echo.js');
    });

    describe('construction', () => {
        it('takes an absolute path', () => {
            assert.equal(
                failure(() => new Worker('a.js')),
                'Worker: only accept absolute path.',
            );
            assert.equal(
                failure(() => new Worker('./a.js', {})),
                'Worker: only accept absolute path.',
            );
            assert.equal(
                failure(() => new Worker()),
                100002,
            );
            assert.equal(
                failure(() => new Worker('/a', 5)),
                100005,
            );
            assert.equal(
                failure(() => Worker('/a')),
                100007,
            );
        });
        it('is an emitter', () => {
            assert.isTrue(echo instanceof require('events'));
            assert.equal(`${echo}`, 'Worker');
            assert.equal(echo.listenerCount('load'), 1);
            assert.equal(
                failure(() => echo.postMessage()),
                100002,
            );
            assert.equal(
                failure(() => (echo.onmessage = 5)),
                100005,
            );
        });
        it('assigning replaces all listeners', () => {
            echo.on('load', () => 1);
            var fn = () => 2;
            echo.onload = fn;
            assert.equal(echo.listenerCount('load'), 1);
            assert.strictEqual(echo.onload, fn);
        });
    });

    describe('the other VM', () => {
        it('has a world of its own', () => {
            global.fromMain = 1;
            var state = ask(loaded('facts.js'), 'facts').data;
            delete global.fromMain;
            assert.ok(state.vmid > 1);
            assert.deepEqual(
                { ...state, vmid: 0 },
                {
                    args: 7,
                    vmid: 0,
                    file: files + 'facts.js',
                    main: 'undefined',
                    leaked: 'undefined',
                    argv: process.argv,
                    name: 'Worker',
                    repl: 'undefined',
                },
            );
            assert.equal(coroutine.vmid, 1);
        });
        it('numbers go up', () => {
            var a = ask(loaded('facts.js'), 'facts').data.vmid;
            assert.equal(ask(loaded('facts.js'), 'facts').data.vmid, a + 1);
        });
        it('keeps its state', () => {
            var w = loaded('facts.js');
            assert.equal(ask(w, 'counter').data, 1);
            assert.equal(ask(w, 'counter').data, 2);
            assert.equal(ask(loaded('facts.js'), 'counter').data, 1);
        });
        it('blocks and awaits before it is loaded', () => {
            var w = new Worker(files + 'waits.js');
            var log = [];
            var ready = new Event();
            w.onmessage = (msg) => log.push(msg.data);
            w.onload = (...args) => {
                log.push('load', args.length);
                ready.set();
            };
            ready.wait();
            assert.deepEqual(log, ['end', 'load', 0]);
        });
        it('may block in its handlers, several at once', () => {
            var w = loaded('later.js');
            var count = 0;
            var done = new Event();
            w.onmessage = () => ++count === 20 && done.set();
            var start = Date.now();
            for (var i = 0; i < 20; i++) w.postMessage(100);
            done.wait();
            assert.ok(Date.now() - start < 1900);
        });
        it('may have workers itself', () => {
            var got;
            var done = new Event();
            var w = new Worker(files + 'nested.js');
            w.onmessage = (msg) => {
                got = msg.data;
                done.set();
            };
            done.wait();
            assert.equal(got.length, 2);
            assert.equal(got[0], got[1]);
            assert.ok(got[0] > 1);
        });
        it('timers that do not count fire as long as somebody lives', () => {
            var ticks = 0;
            var done = new Event();
            var w = new Worker(files + 'idle.js');
            w.onmessage = () => ++ticks === 3 && done.set();
            done.wait();
            w.removeAllListeners();
        });
        it('runs while this one computes', () => {
            var a = loaded('busy.js');
            var b = loaded('busy.js');
            var log = '';
            var done = new Event();
            a.onmessage = () => ((log += 'a'), log.length === 80 && done.set());
            b.onmessage = () => ((log += 'b'), log.length === 80 && done.set());
            a.postMessage(0);
            b.postMessage(0);
            for (var n = 0, i = 0; i < 1e5; i++) n += i;
            done.wait();
            // Both went on at the same time: neither was done when the other began.
            assert.ok(log.indexOf('b') < log.lastIndexOf('a') && log.indexOf('a') < log.lastIndexOf('b'));
        });
    });

    describe('failures', () => {
        function failed(name) {
            var event;
            var done = new Event();
            var w = new Worker(files + name);
            w.onload = () => done.set();
            w.onerror = (e) => {
                event = e;
                done.set();
            };
            done.wait();
            assert.strictEqual(event.target, w);
            assert.equal(event.type, 'error');
            return event;
        }
        it('an exception', () => {
            var e = failed('throws.js');
            assert.equal(e.code, -100024);
            assert.ok(/throws\.js:2:\d+\nnull\.x;\n *\^\nTypeError: /.test(e.reason));
        });
        it('a syntax error', () => {
            var e = failed('syntax.js');
            assert.equal(e.code, -100023);
            assert.ok(/syntax\.js:1:9\nlet x = ;\n.*\nSyntaxError: /.test(e.reason));
        });
        it('no such file', () => {
            var e = failed('nothing.js');
            assert.equal(e.code, -2);
            assert.ok(/^\[2\] No such file or directory/.test(e.reason));
        });
        it('file_system: false', () => {
            var codes;
            var done = new Event();
            var w = new Worker(files + 'closed.js', { file_system: false });
            w.onerror = (e) => ((codes = e.code), done.set());
            done.wait();
            assert.equal(codes, -2);
        });
    });

    it('safe_buffer', () => {
        assert.deepEqual(ask(loaded('safe.js', { safe_buffer: true, other: 1 }), 0).data, {
            is: false,
            error: 'Buffer: Unknown codec.',
        });
        assert.deepEqual(ask(loaded('safe.js', {}), 0).data, { is: true, error: undefined });
    });

    describe('messages', () => {
        var back = (value) => ask(echo, value).data;

        it('primitives', () => {
            for (var value of [
                undefined,
                null,
                true,
                false,
                0,
                -0,
                1.5,
                NaN,
                Infinity,
                -Infinity,
                1e300,
                '',
                'a\0b',
                '日本😀',
                '\ud800',
                5n,
                -(2n ** 63n),
                2n ** 63n - 1n,
            ])
                assert.isTrue(Object.is(back(value), value));
        });
        it('boxed primitives become primitives', () => {
            assert.strictEqual(back(new Number(5)), 5);
            assert.strictEqual(back(new String('x')), 'x');
            assert.strictEqual(back(new Boolean(false)), false);
        });
        it('dates', () => {
            assert.equal(back(new Date(12345)).getTime(), 12345);
            assert.isTrue(isNaN(back(new Date(NaN))));
            assert.equal(back([new Date(7)])[0].getTime(), 7);
        });
        it('arrays and objects, deeply', () => {
            var value = { a: [1, [undefined, null, [0, 'x']], { b: { c: [] } }], '': {}, 5: 'five', constructor: 1 };
            assert.deepEqual(back(value), value);
            assert.deepEqual(back([1, , 3]), [1, undefined, 3]);
            assert.isTrue(1 in back([1, , 3]));
            assert.deepEqual(Object.keys(back(Object.defineProperty({ a: 1, [Symbol()]: 2 }, 'h', { value: 3 }))), [
                'a',
            ]);
            var odd = back(JSON.parse('{"__proto__": [1]}'));
            assert.deepEqual(Object.keys(odd), ['__proto__']);
            assert.strictEqual(Object.getPrototypeOf(odd), Object.prototype);
        });
        it('buffers', () => {
            var got = back({ a: new Buffer('abc'), list: [new Buffer(), new Buffer([0, 255])] });
            assert.isTrue(Buffer.isBuffer(got.a));
            assert.equal(got.a.toString(), 'abc');
            assert.equal(got.list[0].length, 0);
            assert.equal(got.list[1].hex(), '00ff');
            var big = Buffer.alloc(3 << 20, 7);
            assert.isTrue(back(big).equals(big));
        });
        it('are copied when they are posted', () => {
            var value = { n: 1, b: new Buffer('a') };
            var got;
            var done = new Event();
            echo.onmessage = (msg) => ((got = msg.data), done.set());
            echo.postMessage(value);
            value.n = 2;
            value.b[0] = 0;
            done.wait();
            assert.equal(got.n, 1);
            assert.equal(got.b.toString(), 'a');
        });
        it('each read of data is a new copy', () => {
            var msg = ask(echo, { list: [1] });
            msg.data.list.push(2);
            assert.deepEqual(msg.data.list, [1]);
            assert.notStrictEqual(msg.data, msg.data);
            assert.equal(`${msg}`, 'Message');
            assert.isTrue(msg instanceof require('mq').Message);
        });
        it('what cannot be sent is refused, and nothing is sent', () => {
            var got = 0;
            echo.onmessage = () => got++;
            for (var value of [
                () => 1,
                Symbol('a'),
                new (class A {})(),
                new Map(),
                new Set(),
                /a/,
                new Error('x'),
                new Uint8Array(2),
                new ArrayBuffer(2),
                Object.create(null),
                Object(Symbol()),
            ]) {
                assert.equal(
                    failure(() => echo.postMessage(value)),
                    100005,
                );
                assert.equal(
                    failure(() => echo.postMessage([1, { value }])),
                    100005,
                );
            }
            for (var value of [new coroutine.Lock(), echo, new (require('io').MemoryStream)()])
                assert.equal(
                    failure(() => echo.postMessage({ value })),
                    100009,
                );
            assert.equal(
                failure(() => echo.postMessage(2n ** 63n)),
                100006,
            );
            var cycle = { list: [] };
            cycle.list.push(cycle);
            assert.equal(
                failure(() => echo.postMessage(cycle)),
                100005,
            );
            var twice = { a: 1 };
            assert.deepEqual(back([twice, twice]), [twice, twice]);
            assert.equal(got, 0);
        });
        it('sockets cannot be moved', () => {
            assert.equal(
                failure(() => echo.postMessage(new (require('net').Socket)())),
                'Worker: sending a net.Socket is not supported by fibshim.',
            );
        });
        it('a getter that throws', () => {
            assert.equal(failure(() => echo.postMessage({ get a() { throw new RangeError('getter'); } })), 'RangeError: getter'); // prettier-ignore
        });
        it('arrive in order', () => {
            var got = [];
            var done = new Event();
            echo.onmessage = (msg) => got.push(msg.data) === 500 && done.set();
            for (var i = 0; i < 500; i++) echo.postMessage(i);
            done.wait();
            assert.deepEqual(
                got,
                Array.from({ length: 500 }, (_, i) => i),
            );
        });
        it('without listener they are lost', () => {
            echo.removeAllListeners('message');
            echo.postMessage('lost');
            coroutine.sleep(30);
            assert.equal(back('kept'), 'kept');
        });
    });
});

require.main === module && test.run(console.DEBUG);
