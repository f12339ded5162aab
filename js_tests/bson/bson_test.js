// bson (spec/buffer-and-encoding.md §5.9).
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

var bson = require('bson');

var back = (value) => bson.decode(bson.encode(value));

describe('bson', () => {
    it('known documents', () => {
        assert.equal(bson.encode({}).hex(), '0500000000');
        assert.equal(bson.encode({ a: 1 }).hex(), '0c0000001061000100000000');
        assert.equal(bson.encode({ hello: 'world' }).hex(), '160000000268656c6c6f0006000000776f726c640000');
        assert.equal(bson.encode({ a: 2 ** 40 }).hex(), '10000000126100000000000001000000');
        assert.equal(bson.encode({ a: 1.5 }).hex(), '10000000016100000000000000f83f00');
    });
    it('round trips', () => {
        var value = {
            s: 'é',
            n: null,
            d: new Date(5),
            t: true,
            i: -1,
            l: -(2 ** 40),
            f: 1.5,
            o: { p: { q: [] } },
            b: new Buffer('hi'),
        };
        assert.deepEqual(back(value), value);
    });
    it('arrays leave out undefined and functions', () => {
        assert.deepEqual(back({ a: [1, undefined, 'x', () => 1] }), { a: [1, 'x'] });
        assert.deepEqual(back({ u: undefined, f() {} }), {});
    });
    it('regular expressions', () => {
        var { r } = back({ r: /a.b/gimsu });
        assert.equal(r.source, 'a.b');
        assert.equal(r.flags, 'gim');
    });
    it('everything else is a string', () => {
        assert.deepEqual(back({ a: 10n }), { a: '10' });
        assert.deepEqual(back({ a: 'x\0y' }), { a: 'x' });
    });
    it('toJSON', () => {
        assert.deepEqual(back({ toJSON: () => ({ z: 1 }) }), { z: 1 });
        assert.deepEqual(back({ a: { toJSON: (key) => `from ${key}` } }), { a: 'from a' });
        for (var value of [1, 'a', null, [], new Date(), /a/, new Buffer()])
            assert.equal(
                number(() => bson.encode({ toJSON: () => value })),
                100004,
            );
    });
    it('wants a plain object', () => {
        for (var value of [[], 'a', new Date()])
            assert.equal(
                number(() => bson.encode(value)),
                100005,
            );
    });
    it('object ids', () => {
        var data = new Buffer('1400000007610065a1b2c3d4e5f60718293a4b00', 'hex');
        var id = bson.decode(data).a;
        assert.equal(id.toString(), '65a1b2c3d4e5f60718293a4b');
        assert.isTrue(bson.encode({ a: id }).equals(data));
        assert.equal(JSON.stringify(id), '"65a1b2c3d4e5f60718293a4b"');
    });
    it('malformed data throws 100011', () => {
        for (var hex of [
            '',
            '05',
            '0500000001',
            '0600000000',
            '0c000000106100010000',
            '0c0000001061000100000001',
            '0c0000000261000900000000',
            'ffffffff00',
        ])
            assert.equal(
                number(() => bson.decode(new Buffer(hex, 'hex'))),
                100011,
                hex,
            );
    });
});

require.main === module && test.run(console.DEBUG);
