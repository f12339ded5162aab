// Paths into zip archives (spec/fs-and-path.md §4).
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

/** A zip archive of stored members. */
function archive(members) {
    var parts = [];
    var directory = [];
    var size = 0;
    var table = Array.from({ length: 256 }, (_, n) => {
        for (var k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
        return n >>> 0;
    });
    var sum = (data) => {
        var c = 0xffffffff;
        for (var byte of data) c = table[(c ^ byte) & 255] ^ (c >>> 8);
        return (c ^ 0xffffffff) >>> 0;
    };
    for (var name in members) {
        var data = new Buffer(members[name]);
        var head = new Buffer(26);
        // version, flags, method, time 01:02:04, date 2020-03-04, checksum, sizes, length of the name
        head.writeUInt16LE(20, 0);
        head.writeUInt16LE((1 << 11) | (2 << 5) | 2, 6);
        head.writeUInt16LE((40 << 9) | (3 << 5) | 4, 8);
        head.writeUInt32LE(sum(data), 10);
        head.writeUInt32LE(data.length, 14);
        head.writeUInt32LE(data.length, 18);
        head.writeUInt16LE(name.length, 22);
        var local = Buffer.concat(['PK\x03\x04', head, name, data]);
        var tail = new Buffer(14);
        tail.writeUInt32LE(size, 10);
        directory.push(Buffer.concat(['PK\x01\x02', [20, 0], head, tail, name]));
        parts.push(local);
        size += local.length;
    }
    var list = Buffer.concat(directory);
    var end = new Buffer(18);
    end.writeUInt16LE(directory.length, 4);
    end.writeUInt16LE(directory.length, 6);
    end.writeUInt32LE(list.length, 8);
    end.writeUInt32LE(size, 12);
    return Buffer.concat([...parts, list, 'PK\x05\x06', end]);
}

describe('zip paths', () => {
    var zip = at('app.zip');
    fs.writeFile(zip, archive({ 'lib/a.txt': 'one\ntwo', 'b.js': 'exports.x = 1;' }));
    it('are read like files', () => {
        assert.equal(fs.readTextFile(`${zip}$/lib/a.txt`), 'one\ntwo');
        assert.equal(fs.readFile(`${zip}$/lib/../lib/a.txt`).toString(), 'one\ntwo');
        assert.deepEqual(fs.readLines(`${zip}$/lib/a.txt`), ['one', 'two']);
        assert.equal(fs.openTextStream(`${zip}$/lib/a.txt`).readLine(), 'one');
        assert.equal(fs.readFile(`${zip}$/lib/a.txt`, 'utf8'), 'one\ntwo');
    });
    it('openFile gives a read-only stream in memory', () => {
        var f = fs.openFile(`${zip}$/lib/a.txt`, 'w');
        assert.equal(f.toString(), 'MemoryStream');
        assert.isTrue(f.stat().isMemory());
        assert.equal(f.stat().mtime.getTime(), new Date(2020, 2, 4, 1, 2, 4).getTime());
        assert.equal(f.read().toString(), 'one\ntwo');
        assert.equal(
            number(() => f.write('x')),
            100009,
        );
    });
    it('cannot be written', () => {
        assert.equal(
            number(() => fs.writeFile(`${zip}$/lib/a.txt`, 'x')),
            100009,
        );
        assert.equal(
            number(() => fs.writeTextFile(`${zip}$/none`, 'x')),
            2,
        );
    });
    it('are unknown elsewhere', () => {
        assert.isFalse(fs.exists(`${zip}$/lib/a.txt`));
        assert.equal(
            number(() => fs.stat(`${zip}$/lib/a.txt`)),
            2,
        );
    });
    it('missing members and archives', () => {
        for (var name of [`${zip}$/none`, `${zip}$/LIB/a.txt`, at('none.zip$/a')])
            assert.equal(
                failure(() => fs.readFile(name)),
                '2 [2] No such file or directory',
            );
        fs.writeTextFile(at('no.zip'), 'x');
        assert.equal(
            number(() => fs.readFile(at('no.zip$/a'))),
            100009,
        );
    });
    it('a dollar without slash is an ordinary name', () => {
        fs.writeTextFile(at('a$b'), 'x');
        assert.equal(fs.readTextFile(at('a$b')), 'x');
    });
    it('setZipFS and clearZipFS', () => {
        fs.setZipFS('/bundle', archive({ 'readme.txt': 'hello' }));
        assert.equal(fs.readTextFile('/bundle$/readme.txt'), 'hello');
        fs.setZipFS('/bundle', archive({ 'readme.txt': 'again' }));
        assert.equal(fs.readTextFile('/bundle$/readme.txt'), 'again');
        fs.clearZipFS('/unknown');
        fs.clearZipFS('/bundle');
        assert.equal(
            number(() => fs.readFile('/bundle$/readme.txt')),
            2,
        );
        fs.setZipFS('/bundle', archive({ a: '' }));
        fs.clearZipFS();
        assert.equal(
            number(() => fs.readFile('/bundle$/a')),
            2,
        );
        assert.equal(
            number(() => fs.setZipFS('/bundle', 'no zip')),
            100009,
        );
    });
});

require.main === module && test.run(console.DEBUG);
remove(root);
