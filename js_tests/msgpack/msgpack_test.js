// msgpack (spec/buffer-and-encoding.md §5.8).
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

var msgpack = require('msgpack');

var hex = (value) => msgpack.encode(value).hex();
var back = (value) => msgpack.decode(msgpack.encode(value));

describe('msgpack.encode', () => {
    it('scalars', () => {
        assert.equal(hex(null), 'c0');
        assert.equal(hex(undefined), 'c0');
        assert.equal(hex(true), 'c3');
        assert.equal(hex(false), 'c2');
        assert.equal(hex(1), 'cb3ff0000000000000');
        assert.equal(hex(new Number(1)), 'cb3ff0000000000000');
        assert.equal(hex('é'), 'a2c3a9');
        assert.equal(hex(10n), 'a23130');
    });
    it('dates in the shortest form', () => {
        assert.equal(hex(new Date(1000)), 'd6ff00000001');
        assert.equal(hex(new Date(1500)), 'd7ff7735940000000001');
        assert.equal(hex(new Date(-1000)), 'c70cff00000000ffffffffffffffff');
    });
    it('bytes', () => {
        assert.equal(hex(new Buffer([1, 2])), 'c4020102');
        assert.equal(hex(new Uint16Array([300, 1])), 'c4022c01');
    });
    it('arrays and maps', () => {
        assert.equal(hex([null, [true]]), '92c091c3');
        assert.equal(hex({ a: null, f() {}, u: undefined }), '82a161c0a175c0');
        assert.equal(hex(Object.create({ a: null })), '81a161c0');
        assert.equal(hex({ 1: null }), '81cb3ff0000000000000c0');
        assert.equal(
            hex({
                toJSON(key) {
                    return 'j' + key;
                },
            }),
            'a16a',
        );
    });
    it('functions are refused', () => {
        for (var value of [() => 1, [() => 1]])
            assert.equal(
                number(() => msgpack.encode(value)),
                100003,
            );
    });
    it('a cycle ends in an error', () => {
        var a = {};
        a.a = a;
        assert.throws(() => msgpack.encode(a));
    });
});

describe('msgpack.decode', () => {
    it('gives back what was encoded', () => {
        var sizes = [0, 15, 16, 31, 32, 255, 256, 65535, 65536];
        for (var n of sizes) {
            assert.strictEqual(back('x'.repeat(n)), 'x'.repeat(n));
            assert.isTrue(back(Buffer.alloc(n, 7)).equals(Buffer.alloc(n, 7)));
        }
        for (n of [0, 15, 16, 65535, 65536]) assert.equal(back(new Array(n).fill(true)).length, n);
        assert.deepEqual(back({ a: [1.5, { b: null }], c: 'x' }), { a: [1.5, { b: null }], c: 'x' });
        for (var time of [0, 1, 1500, -1, -62135596800000, 253402300799999, 17179869184000])
            assert.equal(back(new Date(time)).getTime(), time);
    });
    it('keeps string keys only', () => {
        assert.deepEqual(back({ 1: 'a', b: 2 }), { b: 2 });
    });
    it('integers of others', () => {
        var cases = [
            ['05', 5],
            ['ff', -1],
            ['ccff', 255],
            ['cd0100', 256],
            ['ceffffffff', 4294967295],
            ['cf0000000100000000', 4294967296],
            ['cfffffffffffffffff', 18446744073709551615n],
            ['d080', -128],
            ['d1ff00', -256],
            ['d280000000', -2147483648],
            ['d3ffffffff00000000', -4294967296],
            ['ca3fc00000', 1.5],
        ];
        for (var [text, value] of cases) assert.strictEqual(msgpack.decode(new Buffer(text, 'hex')), value);
    });
    it('other extensions are their payload', () => {
        assert.equal(msgpack.decode([0xd5, 5, 1, 2]).hex(), '0102');
        assert.equal(msgpack.decode([0xc7, 3, 5, 1, 2, 3]).hex(), '010203');
    });
    it('bad data is undefined', () => {
        for (var data of [
            [],
            [0xa2, 65],
            [1, 2],
            [0xc1],
            [0x92, 1],
            [0xc7, 5, 0xff, 1, 2, 3, 4, 5],
            [0xdd, 255, 255, 255, 255],
        ])
            assert.isUndefined(msgpack.decode(data));
    });
});

require.main === module && test.run(console.DEBUG);
