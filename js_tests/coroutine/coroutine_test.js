// `coroutine`: fibers, parallel, fiber locals (spec/fibers-and-runtime.md §1, §2, §5).
var test = require('test');
test.setup();
var coroutine = require('coroutine');

function number(fn) {
    try {
        fn();
    } catch (e) {
        return e.number === undefined ? e : e.number;
    }
    return 'no error';
}

describe('coroutine', () => {
    describe('start', () => {
        it('queues a fiber and returns at once', () => {
            var log = [];
            var f = coroutine.start(() => log.push('fiber'));
            log.push('main');
            assert.equal(f.join(), undefined);
            assert.deepEqual(log, ['main', 'fiber']);
        });
        it('passes the arguments, this is the Fiber', () => {
            var seen;
            var f = coroutine.start(
                function (...args) {
                    seen = [this, coroutine.current(), args];
                },
                1,
                'a',
                undefined,
            );
            f.join();
            assert.strictEqual(seen[0], f);
            assert.strictEqual(seen[1], f);
            assert.equal(seen[2].length, 3);
        });
        it('does not wait for a promise', () => {
            var end = false;
            var f = coroutine.start(async () => {
                await new Promise((ok) => setTimeout(ok, 5));
                end = true;
            });
            f.join();
            assert.isFalse(end);
            while (!end) coroutine.sleep(1);
        });
        it('refuses what is no function', () => {
            assert.equal(
                number(() => coroutine.start(1)),
                100005,
            );
            assert.equal(
                number(() => coroutine.start()),
                100002,
            );
        });
    });

    describe('Fiber', () => {
        it('is not constructible', () => {
            assert.equal(
                number(() => new (coroutine.current().constructor)()),
                'not a constructor',
            );
        });
        it('has increasing BigInt ids', () => {
            var a = coroutine.start(() => {});
            var b = coroutine.start(() => {});
            assert.equal(typeof a.id, 'bigint');
            assert.ok(a.id < b.id);
            b.join();
        });
        it('knows its caller', () => {
            var me = coroutine.current();
            var f = coroutine.start(() => {});
            assert.strictEqual(f.caller, me);
            f.join();
            var seen;
            var e = new coroutine.Event();
            setTimeout(() => {
                seen = coroutine.current().caller;
                e.set();
            }, 1);
            e.wait();
            assert.strictEqual(seen, null);
        });
        it('copies the locals of its starter once', () => {
            var me = coroutine.current();
            me.tag = 'a';
            var seen;
            var f = coroutine.start(function () {
                seen = [this.tag, this.extra];
                this.tag = 'mine';
            });
            me.tag = 'b';
            f.extra = 1;
            f.join();
            assert.deepEqual(seen, ['a', 1]);
            assert.equal(me.tag, 'b');
            delete me.tag;
        });
        it('shows the stack of a blocked fiber', () => {
            var e = new coroutine.Event();
            var f = coroutine.start(function outer() {
                (function inner() {
                    e.wait();
                })();
            });
            coroutine.sleep();
            var lines = f.stack.split('\n');
            assert.equal(lines[0], '    at Event.wait (native code)');
            assert.ok(/^ {4}at inner \(.*coroutine_test\.js:\d+:\d+\)$/.test(lines[1]));
            assert.ok(/^ {4}at outer \(/.test(lines[2]));
            e.set();
            f.join();
            assert.equal(f.stack, '');
        });
        it('joins an ended fiber at once, also one that failed', () => {
            var f = coroutine.start(() => 1);
            f.join();
            f.join();
        });
        it('refuses to set read-only properties', () => {
            var f = coroutine.current();
            assert.equal(
                number(() => (f.id = 1n)),
                "Property 'id' is read-only.",
            );
        });
        it('has toString and toJSON', () => {
            assert.equal(String(coroutine.current()), 'Fiber');
            assert.deepEqual(Object.keys(coroutine.current().toJSON()), ['id', 'caller', 'stack']);
        });
    });

    describe('fibers', () => {
        it('holds those that have begun and not ended', () => {
            var e = new coroutine.Event();
            var begun = coroutine.start(() => e.wait());
            coroutine.sleep();
            var later = coroutine.start(() => {});
            var all = coroutine.fibers;
            assert.ok(all.includes(coroutine.current()));
            assert.ok(all.includes(begun));
            assert.notOk(all.includes(later));
            assert.notStrictEqual(all, coroutine.fibers);
            e.set();
            begun.join();
            assert.notOk(coroutine.fibers.includes(begun));
        });
    });

    describe('sleep', () => {
        it('yields with 0 and negative times', () => {
            for (var ms of [0, -1, -1000]) {
                var ran = false;
                coroutine.start(() => (ran = true));
                coroutine.sleep(ms);
                assert.isTrue(ran);
            }
        });
        it('pauses at least that long', () => {
            var t = Date.now();
            coroutine.sleep(20);
            assert.ok(Date.now() - t >= 19);
        });
        it('coerces strings and cuts fractions', () => {
            coroutine.sleep('1');
            coroutine.sleep(1.9);
            coroutine.sleep(1n);
            assert.equal(
                number(() => coroutine.sleep('x')),
                100005,
            );
            assert.equal(
                number(() => coroutine.sleep(2147483648)),
                100006,
            );
            assert.equal(
                number(() => coroutine.sleep(1, 2)),
                100001,
            );
        });
        it('is sleepSync', () => assert.strictEqual(coroutine.sleep, coroutine.sleepSync));
        it('takes a callback as the last argument', () => {
            var e = new coroutine.Event();
            var seen;
            var self = 1;
            assert.strictEqual(
                coroutine.sleep(1, function () {
                    'use strict';
                    self = this;
                    seen = [...arguments];
                    e.set();
                }),
                undefined,
            );
            assert.strictEqual(seen, undefined);
            e.wait();
            assert.deepEqual(seen, [undefined]);
            assert.strictEqual(self, undefined);
        });
        it('takes only a callback', () => {
            var e = new coroutine.Event();
            coroutine.sleep(() => e.set());
            e.wait();
        });
        it('throws argument errors also in callback form', () => {
            assert.equal(
                number(() => coroutine.sleep('x', () => {})),
                100005,
            );
        });
        it('has a promise form', async () => {
            assert.strictEqual(await coroutine.sleepAsync(1), undefined);
            assert.strictEqual(coroutine.promises.sleep, coroutine.sleepAsync);
        });
        it('is called sleep of the module, with length 0', () => {
            assert.equal(coroutine.sleep.name, 'coroutine');
            assert.equal(coroutine.sleep.length, 0);
        });
    });

    describe('parallel', () => {
        it('runs functions and returns their results in order', () => {
            var r = coroutine.parallel([
                () => {
                    coroutine.sleep(5);
                    return 1;
                },
                () => 2,
            ]);
            assert.deepEqual(r, [1, 2]);
        });
        it('runs a function for each element', () => {
            assert.deepEqual(
                coroutine.parallel([1, 2, 3], function (v) {
                    coroutine.sleep(3 - v);
                    return v * 10 + arguments.length;
                }),
                [11, 21, 31],
            );
        });
        it('runs a function a number of times', () => {
            assert.deepEqual(
                coroutine.parallel((i) => i, 4),
                [0, 1, 2, 3],
            );
        });
        it('runs its arguments', () => {
            assert.deepEqual(
                coroutine.parallel(
                    () => 1,
                    () => 2,
                ),
                [1, 2],
            );
            assert.deepEqual(
                coroutine.parallel(() => 1),
                [1],
            );
        });
        it('returns an empty list at once', () => {
            assert.deepEqual(coroutine.parallel([]), []);
            assert.deepEqual(
                coroutine.parallel(() => 1, 0),
                [],
            );
            assert.deepEqual(coroutine.parallel(), []);
        });
        it('limits how many run at once', () => {
            var now = 0;
            var most = 0;
            var order = [];
            coroutine.parallel(
                [0, 1, 2, 3, 4, 5, 6, 7],
                (i) => {
                    order.push(i);
                    most = Math.max(most, ++now);
                    coroutine.sleep(1);
                    now--;
                },
                3,
            );
            assert.equal(most, 3);
            assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7]);
        });
        it('gives each item a Fiber of its own', () => {
            var fibers = coroutine.parallel(
                [1, 2, 3],
                function () {
                    return [this, coroutine.current()];
                },
                1,
            );
            assert.equal(new Set(fibers.map((f) => f[0])).size, 3);
            fibers.forEach((f) => assert.strictEqual(f[0], f[1]));
        });
        it('runs each item in a fiber of its own, which others can join and which owns its locks', () => {
            var first;
            coroutine.parallel([() => (first = coroutine.current()), () => first.join()]);
            var lock = new coroutine.Lock();
            assert.deepEqual(coroutine.parallel([() => lock.acquire(false), () => lock.acquire(false)]), [true, false]);
            assert.equal(new Set(coroutine.parallel(() => coroutine.current().id, 3)).size, 3);
        });
        it('throws 100020 when an item fails, after all are done', () => {
            var done = 0;
            assert.equal(
                number(() =>
                    coroutine.parallel([1, 2, 3], (i) => {
                        coroutine.sleep(i);
                        if (i === 1) throw new Error('item');
                        done++;
                    }),
                ),
                100020,
            );
            assert.equal(done, 2);
        });
        it('refuses lists with other things before it starts', () => {
            var ran = false;
            assert.equal(
                number(() => coroutine.parallel([() => (ran = true), 1])),
                100004,
            );
            assert.equal(
                number(() => coroutine.parallel(() => (ran = true), '3')),
                100004,
            );
            assert.isFalse(ran);
        });
    });

    it('has the other members', () => {
        assert.equal(coroutine.vmid, 1);
        assert.equal(typeof coroutine.spareFibers, 'number');
        assert.equal(typeof coroutine.loglevel, 'number');
        assert.equal(
            number(() => (coroutine.fibers = 1)),
            "Property 'fibers' is read-only.",
        );
    });
});

require.main === module && test.run(console.DEBUG);
