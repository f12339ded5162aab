// encoding (spec/buffer-and-encoding.md §3, §5.1).
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

var encoding = require('encoding');

describe('encoding', () => {
    it('its sub-modules are the modules', () => {
        for (var name of ['base32', 'base64', 'base64vlq', 'hex', 'iconv', 'json', 'msgpack', 'bson'])
            assert.equal(encoding[name], require(name), name);
    });
    it('jsstr', () => {
        assert.equal(encoding.jsstr('a\\b\r\n\t"\'c'), 'a\\\\b\\r\\n\\t\\"\\\'c');
        assert.equal(encoding.jsstr('\'"', true), '\'\\"');
        assert.equal(encoding.jsstr('\b\x01é'), '\b\x01é');
    });
    it('encodeURI', () => {
        var kept = "AZaz09!#$&'()*+,-./:;=?@_~";
        assert.equal(encoding.encodeURI(kept), kept);
        assert.equal(encoding.encodeURI('a b"é%[]'), 'a%20b%22%C3%A9%25%5B%5D');
    });
    it('encodeURIComponent', () => {
        var kept = "AZaz09!'()*-._~";
        assert.equal(encoding.encodeURIComponent(kept), kept);
        assert.equal(encoding.encodeURIComponent('a/b?c=é😀'), 'a%2Fb%3Fc%3D%C3%A9%F0%9F%98%80');
    });
    it('lone surrogates are three bytes', () => {
        assert.equal(encoding.encodeURIComponent('a\ud800😀'), 'a%ED%A0%80%F0%9F%98%80');
        assert.equal(encoding.encodeURI('\udc00'), '%ED%B0%80');
        assert.equal(encoding.decodeURI('%ED%A0%80'), '\ud800');
    });
    it('decodeURI decodes everything', () => {
        assert.equal(encoding.decodeURI('a%20b%2fc%3Fd+e'), 'a b/c?d+e');
        assert.equal(encoding.decodeURI('%u4e2d\\u6587%U0041'), '中文A');
        assert.equal(encoding.decodeURI('\\ud83d\\ude00'), '😀');
        assert.equal(encoding.decodeURI('中%C3%A9'), '中é');
    });
    it('decodeURI leaves what is malformed', () => {
        for (var text of ['%', '%4', '%zz', '%u12', '%u12g4', '\\x41', '%%', 'a%'])
            assert.equal(encoding.decodeURI(text), text);
        assert.equal(encoding.decodeURI('%zz%41'), '%zzA');
        assert.equal(encoding.decodeURI('%ff'), '\ufffd');
    });
    it('upper-case G to Z are digits of value 0', () => {
        assert.equal(encoding.decodeURI('%ZZ%G1'), '\0\x01');
    });
    it('members of later versions', () => {
        assert.isTrue(encoding.isEncoding('gbk'));
        assert.isTrue(encoding.isEncoding('base58'));
        assert.isFalse(encoding.isEncoding('nope'));
        assert.equal(encoding.encode('abc', 'hex'), '616263');
        assert.equal(encoding.encode('hello', 'base58'), 'Cn8eVZg');
        assert.equal(encoding.decode('616263', 'hex').toString(), 'abc');
        assert.equal(encoding.base58, require('base58'));
    });
});

require.main === module && test.run(console.DEBUG);
