// punycode (spec/buffer-and-encoding.md §9).
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

var punycode = require('punycode');

var SAMPLES = [
    ['Bach', 'Bach-'],
    ['ü', 'tda'],
    ['üëäö♥', '4can8av2009b'],
    ['bücher', 'bcher-kva'],
    ['他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
    ['3年B組金八先生', '3B-ww4c5e180e575a65lsy2b'],
    ['-> $1.00 <-', '-> $1.00 <--'],
    ['😀', 'e28h'],
];

describe('punycode', () => {
    it('encodes and decodes labels', () => {
        for (var [text, code] of SAMPLES) {
            assert.equal(punycode.encode(text), code);
            assert.equal(punycode.decode(code), text);
        }
        assert.equal(punycode.decode('bcher-KVA'), 'bücher');
        assert.equal(punycode.encode(''), '');
    });
    it('refuses bad input', () => {
        for (var text of ['中', '99999999', 'a-9'])
            assert.equal(
                number(() => punycode.decode(text)),
                100011,
            );
    });
    it('toASCII', () => {
        assert.equal(punycode.toASCII('mañana.com'), 'xn--maana-pta.com');
        assert.equal(punycode.toASCII('Plain.COM'), 'Plain.COM');
        assert.equal(punycode.toASCII('中。文．a｡b'), 'xn--fiq.xn--3cv.a.b'.replace('3cv', punycode.encode('文')));
        assert.equal(punycode.toASCII('джумла@джpумлатест.bрфa'), 'джумла@xn--p-8sbkgc5ag7bhce.xn--ba-lmcq');
    });
    it('toUnicode', () => {
        assert.equal(punycode.toUnicode('xn--maana-pta.com'), 'mañana.com');
        assert.equal(punycode.toUnicode('xn--MAANA-PTA.com'), 'mañana.com');
        assert.equal(punycode.toUnicode('XN--maana-pta.com'), 'XN--maana-pta.com');
        assert.equal(punycode.toUnicode('xn--a@xn--maana-pta'), 'xn--a@mañana');
    });
});

require.main === module && test.run(console.DEBUG);
