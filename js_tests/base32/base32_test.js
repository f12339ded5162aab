// base32 (spec/buffer-and-encoding.md §5.4).
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

var base32 = require('base32');

describe('base32', () => {
    it('encodes in lower case with padding', () => {
        assert.equal(base32.encode(''), '');
        assert.equal(base32.encode('f'), 'my======');
        assert.equal(base32.encode('fo'), 'mzxq====');
        assert.equal(base32.encode('foo'), 'mzxw6===');
        assert.equal(base32.encode('foob'), 'mzxw6yq=');
        assert.equal(base32.encode('fooba'), 'mzxw6ytb');
    });
    it('decodes either case, without padding too', () => {
        for (var text of ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'])
            for (var form of [
                base32.encode(text),
                base32.encode(text).toUpperCase(),
                base32.encode(text).replace(/=/g, ''),
            ])
                assert.equal(base32.decode(form).toString(), text);
    });
    it('0, 1 and 9 stand for letters, 8 and all else are skipped', () => {
        assert.equal(base32.decode('m0======').hex(), base32.decode('mo').hex());
        assert.equal(base32.decode('m1').hex(), base32.decode('ml').hex());
        assert.equal(base32.decode('m9').hex(), base32.decode('mg').hex());
        assert.equal(base32.decode('m8 y-é').hex(), base32.decode('my').hex());
        assert.equal(base32.decode('my\0my').hex(), '66');
    });
    it('drops left-over bits', () => {
        assert.equal(base32.decode('m').length, 0);
        assert.equal(base32.decode('mzx').toString(), 'f');
        assert.equal(base32.decode('mzxw6y').toString(), 'foo');
    });
});

require.main === module && test.run(console.DEBUG);
