'use strict';

var test = require('test');
test.setup();

const coroutine = require('coroutine');

// What the runner does with suites of its own is tested from outside (tests/test_console.py): a run cannot be started in
// one.  Here are the rules that show from inside.

const numberOf = (fn) => {
    try {
        fn();
    } catch (e) {
        return e.number;
    }
    return undefined;
};

const log = [];
const outside = {};
outside.it = numberOf(() => test.it('outside', () => {}));
outside.before = numberOf(() => test.before(() => {}));
outside.nothing = test.run();

describe('test: members', () => {
    it('setup defines the globals', () => {
        for (const name of 'assert describe xdescribe odescribe it xit oit before after beforeEach afterEach'.split(
            ' ',
        ))
            assert.strictEqual(typeof globalThis[name], 'function', name);
    });

    it('setup gives describe and it skip and only', () => {
        assert.strictEqual(describe.skip, xdescribe);
        assert.strictEqual(describe.only, odescribe);
        assert.strictEqual(it.skip, xit);
        assert.strictEqual(it.only, oit);
        assert.isUndefined(test.it.skip);
    });

    it('setup may be called again and takes no arguments', () => {
        const before = describe;
        test.setup();
        assert.strictEqual(describe, before);
        assert.strictEqual(
            numberOf(() => test.setup(1)),
            100001,
        );
    });

    it('slow is 75 and can be set', () => {
        assert.strictEqual(test.slow, 75);
        test.slow = '80';
        assert.strictEqual(test.slow, 80);
        test.slow = 75;
    });

    it('asks for a name and a function', () => {
        assert.strictEqual(outside.it, 100009);
        assert.strictEqual(outside.before, 100009);
        assert.strictEqual(outside.nothing, 0);
    });
});

describe('test: while a case runs', () => {
    for (const name of ['describe', 'it', 'before', 'after', 'beforeEach', 'afterEach', 'run'])
        it(`${name} throws 100009`, () => {
            const args = name === 'run' ? [] : name === 'describe' || name === 'it' ? ['x', () => {}] : [() => {}];
            assert.strictEqual(
                numberOf(() => test[name](...args)),
                100009,
            );
        });
});

describe('test: bodies', () => {
    let fiber;
    before(() => {
        fiber = coroutine.current();
    });

    it('run in the fiber that called run', () => {
        assert.strictEqual(coroutine.current(), fiber);
    });

    it('may block', () => {
        coroutine.sleep(1);
    });

    it('get a fresh object as this', function () {
        assert.deepEqual(Object.keys(this), []);
        this.left = 1;
    });

    it('do not see what others left there', function () {
        assert.isUndefined(this.left);
    });

    it('are awaited if they are async', async () => {
        await null;
        await new Promise((resolve) => setTimeout(resolve, 1));
        log.push('async');
    });

    it('are over then', () => {
        assert.deepEqual(log, ['async']);
    });

    it('get done if they declare a parameter', (done) => {
        assert.isFunction(done);
        setTimeout(() => {
            log.push('done');
            done();
        }, 1);
    });

    it('are waited for then', () => {
        assert.deepEqual(log, ['async', 'done']);
    });

    it('may call done at once, and more than once', (done) => {
        done();
        done(new Error('ignored'));
    });

    it('do not have a returned promise awaited', () => Promise.reject(new Error('nobody looks')).catch(() => {}));
});

describe('test: describe', () => {
    let ran = false;
    describe('runs its body at once', () => {
        ran = true;
    });
    const inside = [];
    xdescribe('also when skipped', () => {
        inside.push('skipped');
        it('is never run', () => {
            throw new Error('ran');
        });
    });
    const passes = numberOf(() => {
        describe('lets exceptions out', () => {
            const e = new Error('from the body');
            e.number = 7;
            throw e;
        });
    });

    it('has done all that', () => {
        assert.isTrue(ran);
        assert.deepEqual(inside, ['skipped']);
        assert.strictEqual(passes, 7);
    });
});

describe('test: hooks', () => {
    const calls = [];
    before(() => calls.push('before 1'));
    before(() => calls.push('before 2'));
    beforeEach(() => calls.push('outer beforeEach'));
    afterEach(() => calls.push('outer afterEach 1'));
    afterEach(() => calls.push('outer afterEach 2'));

    describe('inner', () => {
        beforeEach((done) => {
            calls.push('inner beforeEach');
            done();
        });
        afterEach(async () => {
            calls.push('inner afterEach');
        });
        it('a case', () => {
            calls.push('case');
        });
    });

    it('are called in their order', () => {
        assert.deepEqual(calls, [
            'before 1',
            'before 2',
            'outer beforeEach',
            'inner beforeEach',
            'case',
            'inner afterEach',
            'outer afterEach 2',
            'outer afterEach 1',
            'outer beforeEach',
        ]);
    });
});

describe('test: only', () => {
    describe('marks count among siblings', () => {
        it('is left out', () => {
            throw new Error('ran');
        });
        oit('runs', () => {});
    });

    it('does not reach other suites', () => {});
});

describe('test: later members', () => {
    it('mustCall wraps a function that has to be called', () => {
        const f = test.mustCall((a) => a + 1);
        assert.strictEqual(f(1), 2);
    });

    it('mustNotCall wraps one that must not', () => {
        test.mustNotCall();
        test.mustNotCall(() => {});
    });

    it.todo('todo is left out', () => {
        throw new Error('ran');
    });
});

require.main === module && test.run(console.DEBUG);
