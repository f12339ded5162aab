// MemoryStream (spec/io-and-net.md §2, §3.3).
var test = require('test');
test.setup();
var io = require('io');
var fs = require('fs');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number;
    }
    return 'no error';
}
function filled(text) {
    var ms = new io.MemoryStream();
    ms.write(text);
    ms.rewind();
    return ms;
}

describe('MemoryStream', () => {
    it('reads what was written after a rewind', () => {
        var ms = new io.MemoryStream();
        ms.write('hello');
        assert.isNull(ms.read());
        ms.rewind();
        assert.equal(ms.read(2).toString(), 'he');
        assert.equal(ms.read().toString(), 'llo');
        assert.isNull(ms.read());
        assert.isNull(ms.readAll());
    });
    it('read(0) is null', () => {
        assert.isNull(filled('abc').read(0));
    });
    it('gives Long sizes and positions', () => {
        var ms = filled('abc');
        ms.read(2);
        assert.strictEqual(ms.size(), 3n);
        assert.strictEqual(ms.tell(), 2n);
    });
    it('writing overwrites and extends', () => {
        var ms = filled('abcdef');
        ms.seek(4, fs.SEEK_SET);
        ms.write('XYZ');
        assert.strictEqual(ms.tell(), 7n);
        ms.rewind();
        assert.equal(ms.readAll().toString(), 'abcdXYZ');
    });
    it('seek is clamped', () => {
        var ms = filled('abcdef');
        ms.seek(100, fs.SEEK_SET);
        assert.strictEqual(ms.tell(), 6n);
        ms.seek(-100, fs.SEEK_CUR);
        assert.strictEqual(ms.tell(), 0n);
        ms.seek(-2n, fs.SEEK_END);
        assert.equal(ms.readAll().toString(), 'ef');
        assert.equal(
            failure(() => ms.seek(0, 3)),
            100004,
        );
        assert.equal(
            failure(() => ms.seek(0)),
            100002,
        );
    });
    it('truncate resizes and goes to the start', () => {
        var ms = filled('abcdef');
        ms.read();
        ms.truncate(3);
        assert.strictEqual(ms.tell(), 0n);
        assert.equal(ms.readAll().toString(), 'abc');
        ms.truncate(5);
        assert.equal(ms.readAll().hex(), '6162630000');
    });
    it('clear', () => {
        var ms = filled('abc');
        ms.clear();
        assert.strictEqual(ms.size(), 0n);
        ms.write('x');
        assert.strictEqual(ms.size(), 1n);
    });
    it('eof is always false', () => {
        var ms = filled('abc');
        ms.read();
        assert.isFalse(ms.eof());
    });
    it('what was read is a copy', () => {
        var ms = filled('abc');
        ms.read()[0] = 0;
        ms.rewind();
        assert.equal(ms.read().toString(), 'abc');
        var data = new Buffer('xyz');
        ms.write(data);
        data[0] = 0;
        ms.seek(3, 0);
        assert.equal(ms.read().toString(), 'xyz');
    });
    it('stat', () => {
        var ms = filled('abc');
        ms.setTime(new Date(5000));
        var stat = ms.stat();
        assert.equal(stat.size, 3);
        assert.isTrue(stat.isMemory());
        assert.isFalse(stat.isFile());
        assert.equal(stat.mtime.getTime(), 5000);
        assert.equal(stat.ctimeMs, 5000);
        assert.equal(stat.atimeMs, 0);
        assert.isTrue(isNaN(stat.birthtime));
        assert.equal(stat.name, '');
        assert.equal(
            failure(() => ms.setTime(5)),
            100005,
        );
        assert.isTrue(Math.abs(filled('a').stat().mtime - new Date()) < 10000);
    });
    it('a clone is a read-only snapshot', () => {
        var ms = filled('abc');
        ms.setTime(new Date(5000));
        ms.read(2);
        var c = ms.clone();
        ms.write('ZZZ');
        assert.strictEqual(c.tell(), 0n);
        assert.equal(c.stat().mtimeMs, 5000);
        assert.isFalse(c.eof());
        assert.equal(c.readAll().toString(), 'abc');
        assert.isTrue(c.eof());
        for (var f of [() => c.write('a'), () => c.flush(), () => c.truncate(1), () => c.setTime(new Date())])
            assert.equal(failure(f), 100009);
        assert.equal(c.clone().readAll().toString(), 'abc');
        c.clear();
        assert.strictEqual(c.size(), 0n);
        ms.rewind();
        assert.equal(ms.readAll().toString(), 'abZZZ');
    });
    it('close and flush do nothing', () => {
        var ms = filled('abc');
        ms.close();
        ms.close();
        ms.flush();
        assert.equal(ms.read().toString(), 'abc');
    });
    it('callback form and other names', () => {
        var ms = filled('abc');
        var calls = [];
        assert.isNull(ms.read(1, (e, data) => calls.push([e, data.toString()])));
        assert.isUndefined(ms.write('x', (e) => calls.push([e])));
        assert.isNull(ms.read(0, (e, data) => calls.push([e, data])));
        assert.deepEqual(calls, []);
        require('coroutine').sleep(5);
        assert.deepEqual(calls, [[undefined, 'a'], [undefined], [undefined, null]]);
        assert.equal(ms.readSync, ms.read);
        assert.equal(ms.toString(), 'MemoryStream');
    });
    it('grows large', () => {
        var ms = new io.MemoryStream();
        var piece = Buffer.alloc(1000, 'abcd');
        for (var i = 0; i < 3000; i++) ms.write(piece);
        assert.strictEqual(ms.size(), 3000000n);
        ms.rewind();
        assert.equal(ms.read(1004).slice(-4).toString(), 'abcd');
    });
    it('abstract classes have no constructor', () => {
        var Seekable = Object.getPrototypeOf(io.MemoryStream);
        assert.equal(
            failure(() => new Seekable()),
            'not a constructor',
        );
        assert.equal(Object.getPrototypeOf(Seekable).name, 'Stream');
    });
});

require.main === module && test.run(console.DEBUG);
