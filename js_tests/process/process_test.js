// `process` (spec/fibers-and-runtime.md §10); how a process ends is tested in tests/test_cli.py.
var test = require('test');
test.setup();
var coroutine = require('coroutine');
var EventEmitter = require('events');

function thrown(fn) {
    try {
        fn();
    } catch (e) {
        return e.number === undefined ? e : e.number;
    }
    return 'no error';
}

describe('process', () => {
    it('is global, the module and an emitter', () => {
        assert.strictEqual(require('process'), process);
        assert.ok(process instanceof EventEmitter);
        assert.equal(typeof process.on, 'function');
    });
    it('has argv, a new array each time', () => {
        assert.notStrictEqual(process.argv, process.argv);
        assert.ok(process.argv.length >= 2);
        assert.ok(/process_test\.js$/.test(process.argv[1]));
        assert.isArray(process.execArgv);
    });
    it('has facts', () => {
        assert.equal(process.version, '0.31.0');
        assert.equal(process.versions.fibjs, '0.31.0');
        assert.equal(process.versions.node, '0.0.0');
        assert.ok(process.versions.modules.includes('http'));
        assert.ok(['linux', 'darwin', 'freebsd', 'win32'].includes(process.platform));
        assert.ok(['x64', 'ia32', 'arm', 'arm64'].includes(process.arch));
        assert.ok(process.pid > 0);
        assert.ok(process.ppid > 0);
        assert.equal(process.execPath[0], '/');
    });
    it('refuses to set read-only properties', () => {
        for (const name of ['argv', 'pid', 'platform', 'env', 'version'])
            assert.equal(
                thrown(() => (process[name] = 1)),
                `Property '${name}' is read-only.`,
            );
    });
    it('env is one object whose values keep their type', () => {
        assert.strictEqual(process.env, process.env);
        assert.isString(process.env.PATH);
        process.env.fibshimTest = 5;
        assert.strictEqual(process.env.fibshimTest, 5);
        delete process.env.fibshimTest;
    });
    it('exitCode is coerced', () => {
        assert.strictEqual(process.exitCode, 0);
        process.exitCode = '5';
        assert.strictEqual(process.exitCode, 5);
        assert.equal(
            thrown(() => (process.exitCode = 'x')),
            100005,
        );
        process.exitCode = 0;
    });
    it('cwd and chdir', () => {
        var here = process.cwd();
        process.chdir('/');
        assert.equal(process.cwd(), '/');
        process.chdir(here);
        assert.equal(
            thrown(() => process.chdir('/no/such')),
            2,
        );
    });
    it('umask takes numbers and octal strings', () => {
        var before = process.umask('022');
        assert.equal(process.umask(), 0o22);
        assert.equal(process.umask(before), 0o22);
        assert.equal(
            thrown(() => process.umask('89')),
            100023,
        );
    });
    it('hrtime counts', () => {
        var t = process.hrtime();
        assert.equal(t.length, 2);
        coroutine.sleep(2);
        var d = process.hrtime(t);
        assert.equal(d[0], 0);
        assert.ok(d[1] > 1e6);
        assert.equal(
            thrown(() => process.hrtime(1)),
            100005,
        );
        assert.equal(process.hrtime([]).length, 2);
    });
    it('uptime is the system’s', () => assert.ok(process.uptime() > 1));
    it('memoryUsage', () => {
        var m = process.memoryUsage();
        for (const name of ['rss', 'heapTotal', 'heapUsed']) assert.ok(m[name] > 100000);
        assert.equal(m.nativeObjects.class, 'object');
    });
    it('memoryUsage counts the native objects that were made since its first call', () => {
        var count = () => process.memoryUsage().nativeObjects;
        var find = (tree, name) =>
            tree.class === name ? tree.objects : (tree.inherits ?? []).reduce((n, item) => n || find(item, name), 0);
        var before = count();
        var kept = [new coroutine.Lock(), new coroutine.Event(), new coroutine.Event()];
        var after = count();
        assert.equal(after.objects, before.objects + 3);
        assert.equal(find(after, 'Lock'), find(before, 'Lock') + 3);
        assert.equal(find(after, 'Event'), find(before, 'Event') + 2);
        kept = null;
        GC();
        assert.equal(count().objects, before.objects);
        assert.equal(find(count(), 'Event'), find(before, 'Event'));
    });
    it('nextTick is a new fiber in the queue', () => {
        var log = [];
        var me = coroutine.current();
        me.local = 1;
        var e = new coroutine.Event();
        process.nextTick(function (a) {
            log.push(a, this === coroutine.current(), this.local);
            e.set();
        }, 'arg');
        log.push('main');
        e.wait();
        assert.deepEqual(log, ['main', 'arg', true, 1]);
        delete me.local;
    });
    it('binding gives built-in modules', () => {
        assert.strictEqual(process.binding('coroutine'), coroutine);
        assert.strictEqual(process.binding('nothing'), undefined);
        assert.strictEqual(process.binding('EventEmitter'), EventEmitter);
    });
    it('cpuUsage', () => {
        var a = process.cpuUsage();
        for (var i = 0; i < 1e5; i++);
        assert.ok(process.cpuUsage(a).user >= 0);
    });
});

require.main === module && test.run(console.DEBUG);
