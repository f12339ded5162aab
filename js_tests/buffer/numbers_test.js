// Numbers in Buffers (spec/buffer-and-encoding.md §4.6, §4.7); results of up to 48 bits are numbers, as in later versions.
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

var bytes = new Buffer([0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88]);

describe('reading', () => {
    it('of fixed width', () => {
        assert.equal(bytes.readUInt8(), 0x81);
        assert.equal(bytes.readInt8(1), -0x7e);
        assert.equal(bytes.readUInt16LE(0), 0x8281);
        assert.equal(bytes.readUInt16BE(0), 0x8182);
        assert.equal(bytes.readInt16LE(0), 0x8281 - 0x10000);
        assert.equal(bytes.readInt16BE(0), 0x8182 - 0x10000);
        assert.equal(bytes.readUInt32LE(0), 0x84838281);
        assert.equal(bytes.readUInt32BE(0), 0x81828384);
        assert.equal(bytes.readInt32LE(0), 0x84838281 - 2 ** 32);
        assert.equal(bytes.readInt32BE(4), 0x85868788 - 2 ** 32);
        assert.strictEqual(bytes.readInt64BE(), -0x7e7d7c7b7a797878n);
        assert.strictEqual(bytes.readInt64LE(), BigInt.asIntN(64, 0x8887868584838281n));
    });
    it('of variable width', () => {
        assert.equal(bytes.readUIntLE(0, 1), 0x81);
        assert.equal(bytes.readUIntLE(0, 3), 0x838281);
        assert.equal(bytes.readUIntBE(0, 3), 0x818283);
        assert.equal(bytes.readIntLE(0, 3), 0x838281 - 2 ** 24);
        assert.equal(bytes.readUIntBE(0, 5), 0x8182838485);
        assert.equal(bytes.readUIntLE(0, 6), 0x868584838281);
        assert.equal(bytes.readIntBE(0, 6), 0x818283848586 - 2 ** 48);
        assert.strictEqual(bytes.readUIntLE(0, 7), 0x87868584838281n);
        assert.strictEqual(bytes.readIntLE(0, 7), BigInt.asIntN(56, 0x87868584838281n));
    });
    it('eight bytes are signed, and the default', () => {
        assert.strictEqual(bytes.readUIntBE(), BigInt.asIntN(64, 0x8182838485868788n));
        assert.strictEqual(bytes.readUIntLE(0, 8), bytes.readInt64LE(0));
    });
    it('floats', () => {
        var b = new Buffer(8);
        for (var value of [0, 1.5, -2.25, Infinity, 1e300]) {
            b.writeDoubleLE(value, 0);
            assert.equal(b.readDoubleLE(), value);
            b.writeDoubleBE(value, 0);
            assert.equal(b.readDoubleBE(), value);
        }
        b.writeFloatBE(1.5, 4);
        assert.equal(b.readFloatBE(4), 1.5);
        assert.equal(b.hex().slice(8), '3fc00000');
        b.writeFloatLE(1.5, 0);
        assert.equal(b.readFloatLE(), 1.5);
    });
    it('beyond the end', () => {
        var b = new Buffer([1, 2]);
        for (var f of [
            () => b.readUInt32LE(0),
            () => b.readUInt8(2),
            () => b.readUInt16BE(1),
            () => b.readUInt8(-1),
            () => b.readDoubleLE(0),
        ])
            assert.equal(number(f), 100006);
        assert.equal(b.readUInt32LE(0, true), 0x0201);
        assert.equal(b.readUInt32BE(0, true), 0x01020000);
        assert.equal(b.readUInt16LE(5, true), 0);
        assert.equal(b.readUIntLE(1, 4, true), 2);
    });
    it('widths out of range', () => {
        for (var width of [0, 9, -1])
            assert.equal(
                number(() => bytes.readUIntLE(0, width)),
                100004,
            );
    });
});

describe('writing', () => {
    it('gives the offset after the number', () => {
        var b = new Buffer(12);
        assert.equal(b.writeUInt8(1), 1);
        assert.equal(b.writeUInt16BE(0x0203, 1), 3);
        assert.equal(b.writeUInt32LE(0x07060504, 3), 7);
        assert.equal(b.writeUIntBE(0x08090a, 7, 3), 10);
        assert.equal(b.hex(), '01020304050607' + '08090a0000');
    });
    it('drops high bits', () => {
        var b = new Buffer(4);
        b.writeUInt8(300);
        b.writeInt16LE(-1, 1);
        assert.equal(b.hex(), '2cffff00');
    });
    it('takes numbers, BigInts and texts', () => {
        var b = new Buffer(8);
        for (var value of [-5, -5n, '-5']) {
            b.fill(0);
            b.writeInt64LE(value);
            assert.strictEqual(b.readInt64LE(), -5n);
            b.writeIntBE(value, 0, 5);
            assert.equal(b.readIntBE(0, 5), -5);
        }
        b.writeUInt8('0x12');
        assert.equal(b[0], 0x12);
        b.writeInt64BE(Number.MAX_SAFE_INTEGER);
        assert.strictEqual(b.readInt64BE(), 2n ** 53n - 1n);
        b.writeInt64BE(-(2n ** 63n));
        assert.strictEqual(b.readInt64BE(), -(2n ** 63n));
        b.writeUInt32LE(0xfffffffe);
        assert.equal(b.readUInt32LE(), 0xfffffffe);
    });
    it('checks its range', () => {
        var b = new Buffer(8);
        for (var f of [
            () => b.writeInt32LE(0xffffffff),
            () => b.writeInt64LE(2n ** 63n),
            () => b.writeInt64LE(2 ** 53),
            () => b.writeUInt32LE(0, 5),
            () => b.writeUInt8(0, -1),
        ])
            assert.equal(number(f), 100006);
        assert.equal(
            number(() => b.writeDoubleLE(NaN, 0)),
            100005,
        );
        assert.equal(
            number(() => b.writeFloatLE(1)),
            100002,
        );
        assert.equal(
            number(() => b.writeUIntLE(1, 0, 9)),
            100004,
        );
    });
    it('noAssert writes what fits', () => {
        var b = new Buffer(2);
        assert.equal(b.writeUInt32LE(0x04030201, 0, true), 2);
        assert.equal(b.hex(), '0102');
        assert.equal(b.writeUInt32BE(0x04030201, 1, true), 2);
        assert.equal(b.hex(), '0104');
        assert.equal(b.writeUInt8(1, 5, true), 5);
        assert.equal(b.writeDoubleBE(1, 0, true), 2);
        assert.equal(b.hex(), '3ff0');
    });
});

require.main === module && test.run(console.DEBUG);
