// base64vlq (spec/buffer-and-encoding.md §5.5).
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

var vlq = require('base64vlq');

describe('base64vlq', () => {
    it('encodes integers and lists', () => {
        assert.equal(vlq.encode(0), 'A');
        assert.equal(vlq.encode(1), 'C');
        assert.equal(vlq.encode(-1), 'D');
        assert.equal(vlq.encode(16), 'gB');
        assert.equal(vlq.encode([0, 1, -1, 16]), 'ACDgB');
        assert.equal(vlq.encode(['1', true]), 'CC');
        assert.equal(vlq.encode([]), '');
    });
    it('refuses what is no integer', () => {
        assert.equal(
            number(() => vlq.encode(['x'])),
            100005,
        );
        assert.equal(
            number(() => vlq.encode([2147483648])),
            100006,
        );
    });
    it('decodes', () => {
        var all = [0, 1, -1, 15, 16, -16, 123456, 2147483647, -2147483648];
        assert.deepEqual(vlq.decode(vlq.encode(all)), all);
        assert.deepEqual(vlq.decode(''), []);
    });
    it('a character outside the alphabet ends a number', () => {
        assert.deepEqual(vlq.decode('A!C'), [0, 0, 1]);
        assert.deepEqual(vlq.decode('i!C'), [1, 1]);
    });
});

require.main === module && test.run(console.DEBUG);
