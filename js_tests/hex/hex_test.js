// hex (spec/buffer-and-encoding.md §5.2).
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

var hex = require('hex');

describe('hex', () => {
    it('encodes in lower case, anything a Buffer is made of', () => {
        assert.equal(hex.encode(new Buffer([0, 171, 255])), '00abff');
        assert.equal(hex.encode('abc'), '616263');
        assert.equal(hex.encode([1, 2]), '0102');
        assert.equal(hex.encode(2), '0000');
        assert.equal(hex.encode(''), '');
    });
    it('decodes either case', () => {
        assert.equal(hex.decode('00aBFf').hex(), '00abff');
        assert.equal(hex.decode('').length, 0);
        assert.isTrue(Buffer.isBuffer(hex.decode('00')));
    });
    it('skips what is no digit before a pair', () => {
        assert.equal(hex.decode('12 34').hex(), '1234');
        assert.equal(hex.decode('--12').hex(), '12');
    });
    it('swallows what is no digit within a pair', () => {
        assert.equal(hex.decode('a b').hex(), '0a');
        assert.equal(hex.decode('1-23').hex(), '0123');
    });
    it('drops a dangling digit, ends at NUL', () => {
        assert.equal(hex.decode('123').hex(), '12');
        assert.equal(hex.decode('12\x0034').hex(), '12');
    });
    it('upper-case G to Z are digits of value 0', () => {
        assert.equal(hex.decode('GZ1H').hex(), '0010');
        assert.equal(hex.decode('gz12').hex(), '12');
    });
    it('surplus arguments are an error', () => {
        assert.equal(
            number(() => ['a', 'b'].map(hex.encode)),
            100001,
        );
        assert.equal(hex.encode.name, 'hex');
    });
});

require.main === module && test.run(console.DEBUG);
