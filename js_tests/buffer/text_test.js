// Text and bytes: UTF-8 and codecs (spec/buffer-and-encoding.md §1.3, §2; toString of §4.5).
var test = require('test');
test.setup();

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return `${e.number} ${e.message}`;
    }
    return 'no error';
}
var units = (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16)).join(' ');
var decoded = (hex) => units(new Buffer(hex, 'hex').toString());
// Short and long texts take different ways.
var filler = 'x'.repeat(200);

describe('UTF-8', () => {
    it('round trips, short and long', () => {
        for (var text of ['', 'a', 'é', '中文', '😀', 'a\0b', '\ufeffx', '%41+ \\', 'x\u0301'])
            for (var value of [text, text + filler, filler + text]) {
                assert.equal(new Buffer(value).toString(), value);
                assert.equal(Buffer.from(value).length, Buffer.byteLength(value));
            }
        var long = '中文😀a'.repeat(200000);
        assert.equal(new Buffer(long).length, 11 * 200000);
        assert.strictEqual(new Buffer(long).toString(), long);
    });
    it('keeps lone surrogates', () => {
        for (var value of ['\ud800', 'a\udc00b', '\udc00\ud800', filler + '\ud83d'])
            assert.equal(new Buffer(value).toString(), value);
        assert.equal(new Buffer('\ud800').hex(), 'eda080');
        assert.equal(decoded('eda0bdedb880'), 'd83d de00');
    });
    it('a broken sequence is one U+FFFD', () => {
        assert.equal(decoded('e2b8ccb8'), 'fffd 338');
        assert.equal(decoded('e241'), 'fffd 41');
        assert.equal(decoded('80'), 'fffd');
        assert.equal(decoded('fe'), 'fffd');
        assert.equal(decoded('ffff'), 'fffd fffd');
        assert.equal(decoded('f09f98'), 'fffd');
        assert.equal(decoded('41c3'), '41 fffd');
        assert.equal(
            units(
                Buffer.concat([filler, [0xe2, 0x41]])
                    .toString()
                    .slice(200),
            ),
            'fffd 41',
        );
    });
    it('overlong forms and large values pass', () => {
        assert.equal(decoded('c181'), '41');
        assert.equal(decoded('e08080'), '0');
        assert.equal(decoded('f4908080'), 'dc00 dc00');
        assert.equal(decoded('f8888080' + '80'), 'dfc0 dc00');
        assert.equal(decoded('fc8480808080'), 'ffc0 dc00');
    });
});

describe('codecs', () => {
    it('hex and base64', () => {
        assert.equal(new Buffer([1, 171]).toString('hex'), '01ab');
        assert.equal(new Buffer([255, 254, 253]).toString('base64'), '//79');
        assert.equal(new Buffer('__4', 'base64').hex(), 'fffe');
    });
    it('ucs2', () => {
        for (var name of ['ucs2', 'ucs-2', 'utf16le', 'utf-16le']) {
            assert.equal(new Buffer('a😀\ud800', name).hex(), '61003dd800de00d8');
            assert.equal(units(new Buffer('61003dd800de00d8ff', 'hex').toString(name)), '61 d83d de00 d800');
        }
    });
    it('ucs4', () => {
        for (var name of ['ucs4', 'ucs-4', 'utf32le', 'utf-32le']) {
            assert.equal(new Buffer('a😀', name).hex(), '6100000000f60100');
            assert.equal(new Buffer('\ud800', name).hex(), '00d80000');
            assert.equal(new Buffer('6100000000f60100ffff', 'hex').toString(name), 'a😀');
        }
        assert.equal(units(new Buffer('00001100', 'hex').toString('ucs4')), 'dc00 dc00');
    });
    it('latin1 and binary', () => {
        for (var name of ['latin1', 'binary'])
            for (var more of ['', filler, filler.repeat(4)]) {
                assert.equal(new Buffer('é\xff' + more, name).slice(0, 2).hex(), 'e9ff');
                assert.strictEqual(new Buffer(Buffer.concat([[233, 255, 0], more])).toString(name), 'é\xff\0' + more);
                assert.equal(
                    failure(() => new Buffer('中' + more, name)),
                    '100023 encoding: convert error.',
                );
            }
    });
    it('ascii', () => {
        assert.equal(new Buffer('abc', 'ascii').toString(), 'abc');
        assert.equal(
            failure(() => new Buffer('é', 'ascii')),
            '100023 encoding: convert error.',
        );
        assert.equal(new Buffer([200, 65]).toString('ascii'), 'HA');
    });
    it('character sets', () => {
        assert.equal(new Buffer('中文', 'gbk').hex(), 'd6d0cec4');
        assert.equal(new Buffer('d6d0cec4', 'hex').toString('gb2312'), '中文');
        assert.equal(new Buffer('d6d0cec4', 'hex').toString('GBK'), '中文');
        assert.equal(new Buffer([0x80]).toString('windows-1252'), '€');
        assert.equal(new Buffer('あ', 'shift_jis').hex(), '82a0');
        assert.equal(new Buffer('가', 'euc-kr').hex(), 'b0a1');
        assert.equal(
            failure(() => new Buffer([0x81]).toString('gbk')),
            '100023 encoding: convert error.',
        );
    });
    it('unknown names', () => {
        for (var name of ['HEX', 'base32', 'jis', 'nope', 'undefined'])
            assert.equal(
                failure(() => new Buffer('a', name)),
                '100023 encoding: Unknown charset.',
            );
        assert.equal(new Buffer('é').toString('undefined'), 'é');
    });
});

describe('toString', () => {
    it('takes a range', () => {
        var b = new Buffer('abcdef');
        assert.equal(b.toString('utf8', 2), 'cdef');
        assert.equal(b.toString('utf8', 2, 4), 'cd');
        assert.equal(b.toString('utf8', -1), 'abcdef');
        assert.equal(b.toString('utf8', 0, 100), 'abcdef');
        assert.equal(b.toString('utf8', 6), '');
        assert.equal(b.toString('utf8', 3, 2), '');
        assert.equal(b.toString('utf8', 0, -1), '');
        assert.equal(b.toString('utf8', 8, 10), '');
        assert.equal(b.toString('hex', 1, 2), '62');
        assert.equal(b.toString(undefined), 'abcdef');
    });
    it('refuses what is no codec', () => {
        assert.equal(
            failure(() => new Buffer('a').toString(0)),
            '100023 encoding: Unknown charset.',
        );
        assert.equal(
            failure(() => new Buffer('a').toString(null)),
            '100023 encoding: Unknown charset.',
        );
    });
});

require.main === module && test.run(console.DEBUG);
