// base58, of later versions (spec/buffer-and-encoding.md §12).
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

var base58 = require('base58');

describe('base58', () => {
    it('encodes and decodes', () => {
        assert.equal(base58.encode('hello'), 'Cn8eVZg');
        assert.equal(base58.decode('Cn8eVZg').toString(), 'hello');
        assert.equal(base58.encode([0, 0, 1]), '112');
        assert.equal(base58.decode('112').hex(), '000001');
        assert.equal(base58.encode(''), '');
    });
    it('with version and checksum', () => {
        var address = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
        var hash = base58.decode(address, 0);
        assert.equal(hash.hex(), '62e907b15cbf27d5425399ebf6f0fb50ebb88f18');
        assert.equal(base58.encode(hash, 0), address);
        assert.equal(
            number(() => base58.decode(address, 5)),
            100011,
        );
        assert.equal(
            number(() => base58.decode('1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb', 0)),
            100011,
        );
    });
    it('refuses other characters', () => {
        assert.equal(
            number(() => base58.decode('0')),
            100011,
        );
    });
});

require.main === module && test.run(console.DEBUG);
