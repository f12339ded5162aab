// json (spec/buffer-and-encoding.md §5.7).
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

var json = require('json');

describe('json.encode', () => {
    it('is JSON.stringify with BigInts', () => {
        assert.equal(json.encode({ a: [1, null, 'x'], u: undefined }), '{"a":[1,null,"x"]}');
        assert.equal(
            json.encode({ a: 1n, b: [-(2n ** 70n)] }),
            '{"a":{"type":"BigInt","data":"1"},"b":[{"type":"BigInt","data":"-1180591620717411303424"}]}',
        );
        assert.equal(json.encode(new Buffer('a')), '{"type":"Buffer","data":[97]}');
        assert.throws(() => JSON.stringify(1n), TypeError);
    });
    it('what JSON leaves out is the text undefined', () => {
        for (var value of [undefined, () => 1, Symbol('a')]) assert.equal(json.encode(value), 'undefined');
    });
    it('cycles throw', () => {
        var a = {};
        a.a = a;
        assert.throws(() => json.encode(a), TypeError);
        a.n = 1n;
        assert.throws(() => json.encode(a), TypeError);
    });
});

describe('json.decode', () => {
    it('plain values', () => {
        for (var text of ['1', '"a"', 'null', 'true', '[1,[2,{}]]', '{"a":{"b":[1.5e3,-2]}}', ' {"a":1} '])
            assert.deepEqual(json.decode(text), JSON.parse(text));
    });
    it('revives Buffers and BigInts at every depth', () => {
        assert.strictEqual(json.decode('{"type":"BigInt","data":"12"}'), 12n);
        assert.strictEqual(json.decode('{"a":[{"type":"BigInt","data":true}]}').a[0], 1n);
        assert.equal(json.decode('[{"type":"Buffer","data":[104,105,300]}]')[0].hex(), '68692c');
        assert.equal(json.decode('{"x":{"type":"Buffer","data":"aGk","more":1}}').x.toString(), 'hi');
        assert.equal(json.decode('{"\\u0074ype":"Buffer","data":"aGk="}').toString(), 'hi');
        assert.isTrue(Buffer.isBuffer(json.decode('{"type":["Buffer"],"data":[]}')));
        var value = { a: 5n, b: new Buffer('xyz') };
        assert.deepEqual(json.decode(json.encode(value)), value);
    });
    it('what cannot be converted stays', () => {
        for (var text of [
            '{"type":"BigInt","data":1}',
            '{"type":"BigInt","data":"x"}',
            '{"type":"Buffer","data":["a"]}',
            '{"type":"Buffer","data":5}',
            '{"type":"Other","data":[1]}',
        ])
            assert.deepEqual(json.decode(text), JSON.parse(text));
    });
    it('ignores text after the first value', () => {
        assert.equal(json.decode('1 2'), 1);
        assert.deepEqual(json.decode('{"a":1} trailing'), { a: 1 });
        assert.equal(json.decode('01'), 0);
    });
    it('raw control characters in strings', () => {
        assert.equal(json.decode('"a\tb\x01"'), 'a\tb\x01');
        for (var char of ['\r', '\n', '\0'])
            assert.equal(
                failure(() => json.decode(`"a${char}"`)),
                `100023 Unexpected token ${char}`,
            );
    });
    it('G to Z pass in escapes', () => {
        assert.equal(json.decode('"\\u00G1"'), '\x01');
    });
    it('escapes where the engine refuses', () => {
        assert.equal(json.decode('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u4e2d"x'), '"\\/\b\f\n\r\t中');
    });
    it('names the unexpected character', () => {
        var cases = [
            ['', '\0'],
            ['{a', 'a'],
            ['[1,', '\0'],
            ['[1 2]', '2'],
            ['tru', '\0'],
            ['trux', 'x'],
            ['{"a" 1}', '1'],
            ['{"a":}', '}'],
            ['"abc', '\0'],
            ['"\\x"', 'x'],
            ['-', '\0'],
            ['[,]', ','],
            ["'a'", "'"],
        ];
        for (var [text, char] of cases)
            assert.equal(
                failure(() => json.decode(text)),
                `100023 Unexpected token ${char}`,
                text,
            );
    });
    it('__proto__ is an ordinary property', () => {
        for (var text of ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1}} x']) {
            var value = json.decode(text);
            assert.isTrue(Object.hasOwn(value, '__proto__'));
            assert.isUndefined(value.x);
        }
    });
});

require.main === module && test.run(console.DEBUG);
