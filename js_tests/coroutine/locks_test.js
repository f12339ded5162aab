// Lock, Semaphore, Condition, Event (spec/fibers-and-runtime.md §6).
var test = require('test');
test.setup();
var coroutine = require('coroutine');

function number(fn) {
    try {
        fn();
    } catch (e) {
        return e.number;
    }
    return 'no error';
}

describe('locks', () => {
    for (const name of ['Lock', 'Semaphore', 'Condition', 'Event'])
        it(`${name} needs new and is a Lock`, () => {
            assert.equal(
                number(() => coroutine[name]()),
                100007,
            );
            const made = new coroutine[name]();
            assert.ok(made instanceof coroutine.Lock);
            assert.equal(String(made), name);
            assert.equal(made.count(), 0);
            assert.equal(made.acquireSync, undefined);
            assert.equal(
                number(() => coroutine.Lock.prototype.count.call({})),
                100008,
            );
        });

    describe('Lock', () => {
        it('is recursive', () => {
            var l = new coroutine.Lock();
            assert.isTrue(l.acquire());
            assert.isTrue(l.acquire());
            var got = false;
            var f = coroutine.start(() => {
                l.acquire();
                got = true;
                l.release();
            });
            coroutine.sleep();
            assert.equal(l.count(), 1);
            l.release();
            coroutine.sleep();
            assert.isFalse(got);
            l.release();
            f.join();
            assert.isTrue(got);
        });
        it('acquire(false) never waits', () => {
            var l = new coroutine.Lock();
            assert.isTrue(l.acquire(false));
            assert.isTrue(l.acquire(false));
            var other;
            coroutine.start(() => (other = l.acquire(false))).join();
            assert.isFalse(other);
            l.release();
            l.release();
        });
        it('release by another fiber, or of a free lock, is an error', () => {
            var l = new coroutine.Lock();
            assert.equal(
                number(() => l.release()),
                100009,
            );
            l.acquire();
            var n;
            coroutine.start(() => (n = number(() => l.release()))).join();
            assert.equal(n, 100009);
            l.release();
        });
        it('passes directly to the first waiter', () => {
            var l = new coroutine.Lock();
            var log = [];
            l.acquire();
            var fs = [1, 2, 3].map((i) =>
                coroutine.start(() => {
                    l.acquire();
                    log.push(i);
                    l.release();
                }),
            );
            coroutine.sleep();
            l.release();
            assert.isFalse(l.acquire(false));
            fs.forEach((f) => f.join());
            assert.deepEqual(log, [1, 2, 3]);
        });
    });

    describe('Semaphore', () => {
        it('counts', () => {
            var s = new coroutine.Semaphore(2);
            assert.strictEqual(s.wait(), undefined);
            assert.isTrue(s.acquire());
            assert.isFalse(s.trywait());
            assert.isFalse(s.acquire(false));
            s.post();
            s.release();
            assert.isTrue(s.trywait());
            assert.isTrue(s.acquire(false));
        });
        it('starts with 1, refuses a negative value', () => {
            var s = new coroutine.Semaphore();
            assert.isTrue(s.trywait());
            assert.isFalse(s.trywait());
            assert.equal(
                number(() => new coroutine.Semaphore(-1)),
                100006,
            );
        });
        it('wakes the first waiter', () => {
            var s = new coroutine.Semaphore(0);
            var log = [];
            var fs = [1, 2].map((i) =>
                coroutine.start(() => {
                    s.wait();
                    log.push(i);
                }),
            );
            coroutine.sleep();
            assert.equal(s.count(), 2);
            s.post();
            s.post();
            fs.forEach((f) => f.join());
            assert.deepEqual(log, [1, 2]);
            assert.isFalse(s.trywait());
        });
    });

    describe('Condition', () => {
        it('wait needs the lock', () => {
            var c = new coroutine.Condition();
            assert.equal(
                number(() => c.wait()),
                100009,
            );
            assert.equal(
                number(() => c.notify()),
                100009,
            );
        });
        it('notify releases the lock and wakes the first', () => {
            var c = new coroutine.Condition();
            var log = [];
            var fs = [1, 2].map((i) =>
                coroutine.start(() => {
                    c.acquire();
                    c.wait();
                    log.push(i);
                    c.release();
                }),
            );
            coroutine.sleep();
            c.acquire();
            c.notify();
            assert.equal(
                number(() => c.release()),
                100009,
            );
            fs[0].join();
            assert.deepEqual(log, [1]);
            c.acquire();
            c.notifyAll();
            fs[1].join();
            assert.deepEqual(log, [1, 2]);
        });
        it('does not remember a notification', () => {
            var c = new coroutine.Condition();
            c.acquire();
            c.notify();
            var over = false;
            var f = coroutine.start(() => {
                c.acquire();
                c.wait();
                over = true;
                c.release();
            });
            coroutine.sleep();
            assert.isFalse(over);
            c.acquire();
            c.notify();
            f.join();
            assert.isTrue(over);
        });
        it('uses the lock it is given', () => {
            var l = new coroutine.Lock();
            var c = new coroutine.Condition(l);
            c.acquire();
            var free;
            coroutine.start(() => (free = l.acquire(false))).join();
            assert.isFalse(free);
            l.release();
            assert.equal(
                number(() => new coroutine.Condition({})),
                100005,
            );
        });
        it('releases one level only', () => {
            var c = new coroutine.Condition();
            var blocked = true;
            var f = coroutine.start(() => {
                c.acquire();
                c.acquire();
                c.wait();
                blocked = false;
            });
            coroutine.sleep();
            assert.isFalse(c.acquire(false));
            assert.isTrue(blocked);
            assert.notOk(f === null);
        });
    });

    describe('Event', () => {
        it('wakes all waiters, keeps its state', () => {
            var e = new coroutine.Event();
            var n = 0;
            var fs = [1, 2, 3].map(() =>
                coroutine.start(() => {
                    e.wait();
                    n++;
                }),
            );
            coroutine.sleep();
            assert.equal(e.count(), 3);
            assert.isFalse(e.isSet());
            e.set();
            fs.forEach((f) => f.join());
            assert.equal(n, 3);
            assert.isTrue(e.isSet());
            assert.isTrue(e.acquire());
            e.clear();
            assert.isFalse(e.acquire(false));
        });
        it('pulse wakes the present waiters only', () => {
            var e = new coroutine.Event();
            var f = coroutine.start(() => e.wait());
            coroutine.sleep();
            e.pulse();
            f.join();
            assert.isFalse(e.isSet());
        });
        it('can start set', () => {
            new coroutine.Event(true).wait();
            assert.isTrue(new coroutine.Event(true).isSet());
        });
    });
});

// The last Condition case leaves a fiber blocked for ever, as fibjs would.
if (require.main === module) process.exit(test.run(console.DEBUG));
