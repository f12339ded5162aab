// Descriptors and paths (spec/fs-and-path.md §2.1, §2.4, §2.5, §2.6).
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

describe('constants', () => {
    it('are few', () => {
        assert.deepEqual([fs.SEEK_SET, fs.SEEK_CUR, fs.SEEK_END], [0, 1, 2]);
        assert.deepEqual(fs.constants, { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 });
        assert.notStrictEqual(fs.constants, fs.constants);
    });
});

describe('descriptors', () => {
    it('open, read, close', () => {
        fs.writeTextFile(at('a'), '0123456789');
        var fd = fs.open(at('a'));
        var b = new Buffer(6);
        assert.equal(fs.read(fd, b), 0);
        assert.equal(fs.read(fd, b, 1, 3), 3);
        assert.equal(b.hex(), '003031320000');
        assert.equal(fs.read(fd, b, 0, 6, 7), 3);
        assert.equal(b.slice(0, 3).toString(), '789');
        assert.equal(fs.read(fd, b, 0, 6), 0);
        assert.equal(fs.read(fd, b, 0, 2, 0), 2);
        assert.equal(fs.read(fd, b, 0, 2), 2);
        assert.equal(b.slice(0, 2).toString(), '23');
        fs.close(fd);
        fs.close(fd);
        fs.close(-1);
        assert.equal(
            number(() => fs.read(fd, b, 0, 1)),
            9,
        );
    });
    it('read checks its arguments first', () => {
        var b = new Buffer(4);
        for (var args of [
            [b, -1],
            [b, 4],
            [new Buffer(), 0],
        ])
            assert.equal(
                failure(() => fs.read(-1, ...args)),
                '100023 fs: Offset is out of bounds',
            );
        for (args of [
            [b, 0, -1],
            [b, 2, 3],
        ])
            assert.equal(
                failure(() => fs.read(-1, ...args)),
                '100023 fs: Length extends beyond buffer',
            );
        assert.equal(
            number(() => fs.read(-1, b, 0, 1)),
            100009,
        );
    });
    it('modes, syncing, fstat and write', () => {
        var fd = fs.open(at('m'), 'w+', 0o600);
        assert.equal(fs.stat(at('m')).mode & 0o777, 0o600);
        fs.fchmod(fd, 0o640);
        assert.equal(fs.fstat(fd).mode & 0o777, 0o640);
        assert.equal(fs.write(fd, 'héllo'), 6);
        assert.equal(fs.write(fd, new Buffer('abcdef'), 1, 2, 0), 2);
        assert.equal(fs.readTextFile(at('m')), 'bc' + new Buffer('héllo').toString('utf8', 2));
        fs.fsync(fd);
        fs.fdatasync(fd);
        fs.fchown(fd, process.getuid ? process.getuid() : -1, -1);
        fs.close(fd);
        assert.equal(fs.fsyncSync, fs.fsync);
    });
});

describe('paths', () => {
    it('exists and access', () => {
        fs.writeTextFile(at('e'), '');
        assert.isTrue(fs.exists(at('e')));
        assert.isFalse(fs.exists(at('none')));
        assert.isFalse(fs.exists('a\0b'));
        var got;
        fs.exists(at('e'), (...args) => (got = args));
        coroutine.sleep(10);
        assert.deepEqual(got, [undefined, true]);
        fs.access(at('e'));
        fs.access(at('e'), fs.constants.R_OK | fs.constants.W_OK);
        assert.equal(
            number(() => fs.access(at('none'))),
            2,
        );
        fs.chmod(at('e'), 0o600);
        assert.equal(
            failure(() => fs.access(at('e'), fs.constants.X_OK)),
            '13 [13] Permission denied',
        );
    });
    it('directories', () => {
        fs.mkdir(at('d'));
        fs.mkdir(at('d/x'), 0o700);
        assert.equal(fs.stat(at('d/x')).mode & 0o777, 0o700);
        assert.equal(
            failure(() => fs.mkdir(at('d'))),
            '17 [17] File exists',
        );
        assert.equal(
            number(() => fs.mkdir(at('q/r'))),
            2,
        );
        assert.equal(
            failure(() => fs.rmdir(at('d'))),
            '39 [39] Directory not empty',
        );
        fs.writeTextFile(at('d/y'), '');
        assert.deepEqual(fs.readdir(at('d')).sort(), ['x', 'y']);
        fs.rmdir(at('d/x'));
        assert.deepEqual(fs.readdir(at('d')), ['y']);
        assert.equal(
            failure(() => fs.readdir(at('d/y'))),
            '20 [20] Not a directory',
        );
        assert.equal(
            number(() => fs.mkdir(at('z'), { recursive: true })),
            100005,
        );
    });
    it('unlink and rename', () => {
        fs.writeTextFile(at('u'), 'u');
        fs.writeTextFile(at('v'), 'v');
        fs.rename(at('u'), at('v'));
        assert.equal(fs.readTextFile(at('v')), 'u');
        assert.isFalse(fs.exists(at('u')));
        fs.unlink(at('v'));
        assert.equal(
            number(() => fs.unlink(at('v'))),
            2,
        );
        assert.equal(
            failure(() => fs.unlink(root)),
            '21 [21] Is a directory',
        );
    });
    it('copy leaves the tail of a longer target', () => {
        fs.writeTextFile(at('c1'), 'abc');
        fs.writeTextFile(at('c2'), '0123456789');
        fs.copy(at('c1'), at('c2'));
        assert.equal(fs.readTextFile(at('c2')), 'abc3456789');
        fs.copyFile(at('c1'), at('c2'));
        assert.equal(fs.readTextFile(at('c2')), 'abc');
        assert.equal(
            number(() => fs.copyFile(at('c1'), at('c2'), 1)),
            17,
        );
        assert.throws(() => fs.copy(root, at('c3')));
        var big = Buffer.alloc(3000000, 'xyz');
        fs.writeFile(at('c1'), big);
        fs.copy(at('c1'), at('c3'));
        assert.isTrue(fs.readFile(at('c3')).equals(big));
    });
    it('truncate', () => {
        fs.writeTextFile(at('t'), 'abcdef');
        fs.truncate(at('t'), 2);
        fs.truncate(at('t'), 4);
        assert.equal(fs.readFile(at('t')).hex(), '61620000');
    });
    it('links', () => {
        fs.writeTextFile(at('l'), 'x');
        fs.link(at('l'), at('hard'));
        assert.equal(fs.stat(at('l')).nlink, 2);
        fs.symlink('l', at('soft'));
        fs.symlink('l', at('soft2'), 'file');
        assert.equal(fs.readlink(at('soft')), 'l');
        assert.equal(fs.realpath(at('soft')), fs.realpath(at('l')));
        assert.equal(
            number(() => fs.realpath(at('none'))),
            2,
        );
        assert.equal(
            number(() => fs.readlink(at('l'))),
            22,
        );
        fs.lchown(at('soft'), -1, -1);
        fs.chown(at('l'), -1, -1);
    });
    it('lchmod is not for this system', () => {
        if (process.platform === 'linux')
            assert.equal(
                failure(() => fs.lchmod(at('l'), 0o600)),
                '95 [95] Operation not supported',
            );
    });
    it('names that no file can have are missing', () => {
        for (var f of [() => fs.stat('a\0b'), () => fs.readFile('a\0b'), () => fs.unlink('\ud800')])
            assert.equal(number(f), 2);
    });
    it('names in other encodings round trip', () => {
        fs.writeTextFile(at('é中😀'), 'x');
        assert.isTrue(fs.readdir(root).includes('é中😀'));
    });
});

require.main === module && test.run(console.DEBUG);
remove(root);
