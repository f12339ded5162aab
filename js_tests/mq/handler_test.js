// Handlers, chains and mq.invoke (spec/mq-and-events.md §1.1 to §1.5).
var test = require('test');
test.setup();
var mq = require('mq');
var util = require('util');
var coroutine = require('coroutine');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}
var message = (value) => {
    var m = new mq.Message();
    if (value !== undefined) m.value = value;
    return m;
};

describe('mq handlers', () => {
    it('has its members', () => {
        assert.deepEqual(
            ['Message', 'Handler', 'Chain', 'Routing', 'HttpHandler', 'nullHandler', 'invoke', 'invokeSync'].filter(
                (name) => typeof mq[name] !== 'function',
            ),
            [],
        );
        assert.equal(mq.HttpHandler, require('http').Handler);
        assert.equal(mq.jsHandler, undefined);
    });

    it('calls a function with the message and nothing else', () => {
        var got;
        var m = message('a');
        mq.invoke(function () {
            'use strict';
            got = [this, [...arguments]];
        }, m);
        assert.equal(got[0], undefined);
        assert.equal(got[1].length, 1);
        assert.equal(got[1][0], m);
    });

    it('follows what functions return', () => {
        var log = [];
        mq.invoke(() => {
            log.push(1);
            return () => {
                log.push(2);
                return [() => void log.push(3), () => void log.push(4)];
            };
        }, message());
        assert.deepEqual(log, [1, 2, 3, 4]);
        log = [];
        mq.invoke(() => ({ '*': () => void log.push('routed') }), message('x'));
        assert.deepEqual(log, ['routed']);
    });

    it('ignores other results', () => {
        for (var value of [5, true, new Date(), Symbol('a'), 1n, new mq.Message(), Object.create(null)]) {
            let done = false;
            mq.invoke([() => value, () => void (done = true)], message());
            assert.ok(done);
        }
    });

    it('awaits async functions', () => {
        var log = [];
        mq.invoke(
            [
                async () => {
                    await new Promise((ok) => setTimeout(ok, 5));
                    log.push('first');
                    return () => void log.push('next');
                },
                () => void log.push('second'),
            ],
            message(),
        );
        assert.deepEqual(log, ['first', 'next', 'second']);
        var text = failure(() =>
            mq.invoke(async () => {
                throw new Error('late');
            }, message()),
        );
        assert.ok(text.startsWith('100023 ') && text.includes('Error: late'));
    });

    it('does one step with handler.invoke', () => {
        var called = false;
        var next = new mq.Handler(() => void (called = true));
        var h = new mq.Handler(() => next);
        assert.equal(h.invoke(message()), next);
        assert.ok(!called);
        assert.equal(mq.nullHandler().invoke(message()), null);
        assert.equal(
            failure(() => h.invoke({})),
            '100005 [-100005] The argument could not be coerced to the specified type.',
        );
        assert.equal(
            failure(() => h.invoke('x')),
            '100005 [-100005] The argument could not be coerced to the specified type.',
        );
        var error = new Error('own');
        try {
            new mq.Handler(() => {
                throw error;
            }).invoke(message());
        } catch (e) {
            assert.equal(e, error);
        }
    });

    it('turns exceptions into text', () => {
        var text = failure(() =>
            mq.invoke(() => {
                throw new TypeError('boom');
            }, message()),
        );
        assert.ok(/^100023 .*handler_test\.js:\d+:\d+\n/.test(text), text);
        assert.ok(text.includes('TypeError: boom\n    at '), text);
        var thrown = failure(() =>
            mq.invoke(() => {
                throw 'text';
            }, message()),
        );
        assert.ok(thrown.endsWith('text\n'), thrown);
    });

    it('makes handlers of everything', () => {
        assert.ok(new mq.Handler([() => {}]) instanceof mq.Handler);
        assert.ok(!(new mq.Handler([() => {}]) instanceof mq.Chain));
        assert.equal(new mq.Handler([() => {}]).append, undefined);
        var h = new mq.Handler(() => {});
        assert.equal(new mq.Handler(h), h);
        assert.equal(`${h}`, 'Handler');
        assert.equal(`${new mq.Chain([])}`, 'Chain');
        assert.equal(
            failure(() => mq.Handler(() => {})),
            '100007 [-100007] Constructor cannot be called as a function.',
        );
        assert.equal(
            failure(() => new mq.Handler()),
            '100002 [-100002] Parameter not optional.',
        );
        // text, and what becomes text, is a file handler
        for (var value of ['.', null, true, 5])
            assert.equal(
                failure(() => mq.invoke(value, message())),
                '100003 [-100003] The input parameter is not a valid type.',
            );
        assert.equal(
            failure(() => new mq.Handler('http://h/a?b')),
            '100023 HttpRepeater: query is not empty.',
        );
        assert.equal(failure(() => new mq.Chain(['http://h/a?b'])).slice(0, 6), '100005');
    });

    it('runs functions in another fiber', () => {
        var here = coroutine.current();
        var fibers = [];
        var note = () => void fibers.push(coroutine.current());
        mq.invoke([note, note, { '*': note }, [note], note], message('x'));
        assert.notEqual(fibers[0], here);
        assert.equal(fibers[0], fibers[1]);
        assert.equal(fibers[1], fibers[2]);
        assert.notEqual(fibers[3], fibers[2]);
        assert.notEqual(fibers[4], fibers[3]);
        var inside;
        new mq.Handler(() => void (inside = coroutine.current())).invoke(message());
        assert.equal(inside, here);
    });

    it('has a callback form', () => {
        var got;
        var event = new coroutine.Event();
        assert.equal(
            mq.invoke(
                () => coroutine.sleep(1),
                message(),
                function () {
                    got = [...arguments];
                    event.set();
                },
            ),
            undefined,
        );
        event.wait();
        assert.deepEqual(got, [undefined]);
    });

    it('runs util.sync functions without blocking', () => {
        var log = [];
        mq.invoke(
            [
                util.sync((m, done) => {
                    setTimeout(() => {
                        log.push('done');
                        done(new Error('ignored'));
                        done();
                    }, 2);
                }),
                util.sync(async () => {
                    log.push('async');
                    throw new Error('ignored');
                }),
                util.sync((m, done) => done()),
                () => void log.push('after'),
            ],
            message(),
        );
        assert.deepEqual(log, ['done', 'async', 'after']);
    });
});

describe('mq.Chain', () => {
    it('runs its elements in order', () => {
        var log = [];
        var chain = new mq.Chain([() => void log.push(1), [() => void log.push(2)], () => void log.push(3)]);
        assert.equal(
            chain.append(() => void log.push(4)),
            undefined,
        );
        assert.equal(chain.append([() => void log.push(5), () => void log.push(6)]), undefined);
        assert.equal(chain.invoke(message()), null);
        assert.deepEqual(log, [1, 2, 3, 4, 5, 6]);
    });

    it('refuses to run empty', () => {
        assert.equal(
            failure(() => mq.invoke([], message())),
            '100023 Chain: empty chain.',
        );
        assert.equal(
            failure(() => new mq.Chain()),
            '100002 [-100002] Parameter not optional.',
        );
        assert.equal(
            failure(() => new mq.Chain(5)),
            '100005 [-100005] The argument could not be coerced to the specified type.',
        );
    });

    it('stops when the message has ended', () => {
        var log = [];
        var m = message();
        mq.invoke([[(v) => v.end(), () => void log.push('inner')], () => void log.push('outer')], m);
        assert.deepEqual(log, []);
        mq.invoke(() => void log.push('never'), m);
        assert.deepEqual(log, []);
        assert.ok(m.isEnded());
        // a function returned together with end() still runs, a chain does not
        mq.invoke((v) => {
            v.end();
            return () => void log.push('function');
        }, message());
        mq.invoke((v) => {
            v.end();
            return [() => void log.push('chain')];
        }, message());
        assert.deepEqual(log, ['function']);
    });

    it('keeps its elements during a run', () => {
        var log = [];
        var chain = new mq.Chain([
            () => {
                log.push('a');
                chain.append(() => void log.push('b'));
            },
        ]);
        mq.invoke(chain, message());
        assert.deepEqual(log, ['a']);
    });

    it('ends with an exception', () => {
        var log = [];
        failure(() =>
            mq.invoke(
                [
                    () => {
                        throw 1;
                    },
                    () => void log.push(1),
                ],
                message(),
            ),
        );
        assert.deepEqual(log, []);
    });
});

require.main === module && test.run(console.DEBUG);
