// util.LruCache (spec/util-assert-test.md §6).
'use strict';

var test = require('test');
test.setup();

const coroutine = require('coroutine');
const { LruCache } = require('util');

/** Wait until the cache has noticed that an entry is too old; bounded by the test run. */
const wait = (condition) => {
    while (!condition()) coroutine.sleep(1);
};
const keys = (c) => Object.keys(c.toJSON());

describe('LruCache', () => {
    it('keeps at most size entries, dropping the least recently used', () => {
        const c = new LruCache(2);
        c.set('a', 1);
        c.set('b', 2);
        c.get('a');
        c.set('c', 3);
        assert.deepEqual(keys(c), ['c', 'a']);
        assert.strictEqual(c.size, 2);
    });

    it('has no limit with size 0 or less', () => {
        for (const size of [0, -1]) {
            const c = new LruCache(size);
            for (let i = 0; i < 100; i++) c.set(`k${i}`, i);
            assert.strictEqual(c.size, 100);
        }
    });

    it('has does not count as use', () => {
        const c = new LruCache(2);
        c.set({ a: 1, b: 2 });
        assert.isTrue(c.has('a'));
        c.set('c', 3);
        assert.isFalse(c.has('a'));
    });

    it('stores undefined', () => {
        const c = new LruCache(2);
        c.set('a', undefined);
        assert.isTrue(c.has('a'));
        assert.isUndefined(c.get('a'));
    });

    it('converts keys to strings', () => {
        const c = new LruCache(2);
        c.set(5, 'x');
        assert.strictEqual(c.get('5'), 'x');
    });

    it('sets a map in order', () => {
        const c = new LruCache(10);
        c.set({ a: 1, b: 2 });
        assert.deepEqual(keys(c), ['b', 'a']);
    });

    it('remove and clear', () => {
        const c = new LruCache(10);
        c.set({ a: 1, b: 2 });
        c.remove('a');
        c.remove('none');
        assert.strictEqual(c.size, 1);
        c.clear();
        assert.isTrue(c.isEmpty());
    });

    it('size is read-only, timeout is not', () => {
        const c = new LruCache(10, 1000);
        let got;
        try {
            c.size = 5;
        } catch (e) {
            got = e;
        }
        assert.strictEqual(got, "Property 'size' is read-only.");
        c.timeout = 5;
        assert.strictEqual(c.timeout, 5);
    });

    it('drops entries after their time; get does not extend it', () => {
        const c = new LruCache(10, 5);
        c.set('a', 1);
        wait(() => c.get('a') === undefined);
        assert.isFalse(c.has('a'));
    });

    it('applies a changed timeout at once', () => {
        const c = new LruCache(10, 0);
        c.set('a', 1);
        coroutine.sleep(3);
        assert.isTrue(c.has('a'));
        c.timeout = 1;
        wait(() => !c.has('a'));
    });

    it('get calls the updater for what is missing', () => {
        const c = new LruCache(10);
        let got;
        assert.strictEqual(c.get('a', function (name) { got = [this === c, name]; return 5; }), 5); // prettier-ignore
        assert.deepEqual(got, [true, 'a']);
        assert.strictEqual(c.get('a', () => 6), 5); // prettier-ignore
    });

    it('does not store null and undefined of an updater', () => {
        const c = new LruCache(10);
        assert.isNull(c.get('a', () => null));
        assert.isFalse(c.has('a'));
    });

    it('makes concurrent requests for a name wait for one updater', () => {
        const c = new LruCache(10);
        const gate = new coroutine.Event();
        let calls = 0;
        const results = coroutine.parallel(
            () => c.get('a', () => { calls++; gate.wait(); return 7; }), // prettier-ignore
            () => c.get('a', () => { calls++; return 8; }), // prettier-ignore
            () => c.get('a'),
            () => gate.set(),
        );
        assert.deepEqual(results.slice(0, 3), [7, 7, 7]);
        assert.strictEqual(calls, 1);
    });

    it('does not block other names meanwhile', () => {
        const c = new LruCache(10);
        const gate = new coroutine.Event();
        const results = coroutine.parallel(
            () => c.get('a', () => { gate.wait(); return 1; }), // prettier-ignore
            () => { const v = c.get('b', () => 2); gate.set(); return v; }, // prettier-ignore
        );
        assert.deepEqual(results, [1, 2]);
    });

    it('lets waiters try again after a failed updater', () => {
        const c = new LruCache(10);
        const gate = new coroutine.Event();
        let failed;
        const results = coroutine.parallel(
            () => {
                try {
                    c.get('a', () => { gate.wait(); throw new Error('no'); }); // prettier-ignore
                } catch (e) {
                    failed = e.message;
                }
            },
            () => c.get('a', () => 'own'),
            () => gate.set(),
        );
        assert.strictEqual(failed, 'no');
        assert.strictEqual(results[1], 'own');
    });

    it('keeps what an updater sets itself', () => {
        const c = new LruCache(10);
        assert.strictEqual(c.get('a', () => { c.set('a', 'set'); return 'returned'; }), 'returned'); // prettier-ignore
        assert.strictEqual(c.get('a'), 'set');
    });

    it('fires expire for what falls out, after the fiber yields', () => {
        const c = new LruCache(1);
        const events = [];
        c.on('expire', (e) => events.push([e.target === c, e.type, e.key, e.value]));
        c.set('a', 1);
        c.set('b', 2);
        assert.deepEqual(events, []);
        coroutine.sleep(0);
        assert.deepEqual(events, [[true, 'expire', 'a', 1]]);
    });

    it('fires nothing for remove and clear', () => {
        const c = new LruCache(10);
        let n = 0;
        c.on('expire', () => n++);
        c.set({ a: 1, b: 2 });
        c.remove('a');
        c.clear();
        coroutine.sleep(0);
        assert.strictEqual(n, 0);
    });

    it('onexpire replaces all listeners', () => {
        const c = new LruCache(1);
        const log = [];
        assert.isNull(c.onexpire);
        c.on('expire', () => log.push('on'));
        c.onexpire = () => log.push('property');
        c.set({ a: 1, b: 2 });
        coroutine.sleep(0);
        assert.deepEqual(log, ['property']);
        assert.throws(() => (c.onexpire = null));
    });
});

require.main === module && test.run(console.DEBUG);
