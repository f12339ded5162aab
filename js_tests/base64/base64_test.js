// base64 (spec/buffer-and-encoding.md §5.3).
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

var base64 = require('base64');

describe('base64', () => {
    it('encodes with padding', () => {
        assert.equal(base64.encode(''), '');
        assert.equal(base64.encode('a'), 'YQ==');
        assert.equal(base64.encode('ab'), 'YWI=');
        assert.equal(base64.encode([255, 254, 253]), '//79');
    });
    it('the URL alphabet keeps the padding', () => {
        assert.equal(base64.encode([255, 254], true), '__4=');
        assert.equal(base64.encode([251, 255], true), '-_8=');
        assert.equal(base64.encode([251, 255], false), '+/8=');
    });
    it('decodes both alphabets mixed, without or with too much padding', () => {
        for (var text of ['+_8=', '-/8', '-/8===', ' - / 8 ', '-é/\n8'])
            assert.equal(base64.decode(text).hex(), 'fbff', text);
    });
    it('= does not end the data', () => {
        assert.equal(base64.decode('YQ==YQ==').hex(), '610610');
    });
    it('NUL does', () => {
        assert.equal(base64.decode('YWJj\0YWJj').toString(), 'abc');
    });
    it('drops left-over bits', () => {
        assert.equal(base64.decode('A').length, 0);
        assert.equal(base64.decode('YR').toString(), 'a');
        assert.equal(base64.decode('YWJjZ').toString(), 'abc');
    });
    it('large data', () => {
        var data = Buffer.alloc(200001, 'xyz');
        assert.isTrue(base64.decode(base64.encode(data)).equals(data));
    });
});

require.main === module && test.run(console.DEBUG);
