// BufferedStream (spec/io-and-net.md §3.4).
var test = require('test');
test.setup();
var io = require('io');
var coroutine = require('coroutine');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}
function over(data, charset) {
    var ms = new io.MemoryStream();
    ms.write(data);
    ms.rewind();
    var bs = new io.BufferedStream(ms);
    if (charset) bs.charset = charset;
    return bs;
}
/** A stream that gives its text in pieces. */
function pieces(...texts) {
    return {
        read: () => (texts.length > 0 ? new Buffer(texts.shift()) : null),
        write() {},
        close() {},
    };
}

describe('BufferedStream', () => {
    it('wants a stream', () => {
        assert.equal(parseInt(failure(() => new io.BufferedStream())), 100002);
        for (var value of [{}, 1, 'a', null, { read() {} }])
            assert.equal(parseInt(failure(() => new io.BufferedStream(value))), 100005);
        var ms = new io.MemoryStream();
        assert.equal(new io.BufferedStream(ms).stream, ms);
        assert.equal(
            failure(() => {
                new io.BufferedStream(ms).stream = ms;
            }),
            "Property 'stream' is read-only.",
        );
    });
    it('reads lines', () => {
        var bs = over('one\ntwo\r\n\nlast');
        assert.equal(bs.readLine(), 'one');
        assert.equal(bs.readLine(), 'two\r');
        assert.equal(bs.readLine(), '');
        assert.equal(bs.readLine(), 'last');
        assert.isNull(bs.readLine());
        assert.deepEqual(over('a\nb\n').readLines(), ['a', 'b']);
        assert.deepEqual(over('a\nb\n').readLines(1), ['a']);
        assert.deepEqual(over('a\nb\n').readLines(0), []);
        assert.deepEqual(over('').readLines(), []);
    });
    it('EOL', () => {
        var bs = over('a\rb\r\nc');
        assert.equal(bs.EOL, '\n');
        bs.EOL = '\r';
        assert.equal(bs.readLine(), 'a');
        bs.EOL = '\r\nxyz';
        assert.equal(bs.EOL, '\r\n');
        assert.equal(bs.readLine(), 'b');
        assert.equal(bs.readLine(), 'c');
        assert.equal(
            parseInt(
                failure(() => {
                    bs.EOL = 'x';
                }),
            ),
            100004,
        );
    });
    it('limits the length of lines', () => {
        assert.equal(over('abc\n').readLine(3), 'abc');
        assert.equal(parseInt(failure(() => over('abcd\n').readLine(3))), 100011);
        assert.equal(parseInt(failure(() => over('abcdefgh').readLine(3))), 100011);
        assert.equal(over('abcd\n').readLine(0), 'abcd');
        assert.equal(over('abcd\n').readLine(-5), 'abcd');
    });
    it('readUntil, also where the marker is split', () => {
        assert.equal(over('a--b').readUntil('--'), 'a');
        var bs = new io.BufferedStream(pieces('ab-', '-c', 'd-', 'e--'));
        assert.equal(bs.readUntil('--'), 'ab');
        assert.equal(bs.readUntil('--'), 'cd-e');
        assert.isNull(bs.readUntil('--'));
        assert.equal(over('aaab').readUntil('aab'), 'a');
        assert.equal(over('ab\0c').readUntil(''), 'ab');
        assert.equal(over('xéy').readUntil('é'), 'x');
    });
    it('readText counts bytes', () => {
        var bs = over('héllo');
        assert.equal(bs.readText(3), 'hé');
        assert.equal(bs.readText(100), 'llo');
        assert.isNull(bs.readText(1));
        assert.equal(parseInt(failure(() => bs.readText())), 100002);
        var split = new io.BufferedStream(pieces('ab', 'cd', 'ef'));
        assert.equal(split.readText(3), 'abc');
        assert.equal(split.readText(3), 'def');
    });
    it('read', () => {
        var bs = new io.BufferedStream(pieces('ab', 'cd', 'ef', 'gh'));
        assert.isNull(bs.read(0));
        assert.equal(bs.read(3).toString(), 'abc');
        assert.equal(bs.read().toString(), 'd');
        assert.equal(bs.read().toString(), 'ef');
        assert.equal(bs.read(10).toString(), 'gh');
        assert.isNull(bs.read());
        assert.isNull(bs.read(5));
    });
    it('charset', () => {
        assert.equal(over('').charset, 'utf-8');
        assert.equal(over(new Buffer('中\n文', 'gbk'), 'gbk').readLine(), '中');
        assert.equal(over([233, 10], 'binary').readLine(), 'é');
        var bs = over('a\n', 'nope');
        assert.equal(
            failure(() => bs.readLine()),
            '100023 encoding: Unknown charset.',
        );
        assert.equal(
            failure(() => over([0x81, 10], 'gbk').readLine()),
            '100023 encoding: convert error.',
        );
        assert.equal(over([0xff, 10]).readLine(), '\ufffd');
    });
    it('writes text and lines', () => {
        var ms = new io.MemoryStream();
        var bs = new io.BufferedStream(ms);
        bs.writeText('中');
        bs.EOL = '\r\n';
        bs.writeLine('x');
        bs.charset = 'gbk';
        bs.writeText('中');
        bs.write('end');
        bs.flush();
        ms.rewind();
        assert.equal(ms.readAll().hex(), 'e4b8ad' + '780d0a' + 'd6d0' + '656e64');
    });
    it('does not remember the end', () => {
        var ms = new io.MemoryStream();
        var bs = new io.BufferedStream(ms);
        assert.isNull(bs.readLine());
        ms.write('x\n');
        ms.rewind();
        assert.equal(bs.readLine(), 'x');
    });
    it('callback form', () => {
        var got = [];
        var bs = over('a\nb');
        bs.readLine((e, line) => got.push(line));
        bs.readLine((e, line) => got.push(line));
        bs.readLine((e, line) => got.push(line));
        coroutine.sleep(5);
        assert.deepEqual(got, ['a', 'b', null]);
        assert.equal(bs.readLineSync, bs.readLine);
        assert.isUndefined(bs.readLinesSync);
        assert.equal(bs.toString(), 'BufferedStream');
    });
    it('a script stream may use its memory again', () => {
        var memory = new Buffer('a1');
        var count = 0;
        var bs = new io.BufferedStream({
            read() {
                memory[0] = 97 + count;
                return count++ < 3 ? memory : null;
            },
            write() {},
        });
        assert.equal(bs.readText(100), 'a1b1c1');
    });
    it('one fiber at a time', () => {
        var gate = new coroutine.Event();
        var order = [];
        var bs = new io.BufferedStream({
            read() {
                gate.wait();
                return 'line\n';
            },
            write() {
                order.push('write');
            },
        });
        coroutine.start(() => {
            order.push(bs.readLine());
        });
        coroutine.start(() => bs.write('x'));
        coroutine.sleep(5);
        assert.deepEqual(order, []);
        gate.set();
        coroutine.sleep(5);
        assert.deepEqual(order, ['line', 'write']);
    });
    it('many lines and long lines', () => {
        var lines = [];
        for (var i = 0; i < 5000; i++) lines.push('line ' + i);
        assert.deepEqual(over(lines.join('\n')).readLines(), lines);
        var long = 'x'.repeat(300000);
        var parts = [];
        for (i = 0; i < 300; i++) parts.push('x'.repeat(1000));
        assert.strictEqual(new io.BufferedStream(pieces(...parts, '\nrest')).readLine(), long);
    });
});

require.main === module && test.run(console.DEBUG);
