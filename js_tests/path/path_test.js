// path (spec/fs-and-path.md §5).
var test = require('test');
test.setup();

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}
var number = (fn) => parseInt(failure(fn));

var path = require('path');
var win32 = path.win32;

/** Rows of arguments and the result. */
function table(fn, rows) {
    for (var row of rows) assert.strictEqual(fn(...row.slice(0, -1)), row[row.length - 1], JSON.stringify(row));
}

describe('posix', () => {
    it('is the module here', () => {
        assert.equal(path.posix, path);
        assert.equal(win32.posix, path);
        assert.equal(win32.win32, win32);
        assert.equal(path.sep + path.delimiter, '/:');
        assert.equal(
            failure(() => {
                path.sep = 'x';
            }),
            "Property 'sep' is read-only.",
        );
    });
    it('normalize', () => {
        table(path.normalize, [
            ['', '.'],
            ['.', '.'],
            ['./', './'],
            ['a//b/../c/.', 'a/c'],
            ['a/b/', 'a/b/'],
            ['../a', '../a'],
            ['a/../../b', '../b'],
            ['/../a', '/a'],
            ['/..', '/'],
            ['/.', '/'],
            ['/', '/'],
        ]);
    });
    it('what cancels out is the empty string', () => {
        table(path.normalize, [
            ['a/..', ''],
            ['/a/..', ''],
            ['a/../', ''],
        ]);
        table(path.join, [['a', '..', '']]);
    });
    it('join', () => {
        table(path.join, [
            ['.'],
            ['', '.'],
            ['a', 'b', 'a/b'],
            ['a', '', '../b', 'b'],
            ['/a/', '/b', '/a/b'],
            ['a', 1, 'a/1'],
            ['a', undefined, 'a/undefined'],
        ]);
    });
    it('resolve', () => {
        var cwd = process.cwd();
        table(path.resolve, [
            [cwd],
            ['', cwd],
            ['a', 'b/', `${cwd}/a/b`],
            ['/a', '../b', '/b'],
            ['x', '/a', 'b', '/a/b'],
            ['/', '/'],
            ['/a/..', '/'],
        ]);
    });
    it('relative', () => {
        table(path.relative, [
            ['/a/b', '/a/b', ''],
            ['/a/b/c', '/a/d', '../../d'],
            ['/a', '/a/b/c', 'b/c'],
            ['a/b', 'a/c', '../c'],
            ['/', '/a', 'a'],
        ]);
    });
    it('basename, dirname, extname', () => {
        table(path.basename, [
            ['/a/b.js', 'b.js'],
            ['/a/b.js', '.js', 'b'],
            ['/a/b.JS', '.js', 'b.JS'],
            ['a/b//', 'b'],
            ['.js', '.js', ''],
            ['a/.js', '.js', '.js'],
            ['/', ''],
            ['', ''],
        ]);
        table(path.dirname, [
            ['/a/b', '/a'],
            ['/a/b/', '/a'],
            ['/a', '/'],
            ['//a', '/'],
            ['a', '.'],
            ['', '.'],
            ['/', '/'],
            ['a/b//c', 'a/b/'],
        ]);
        table(path.extname, [
            ['a.js', '.js'],
            ['a.b.c', '.c'],
            ['.bashrc', ''],
            ['..', ''],
            ['file.', '.'],
            ['a.b/c', ''],
            ['a.js/', '.js'],
        ]);
    });
    it('parse and format', () => {
        assert.equal(
            JSON.stringify(path.parse('/home/u/f.tar.gz')),
            '{"root":"/","dir":"/home/u","base":"f.tar.gz","ext":".gz","name":"f.tar"}',
        );
        assert.deepEqual(path.parse('f'), { root: '', dir: '', base: 'f', ext: '', name: 'f' });
        assert.deepEqual(path.parse('/f'), { root: '/', dir: '/', base: 'f', ext: '', name: 'f' });
        assert.equal(path.format({ root: '/x', dir: '/a', base: 'b', name: 'n', ext: '.e' }), '/a/b');
        assert.equal(path.format({ root: '/', name: 'n', ext: '.e' }), '/n.e');
        assert.equal(path.format({ name: 'x' }), 'x');
        assert.equal(path.format({ dir: '', base: 'b' }), 'b');
        for (var value of [[], 'a', { dir: 1 }])
            assert.equal(
                number(() => path.format(value)),
                100005,
            );
    });
    it('isAbsolute, fullpath, toNamespacedPath', () => {
        assert.isTrue(path.isAbsolute('/a'));
        assert.isFalse(path.isAbsolute('a'));
        assert.equal(path.fullpath('a/../b/'), `${process.cwd()}/b/`);
        assert.equal(path.fullpath('/a/./b'), '/a/b');
        assert.equal(path.toNamespacedPath(5), 5);
        assert.isUndefined(path.toNamespacedPath());
    });
    it('missing arguments', () => {
        assert.equal(
            number(() => path.normalize()),
            100002,
        );
        assert.equal(
            number(() => path.relative('a')),
            100002,
        );
    });
});

describe('win32', () => {
    it('normalize', () => {
        assert.equal(win32.sep + win32.delimiter, '\\;');
        table(win32.normalize, [
            ['', '.'],
            ['C:/a/../b\\', 'C:\\b\\'],
            ['C:\\a\\..', 'C:'],
            ['C:..\\a', 'C:..\\a'],
            ['C:', 'C:.'],
            ['c:\\A', 'c:\\A'],
            ['/a/b', '\\a\\b'],
            ['a/..', ''],
            ['\\\\srv\\share', '\\\\srv\\share\\'],
            ['//srv/share/a/../b', '\\\\srv\\share\\b'],
            ['\\\\.\\name', '\\\\.\\name\\'],
        ]);
    });
    it('join', () => {
        table(win32.join, [
            ['a', 'C:', 'a\\C:'],
            ['C:', 'a', 'C:\\a'],
            ['a', '..', ''],
            ['c:/', '/b', 'c:\\b'],
        ]);
    });
    it('resolve remembers a directory for each drive', () => {
        table(win32.resolve, [
            ['C:\\a', 'b', 'C:\\a\\b'],
            ['C:\\a', 'D:\\b', 'C:c', 'C:\\a\\c'],
            ['C:\\a', '\\b', 'C:\\b'],
            ['\\\\s\\h\\', 'a', '\\\\s\\h\\a'],
            ['C:\\', 'C:\\'],
        ]);
    });
    it('relative compares without case', () => {
        table(win32.relative, [
            ['C:\\a\\B', 'c:\\A\\d', '..\\d'],
            ['C:\\a', 'D:\\b', 'D:\\b'],
            ['C:\\a', 'C:\\a', ''],
            ['a\\b', 'a\\c', '..\\c'],
        ]);
    });
    it('components', () => {
        table(win32.dirname, [
            ['C:\\a\\b', 'C:\\a'],
            ['C:\\a', 'C:\\'],
            ['C:a', 'C:'],
            ['\\\\srv', '\\\\srv'],
            ['\\\\srv\\share\\a', '\\\\srv\\share\\'],
            ['a', '.'],
        ]);
        table(win32.basename, [
            ['C:\\a\\b.txt', '.txt', 'b'],
            ['C:\\', ''],
            ['\\\\srv', ''],
            ['a/b', 'b'],
        ]);
        assert.equal(win32.extname('C:\\a.b\\c'), '');
        assert.deepEqual(win32.parse('C:\\a\\b.txt'), {
            root: 'C:\\',
            dir: 'C:\\a',
            base: 'b.txt',
            ext: '.txt',
            name: 'b',
        });
        assert.equal(win32.format({ dir: 'C:\\a', base: 'b' }), 'C:\\a\\b');
    });
    it('isAbsolute, fullpath, toNamespacedPath', () => {
        table(win32.isAbsolute, [
            ['C:/', true],
            ['C:a', false],
            ['\\a', true],
            ['/a', true],
            ['a', false],
        ]);
        assert.equal(
            failure(() => win32.fullpath('a')),
            '100023 not supported on none Win32 platform !',
        );
        table(win32.toNamespacedPath, [
            ['C:\\a', '\\\\?\\C:\\a'],
            ['\\\\s\\h\\x', '\\\\?\\UNC\\s\\h\\x'],
            ['C:', 'C:'],
            [5, 5],
        ]);
    });
});

require.main === module && test.run(console.DEBUG);
