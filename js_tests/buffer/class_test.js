// What a Buffer is: a Uint8Array, as in later versions, that grows (spec/buffer-and-encoding.md §3, §4.1, §4.4, §4.8, §12).
var test = require('test');
test.setup();
var util = require('util');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}

describe('the class', () => {
    it('is the module itself', () => {
        assert.equal(require('buffer'), Buffer);
        assert.equal(require('buffer').Buffer, Buffer);
        assert.equal(Buffer.name, 'Buffer');
        assert.equal(Buffer.from.name, 'Buffer');
        assert.equal(Buffer.prototype.slice.name, 'slice');
    });
    it('makes typed arrays', () => {
        var b = new Buffer('abc');
        assert.isTrue(b instanceof Buffer);
        assert.isTrue(b instanceof Uint8Array);
        assert.equal(b.constructor, Buffer);
        assert.isTrue(ArrayBuffer.isView(b));
        assert.deepEqual([...b], [97, 98, 99]);
        assert.equal(b.byteLength, 3);
    });
    it('typed-array methods give Buffers', () => {
        var b = new Buffer([1, 2, 3]);
        assert.isTrue(Buffer.isBuffer(b.map((x) => x * 2)));
        assert.equal(b.map((x) => x * 2).hex(), '020406');
        assert.equal(b.filter((x) => x > 1).hex(), '0203');
        assert.equal(Buffer.of(1, 2).hex(), '0102');
        var part = b.subarray(1);
        assert.isTrue(Buffer.isBuffer(part));
        part[0] = 9;
        assert.equal(b.hex(), '010903');
    });
    it('can be subclassed', () => {
        class Mine extends Buffer {
            first() {
                return this[0];
            }
        }
        var m = new Mine('abc');
        assert.isTrue(m instanceof Mine);
        assert.equal(m.first(), 97);
        assert.equal(m.toString(), 'abc');
    });
    it('its methods refuse other objects', () => {
        assert.equal(
            failure(() => Buffer.prototype.hex.call({})),
            '100008 [-100008] Object is not an instance of declaring class.',
        );
        assert.equal(
            failure(() => Buffer.prototype.hex.call(new Uint8Array(1))),
            '100008 [-100008] Object is not an instance of declaring class.',
        );
    });
    it('surplus arguments are an error', () => {
        assert.equal(
            failure(() => new Buffer('a').hex(1)),
            '100001 [-100001] Invalid number of parameters.',
        );
    });
});

describe('length and indexes', () => {
    it('length is read-only', () => {
        var b = new Buffer('abc');
        assert.equal(b.length, 3);
        assert.equal(
            failure(() => {
                b.length = 1;
            }),
            "Property 'length' is read-only.",
        );
    });
    it('indexes read and write bytes', () => {
        var b = new Buffer(2);
        b[0] = 257;
        b[1] = -1;
        b[2] = 5;
        assert.equal(b.hex(), '01ff');
        assert.isUndefined(b[2]);
        assert.isUndefined(b[-1]);
        assert.isTrue(1 in b);
        assert.isFalse(2 in b);
    });
});

describe('text forms', () => {
    it('as a primitive it is its text', () => {
        assert.isTrue(new Buffer('abc') == 'abc');
        assert.equal(`${new Buffer('é')}`, 'é');
    });
    it('JSON', () => {
        assert.equal(JSON.stringify(new Buffer('ab')), '{"type":"Buffer","data":[97,98]}');
        assert.deepEqual(new Buffer('a').toJSON(), { type: 'Buffer', data: [97] });
    });
    it('util.format', () => {
        assert.equal(util.format(new Buffer('fib')), '<Buffer 66 69 62>');
        assert.equal(util.format(new Buffer()), '<Buffer>');
    });
    it('deepEqual compares the bytes', () => {
        assert.deepEqual(new Buffer('ab'), new Buffer([97, 98]));
        assert.notDeepEqual(new Buffer('ab'), new Buffer('ac'));
    });
});

describe('growing in place', () => {
    it('append', () => {
        var b = new Buffer();
        var same = b;
        b.append(new Buffer('ab'));
        b.append('c');
        b.append('64', 'hex');
        b.append([101]);
        b.append(2);
        assert.equal(same.toString(), 'abcde\0\0');
        assert.equal(b.length, 7);
        assert.isUndefined(b.append(''));
    });
    it('append of itself', () => {
        var b = new Buffer('ab');
        b.append(b);
        b.append(b.subarray(1, 3));
        assert.equal(b.toString(), 'ababba');
    });
    it('resize', () => {
        var b = new Buffer('abcdef');
        b.resize(3);
        assert.equal(b.toString(), 'abc');
        b.resize(5);
        assert.equal(b.hex(), '6162630000');
        b.resize(0);
        assert.equal(b.length, 0);
        assert.equal(parseInt(failure(() => b.resize(-1))), 100004);
    });
    it('a long way', () => {
        var b = new Buffer();
        for (var i = 0; i < 20000; i++) b.append('0123456789');
        assert.equal(b.length, 200000);
        assert.equal(b.toString('utf8', 199995), '56789');
    });
    it('works on every Buffer that a script makes', () => {
        var made = [
            Buffer.from('a'),
            Buffer.alloc(1, 97),
            Buffer.concat(['a']),
            new Buffer('ba').slice(1),
            new Buffer('a').reverse(),
            require('hex').decode('61'),
            require('base64').decode('YQ=='),
        ];
        for (var b of made) {
            b.append('b');
            assert.equal(b.toString(), 'ab');
        }
    });
    it('views have a fixed size and say so', () => {
        assert.throws(() => new Buffer('abc').subarray(1).append('x'));
    });
});

require.main === module && test.run(console.DEBUG);
