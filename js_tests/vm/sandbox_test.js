// vm.SandBox without a global object of its own (spec/modules-and-vm.md §7).
var test = require('test');
test.setup();

var vm = require('vm');
var fs = require('fs');
var path = require('path');
var coroutine = require('coroutine');
var files = path.join(__dirname, 'files');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number === 100023 ? e.message : e.number || `${e.name}: ${e.message}`;
    }
    return 'no error';
}

describe('vm.SandBox', () => {
    describe('construction', () => {
        it('needs an object of modules', () => {
            assert.equal(
                failure(() => new vm.SandBox()),
                100002,
            );
            assert.equal(
                failure(() => new vm.SandBox(5)),
                100002,
            ); // of the last form tried
            assert.equal(
                failure(() => vm.SandBox({})),
                100007,
            );
            assert.equal(
                failure(() => new vm.SandBox({}, {}, () => 1)),
                100005,
            );
            assert.equal(`${new vm.SandBox({})}`, 'SandBox');
        });
        it('knows nothing but what it was given', () => {
            var sbox = new vm.SandBox({ a: 1 });
            assert.deepEqual(sbox.modules, { a: 1 });
            assert.equal(
                failure(() => sbox.require('fs', __dirname)),
                2,
            );
        });
        it('addBuiltinModules adds the built-in ones', () => {
            var sbox = new vm.SandBox({});
            sbox.addBuiltinModules();
            assert.isTrue(sbox.has('fs'));
            assert.isFalse(sbox.has('nothing'));
            assert.strictEqual(sbox.require('fs', ''), fs);
        });
    });

    describe('add', () => {
        it('registers values and maps', () => {
            var sbox = new vm.SandBox({});
            assert.strictEqual(sbox.add('a/./b', 5), undefined);
            assert.equal(sbox.require('a/b', ''), 5);
            sbox.add({ x: 1, y: 2 });
            assert.equal(sbox.require('x', '') + sbox.require('y', ''), 3);
            sbox.add('x', 9);
            assert.equal(sbox.require('x', ''), 9);
            for (var id of ['./a', '../a', '.', '..'])
                assert.equal(
                    failure(() => sbox.add(id, 1)),
                    'SandBox: does not accept relative path.',
                );
            sbox.add('.hidden', 3);
            assert.equal(sbox.require('.hidden', ''), 3);
        });
        it('copies plain objects, arrays, dates, patterns and boxed values, once', () => {
            var inner = {};
            for (var value of [
                { inner },
                [inner, , 2],
                new Date(5),
                /a/gi,
                new String('s'),
                new Number(1),
                new Boolean(false),
            ]) {
                var sbox = new vm.SandBox({ value });
                var got = sbox.require('value', '');
                assert.notStrictEqual(got, value);
                assert.strictEqual(sbox.require('value', ''), got);
                assert.deepEqual(Object.getOwnPropertyDescriptors(got), Object.getOwnPropertyDescriptors(value));
                assert.strictEqual(Object.getPrototypeOf(got), Object.getPrototypeOf(value));
                assert.equal(`${got}`, `${value}`);
            }
            assert.strictEqual(new vm.SandBox({ v: { inner } }).require('v', '').inner, inner);
        });
        it('keeps everything else as it is', () => {
            class A {}
            for (var value of [
                () => 1,
                new A(),
                new Proxy({}, {}),
                new coroutine.Lock(),
                new Map(),
                Object.create(null),
                new Buffer('a'),
                'x',
                5,
            ])
                assert.strictEqual(new vm.SandBox({ value }).require('value', ''), value);
        });
        it('copies built-in modules', () => {
            var sbox = new vm.SandBox({ fs, coroutine, assert: require('assert'), events: require('events') });
            var copy = sbox.require('fs', '');
            assert.notStrictEqual(copy, fs);
            assert.isTrue(copy.exists(__filename));
            copy.exists = 5;
            assert.equal(typeof fs.exists, 'function');
            assert.strictEqual(sbox.require('coroutine', '').Lock, coroutine.Lock);
            assert.equal(sbox.require('coroutine', '').vmid, 1);
            sbox.require('coroutine', '').Event = 7;
            assert.equal(typeof coroutine.Event, 'function');
            assert.strictEqual(sbox.require('assert', ''), require('assert'));
            assert.strictEqual(sbox.require('events', ''), require('events'));
        });
        it('a value that is undefined or null is registered and not found', () => {
            var sbox = new vm.SandBox({ u: undefined, n: null });
            assert.isTrue(sbox.has('u'));
            assert.equal(
                failure(() => sbox.require('u', '')),
                2,
            );
            assert.equal(
                failure(() => sbox.require('n', '')),
                2,
            );
        });
    });

    describe('addScript', () => {
        it('runs source as a module', () => {
            var sbox = new vm.SandBox({ k: 5 });
            assert.deepEqual(
                sbox.addScript('t.js', 'exports.a = require("k"); exports.f = __filename; exports.d = __dirname'),
                { a: 5, f: 't.js', d: '.' },
            );
            assert.equal(sbox.require('t', '').a, 5);
            assert.equal(sbox.require('t.js', '').a, 5);
            assert.equal(sbox.addScript('b', new Buffer('module.exports = 1 + 1')), 2);
            assert.deepEqual(sbox.addScript('j.json', '{ "x": [1] }'), { x: [1] });
            assert.equal(sbox.addScript('lib/x.js', 'module.exports = __dirname'), 'lib');
            assert.equal(
                failure(() => sbox.addScript('./x.js', '')),
                'SandBox: AddScript does not accept relative path.',
            );
        });
        it('waits for what blocks and awaits', () => {
            var sbox = new vm.SandBox({ coroutine });
            assert.equal(sbox.addScript('t.js', 'require("coroutine").sleep(2); await 1; module.exports = 7'), 7);
        });
        it('replaces, and leaves nothing behind that throws', () => {
            var sbox = new vm.SandBox({});
            sbox.addScript('t.js', 'module.exports = 1');
            assert.equal(sbox.addScript('t.js', 'module.exports = 2'), 2);
            assert.equal(
                failure(() => sbox.addScript('t.js', 'throw new TypeError("x")')),
                'TypeError: x',
            );
            assert.isFalse(sbox.has('t.js'));
        });
        it('reports a syntax error with the place', () => {
            var lines = failure(() => new vm.SandBox({}).addScript('t.js', '\nlet x = ;')).split('\n');
            assert.equal(lines[0], 't.js:2:9');
            assert.equal(lines[1], 'let x = ;');
            assert.ok(/^SyntaxError: /.test(lines[3]));
        });
        it('an absolute name is a virtual file', () => {
            var sbox = new vm.SandBox({});
            sbox.addScript(
                '/v/lib/x.js',
                'exports.n = __filename; exports.y = () => require("./y"); exports.up = () => require("..")',
            );
            sbox.add('/v/lib/y', { y: 1 });
            sbox.addScript('/v/index.js', 'module.exports = "index"');
            assert.equal(sbox.require('/v/lib/x', '').n, '/v/lib/x.js');
            assert.equal(sbox.require('/v/lib/x', '').y().y, 1);
            assert.equal(sbox.require('/v/lib/x', '').up(), 'index');
            assert.equal(sbox.require('./lib/x', '/v').n, '/v/lib/x.js');
            assert.equal(sbox.resolve('./lib/../lib/x', '/v'), '/v/lib/x.js');
            sbox.remove('/v/lib/x.js');
            assert.equal(
                failure(() => sbox.require('/v/lib/x', '')),
                2,
            );
        });
        it('relative ids of a bare name are relative to the current directory', () => {
            var cwd = process.cwd();
            process.chdir(files);
            try {
                var sbox = new vm.SandBox({});
                assert.equal(
                    sbox.addScript('t.js', 'module.exports = require("./other") + require("dep")'),
                    'otherdep',
                );
                sbox.addScript('r.js', 'run("./run_me", ["x"])');
                assert.deepEqual(global.sbRan.argv, ['x']);
                process.chdir('node_modules/dep');
                assert.equal(
                    failure(() => sbox.addScript('u.js', 'require("dep")')),
                    2,
                );
            } finally {
                process.chdir(cwd);
            }
        });
        it('takes compiled scripts', () => {
            var packed = require('util').compile(
                'named.js',
                'exports.s = new Error("x").stack; exports.f = __filename',
            );
            var got = new vm.SandBox({}).addScript('t.jsc', packed);
            assert.ok(/named\.js:1/.test(got.s));
            assert.equal(got.f, 't.jsc');
            assert.equal(
                failure(() => new vm.SandBox({}).addScript('t.jsc', 'junk')),
                'SandBox: bad jsc version.',
            );
        });
    });

    describe('require, resolve and run', () => {
        it('both arguments are required', () => {
            var sbox = new vm.SandBox({ a: 1 });
            assert.equal(
                failure(() => sbox.require('a')),
                100002,
            );
            assert.equal(
                failure(() => sbox.resolve('a')),
                100002,
            );
            assert.equal(
                failure(() => sbox.require()),
                100002,
            );
        });
        it('files are loaded for each sandbox', () => {
            global.sbCount = 0;
            var a = new vm.SandBox({});
            var b = new vm.SandBox({});
            assert.equal(a.require('./counted', files).n, 1);
            assert.equal(b.require(files + '/counted.js', '').n, 2);
            assert.equal(a.require('./counted.js', files).n, 1);
            assert.equal(require('./files/counted').n, 3);
        });
        it('the base says where the search starts', () => {
            var sbox = new vm.SandBox({});
            assert.equal(sbox.require('dep', files), 'dep');
            assert.equal(sbox.require('dep', files + '/main_pkg'), 'dep');
            assert.equal(
                failure(() => sbox.require('dep', '')),
                2,
            );
            assert.equal(
                failure(() => sbox.require('dep', __dirname)),
                2,
            );
            assert.equal(sbox.resolve('dep', files), files + '/node_modules/dep/index.js');
            assert.equal(sbox.resolve('./data', files), files + '/data.json');
        });
        it('what a module requires later comes from its sandbox', () => {
            var sbox = new vm.SandBox({ known: 'k' });
            var m = sbox.require('./counted', files);
            var got;
            coroutine.start(() => (got = m.hook('known'))).join();
            assert.equal(got, 'k');
            assert.equal(
                failure(() => m.hook('coroutine')),
                2,
            );
        });
        it('runs scripts by absolute path', () => {
            var sbox = new vm.SandBox({ known: 'k' });
            assert.strictEqual(sbox.run(files + '/run_me.js', [1, 2]), undefined);
            assert.deepEqual(global.sbRan, { argv: [1, 2], repl: 'undefined', main: undefined, known: 'k' });
            sbox.run(files + '/run_me');
            assert.deepEqual(global.sbRan.argv, []);
            assert.equal(
                failure(() => sbox.run('./run_me.js')),
                'SandBox: Invalid file name.',
            );
            assert.equal(
                failure(() => sbox.run(files + '/run_me.js', 5)),
                100005,
            );
            assert.ok(/^SyntaxError/m.test(failure(() => sbox.run(files + '/syntax.js'))));
        });
    });

    describe('has, remove, modules, clone, refresh', () => {
        it('has looks for exactly the id', () => {
            var sbox = new vm.SandBox({ 'a.js': 1 });
            assert.isTrue(sbox.has('a.js'));
            assert.isFalse(sbox.has('a'));
            assert.isTrue(sbox.has('./a.js'));
            assert.isTrue(sbox.has('toString'));
        });
        it('remove', () => {
            var sbox = new vm.SandBox({ a: 1 });
            assert.strictEqual(sbox.remove('a'), undefined);
            assert.isFalse(sbox.has('a'));
            sbox.remove('a');
        });
        it('modules is a new object each time', () => {
            var sbox = new vm.SandBox({ a: 1 });
            sbox.require('./other', files);
            var all = sbox.modules;
            assert.deepEqual(Object.keys(all), ['a', files + '/other.js']);
            assert.notStrictEqual(sbox.modules, all);
            assert.equal(
                failure(() => (sbox.modules = 1)),
                "Property 'modules' is read-only.",
            );
        });
        it('a clone has the modules and nothing else', () => {
            var sbox = new vm.SandBox({ a: {} }, (id) => 'hooked ' + id);
            sbox.setModuleCompiler('.y', () => '');
            var copy = sbox.clone();
            assert.strictEqual(copy.require('a', ''), sbox.require('a', ''));
            assert.equal(
                failure(() => copy.require('nope', '')),
                2,
            );
            copy.add('b', 1);
            assert.isFalse(sbox.has('b'));
            assert.equal(
                failure(() => copy.require('./text', files)),
                2,
            );
        });
        it('refresh runs the code again without reading it', () => {
            global.sbCount = 0;
            var sbox = new vm.SandBox({ kept: {} });
            var kept = sbox.require('kept', '');
            var first = sbox.require('./counted', files);
            sbox.addScript('t.js', 'exports.module = module; exports.n = global.sbCount');
            var data = sbox.require('./data', files);
            var copy = sbox.clone();
            assert.strictEqual(sbox.refresh(), undefined);
            assert.isTrue(sbox.has(files + '/counted.js'));
            var second = sbox.require('./counted', files);
            assert.notStrictEqual(second, first);
            assert.equal(second.n, 2);
            assert.equal(sbox.require('t', '').n, 2);
            assert.notStrictEqual(sbox.require('./data', files), data);
            assert.deepEqual(sbox.require('./data', files), data);
            assert.strictEqual(sbox.require('kept', ''), kept);
            assert.strictEqual(copy.require('./counted', files), first);
        });
    });

    describe('the hook', () => {
        it('is asked for bare ids that are not known, once', () => {
            var asked = [];
            var self;
            var sbox = new vm.SandBox({ a: 1, 'b.js': 2 }, function (id) {
                self = this;
                asked.push(id);
                if (id === 'x') return { x: 1 };
                if (id === 'bad') throw new RangeError('hook');
            });
            var x = sbox.require('x', files);
            assert.strictEqual(sbox.require('x', files), x);
            assert.strictEqual(self, sbox);
            sbox.require('a', files);
            sbox.require('b', files);
            assert.equal(sbox.require('dep', files), 'dep');
            sbox.require('./other', files);
            sbox.require(files + '/other', '');
            assert.equal(
                failure(() => sbox.require('bad', '')),
                'RangeError: hook',
            );
            assert.deepEqual(asked, ['x', 'dep', 'bad']);
            assert.isTrue(sbox.has('x'));
        });
        it('may block, and serves files', () => {
            var sbox = new vm.SandBox({}, (id) => {
                coroutine.sleep(1);
                return `<${id}>`;
            });
            assert.equal(sbox.addScript('t.js', 'module.exports = require("q")'), '<q>');
            assert.equal(sbox.resolve('r', ''), 'r');
            assert.isTrue(sbox.has('r'));
        });
    });

    describe('setModuleCompiler', () => {
        it('adds an extension', () => {
            var calls = [];
            var sbox = new vm.SandBox({});
            sbox.setModuleCompiler('.x.y', (buf, info) => {
                calls.push([Buffer.isBuffer(buf), info]);
                return `module.exports = ${JSON.stringify(`${buf}`)} + __filename.length`;
            });
            sbox.setModuleCompiler('.y', () => 'module.exports = "y"');
            assert.equal(sbox.require('./text', files), `left-right\n${files.length + 9}`);
            sbox.require('./text.x.y', files);
            assert.equal(sbox.require('./text.y', files), 'y');
            assert.deepEqual(calls, [[true, { filename: files + '/text.x.y' }]]);
        });
        it('checks what it gets', () => {
            var sbox = new vm.SandBox({});
            assert.equal(
                failure(() => sbox.setModuleCompiler('y', () => '')),
                100004,
            );
            for (var ending of ['.js', '.jsc', '.json', '.wasm'])
                assert.equal(
                    failure(() => sbox.setModuleCompiler(ending, () => '')),
                    `SandBox: '${ending}' is reserved extension name!`,
                );
            sbox.setModuleCompiler('.y', () => 5);
            assert.equal(
                failure(() => sbox.require('./text.y', files)),
                100005,
            );
            sbox.setModuleCompiler('.y', () => {
                throw new RangeError('compiler');
            });
            assert.equal(
                failure(() => sbox.require('./text.y', files)),
                'RangeError: compiler',
            );
        });
    });

    it('without an own global everything is shared', () => {
        var sbox = new vm.SandBox({});
        assert.strictEqual(sbox.addScript('t.js', 'sbLeak = 1; module.exports = Array'), Array);
        assert.equal(global.sbLeak, 1);
        assert.equal(
            failure(() => sbox.global),
            100009,
        );
        assert.equal(
            failure(() => sbox.freeze()),
            100009,
        );
    });
});

require.main === module && test.run(console.DEBUG);
