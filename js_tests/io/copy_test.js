// copyStream, bridge and copyTo (spec/io-and-net.md §2.2, §3.1, §3.2).
var test = require('test');
test.setup();
var io = require('io');
var coroutine = require('coroutine');

function number(fn) {
    try {
        fn();
    } catch (e) {
        return e.number;
    }
    return 'no error';
}
function filled(text) {
    var ms = new io.MemoryStream();
    ms.write(text);
    ms.rewind();
    return ms;
}
var content = (ms) => {
    ms.rewind();
    var data = ms.readAll();
    return data === null ? '' : data.toString();
};
/** Two ends of a pipe within the program. */
function pipe() {
    var make = () => ({ queue: [], closed: false, ready: new coroutine.Event() });
    var [up, down] = [make(), make()];
    var end = (input, output) => ({
        read() {
            while (input.queue.length === 0) {
                if (input.closed) return null;
                input.ready.clear();
                input.ready.wait();
            }
            return input.queue.shift();
        },
        write(data) {
            if (output.closed) throw new Error('closed');
            output.queue.push(new Buffer(data));
            output.ready.set();
        },
        close() {
            for (var side of [input, output]) {
                side.closed = true;
                side.ready.set();
            }
        },
    });
    return [end(up, down), end(down, up)];
}

describe('copyStream', () => {
    it('copies all, or so many bytes', () => {
        var to = new io.MemoryStream();
        assert.strictEqual(io.copyStream(filled('hello'), to), 5n);
        assert.strictEqual(io.copyStream(filled('world'), to, 3), 3n);
        assert.strictEqual(filled('!!').copyTo(to, 100n), 2n);
        assert.equal(content(to), 'hellowor!!');
    });
    it('zero bytes touch nothing', () => {
        var from = {
            read() {
                throw new Error('read');
            },
            write() {},
        };
        assert.strictEqual(io.copyStream(from, new io.MemoryStream(), 0), 0n);
    });
    it('asks for blocks of 64 KB when it counts', () => {
        var asked = [];
        var from = {
            read(n) {
                asked.push(n);
                return Buffer.alloc(n);
            },
            write() {},
        };
        io.copyStream(from, new io.MemoryStream(), 100000);
        assert.deepEqual(asked, [65536, 34464]);
    });
    it('from the position on', () => {
        var from = filled('abcdef');
        from.read(2);
        var to = new io.MemoryStream();
        io.copyStream(from, to);
        assert.equal(content(to), 'cdef');
    });
    it('throws the errors of both sides', () => {
        var bad = {
            read() {
                throw new Error('mine');
            },
            write() {
                throw new Error('yours');
            },
        };
        assert.throws(() => io.copyStream(bad, new io.MemoryStream()), /mine/);
        assert.throws(() => io.copyStream(filled('a'), bad), /yours/);
    });
    it('wants streams', () => {
        assert.equal(
            number(() => io.copyStream(filled('a'), {})),
            100005,
        );
        assert.equal(
            number(() => io.copyStream(filled('a'))),
            100002,
        );
    });
    it('has the other forms', () => {
        assert.equal(io.copyStreamSync, io.copyStream);
        var got;
        io.copyStream(filled('abc'), new io.MemoryStream(), (e, n) => {
            got = n;
        });
        coroutine.sleep(5);
        assert.strictEqual(got, 3n);
    });
});

describe('bridge', () => {
    it('copies both ways until both have ended', () => {
        var [a, a2] = pipe();
        var [b, b2] = pipe();
        var over = false;
        coroutine.start(() => {
            io.bridge(a2, b);
            over = true;
        });
        a.write('to b');
        b2.write('to a');
        assert.equal(b2.read().toString(), 'to b');
        assert.equal(a.read().toString(), 'to a');
        assert.isFalse(over);
        a.close();
        coroutine.sleep(5);
        assert.isTrue(over);
    });
    it('never throws', () => {
        var bad = {
            read() {
                throw new Error('read');
            },
            write() {
                throw new Error('write');
            },
            close() {
                throw new Error('close');
            },
        };
        assert.isUndefined(io.bridge(bad, bad));
    });
});

require.main === module && test.run(console.DEBUG);
