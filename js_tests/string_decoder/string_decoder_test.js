// string_decoder (spec/buffer-and-encoding.md §6).
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

var { StringDecoder } = require('string_decoder');

/** The text of bytes that come one by one, or in pieces of n. */
function fed(name, bytes, n) {
    var d = new StringDecoder(name);
    var text = '';
    for (var i = 0; i < bytes.length; i += n) text += d.write(bytes.slice(i, i + n));
    return text + d.end();
}

describe('StringDecoder', () => {
    it('normalises the name of the encoding', () => {
        var names = {
            utf8: 'utf8',
            'UTF-8': 'utf8',
            ucs2: 'utf16le',
            'UCS-2': 'utf16le',
            utf16le: 'utf16le',
            latin1: 'latin1',
            Binary: 'latin1',
            base64: 'base64',
            ascii: 'ascii',
            HEX: 'hex',
        };
        for (var name in names) assert.equal(new StringDecoder(name).encoding, names[name]);
        assert.equal(new StringDecoder().encoding, 'utf8');
        for (name of ['utf-16le', 'gbk', ''])
            assert.equal(
                failure(() => new StringDecoder(name)),
                `100023 string_decoder: Unknown encoding: ${name}`,
            );
    });
    it('gives the same in pieces as at once', () => {
        var texts = ['héllo €😀 中文', 'plain', '\ud83d alone', '😀😀'];
        for (var name of ['utf8', 'ucs2', 'base64', 'hex', 'latin1'])
            for (var text of texts) {
                var bytes = new Buffer(text, name === 'ucs2' ? 'ucs2' : 'utf8');
                for (var n of [1, 2, 3, 4, 5, 100])
                    assert.equal(fed(name, bytes, n), bytes.toString(name), `${name} ${n}`);
            }
    });
    it('broken UTF-8 in pieces as at once', () => {
        for (var hex of [
            'e2b8ccb8',
            'e241',
            '80',
            'f09f98',
            'fe41',
            'f8888080',
            'c1',
            'e2e2',
            'f8888080804180',
            'fc84808080',
        ])
            for (var n of [1, 2, 3])
                assert.equal(fed('utf8', new Buffer(hex, 'hex'), n), new Buffer(hex, 'hex').toString(), hex);
    });
    it('shows what it keeps', () => {
        var d = new StringDecoder();
        assert.equal(d.write([0xe2, 0x82]), '');
        assert.equal(d.lastNeed, 1);
        assert.equal(d.lastTotal, 3);
        assert.equal(d.lastChar.slice(0, 2).hex(), 'e282');
        assert.equal(d.write([0xac]), '€');
        assert.equal(d.lastNeed, 0);
    });
    it('end', () => {
        var d = new StringDecoder();
        d.write([0xf0, 0x9f, 0x98]);
        assert.equal(d.end(), '\ufffd');
        d = new StringDecoder('ucs2');
        assert.equal(d.write([0x61, 0, 0x3d, 0xd8]), 'a');
        assert.equal(d.end(), '\ud83d');
        d = new StringDecoder('base64');
        assert.equal(d.write('abcd'), 'YWJj');
        assert.equal(d.end(), 'ZA==');
        assert.equal(new StringDecoder('hex').end(), '');
    });
    it('end with data gives its text', () => {
        var d = new StringDecoder();
        d.write([0xe2]);
        assert.equal(d.end([0x82, 0xac, 0x41, 0xc3]), '€A\ufffd');
    });
    it('a surrogate pair split over chunks keeps what is before it', () => {
        var d = new StringDecoder('utf16le');
        assert.equal(d.write(new Buffer('abcd\ud83d', 'ucs2')), 'abcd');
        assert.equal(d.write([0x00]), '');
        assert.equal(d.write([0xde]), '😀');
    });
    it('fillLast and text', () => {
        var d = new StringDecoder();
        d.write([0xe2]);
        assert.isNull(d.fillLast([0x82]));
        assert.equal(d.fillLast([0xac]), '€');
        assert.equal(d.text('xabc', 1), 'abc');
    });
    it('converts what it gets', () => {
        var d = new StringDecoder();
        assert.equal(d.write('abc') + d.write([65]) + d.write(new Uint8Array([66])), 'abcAB');
        assert.equal(d.write(''), '');
    });
});

require.main === module && test.run(console.DEBUG);
