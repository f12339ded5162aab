// Timers (spec/fibers-and-runtime.md §9).
var test = require('test');
test.setup();
var coroutine = require('coroutine');
var timers = require('timers');

function number(fn) {
    try {
        fn();
    } catch (e) {
        return e.number;
    }
    return 'no error';
}
var wait = (f) => {
    var e = new coroutine.Event();
    f(() => e.set());
    e.wait();
};

describe('timers', () => {
    it('are global and members of the module', () => {
        for (const name of [
            'setTimeout',
            'setInterval',
            'setHrInterval',
            'setImmediate',
            'clearTimeout',
            'clearInterval',
            'clearHrInterval',
            'clearImmediate',
        ]) {
            assert.equal(typeof timers[name], 'function');
            assert.equal(globalThis[name].name, 'global');
        }
    });
    it('setTimeout calls once with its arguments, this is the Timer', () => {
        var seen;
        var t;
        wait((done) => {
            t = setTimeout(
                function (...args) {
                    seen = [this, args, this.stopped];
                    done();
                },
                2,
                'a',
                undefined,
            );
        });
        assert.strictEqual(seen[0], t);
        assert.deepEqual(seen[1], ['a', undefined]);
        assert.isFalse(seen[2]);
        coroutine.sleep();
        assert.isTrue(t.stopped);
        assert.equal(typeof t, 'object');
        assert.equal(String(t), 'Timer');
    });
    it('runs the callback in a fiber of its own that may block', () => {
        var me = coroutine.current();
        wait((done) =>
            setTimeout(() => {
                assert.notStrictEqual(coroutine.current(), me);
                coroutine.sleep(1);
                done();
            }, 1),
        );
    });
    it('has a default and bounds of the time', () => {
        wait((done) => setTimeout(done));
        wait((done) => setTimeout(done, 1e10));
        wait((done) => setTimeout(done, -5));
        wait((done) => setTimeout(done, '1'));
        assert.equal(
            number(() => setTimeout(() => {}, 'x')),
            100005,
        );
        assert.equal(
            number(() => setTimeout(1)),
            100005,
        );
        assert.equal(
            number(() => setTimeout()),
            100002,
        );
    });
    it('setInterval needs a time', () => {
        assert.equal(
            number(() => setInterval(() => {})),
            100002,
        );
        assert.equal(
            number(() => setInterval(() => {}, undefined)),
            100005,
        );
    });
    it('setInterval repeats, and is armed again after its callback', () => {
        var n = 0;
        var running = 0;
        wait((done) => {
            var t = setInterval(() => {
                assert.equal(running++, 0);
                coroutine.sleep(3);
                running--;
                if (++n === 3) {
                    clearInterval(t);
                    done();
                }
            }, 1);
        });
        assert.equal(n, 3);
    });
    it('clear stops a timer, also one whose callback is queued', () => {
        var ran = false;
        var t = setImmediate(() => (ran = true));
        clearImmediate(t);
        var u = setTimeout(() => (ran = true), 1);
        assert.strictEqual(u.clear(), undefined);
        u.clear();
        coroutine.sleep(5);
        assert.isFalse(ran);
        assert.isTrue(u.stopped);
    });
    it('the clear functions are interchangeable and ignore other things', () => {
        var t = setTimeout(() => assert.ok(false), 1);
        clearHrInterval(t);
        clearTimeout(5);
        clearTimeout(null);
        assert.equal(
            number(() => clearTimeout()),
            100002,
        );
        coroutine.sleep(3);
    });
    it('ref and unref return the Timer', () => {
        var t = setTimeout(() => {}, 1000);
        assert.strictEqual(t.unref(), t);
        assert.strictEqual(t.ref(), t);
        t.clear();
    });
    it('setHrInterval interrupts running code', () => {
        var n = 0;
        var t = setHrInterval(() => n++, 1);
        var end = Date.now() + 3000;
        while (n < 3 && Date.now() < end);
        clearHrInterval(t);
        assert.ok(n >= 3);
    });
    it('setHrInterval fires in a fiber when nothing runs', () => {
        wait((done) => {
            var t = setHrInterval(() => {
                t.clear();
                done();
            }, 1);
        });
    });
    describe('call', () => {
        it('returns what the function returns, in the calling fiber', () => {
            var me = coroutine.current();
            assert.equal(
                timers.call(
                    (a, b) => {
                        assert.strictEqual(coroutine.current(), me);
                        return a + b;
                    },
                    1000,
                    1,
                    2,
                ),
                3,
            );
        });
        it('lets exceptions through', () => {
            var error = new TypeError('own');
            var seen;
            try {
                timers.call(() => {
                    throw error;
                }, 1000);
            } catch (e) {
                seen = e;
            }
            assert.strictEqual(seen, error);
        });
        it('terminates running code uncatchably', () => {
            var after = false;
            assert.equal(
                number(() =>
                    timers.call(() => {
                        try {
                            for (;;);
                        } catch (e) {
                            after = true;
                        } finally {
                            after = true;
                        }
                    }, 20),
                ),
                100021,
            );
            assert.isFalse(after);
        });
        it('strikes when a blocking call returns', () => {
            var after = false;
            assert.equal(
                number(() =>
                    timers.call(() => {
                        coroutine.sleep(40);
                        after = true;
                    }, 10),
                ),
                100021,
            );
            assert.isFalse(after);
        });
        it('ends the inner of two limits with the outer', () => {
            assert.equal(
                number(() => timers.call(() => timers.call(() => { for (;;); }, 10000), 20)), // prettier-ignore
                100021,
            );
        });
        it('does not disturb other fibers', () => {
            var n = 0;
            var f = coroutine.start(() => {
                for (; n < 50; n++) coroutine.sleep(1);
            });
            assert.equal(
                number(() => timers.call(() => { for (;;) coroutine.sleep(0); }, 20)), // prettier-ignore
                100021,
            );
            f.join();
            assert.equal(n, 50);
        });
    });
});

require.main === module && test.run(console.DEBUG);
