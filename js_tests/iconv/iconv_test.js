// iconv (spec/buffer-and-encoding.md §5.6).
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

var iconv = require('iconv');

describe('iconv', () => {
    it('encodes and decodes', () => {
        for (var name of [
            'gbk',
            'GBK',
            'gb2312',
            'gb18030',
            'big5',
            'utf-8',
            'utf16le',
            'ucs4',
            'utf-16be',
            'shift_jis',
        ])
            assert.equal(iconv.decode(name, iconv.encode(name, '中文')), '中文', name);
        assert.equal(iconv.encode('gbk', '中').hex(), 'd6d0');
        assert.equal(iconv.decode('gbk', [0xd6, 0xd0]), '中');
        assert.equal(iconv.encode('latin1', 'é').hex(), 'e9');
    });
    it('hex and base64 are no character sets', () => {
        for (var name of ['hex', 'base64', 'nope', '']) {
            assert.equal(
                failure(() => iconv.encode(name, '61')),
                '100023 encoding: Unknown charset.',
            );
            assert.equal(
                failure(() => iconv.decode(name, '61')),
                '100023 encoding: Unknown charset.',
            );
            assert.isFalse(iconv.isEncoding(name));
        }
        assert.isTrue(iconv.isEncoding('utf8'));
        assert.isTrue(iconv.isEncoding('windows-1252'));
    });
    it('what cannot be converted', () => {
        assert.equal(
            failure(() => iconv.encode('gbk', '\ud800')),
            '100023 encoding: convert error.',
        );
        assert.equal(
            failure(() => iconv.encode('latin1', '中')),
            '100023 encoding: convert error.',
        );
        assert.equal(
            failure(() => iconv.decode('ascii', [200])),
            '100023 encoding: convert error.',
        );
        assert.equal(iconv.decode('utf-8', [0xff]), '\ufffd');
    });
    it('conversions that make data much longer succeed', () => {
        assert.equal(iconv.decode('windows-1252', [0x80]), '€');
        assert.equal(iconv.decode('utf-16', iconv.encode('utf-16', 'a')), 'a');
    });
});

require.main === module && test.run(console.DEBUG);
