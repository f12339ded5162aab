// Content methods of Buffer (spec/buffer-and-encoding.md §4.5).
var test = require('test');
test.setup();

function number(fn) {
    try {
        fn();
    } catch (e) {
        return e.number;
    }
    return 'no error';
}

describe('write', () => {
    it('writes what fits', () => {
        var b = new Buffer(5);
        assert.equal(b.write('abc'), 3);
        assert.equal(b.write('xyz', 3), 2);
        assert.equal(b.toString(), 'abcxy');
        assert.equal(b.write('123', 1, 2), 2);
        assert.equal(b.toString(), 'a12xy');
        assert.equal(b.write('q', 5), 0);
        assert.equal(b.write('abc', 0, 0), 0);
        assert.equal(b.write('4142', 0, 'hex'), 2);
        assert.equal(b.write('4344', 'hex'), 2);
        assert.equal(b.toString(), 'CD2xy');
        assert.equal(b.write('5a5a', 0, 1, 'hex'), 1);
        assert.equal(b.toString(), 'ZD2xy');
    });
    it('may write half a character', () => {
        var b = new Buffer(1);
        assert.equal(b.write('é'), 1);
        assert.equal(b.hex(), 'c3');
    });
    it('refuses bad places', () => {
        var b = new Buffer(5);
        assert.throws(() => b.write('a', 99));
        assert.throws(() => b.write('a', -1));
        assert.throws(() => b.write('a', 0, -2));
    });
});

describe('fill', () => {
    it('repeats numbers, Buffers and strings', () => {
        var b = new Buffer(5);
        assert.equal(b.fill(257), b);
        assert.equal(b.hex(), '0101010101');
        assert.equal(b.fill('ab').toString(), 'ababa');
        assert.equal(b.fill(new Buffer('xyz'), 1).toString(), 'axyzx');
        assert.equal(b.fill('-', 1, 3).toString(), 'a--zx');
        assert.equal(b.fill('').toString(), 'a--zx');
    });
    it('negative ends count from the end', () => {
        assert.equal(new Buffer('abcd').fill('x', 0, -1).toString(), 'xxxx');
        assert.equal(new Buffer('abcd').fill('x', 0, -2).toString(), 'xxxd');
    });
    it('checks its range', () => {
        var b = new Buffer(4);
        assert.throws(() => b.fill(0, -1));
        assert.throws(() => b.fill(0, 3, 2));
        assert.throws(() => b.fill(0, 0, 5));
    });
    it('with itself', () => {
        var b = new Buffer('abcd');
        b.fill(b.subarray(0, 2), 1);
        assert.equal(b.toString(), 'aaba');
    });
});

describe('indexOf', () => {
    it('finds numbers, Buffers and strings', () => {
        var b = new Buffer('abcabc\xff');
        assert.equal(b.indexOf('c'), 2);
        assert.equal(b.indexOf('c', 3), 5);
        assert.equal(b.indexOf('bca'), 1);
        assert.equal(b.indexOf(new Buffer('ca')), 2);
        assert.equal(b.indexOf(98), 1);
        assert.equal(b.indexOf(98 + 256, 2), 4);
        assert.equal(b.indexOf('x'), -1);
        assert.equal(b.indexOf('c', 7), -1);
    });
    it('finds bytes above 127', () => {
        assert.equal(new Buffer([1, 200, 255]).indexOf(200), 1);
        assert.equal(new Buffer([1, 200, 255]).indexOf(-1), 2);
        assert.equal(new Buffer('aé').indexOf('é'), 1);
    });
    it('an empty needle is found at the offset', () => {
        assert.equal(new Buffer('abc').indexOf('', 2), 2);
    });
    it('refuses bad offsets', () => {
        assert.throws(() => new Buffer('abc').indexOf('a', -1));
        assert.throws(() => new Buffer('abc').indexOf('a', 4));
    });
    it('lastIndexOf, of later versions', () => {
        var b = new Buffer('abcabc');
        assert.equal(b.lastIndexOf('b'), 4);
        assert.equal(b.lastIndexOf('bc'), 4);
        assert.equal(b.lastIndexOf('x'), -1);
        assert.equal(b.lastIndexOf(97), 3);
    });
});

describe('compare and equals', () => {
    it('compare is bytewise and unsigned', () => {
        assert.isTrue(new Buffer([1]).compare(new Buffer([2])) < 0);
        assert.isTrue(new Buffer([200]).compare(new Buffer([2])) > 0);
        assert.isTrue(new Buffer('ab').compare(new Buffer('abc')) < 0);
        assert.equal(new Buffer('ab').compare('ab'), 0);
        var long = Buffer.alloc(1000, 7);
        assert.equal(long.compare(Buffer.alloc(1000, 7)), 0);
        assert.isTrue(long.compare(Buffer.alloc(1001, 7)) < 0);
    });
    it('equals takes native objects only', () => {
        var b = new Buffer('abc');
        assert.isTrue(b.equals(b));
        assert.isTrue(b.equals(new Buffer('abc')));
        assert.isFalse(b.equals(new Buffer('abd')));
        assert.isFalse(b.equals(new (require('io').MemoryStream)()));
        for (var other of ['abc', [97], new Uint8Array(3), {}])
            assert.equal(
                number(() => b.equals(other)),
                100005,
            );
    });
});

describe('copy and set', () => {
    it('copy', () => {
        var a = new Buffer('abcdef');
        var b = new Buffer(4);
        assert.equal(a.copy(b), 4);
        assert.equal(b.toString(), 'abcd');
        assert.equal(a.copy(b, 2, 4), 2);
        assert.equal(b.toString(), 'abef');
        assert.equal(a.copy(b, 0, 1, 2), 1);
        assert.equal(b.toString(), 'bbef');
        assert.equal(a.copy(b, 0, 0, -2), 0);
        assert.equal(a.copy(b, 0, 3, 3), 0);
        assert.equal(a.copy(b, 4), 0);
        assert.equal(a.copy([1, 2, 3]), 3);
        for (var args of [
            [b, -1],
            [b, 0, -1],
            [b, 0, 7],
        ])
            assert.equal(
                number(() => a.copy(...args)),
                100006,
            );
    });
    it('copy within one Buffer', () => {
        var b = new Buffer('abcdef');
        b.copy(b, 2, 0, 4);
        assert.equal(b.toString(), 'ababcd');
    });
    it('set', () => {
        var b = new Buffer('abcd');
        assert.equal(b.set('xy', 1), 2);
        assert.equal(b.toString(), 'axyd');
        assert.throws(() => b.set('xy', 3), /Buffer: Source is too large\./);
        assert.equal(
            number(() => b.set('x', -1)),
            100006,
        );
        assert.equal(
            number(() => b.set('x')),
            100002,
        );
    });
});

describe('slice, reverse and lists', () => {
    it('slice copies', () => {
        var b = new Buffer('abcdef');
        var s = b.slice(1, 3);
        s[0] = 88;
        assert.equal(b.toString(), 'abcdef');
        assert.equal(s.toString(), 'Xc');
    });
    it('slice counts from the end', () => {
        var b = new Buffer('abcdef');
        assert.equal(b.slice().toString(), 'abcdef');
        assert.equal(b.slice(-2).toString(), 'ef');
        assert.equal(b.slice(-4, -2).toString(), 'cd');
        assert.equal(b.slice(-100, 2).toString(), 'ab');
        assert.equal(b.slice(4, 100).toString(), 'ef');
        assert.equal(b.slice(4, 2).length, 0);
        assert.equal(b.slice(0, -100).length, 0);
    });
    it('reverse makes a new Buffer', () => {
        var b = new Buffer('abc');
        assert.equal(b.reverse().toString(), 'cba');
        assert.equal(b.toString(), 'abc');
    });
    it('join, toArray, hex, base64, base32, base58', () => {
        var b = new Buffer([1, 2, 255]);
        assert.equal(b.join(), '1,2,255');
        assert.equal(b.join('-'), '1-2-255');
        assert.deepEqual(b.toArray(), [1, 2, 255]);
        assert.equal(b.hex(), '0102ff');
        assert.equal(b.base64(), 'AQL/');
        assert.equal(new Buffer('hello!').base32(), 'nbswy3dpee======');
        assert.equal(new Buffer('hello').base58(), 'Cn8eVZg');
    });
    it('iterators are over a snapshot', () => {
        var b = new Buffer([5, 6]);
        var values = b.values();
        var entries = b.entries();
        b[0] = 9;
        assert.deepEqual([...values], [5, 6]);
        assert.deepEqual(
            [...entries],
            [
                [0, 5],
                [1, 6],
            ],
        );
        assert.deepEqual([...b.keys()], [0, 1]);
        assert.deepEqual([...b], [9, 6]);
    });
});

require.main === module && test.run(console.DEBUG);
