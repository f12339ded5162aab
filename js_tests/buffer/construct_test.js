// Making Buffers (spec/buffer-and-encoding.md §4.2, §4.3, §4.9).
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

describe('new Buffer', () => {
    it('of an array takes the low 8 bits of each element', () => {
        assert.equal(new Buffer([1, 300, -1, 1.9, '0x10', true, null]).hex(), '012cff01100100');
        assert.equal(new Buffer([]).length, 0);
    });
    it('of an array that is no list of integers holds its text', () => {
        assert.equal(new Buffer([1, 'x']).toString(), '1,x');
        assert.equal(new Buffer([2147483648]).toString(), '2147483648');
        assert.equal(new Buffer([{}]).toString(), '[object Object]');
    });
    it('copies an ArrayBuffer and a DataView', () => {
        var memory = new Uint8Array([1, 2, 3, 4]).buffer;
        var b = new Buffer(memory);
        new Uint8Array(memory)[0] = 9;
        assert.equal(b.hex(), '01020304');
        assert.equal(new Buffer(new DataView(memory, 1, 2)).hex(), '0203');
    });
    it('takes the bytes of byte arrays and the elements of others', () => {
        assert.equal(new Buffer(new Uint8Array([1, 255])).hex(), '01ff');
        assert.equal(new Buffer(new Int8Array([-1]).subarray(0)).hex(), 'ff');
        assert.equal(new Buffer(new Uint16Array([5000, 4000])).hex(), '88a0');
        assert.equal(new Buffer(new Float64Array([1.5, 257])).hex(), '0101');
        assert.equal(new Buffer(new BigInt64Array([-1n, 258n])).hex(), 'ff02');
        assert.equal(new Buffer(new Uint8Array([1, 2, 3]).subarray(1)).hex(), '0203');
    });
    it('copies a Buffer', () => {
        var a = new Buffer('abc');
        var b = new Buffer(a);
        a[0] = 0;
        assert.equal(b.toString(), 'abc');
    });
    it('decodes a string', () => {
        assert.equal(new Buffer('héllo').hex(), '68c3a96c6c6f');
        assert.equal(new Buffer('616263', 'hex').toString(), 'abc');
        assert.equal(new Buffer('YWJj', 'base64').toString(), 'abc');
        assert.equal(new Buffer(new String('ab')).toString(), 'ab');
        assert.equal(
            failure(() => new Buffer('a', 'nope')),
            '100023 encoding: Unknown charset.',
        );
    });
    it('of a number has that many zeros', () => {
        assert.equal(new Buffer(3).hex(), '000000');
        assert.equal(new Buffer(2n).length, 2);
        assert.equal(new Buffer(2.9).length, 2);
        assert.equal(new Buffer(new Number(2)).length, 2);
        assert.equal(new Buffer('100').length, 3);
        assert.equal(
            number(() => new Buffer(-1)),
            100004,
        );
        assert.equal(
            number(() => new Buffer(2 ** 31)),
            100006,
        );
    });
    it('without argument or of undefined is empty', () => {
        assert.equal(new Buffer().length, 0);
        assert.equal(new Buffer(undefined).length, 0);
        assert.equal(new Buffer(undefined, undefined).length, 0);
    });
    it('of anything else holds its text', () => {
        assert.equal(new Buffer(null).toString(), 'null');
        assert.equal(new Buffer({}).toString(), '[object Object]');
        assert.equal(new Buffer(true).toString(), 'true');
        assert.equal(new Buffer(NaN).toString(), 'NaN');
    });
    it('with a codec takes the text of whatever it is', () => {
        assert.equal(new Buffer([65], 'utf8').toString(), '65');
        assert.equal(new Buffer([65], undefined).hex(), '41');
    });
    it('refuses offsets and calls without new', () => {
        assert.equal(
            number(() => new Buffer(new ArrayBuffer(4), 1, 2)),
            100001,
        );
        assert.equal(
            number(() => Buffer('a')),
            100007,
        );
    });
});

describe('Buffer.from', () => {
    it('takes a part of a Buffer', () => {
        var b = new Buffer('abcdef');
        assert.equal(Buffer.from(b).toString(), 'abcdef');
        assert.equal(Buffer.from(b, 2).toString(), 'cdef');
        assert.equal(Buffer.from(b, 2, 2).toString(), 'cd');
        assert.equal(Buffer.from(b, 2, 100).toString(), 'cdef');
        assert.equal(Buffer.from(b, 9).length, 0);
        assert.throws(() => Buffer.from(b, -1));
        var c = Buffer.from(b);
        c[0] = 65;
        assert.equal(b.toString(), 'abcdef');
    });
    it('takes a part of the bytes of a string', () => {
        assert.equal(Buffer.from('héllo', 1, 2).toString(), 'é');
        assert.equal(Buffer.from('abc', 1).toString(), 'bc');
    });
    it('decodes a string', () => {
        assert.equal(Buffer.from('abc').toString(), 'abc');
        assert.equal(Buffer.from('6162', 'hex').toString(), 'ab');
    });
    it('converts anything else', () => {
        assert.equal(Buffer.from([1, 2, 3], 1).hex(), '0203');
        assert.equal(Buffer.from(new Uint8Array([1, 2]).buffer).hex(), '0102');
        assert.equal(Buffer.from(new Uint16Array([257])).hex(), '01');
        assert.equal(Buffer.from(5).length, 5);
        assert.equal(Buffer.from([65], 'utf8').toString(), '65');
        assert.equal(Buffer.from(null).toString(), 'null');
    });
});

describe('Buffer.alloc', () => {
    it('fills with a number, a text or a Buffer', () => {
        assert.equal(Buffer.alloc(3).hex(), '000000');
        assert.equal(Buffer.alloc(3, 257).hex(), '010101');
        assert.equal(Buffer.alloc(5, 'ab').toString(), 'ababa');
        assert.equal(Buffer.alloc(3, 'YWI=', 'base64').toString(), 'aba');
        assert.equal(Buffer.alloc(5, new Buffer([1, 2])).hex(), '0102010201');
        assert.equal(Buffer.alloc(1, 'abc').toString(), 'a');
        assert.equal(Buffer.alloc(7, 'abc').toString(), 'abcabca');
    });
    it('does not mind bad sizes and fills', () => {
        assert.equal(Buffer.alloc(0).length, 0);
        assert.equal(Buffer.alloc(-5).length, 0);
        assert.equal(Buffer.alloc(2, '').length, 2);
        assert.equal(Buffer.alloc(2, 'x', 'nope').length, 2);
        assert.equal(Buffer.alloc(2, [65, 66]).toString(), '65');
        assert.equal(Buffer.alloc(2, [65]).toString(), 'AA');
    });
    it('allocUnsafe and allocUnsafeSlow', () => {
        assert.equal(Buffer.allocUnsafe(4).length, 4);
        assert.equal(Buffer.allocUnsafeSlow(4).length, 4);
        assert.equal(Buffer.allocUnsafe(-4).length, 0);
    });
});

describe('other static members', () => {
    it('isBuffer', () => {
        assert.isTrue(Buffer.isBuffer(new Buffer()));
        assert.isFalse(Buffer.isBuffer(new Uint8Array(1)));
        assert.isFalse(Buffer.isBuffer('a'));
        assert.equal(
            number(() => Buffer.isBuffer()),
            100002,
        );
    });
    it('concat joins, converts and cuts', () => {
        assert.equal(Buffer.concat([new Buffer('ab'), new Buffer('cd')]).toString(), 'abcd');
        assert.equal(Buffer.concat(['a', [66], undefined, new Uint8Array([67])]).toString(), 'aBC');
        assert.equal(Buffer.concat([{}]).toString(), '[object Object]');
        assert.equal(Buffer.concat(['abc', 'def'], 4).toString(), 'abcd');
        assert.equal(Buffer.concat(['abc'], 10).length, 3);
        assert.equal(Buffer.concat([], 10).length, 0);
        assert.equal(Buffer.concat(['abc'], 0).length, 0);
        assert.equal(
            number(() => Buffer.concat(['a'], -2)),
            100004,
        );
        assert.equal(
            number(() => Buffer.concat('a')),
            100005,
        );
    });
    it('byteLength', () => {
        assert.equal(Buffer.byteLength('hé'), 3);
        assert.equal(Buffer.byteLength('616263', 'hex'), 3);
        assert.equal(Buffer.byteLength('a', 'nope'), 0);
        assert.equal(Buffer.byteLength(new ArrayBuffer(5)), 5);
        assert.equal(Buffer.byteLength(new Uint16Array(3)), 6);
        assert.equal(Buffer.byteLength(new DataView(new ArrayBuffer(4))), 4);
        assert.equal(Buffer.byteLength(new Buffer('abcd')), 4);
        assert.equal(Buffer.byteLength(12345), 5);
    });
    it('compare converts both', () => {
        assert.isTrue(Buffer.compare('a', 'b') < 0);
        assert.isTrue(Buffer.compare([2], [1]) > 0);
        assert.equal(Buffer.compare('ab', new Buffer('ab')), 0);
    });
    it('isEncoding', () => {
        for (var name of [
            'utf8',
            'utf-8',
            'hex',
            'base64',
            'ucs2',
            'utf16le',
            'utf-32le',
            'binary',
            'latin1',
            'gbk',
            'Big5',
        ])
            assert.isTrue(Buffer.isEncoding(name), name);
        for (name of ['jis', 'HEX', 'Base64', 'base32', '', 'nope', 'rot13', 'idna'])
            assert.isFalse(Buffer.isEncoding(name), name);
    });
});

require.main === module && test.run(console.DEBUG);
