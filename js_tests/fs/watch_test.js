// Watching (spec/fs-and-path.md §3).
var test = require('test');
test.setup();
var fs = require('fs');
var coroutine = require('coroutine');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}
var number = (fn) => parseInt(failure(fn));
var root = `${require('os').tmpdir()}/fibshim-${process.pid}-${Date.now()}`;
fs.mkdir(root);
function remove(path) {
    if (!fs.lstat(path).isSymbolicLink() && fs.lstat(path).isDirectory()) {
        fs.readdir(path).forEach((name) => remove(`${path}/${name}`));
        fs.rmdir(path);
    } else fs.unlink(path);
}
var at = (name) => `${root}/${name}`;

/** Wait until something holds. */
function until(fn) {
    for (var i = 0; i < 200; i++) {
        if (fn()) return;
        coroutine.sleep(10);
    }
    throw new Error(`${fn}`);
}

describe('fs.watch', () => {
    it('tells of changes', () => {
        fs.writeTextFile(at('w'), '1');
        var got = [];
        var w = fs.watch(at('w'), (type, name) => got.push(type, name));
        w.on('changeonly', (type) => got.push(`only ${type}`));
        w.on('close', () => got.push('close'));
        fs.appendFile(at('w'), '2');
        until(() => got.length >= 3);
        assert.deepEqual(got.slice(0, 3), ['change', at('w'), 'only change']);
        w.close();
        w.close();
        got = [];
        coroutine.sleep(5);
        assert.deepEqual(got, ['close']);
        fs.appendFile(at('w'), '3');
        coroutine.sleep(20);
        assert.deepEqual(got, ['close']);
    });
    it('of a directory it names the directory', () => {
        var got = [];
        var w = fs.watch(root, { persistent: false });
        w.onchange = (type, name) => got.push(type, name);
        assert.isFalse(typeof w.onchange === 'function');
        w.on('renameonly', () => got.push('renamed'));
        fs.writeTextFile(at('new'), '');
        until(() => got.length >= 3);
        assert.deepEqual(got.slice(0, 3), ['rename', root, 'renamed']);
        w.close();
    });
    it('a missing target emits error and close', () => {
        var got = [];
        var w = fs.watch(at('none'));
        w.on('error', (e) => got.push(e.type, e.code, e.reason, e.target === w));
        w.on('close', () => got.push('close'));
        coroutine.sleep(10);
        assert.deepEqual(got, ['error', -100009, 'no such file or directory', true, 'close']);
    });
    it('checks its options', () => {
        assert.equal(
            number(() => fs.watch(root, { persistent: 1 })),
            100005,
        );
        fs.watch(root, { encoding: 'x', recursive: true }).close();
    });
});

describe('fs.watchFile', () => {
    it('the first look always tells', () => {
        fs.writeTextFile(at('p'), 'abc');
        var got = [];
        var w = fs.watchFile(at('p'), { interval: 20 }, (now, before) =>
            got.push(now.size, before.size, before.mtimeMs),
        );
        until(() => got.length > 0);
        assert.deepEqual(got, [3, 0, 0]);
        assert.equal(w.toString(), 'StatsWatcher');
        coroutine.sleep(50);
        assert.equal(got.length, 3);
        fs.unwatchFile(at('p'));
    });
    it('tells of another time', () => {
        fs.writeTextFile(at('p'), 'abc');
        var times = [];
        fs.watchFile(at('p'), { interval: 20 }, (now, before) => times.push(now.mtimeMs - before.mtimeMs));
        until(() => times.length > 0);
        coroutine.sleep(1100);
        fs.writeTextFile(at('p'), 'abcd');
        until(() => times.length > 1);
        assert.isTrue(times[1] >= 1000);
        fs.unwatchFile(at('p'));
    });
    it('a missing file has empty stats', () => {
        var got = [];
        fs.watchFile(at('none'), { interval: 20 }, (now, before) => got.push(now.mtimeMs, before.mtimeMs));
        until(() => got.length > 0);
        coroutine.sleep(60);
        assert.deepEqual(got, [0, 0]);
        fs.unwatchFile(at('none'));
    });
    it('there is one for each path', () => {
        var one = () => {};
        var w = fs.watchFile(at('p'), one);
        assert.equal(
            fs.watchFile(at('x/../p'), () => {}),
            w,
        );
        assert.equal(w.listenerCount('change'), 2);
        fs.unwatchFile(at('p'), one);
        assert.equal(w.listenerCount('change'), 1);
        var closed = false;
        w.on('close', () => (closed = true));
        fs.unwatchFile(at('p'));
        coroutine.sleep(5);
        assert.isTrue(closed);
        assert.notEqual(fs.watchFile(at('p'), one), w);
        fs.unwatchFile(at('p'), one);
        fs.unwatchFile(at('p'));
        fs.unwatchFile(at('never'), one);
    });
    it('checks its arguments', () => {
        assert.equal(
            number(() => fs.watchFile(at('p'))),
            100002,
        );
        for (var options of [{ interval: 'x' }, { persistent: 1 }, { bigint: 1 }])
            assert.equal(
                number(() => fs.watchFile(at('p'), options, () => {})),
                100005,
            );
    });
    it('ref and unref', () => {
        var w = fs.watchFile(at('p'), () => {});
        assert.equal(w.unref(), w);
        assert.equal(w.ref(), w);
        w.close();
        w.close();
    });
});

require.main === module && test.run(console.DEBUG);
remove(root);
