// `require`, `run`, the wrapper and the global object (spec/modules-and-vm.md §2–§5).
var test = require('test');
test.setup();
var coroutine = require('coroutine');

function thrown(fn) {
    try {
        fn();
    } catch (e) {
        return e;
    }
    return { number: 'no error' };
}

describe('loading', () => {
    describe('the wrapper', () => {
        var plain = require('./files/plain');
        it('gives a module its parameters', () => {
            assert.equal(plain.args, 6);
            assert.ok(/\/files\/plain\.js$/.test(plain.file));
            assert.ok(/\/files$/.test(plain.dir));
            assert.equal(plain.keys, 'exports,require,run');
            assert.isTrue(plain.same);
            assert.equal(plain.argvType, 'undefined');
            assert.equal(plain.replType, 'undefined');
        });
        it('this is the global object', () => {
            assert.isTrue(plain.self);
            assert.strictEqual(global, globalThis);
        });
        it('require.main is set in the main script only', () => {
            assert.strictEqual(plain.main, undefined);
            if (require.main !== undefined) assert.strictEqual(require.main, module);
        });
        it('allows top-level await and return, and waits', () => {
            var m = require('./files/waits');
            assert.isTrue(m.waited);
            assert.equal(m.not, undefined);
        });
        it('treats #! as a comment and a BOM as nothing', () => {
            assert.equal(require('./files/hashbang'), 'hashbang');
            assert.equal(require('./files/bom'), 'bom');
        });
        it('throwing undefined is success', () => assert.deepEqual(require('./files/throws_undefined'), {}));
        it('keeps lines and columns', () => {
            assert.ok(/err\.js:1:\d+/.test(require('./files/err').stack));
        });
    });

    describe('require', () => {
        it('finds files with and without ending, folders, packages, JSON', () => {
            assert.equal(require('./files/plain.js').answer, 42);
            assert.equal(require('./files/folder'), 'folder index');
            assert.equal(require('./files/folder/'), 'folder index');
            assert.equal(require('./files/pkg'), 'pkg entry');
            assert.equal(require('./files/noending'), 'no ending');
            assert.equal(require('./files/data').a, 1);
            assert.strictEqual(require('./files/data').b, 12345678901234567890n);
            assert.equal(require(__dirname + '/files/folder'), 'folder index');
        });
        it('finds node_modules from the requiring file upward', () => {
            assert.equal(require('./files/sub/deep/uses'), 'dep dep');
            assert.equal(thrown(() => require('dep')).number, 2);
        });
        it('caches by real path', () => {
            assert.strictEqual(require('./files/plain'), require('./files/../files/plain.js'));
            assert.strictEqual(require('./files/plain'), require('./files/link'));
        });
        it('gives a cycle the unfinished exports', () => {
            var a = require('./files/cycle_a');
            assert.equal(a.other, '{"early":1}');
            assert.equal(a.late, 2);
        });
        it('gives other fibers the unfinished exports', () => {
            global.slowCount = 0;
            var first;
            var f = coroutine.start(() => (first = require('./files/slow')));
            coroutine.sleep();
            var second = require('./files/slow');
            assert.equal(second.done, undefined);
            f.join();
            assert.strictEqual(first, second);
            assert.isTrue(second.done);
            assert.equal(global.slowCount, 1);
        });
        it('throws the original error and tries again', () => {
            global.loadCount = 0;
            for (var i = 0; i < 2; i++) {
                var e = thrown(() => require('./files/throws'));
                assert.ok(e instanceof RangeError);
                assert.equal(e.message, 'body');
            }
            assert.equal(global.loadCount, 2);
        });
        it('does not cache undefined exports', () => {
            require('./files/undef');
            require('./files/undef');
            assert.equal(global.nullCount, 2);
        });
        it('reports a syntax error with the place', () => {
            var e = thrown(() => require('./files/syntax'));
            assert.equal(e.name, 'Error');
            assert.equal(e.number, 100023);
            var lines = e.message.split('\n');
            assert.ok(/\/files\/syntax\.js:2:\d+$/.test(lines[0]));
            assert.equal(lines[1], 'let bad = ;');
            assert.ok(/^ +\^+$/.test(lines[2]));
            assert.ok(/^SyntaxError: /.test(lines[3]));
        });
        it('reports what is not there', () => {
            for (const id of ['./nothing', 'nothing', '/nothing', './files/folder/nothing']) {
                var e = thrown(() => require(id));
                assert.equal(e.number, 2);
                assert.equal(e.message, '[2] No such file or directory');
            }
            assert.equal(thrown(() => require()).number, 100002);
        });
        it('does not fall back when main is missing', () => {
            var e = thrown(() => require('./files/broken'));
            assert.equal(e.number, 100023);
            assert.equal(e.message, 'SandBox: main script in package.json not found');
        });
        it('refuses bad JSON', () => assert.equal(thrown(() => require('./files/bad.json')).number, 100023));
        it('gives built-in modules, the same object each time', () => {
            assert.strictEqual(require('coroutine'), coroutine);
            assert.strictEqual(require('https'), require('http'));
            assert.strictEqual(require('events').EventEmitter, require('events'));
            assert.equal(thrown(() => require('child_process')).number, 2);
            assert.equal(thrown(() => require('console')).number, 2);
            assert.equal(thrown(() => require('node:fs')).number, 2);
        });
        it('says what is not supported', () => {
            assert.ok(/require\('gd'\) is not supported by fibshim/.test(thrown(() => require('gd')).message));
        });
        it('ignores further arguments and converts the id', () => {
            assert.strictEqual(require({ toString: () => 'coroutine' }, 1, 2), coroutine);
        });
        it('resolve returns the id and does not run the file', () => {
            global.loadCount = 0;
            assert.ok(/\/files\/throws\.js$/.test(require.resolve('./files/throws')));
            assert.equal(global.loadCount, 0);
            assert.equal(require.resolve('coroutine'), 'coroutine');
            assert.equal(thrown(() => require.resolve('nothing')).number, 2);
            assert.equal(thrown(() => require.resolve()).number, 100002);
            assert.ok(/\/files\/plain\.js$/.test(require.resolve('./files/link')));
        });
    });

    describe('run', () => {
        it('runs a file anew each time, with its argv', () => {
            global.ran = null;
            assert.strictEqual(run('./files/run_me.js', ['a', 'b']), undefined);
            assert.deepEqual(global.ran.argv, ['a', 'b']);
            assert.strictEqual(global.ran.main, undefined);
            assert.equal(global.ran.repl, 'undefined');
            run('./files/run_me');
            assert.deepEqual(global.ran.argv, []);
        });
        it('needs a relative or absolute name', () => {
            assert.equal(thrown(() => run('files/run_me.js')).message, 'SandBox: Invalid file name.');
            assert.equal(thrown(() => global.run('./files/run_me.js')).message, 'SandBox: Invalid file name.');
            global.run(__dirname + '/files/run_me.js');
        });
        it('argv must be an array', () =>
            assert.equal(thrown(() => run('./files/run_me.js', undefined)).number, 100005));
        it('throws what the script throws', () => assert.equal(thrown(() => run('./files/throws')).message, 'body'));
    });

    describe('the global object', () => {
        it('has what the chapter lists and nothing of a browser', () => {
            for (const name of [
                'global',
                'Buffer',
                'console',
                'process',
                'setTimeout',
                'setImmediate',
                'GC',
                'run',
                'require',
            ])
                assert.notEqual(typeof globalThis[name], 'undefined');
            for (const name of ['module', 'exports', '__filename', 'WebSocket', 'fetch', 'window'])
                assert.equal(typeof globalThis[name], 'undefined');
        });
        it('global is read-only', () =>
            assert.equal(
                thrown(() => (globalThis.global = 1)),
                "Property 'global' is read-only.",
            ));
        it('others can be overwritten', () => {
            var old = globalThis.setTimeout;
            globalThis.setTimeout = 5;
            assert.equal(setTimeout, 5);
            globalThis.setTimeout = old;
        });
        it('GC collects', () => assert.strictEqual(GC(), undefined));
        it('sloppy code may make globals', () => {
            madeBySloppyCode = 1;
            assert.equal(globalThis.madeBySloppyCode, 1);
            delete globalThis.madeBySloppyCode;
        });
    });
});

require.main === module && test.run(console.DEBUG);
