// vm.SandBox with a global object of its own (spec/modules-and-vm.md §7.3).
var test = require('test');
test.setup();

var vm = require('vm');
var util = require('util');
var coroutine = require('coroutine');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return e;
    }
    return 'no error';
}
var box = (source, properties = {}, mods = { coroutine }) => new vm.SandBox(mods, properties).addScript('t.js', source);

describe('a sandbox with its own global', () => {
    describe('the global object', () => {
        it('has the built-ins, itself and what it was given', () => {
            var shared = {};
            var sbox = new vm.SandBox({}, { shared, n: 5 });
            assert.strictEqual(sbox.global.shared, shared);
            assert.strictEqual(sbox.global.global, sbox.global);
            assert.deepEqual(Object.keys(sbox.global).sort(), ['global', 'n', 'shared']);
            for (var name of ['Array', 'Object', 'Map', 'Promise', 'Symbol', 'JSON', 'Math', 'eval']) {
                assert.notEqual(typeof sbox.global[name], 'undefined');
                assert.notStrictEqual(sbox.global[name], global[name]);
            }
            for (var name of ['console', 'Buffer', 'process', 'setTimeout', 'run', 'require', 'GC', 'queueMicrotask'])
                assert.equal(typeof sbox.global[name], 'undefined');
            assert.equal(
                failure(() => (sbox.global = 1)),
                "Property 'global' is read-only.",
            );
        });
        it('copies enumerable properties by reference', () => {
            var given = Object.defineProperty({ list: [1] }, 'hidden', { value: 1 });
            var sbox = new vm.SandBox({}, given);
            assert.strictEqual(sbox.global.list, given.list);
            given.late = 1;
            assert.equal(sbox.global.late, undefined);
            assert.equal(sbox.global.hidden, undefined);
        });
        it('is live in both directions', () => {
            var sbox = new vm.SandBox({}, { n: 1 });
            sbox.addScript('a.js', 'made = n + 1');
            assert.equal(sbox.global.made, 2);
            sbox.global.n = 10;
            assert.equal(sbox.addScript('b.js', 'module.exports = n'), 10);
            assert.equal(typeof made, 'undefined');
        });
        it('is this, in sloppy functions too', () => {
            assert.isTrue(
                box(
                    'module.exports = this === global && (function () { return this })() === global && globalThis === global',
                ),
            );
        });
        it('patched built-ins stay inside', () => {
            box(
                'Array.prototype.extra = 1; Object.prototype.more = 2; Promise.prototype.then = null; delete globalThis.Map',
            );
            assert.equal([].extra, undefined);
            assert.equal({}.more, undefined);
            assert.equal(typeof Map, 'function');
            assert.equal(util.sync(async () => 3)(), 3);
        });
    });

    describe('objects that cross', () => {
        it('keep their realm', () => {
            var sbox = new vm.SandBox({}, { list: [] });
            var m = sbox.addScript(
                't.js',
                'module.exports = { list: [1], date: new Date(5), pattern: /a/g, foreign: list instanceof Array, mine: exports instanceof Object }',
            );
            assert.isFalse(m.list instanceof Array);
            assert.isTrue(Array.isArray(m.list));
            assert.isFalse(m.foreign);
            assert.isTrue(m.mine);
            assert.equal(JSON.stringify(m.list), '[1]');
            assert.isTrue(util.isDate(m.date));
        });
        it('natives take plain objects and arrays of either realm', () => {
            var m = box('module.exports = { options: { a: 1 }, list: [() => 1, () => 2] }');
            assert.equal(util.inspect(m.options), '{\n  "a": 1\n}');
            assert.deepEqual(coroutine.parallel(m.list), [1, 2]);
            assert.equal(util.format(m.list.map(String).length), '2');
            assert.equal(new vm.SandBox(m.options).require('a', ''), 1);
        });
        it('errors can be told, caught and reported', () => {
            var m = box(
                'exports.fail = (n) => { null.x }; exports.make = () => new RangeError("r"); exports.deep = function f() { f() }',
            );
            var e = failure(() => m.fail());
            assert.isFalse(e instanceof Error);
            assert.isTrue(Error.isError(e));
            assert.equal(e.name, 'TypeError');
            assert.ok(/^TypeError: .*\n {4}at (?:fail|exports\.fail|)\s?\(?t\.js:1:\d+\)?/.test(e.stack));
            assert.ok(/^RangeError: r\n {4}at .*t\.js:1:\d+/.test(m.make().stack));
            assert.equal(failure(() => m.deep()).name, 'RangeError');
            assert.equal(util.format(e), e.stack);
        });
        it('stack settings are its own', () => {
            var m = box(
                'Error.stackTraceLimit = 1; exports.stack = (function a() { return (function b() { return new Error("x").stack })() })(); var o = {}; Error.captureStackTrace(o); exports.o = o.stack',
            );
            assert.equal(m.stack.split('\n').length, 2);
            assert.ok(/at .*t\.js/.test(m.o));
            assert.equal(Error.stackTraceLimit, 10);
            assert.ok(new Error('x').stack.split('\n').length > 2);
        });
        it('what the sandbox requires throws through it', () => {
            var m = box(
                'exports.code = (() => { try { require("nope") } catch (e) { return e.number } })(); exports.same = require instanceof Function && module.require === require',
            );
            assert.deepEqual({ ...m }, { code: 2, same: true });
        });
        it('a syntax error names the place', () => {
            var e = failure(() => box('\nlet x = ;'));
            assert.equal(e.number, 100023);
            assert.ok(/^t\.js:2:9\nlet x = ;\n/.test(e.message));
        });
    });

    describe('fibers', () => {
        it('its code blocks anywhere', () => {
            var m = box(`
                const { sleep, current, Lock } = require('coroutine');
                exports.map = () => [3, 1, 2].map((n) => (sleep(n), n * 2)).join();
                exports.sort = () => [3, 1, 2].sort((a, b) => (sleep(0), a - b)).join();
                exports.getter = { get v() { sleep(1); return 'v'; } };
                exports.gen = function* () { for (let i = 0; i < 3; i++) yield i; };
                exports.replace = () => 'abc'.replace(/./g, (c) => (sleep(0), c + c));
                exports.finally = () => { try { sleep(1); throw new Error('x') } catch (e) { sleep(1); return e.message } finally { sleep(1) } };
            `);
            var one = () => {
                assert.equal(m.map(), '6,2,4');
                assert.equal(m.sort(), '1,2,3');
                assert.equal(m.getter.v, 'v');
                assert.equal([...m.gen()].join(), '0,1,2');
                assert.equal(m.replace(), 'aabbcc');
                assert.equal(m.finally(), 'x');
            };
            coroutine.parallel(one, 50);
        });
        it('promises and async functions work across', () => {
            var m = box(`
                const { sleep } = require('coroutine');
                exports.f = async (n) => { await null; sleep(1); await null; if (n < 0) throw new RangeError('neg'); return n + 1 };
                exports.take = async (p) => 'got ' + (await p);
                exports.top = await Promise.resolve(5);
            `);
            assert.equal(m.top, 5);
            assert.equal(util.sync(m.f, true)(1), 2);
            assert.equal(failure(() => util.sync(m.f, true)(-1)).message, 'neg');
            assert.equal(util.sync(m.take, true)(Promise.resolve('ours')), 'got ours');
            var all = util.sync(() => Promise.all([1, 2, 3].map((n) => m.f(n))), true)();
            assert.deepEqual(all, [2, 3, 4]);
        });
        it('its functions can be started, timed and emitted to', () => {
            var m = box('exports.log = []; exports.f = function (n) { exports.log.push(n) }');
            coroutine.start(m.f, 1).join();
            var e = new (require('events'))();
            e.on('x', m.f);
            e.emit('x', 2);
            setTimeout(m.f, 1, 3);
            coroutine.sleep(20);
            assert.equal(m.log.join(), '1,2,3');
        });
        it('a time limit ends its code', () => {
            var m = box('exports.f = () => { try { for (;;); } finally { exports.ran = true } }');
            assert.equal(failure(() => require('timers').call(m.f, 20)).number, 100021);
            assert.equal(m.ran, undefined);
        });
    });

    it('sandboxes in sandboxes', () => {
        var m = box(
            'var vm = require("vm"); var inner = new vm.SandBox({}, { n: 5 }); exports.got = inner.addScript("i.js", "module.exports = n + 1"); exports.other = inner.global.Array !== Array',
            {},
            { vm },
        );
        assert.equal(m.got, 6);
        assert.isTrue(m.other);
    });

    it('many come and go', () => {
        GC();
        var before = process.memoryUsage().heapUsed;
        for (var i = 0; i < 200; i++) {
            var m = box(
                'exports.f = () => [1, 2, 3].map(x => x * 2); exports.big = new Array(1000).fill({}); exports.self = global',
            );
            m.f();
        }
        m = null;
        GC();
        assert.ok(process.memoryUsage().heapUsed < before + 20e6);
    });

    it('functions outlive their sandbox', () => {
        var f = box(
            'const all = globalThis; for (const k of Object.getOwnPropertyNames(all)) delete all[k]; module.exports = () => [].concat([1], new Error("still").message, typeof Map)',
        );
        GC();
        assert.equal(failure(() => f()).name, 'ReferenceError');
        GC();
    });

    describe('freeze', () => {
        it('freezes the global object and what it reaches', () => {
            var given = { deep: { list: [1, { a: 1 }] } };
            var sbox = new vm.SandBox({}, { given });
            assert.strictEqual(sbox.freeze(), undefined);
            var m = sbox.addScript(
                't.js',
                `
                n = 1; given = 2; given.deep.x = 3; Array.prototype.y = 4; Object.prototype.toString = 5;
                exports.sloppy = [typeof n, typeof given, given.deep.x, [].y].join();
                exports.strict = [() => { 'use strict'; given = 2 }, () => { 'use strict'; given.deep.list[1].a = 2 }, () => { 'use strict'; Map.prototype.z = 1 }]
                    .map((f) => { try { f() } catch (e) { return e instanceof TypeError } }).join();
            `,
            );
            assert.equal(m.sloppy, 'undefined,object,,');
            assert.equal(m.strict, 'true,true,true');
            assert.isTrue(Object.isFrozen(given.deep.list[1]));
            assert.isTrue(Object.isFrozen(sbox.global));
        });
        it('leaves our own built-ins alone', () => {
            var sbox = new vm.SandBox({}, { o: {}, f: () => 1, p: Promise.resolve(), d: new Date() });
            sbox.freeze();
            for (var shared of [
                Object.prototype,
                Function.prototype,
                Array,
                Array.prototype,
                Promise.prototype,
                Error,
                Math,
            ])
                assert.isFalse(Object.isFrozen(shared));
        });
    });
});

require.main === module && test.run(console.DEBUG);
