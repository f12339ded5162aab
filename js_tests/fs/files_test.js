// Whole files and File objects (spec/fs-and-path.md §2.3, §2.4, §2.7, §2.8).
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

describe('whole files', () => {
    it('texts', () => {
        fs.writeTextFile(at('a'), 'héllo\0\ud800');
        assert.strictEqual(fs.readTextFile(at('a')), 'héllo\0\ud800');
        fs.writeTextFile(at('a'), 'x');
        assert.equal(fs.readTextFile(at('a')), 'x');
        fs.writeFile(at('bad'), [0x41, 0xff]);
        assert.equal(fs.readTextFile(at('bad')), 'A\ufffd');
    });
    it('bytes', () => {
        fs.writeFile(at('b'), new Buffer([1, 2]));
        assert.equal(fs.readFile(at('b')).hex(), '0102');
        fs.appendFile(at('b'), [3]);
        fs.appendFile(at('b'), 'a');
        assert.equal(fs.readFile(at('b')).hex(), '01020361');
        fs.writeFile(at('b'), 3);
        assert.equal(fs.readFile(at('b')).hex(), '000000');
        fs.writeFile(at('b'), undefined);
        assert.equal(fs.readFile(at('b')).length, 0);
        fs.writeFile(at('b'), null);
        assert.equal(fs.readTextFile(at('b')), 'null');
        fs.appendFile(at('new'), 'x');
        assert.equal(fs.readTextFile(at('new')), 'x');
    });
    it('readFile with a charset', () => {
        fs.writeFile(at('c'), new Buffer('中文', 'gbk'));
        assert.equal(fs.readFile(at('c'), 'gbk'), '中文');
        assert.equal(fs.readFile(at('c'), 'gb2312'), '中文');
        for (var name of ['hex', 'base64', null, { encoding: 'utf8' }])
            assert.equal(
                failure(() => fs.readFile(at('c'), name)),
                '100023 encoding: Unknown charset.',
            );
        fs.writeFile(at('c'), [0x81]);
        assert.equal(
            failure(() => fs.readFile(at('c'), 'gbk')),
            '100023 encoding: convert error.',
        );
        fs.writeFile(at('c'), '');
        assert.strictEqual(fs.readFile(at('c'), 'nope'), '');
        assert.strictEqual(fs.readTextFile(at('c')), '');
    });
    it('readLines', () => {
        fs.writeTextFile(at('l'), 'one\ntwo\r\n\nlast');
        assert.deepEqual(fs.readLines(at('l')), ['one', 'two\r', '', 'last']);
        assert.deepEqual(fs.readLines(at('l'), 2), ['one', 'two\r']);
        assert.deepEqual(fs.readLines(at('l'), 0), []);
        fs.writeTextFile(at('l'), 'a\n');
        assert.deepEqual(fs.readLines(at('l')), ['a']);
        assert.isUndefined(fs.readLinesSync);
    });
    it('large ones', () => {
        var text = 'é0123456789'.repeat(300000);
        fs.writeTextFile(at('big'), text);
        assert.strictEqual(fs.readTextFile(at('big')), text);
        assert.equal(fs.readFile(at('big')).length, 3600000);
        fs.writeFile(at('big'), fs.readFile(at('big')));
        assert.equal(fs.stat(at('big')).size, 3600000);
    });
    it('while others run', () => {
        var turns = 0;
        var over = false;
        coroutine.start(() => {
            while (!over) {
                turns++;
                coroutine.sleep(0);
            }
        });
        for (var i = 0; i < 20; i++) fs.writeFile(at('big'), Buffer.alloc(1000000));
        over = true;
        assert.isTrue(turns > 5);
    });
    it('errors', () => {
        for (var f of [
            () => fs.readFile(at('none')),
            () => fs.readTextFile(at('none')),
            () => fs.readLines(at('none')),
            () => fs.openFile(at('none')),
            () => fs.openFile(root),
            () => fs.writeFile(root, 'a'),
            () => fs.writeFile(at('none/x'), 'a'),
        ])
            assert.equal(failure(f), '2 [2] No such file or directory');
        assert.equal(
            number(() => fs.writeFile(at('a'), 'x', 'utf8')),
            100001,
        );
        assert.equal(
            number(() => fs.readFile()),
            100002,
        );
    });
    it('the other forms', () => {
        fs.writeTextFile(at('f'), 'abc');
        var got = [];
        assert.isNull(fs.readFile(at('f'), (e, data) => got.push(data.toString())));
        assert.isNull(fs.readTextFile(at('none'), (...args) => got.push(args.length, args[0].number)));
        assert.isUndefined(fs.writeFile(at('f2'), 'x', (...args) => got.push(args)));
        assert.deepEqual(got, []);
        coroutine.sleep(20);
        assert.equal(got.length, 4);
        assert.isTrue(got.includes('abc'));
        assert.equal(fs.readFileSync, fs.readFile);
        assert.equal(fs.readFile.name, 'fs');
        var value;
        fs.promises.readTextFile(at('f')).then((v) => (value = v));
        coroutine.sleep(20);
        assert.equal(value, 'abc');
    });
});

describe('File', () => {
    var open = (text, flags) => {
        fs.writeTextFile(at('file'), text);
        return fs.openFile(at('file'), flags);
    };
    it('reads', () => {
        var f = open('0123456789');
        assert.equal(f.read(3).toString(), '012');
        assert.isNull(f.read(0));
        assert.strictEqual(f.tell(), 3n);
        assert.isFalse(f.eof());
        assert.equal(f.read().toString(), '3456789');
        assert.isTrue(f.eof());
        assert.isNull(f.read());
        assert.isNull(f.readAll());
        f.rewind();
        assert.equal(f.readAll().toString(), '0123456789');
        assert.strictEqual(f.size(), 10n);
        f.close();
    });
    it('reads at most 64 KB without a count', () => {
        var f = open('x'.repeat(200000));
        assert.equal(f.read().length, 65536);
        assert.equal(f.read(100000).length, 100000);
        assert.equal(f.read(100000).length, 200000 - 165536);
        f.close();
    });
    it('seeks', () => {
        var f = open('0123456789');
        f.seek(2, fs.SEEK_SET);
        f.seek(3, fs.SEEK_CUR);
        assert.strictEqual(f.tell(), 5n);
        f.seek(-1n, fs.SEEK_END);
        assert.equal(f.read().toString(), '9');
        f.seek(100, fs.SEEK_SET);
        assert.isNull(f.read());
        assert.isFalse(f.eof());
        assert.equal(
            failure(() => f.seek(-1, fs.SEEK_SET)),
            '22 [22] Invalid argument',
        );
        assert.equal(
            number(() => f.seek(0, 9)),
            22,
        );
        assert.equal(
            number(() => f.seek(0)),
            100002,
        );
        f.close();
    });
    it('flags', () => {
        var f = open('abc', 'r+');
        f.write('X');
        f.close();
        assert.equal(fs.readTextFile(at('file')), 'Xbc');
        f = fs.openFile(at('file'), 'a+');
        f.write('end');
        f.rewind();
        assert.equal(f.readAll().toString(), 'Xbcend');
        f.close();
        f = fs.openFile(at('file'), 'w+');
        assert.strictEqual(f.size(), 0n);
        f.write('new');
        f.rewind();
        assert.equal(f.read().toString(), 'new');
        f.close();
        f = fs.openFile(at('file'), 'rb');
        assert.equal(
            number(() => f.write('x')),
            9,
        );
        assert.equal(
            number(() => f.truncate(1)),
            22,
        );
        f.close();
        f = fs.openFile(at('file'), 'w');
        assert.equal(
            number(() => f.read(1)),
            9,
        );
        f.close();
    });
    it('truncate keeps the position', () => {
        var f = open('0123456789', 'r+');
        f.read(4);
        f.truncate(2);
        assert.strictEqual(f.size(), 2n);
        assert.strictEqual(f.tell(), 4n);
        f.truncate(6n);
        assert.equal(fs.readFile(at('file')).hex(), '303100000000');
        f.close();
    });
    it('properties and stat', () => {
        fs.writeTextFile(at('file'), 'abc');
        var f = fs.openFile(`${root}/x/..//file`);
        assert.equal(f.name, at('file'));
        assert.isTrue(f.fd > 2);
        assert.equal(f.stat().name, 'file');
        assert.equal(f.stat().size, 3);
        f.chmod(0o600);
        assert.equal(f.stat().mode & 0o777, 0o600);
        f.flush();
        assert.equal(f.toString(), 'File');
        assert.equal(
            failure(() => {
                f.name = 'x';
            }),
            "Property 'name' is read-only.",
        );
        f.close();
    });
    it('after close', () => {
        var f = open('abc');
        f.close();
        f.close();
        for (var g of [
            () => f.read(),
            () => f.write('a'),
            () => f.readAll(),
            () => f.size(),
            () => f.tell(),
            () => f.seek(0, 0),
            () => f.rewind(),
            () => f.eof(),
            () => f.stat(),
            () => f.truncate(0),
            () => f.flush(),
            () => f.name,
            () => f.fd,
            () => f.copyTo(new (require('io').MemoryStream)()),
        ])
            assert.equal(number(g), 100009, `${g}`);
        assert.equal(
            failure(() => f.chmod(0)),
            '9 [9] Bad file descriptor',
        );
    });
    it('copyTo', () => {
        var f = open('abcdef');
        var ms = new (require('io').MemoryStream)();
        f.read(1);
        assert.strictEqual(f.copyTo(ms, 3), 3n);
        assert.strictEqual(f.copyTo(ms), 2n);
        assert.strictEqual(ms.size(), 5n);
        f.close();
    });
    it('pipes by name', () => {
        var path = at('pipe');
        try {
            if (process.run('/usr/bin/mkfifo', [path]) !== 0) return;
        } catch (e) {
            return; // no such program
        }
        var got;
        coroutine.start(() => {
            var f = fs.openFile(path);
            got = [failure(() => f.read()), f.read(5).toString(), f.read(5)];
            f.close();
        });
        coroutine.sleep(10);
        var w = fs.openFile(path, 'w');
        w.write('hello');
        w.close();
        for (var i = 0; i < 100 && got === undefined; i++) coroutine.sleep(5);
        assert.deepEqual(got, ['29 [29] Illegal seek', 'hello', null]);
    });
    it('openTextStream', () => {
        fs.writeTextFile(at('t'), 'a\nb\n');
        var s = fs.openTextStream(at('t'));
        assert.equal(s.toString(), 'BufferedStream');
        assert.deepEqual(s.readLines(), ['a', 'b']);
        s.close();
        s = fs.openTextStream(at('t'), 'w');
        s.writeLine('x');
        s.close();
        assert.equal(fs.readTextFile(at('t')), 'x\n');
    });
    it('forgotten files are closed', () => {
        if (!fs.exists('/proc/self/fd')) return;
        var count = () => fs.readdir('/proc/self/fd').length;
        var before = count();
        for (var i = 0; i < 50; i++) fs.openFile(at('t'));
        GC();
        coroutine.sleep(10);
        assert.isTrue(count() < before + 10);
    });
});

describe('Stat', () => {
    it('of a file', () => {
        fs.writeTextFile(at('s'), 'abc');
        fs.chmod(at('s'), 0o640);
        var s = fs.stat(at('s'));
        assert.deepEqual(
            Object.keys(s.toJSON()),
            'name dev ino mode nlink uid gid rdev size blksize blocks mtime mtimeMs atime atimeMs ctime ctimeMs birthtime birthtimeMs'.split(
                ' ',
            ),
        );
        assert.equal(s.name, 's');
        assert.equal(s.size, 3);
        assert.equal(s.nlink, 1);
        assert.equal(s.mode & 0o777, 0o640);
        assert.equal(s.ino, s.ino | 0);
        assert.isTrue(s.mtime instanceof Date);
        assert.equal(s.mtimeMs % 1000, 0);
        assert.isTrue(Math.abs(s.mtimeMs - Date.now()) < 10000);
        assert.equal(s.birthtimeMs, s.ctimeMs);
        assert.isTrue(s.isFile() && s.isReadable() && s.isWritable());
        assert.isFalse(
            s.isExecutable() || s.isDirectory() || s.isSymbolicLink() || s.isHidden() || s.isMemory() || s.isSocket(),
        );
        assert.equal(
            failure(() => {
                s.size = 1;
            }),
            "Property 'size' is read-only.",
        );
    });
    it('of others', () => {
        assert.isTrue(fs.stat(root).isDirectory());
        assert.equal(fs.stat('.').name, '.');
        fs.symlink(at('s'), at('link'));
        assert.isFalse(fs.stat(at('link')).isSymbolicLink());
        assert.isTrue(fs.lstat(at('link')).isSymbolicLink());
        assert.isTrue(fs.lstat(at('link')).isFile());
        assert.isTrue(fs.stat('/dev/null').isCharacterDevice());
    });
});

require.main === module && test.run(console.DEBUG);
remove(root);
