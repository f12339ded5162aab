// util.format and util.inspect (spec/fibers-and-runtime.md §12, util-assert-test.md §1).
'use strict';

var test = require('test');
test.setup();

const util = require('util');
const { format } = util;

describe('util.format', () => {
    const cases = [
        ['no arguments', [], ''],
        ['a format alone is untouched', ['%% %s'], '%% %s'],
        ['%s', ['%s|%s', 'a', 5], 'a|5'],
        ['%s of an object', ['%s', { a: 1 }], '[object Object]'],
        ['%s of a symbol is nothing', ['<%s>', Symbol('x')], '<>'],
        ['%s of what cannot be converted is nothing', ['<%s>', Object.create(null)], '<>'],
        ['%d cuts fractions', ['%d', 42.9], '42'],
        ['%d reads leading digits', ['%d %d %d', '42.7', '  -7x', '1e3'], '42 -7 1'],
        ['%d of other text is 0', ['%d %d %d %d', 'abc', NaN, undefined, '0x10'], '0 0 0 0'],
        ['%d of a BigInt', ['%d', 7n], '7'],
        ['%d of a large number', ['%d', 1e21], '1'],
        ['%d has 32 bits', ['%d', 4294967297], '1'],
        ['%d of a symbol is nothing', ['<%d>', Symbol('x')], '<>'],
        ['%j is the inspect form', ['%j', { a: 'x' }], '{\n  "a": "x"\n}'],
        ['%j quotes strings', ['%j', 'x'], '"x"'],
        ['%% is %', ['%%%s', 1], '%1'],
        ['other letters take no argument', ['%i %f %o', 1], '%i %f %o 1'],
        ['a directive without argument stays', ['%s %s', 1], '1 %s'],
        ['a lone % at the end', ['100%', 1], '100% 1'],
        ['remaining strings raw, others inspected', ['a', 'b', 'c d', null, 'e'], 'a b c d null e'],
        ['no format: all are listed', [1, 'a', true], '1 a true'],
        ['no blank in front of the first', ['', 'a'], 'a'],
        ['a String object is a format', [new String('%s!'), 'x'], 'x!'],
        ['a format with NUL, emoji and a lone surrogate', ['\0😀%s', '\ud800'], '\0😀\ud800'],
    ];
    for (const [name, args, text] of cases)
        it(name, () => {
            assert.strictEqual(format(...args), text);
        });
});

describe('util.format: inspect form', () => {
    const show = (value) => format(value);
    const error = new TypeError('boom');
    const named = function named() {};
    const withProperty = Object.assign(() => {}, { a: 1 });
    const thrower = {
        get x() {
            throw new Error('x');
        },
    };
    class A {
        constructor() {
            this.x = 1;
        }
        method() {}
    }
    const cases = [
        ['undefined', undefined, 'undefined'],
        ['null', null, 'null'],
        ['booleans', true, 'true'],
        ['Boolean objects', new Boolean(false), 'false'],
        ['numbers', 1.5, '1.5'],
        ['negative zero', -0, '0'],
        ['Number objects', new Number(-0), '0'],
        ['NaN', NaN, 'NaN'],
        ['BigInts', 10n, '10n'],
        ['BigInt objects', Object(10n), '10n'],
        ['symbols', Symbol('x'), ''],
        ['Symbol objects', Object(Symbol('x')), '{}'],
        ['dates', new Date(0), String(new Date(0))],
        ['regular expressions with the flags i, g, m', /a\/b/gimsy, '/a\\/b/igm'],
        ['errors', error, error.stack],
        ['Buffers', Buffer.from([1, 171]), '<Buffer 01 ab>'],
        ['empty Buffers', Buffer.alloc(0), '<Buffer>'],
        ['functions', named, '[Function named]'],
        ['functions without name', (() => () => {})(), '[Function]'],
        ['async functions', { f: async () => {} }.f, '[Function f]'],
        ['classes', A, '[Function A]'],
        ['functions with properties', withProperty, '{\n  "a": 1\n}'],
        ['empty arrays', [], '[]'],
        ['empty objects', {}, '{}'],
        ['typed arrays', new Uint8Array([1, 2]), '[\n  1,\n  2\n]'],
        ['holes', [1, , 2], '[\n  1,\n  undefined,\n  2\n]'], // prettier-ignore
        ['further properties of arrays', Object.assign([1], { x: 2 }), '[\n  1\n]'],
        ['Maps', new Map([[1, 2]]), '{}'],
        ['Sets', new Set([1]), '{}'],
        ['Promises', Promise.resolve(1), '{}'],
        ['ArrayBuffers', new ArrayBuffer(2), '{}'],
        ['class instances', new A(), '{\n  "x": 1\n}'],
        ['objects without prototype', Object.assign(Object.create(null), { a: 1 }), '{\n  "a": 1\n}'],
        [
            'inherited keys after own ones',
            Object.assign(Object.create({ b: 2 }), { a: 1 }),
            '{\n  "a": 1,\n  "b": 2\n}',
        ],
        ['index keys unquoted', { 7: 'a', '-1': 'b', '01': 'c' }, '{\n  7: "a",\n  "-1": "b",\n  "01": "c"\n}'],
        ['symbol keys are left out', { [Symbol('x')]: 1 }, '{}'],
        ['getters that throw', thrower, '{\n  "x": undefined\n}'],
        ['toJSON is not asked', { toJSON: () => 5 }, '{\n  "toJSON": [Function toJSON]\n}'],
        ['toArray is', { toArray: () => [1] }, '[\n  1\n]'],
        ['proxies', new Proxy({ a: 1 }, {}), '{\n  "a": 1\n}'],
        ['strings inside, as JSON', ['a"\n\u00e9'], '[\n  "a\\"\\n\u00e9"\n]'],
        ['objects with a tag of their own', { [Symbol.toStringTag]: 'Date', a: 1 }, '{\n  "a": 1\n}'],
    ];
    for (const [name, value, text] of cases)
        it(name, () => {
            assert.strictEqual(show(value), text);
        });

    it('a failing toArray is ignored', () => {
        const o = {
            a: 1,
            get toArray() {
                throw new Error('x');
            },
        };
        assert.strictEqual(show(o), '{\n  "a": 1,\n  "toArray": undefined\n}');
    });

    it('indents by two blanks a level', () => {
        assert.strictEqual(
            show({ id: 7, tags: ['a', { deep: [[]] }], when: null }),
            '{\n  "id": 7,\n  "tags": [\n    "a",\n    {\n      "deep": [\n        []\n      ]\n    }\n  ],\n  "when": null\n}',
        );
    });

    it('shows [Circular] for every object met before', () => {
        const e = {};
        assert.strictEqual(show([e, e]), '[\n  {},\n  [Circular]\n]');
        const o = { a: 1 };
        o.self = o;
        assert.strictEqual(show(o), '{\n  "a": 1,\n  "self": [Circular]\n}');
    });

    it('starts afresh for each argument', () => {
        const e = {};
        assert.strictEqual(format(e, e), '{} {}');
    });

    it('exempts Buffers, errors, dates and functions from that', () => {
        const b = Buffer.from('a');
        const d = new Date(0);
        const f = () => {};
        assert.notOk(show([b, b, d, d, f, f, error, error]).includes('Circular'));
    });

    it('has no depth limit', () => {
        let deep = [];
        for (let i = 0; i < 2000; i++) deep = [deep];
        assert.strictEqual(show(deep).split('\n').length, 4001);
    });

    it('shows native objects with their members', () => {
        const text = show(new (require('coroutine').Lock)());
        assert.ok(text.includes('"acquire": [Function acquire]'));
    });

    it('does not need intrinsics that scripts patch', () => {
        const { push } = Array.prototype;
        Array.prototype.push = () => {
            throw new Error('patched');
        };
        try {
            assert.strictEqual(show([{ a: 1 }]), '[\n  {\n    "a": 1\n  }\n]');
        } finally {
            Array.prototype.push = push;
        }
    });
});

describe('util.inspect', () => {
    const deep = { a: { b: { c: { d: [1] } } } };

    it('takes any value, without limits unless asked', () => {
        assert.strictEqual(util.inspect('x'), '"x"');
        assert.strictEqual(util.inspect(deep), format(deep));
    });

    it('depth', () => {
        assert.strictEqual(util.inspect({ a: { b: 1 }, c: [] , d: [1] }, { depth: 0 }), '{\n  "a": [Object],\n  "c": [],\n  "d": [Array]\n}'); // prettier-ignore
        assert.strictEqual(util.inspect(deep, { depth: null }), format(deep));
    });

    it('maxArrayLength', () => {
        assert.strictEqual(util.inspect([1, 2, 3], { maxArrayLength: 1 }), '[\n  1,\n  ... 2 more items\n]');
        assert.strictEqual(util.inspect([1], { maxArrayLength: 0 }), '[\n  ... 1 more item\n]');
    });

    it('maxStringLength', () => {
        assert.strictEqual(util.inspect('abc', { maxStringLength: 2 }), '"ab"... 1 more character');
    });

    it('colors', () => {
        assert.strictEqual(util.inspect(5, { colors: true }), '\x1b[0;33m5\x1b[0m');
    });

    it('table', () => {
        assert.ok(util.inspect([{ a: 1 }], { table: true }).startsWith('┌'));
    });

    it('refuses options that are no plain object', () => {
        assert.throws(() => util.inspect({}, []));
    });
});

require.main === module && test.run(console.DEBUG);
