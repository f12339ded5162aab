'use strict';

var test = require('test');
test.setup();

/** What a call throws, as `[number, message]`; undefined if it returns. */
const thrown = (fn) => {
    try {
        fn();
    } catch (e) {
        return [e.number, e.message];
    }
    return undefined;
};

describe('assert: failure', () => {
    it('is a function, the one of test', () => {
        assert.strictEqual(require('assert'), test.assert);
        assert.strictEqual(
            thrown(() => assert(1)),
            undefined,
        );
        assert.strictEqual(thrown(() => assert(0))[1], 'expected 0 to be truthy');
    });

    it('throws a plain Error without further properties', () => {
        try {
            assert.ok(false);
        } catch (e) {
            assert.strictEqual(Object.getPrototypeOf(e), Error.prototype);
            assert.strictEqual(e.name, 'Error');
            for (const key of ['code', 'actual', 'expected', 'number']) assert.isFalse(key in e);
            return;
        }
        throw new Error('nothing thrown');
    });

    it('lets a message replace the default one', () => {
        assert.strictEqual(thrown(() => assert.ok(0, 'mine'))[1], 'mine');
        assert.strictEqual(thrown(() => assert.ok(0, ''))[1], 'expected 0 to be truthy');
        assert.strictEqual(thrown(() => assert.ok(0, 5))[1], '5');
        assert.strictEqual(thrown(() => assert.ok(0, /x/))[1], '/x/');
        assert.strictEqual(thrown(() => assert.ok(0, new Error('e')))[1], 'Error: e');
    });

    it('formats values with the common formatter', () => {
        assert.strictEqual(thrown(() => assert.equal('a', { b: 1 }))[1], 'expected "a" to equal {\n  "b": 1\n}');
    });

    it('does not stop at surplus arguments but refuses them', () => {
        assert.strictEqual(thrown(() => assert.ok(1, '', 2))[0], 100001);
        assert.strictEqual(thrown(() => assert.throws(() => {}, '', 3))[0], 100001);
    });

    it('requires the values of most members', () => {
        for (const name of ['exist', 'isTrue', 'isString', 'lessThan', 'closeTo', 'typeOf', 'property', 'throws'])
            assert.strictEqual(thrown(() => assert[name]())[0], 100002);
        for (const name of ['ok', 'equal', 'strictEqual', 'deepEqual']) {
            const got = thrown(() => assert[name]());
            assert.ok(got === undefined || got[0] === undefined);
        }
    });
});

describe('assert: every member passes, fails and says why', () => {
    const f = () => {};
    const thrower = () => {
        throw new Error('x');
    };
    const cases = [
        ['ok', [1], [0], 'expected 0 to be truthy'],
        ['notOk', [0], [1], 'expected 1 to be falsy'],
        ['equal', [1, '1'], [1, 2], 'expected 1 to equal 2'],
        ['notEqual', [1, 2], [1, '1'], 'expected 1 to not equal "1"'],
        ['strictEqual', [1, 1], [1, '1'], 'expected 1 to strictly equal "1"'],
        ['notStrictEqual', [1, '1'], [1, 1], 'expected 1 to not strictly equal 1'],
        ['deepEqual', [[1], [1]], [[], 1], 'expected [] to deeply equal 1'],
        ['notDeepEqual', [[1], [2]], [[], []], 'expected [] to not deeply equal []'],
        ['closeTo', [1, 1.5, 0.5], [1, 2, 0.5], 'expected 1 to be close to 2 +/- 0.5'],
        ['notCloseTo', [1, 2, 0.5], [1, 1, 0.5], 'expected 1 not to be close to 1 +/- 0.5'],
        ['lessThan', [1, 2], [2, 2], 'expected 2 to be below 2'],
        ['notLessThan', [2, 2], [1, 2], 'expected 1 to be at least 2'],
        ['greaterThan', [3, 2], [2, 2], 'expected 2 to be above 2'],
        ['notGreaterThan', [2, 2], [3, 2], 'expected 3 to be at most 2'],
        ['exist', [0], [null], 'expected null to be true'],
        ['notExist', [undefined], [0], 'expected 0 not to be true'],
        ['isTrue', [true], [1], 'expected 1 to be true'],
        ['isNotTrue', [1], [true], 'expected true not to be true'],
        ['isFalse', [false], [0], 'expected 0 to be false'],
        ['isNotFalse', [0], [false], 'expected false not to be false'],
        ['isNull', [null], [undefined], 'expected undefined to be null'],
        ['isNotNull', [undefined], [null], 'expected null not to be null'],
        ['isUndefined', [undefined], [null], 'expected null to be undefined'],
        ['isDefined', [null], [undefined], 'expected undefined not to be undefined'],
        ['isFunction', [f], [1], 'expected 1 to be function'],
        ['isNotFunction', [1], [f], 'expected [Function f] not to be function'],
        ['isObject', [f], [1], 'expected 1 to be object'],
        ['isNotObject', [null], [[]], 'expected [] not to be object'],
        ['isArray', [[]], [{}], 'expected {} to be array'],
        ['isNotArray', [{}], [[]], 'expected [] not to be array'],
        ['isString', [new String('x')], [1], 'expected 1 to be string'],
        ['isNotString', [1], ['x'], 'expected "x" not to be string'],
        ['isNumber', [new Number(1)], ['1'], 'expected "1" to be number'],
        ['isNotNumber', ['1'], [1], 'expected 1 not to be number'],
        ['isBoolean', [new Boolean(false)], [0], 'expected 0 to be boolean'],
        ['isNotBoolean', [0], [false], 'expected false not to be boolean'],
        ['typeOf', [[], 'array'], [1, 'string'], 'expected 1 to be string'],
        ['notTypeOf', [1, 'string'], [1, 'number'], 'expected 1 not to be number'],
        ['property', [{ a: 1 }, 'a'], [{}, 'a'], 'expected {} to have a property "a"'],
        ['notProperty', [{}, 'a'], [[], 'length'], 'expected [] to not have a property "length"'],
        ['deepProperty', [{ a: { b: 1 } }, 'a.b'], [{}, 'a.b'], 'expected {} to have a deep property "a.b"'],
        ['notDeepProperty', [{}, 'a.b'], [[], 'length'], 'expected [] to not have a deep property "length"'],
        [
            'propertyVal',
            [{ a: 1 }, 'a', '1'],
            [{}, 'a', 1],
            'expected {} to have a property "a" of 1, but got undefined',
        ],
        ['propertyNotVal', [{}, 'a', 1], [[], 'length', 0], 'expected [] not to have a property "length" of 0'],
        [
            'deepPropertyVal',
            [{ a: { b: 1 } }, 'a.b', 1],
            [{}, 'a.b', 1],
            'expected {} to have a deep property "a.b" of 1, but got undefined',
        ],
        [
            'deepPropertyNotVal',
            [{}, 'a.b', 1],
            [[], 'length', 0],
            'expected [] not to have a deep property "length" of 0',
        ],
        ['throws', [thrower], [f], 'Missing expected exception.'],
        ['doesNotThrow', [f], [thrower], 'Got unwanted exception.'],
    ];
    for (const [name, good, bad, message] of cases)
        it(name, () => {
            assert.strictEqual(
                thrown(() => assert[name](...good)),
                undefined,
            );
            const [number, text] = thrown(() => assert[name](...bad));
            assert.isUndefined(number);
            assert.strictEqual(text, message);
            assert.strictEqual(thrown(() => assert[name](...bad, 'mine'))[1], 'mine');
        });

    it('covers all members', () => {
        const covered = cases.map(([name]) => name);
        const missing = Object.keys(assert).filter((name) => !covered.includes(name) && name !== 'ifError');
        assert.deepEqual(missing, []);
    });
});

describe('assert: details', () => {
    it('ifError throws the value itself, if it is truthy', () => {
        const error = { not: 'an Error' };
        let got;
        try {
            assert.ifError(error);
        } catch (e) {
            got = e;
        }
        assert.strictEqual(got, error);
        assert.isUndefined(assert.ifError(0));
        assert.isUndefined(assert.ifError());
    });

    it('closeTo converts to numbers and refuses NaN', () => {
        assert.closeTo('1', 1, '0');
        assert.strictEqual(thrown(() => assert.closeTo('x', 1, 1))[0], 100004);
    });

    it('orders numbers numerically, also if one side only converts', () => {
        assert.lessThan(9, '10');
        assert.lessThan('9', 10);
        assert.greaterThan('9', '10');
    });

    it('orders texts by their bytes', () => {
        assert.lessThan('\uffff', '\u{10000}');
        assert.lessThan('a', 'ab');
    });

    it('refuses NaN in an order', () => {
        assert.strictEqual(thrown(() => assert.lessThan(NaN, 1))[0], 100004);
    });

    it('typeOf knows eight names', () => {
        const values = { array: [], function() {}, string: '', object: {}, number: 0, boolean: false, null: null };
        for (const type of Object.keys(values)) assert.typeOf(values[type], type);
        assert.typeOf(undefined, 'undefined');
        assert.strictEqual(thrown(() => assert.typeOf(1, 'bigint'))[0], 100004);
    });

    it('looks for properties in objects and strings, by string names', () => {
        assert.property('abc', 'length');
        assert.property(Object.create({ inherited: 1 }), 'inherited');
        assert.strictEqual(thrown(() => assert.property(5, 'x'))[0], 100004);
        assert.strictEqual(thrown(() => assert.property({}, 5))[0], 100004);
        assert.strictEqual(thrown(() => assert.property({}, Symbol.iterator))[0], 100004);
    });

    it('takes a dot as a separator in deep forms only', () => {
        assert.property({ 'a.b': 1 }, 'a.b');
        assert.notDeepProperty({ 'a.b': 1 }, 'a.b');
    });

    it('throws ignores what is thrown and calls with nothing', () => {
        let got;
        assert.throws(function () {
            got = [this, arguments.length];
            throw null;
        });
        assert.deepEqual(got, [undefined, 0]);
        assert.isUndefined(assert.throws(() => { throw new Error('x'); }, 'unused')); // prettier-ignore
    });
});

describe('assert.deepEqual', () => {
    const equal = [
        ['numbers', 1, 1],
        ['arrays', [1, [2]], [1, [2]]],
        ['objects whatever their prototype', Object.create(null), {}],
        ['an empty array and an empty object', [], {}],
        ['an array and an object with the same keys', [1], { 0: 1 }],
        ['a missing key and one that is undefined', { a: undefined }, { b: 5 }],
        ['Maps whatever their content', new Map([[1, 2]]), new Map()],
        ['Errors whatever their message', new Error('a'), new TypeError('b')],
        ['wrapper objects', new Number(1), new Number(2)],
        ['dates', new Date(5), new Date(5)],
        ['regular expressions', /a/g, /a/g],
        ['Buffers by content', Buffer.from('ab'), Buffer.from('ab')],
        ['inherited keys', Object.create({ a: 1 }), { a: 1 }],
        ['typed arrays', new Uint8Array([1]), new Uint8Array([1])],
    ];
    for (const [name, a, b] of equal)
        it(`equal: ${name}`, () => {
            assert.deepEqual(a, b);
        });

    const f = () => {};
    const different = [
        ['a number and its text', 1, '1'],
        ['a number and a BigInt', 1, 1n],
        ['NaN and itself', NaN, NaN],
        ['null and undefined', null, undefined],
        ['functions', f, () => {}],
        ['dates', new Date(5), new Date(6)],
        ['invalid dates', new Date(NaN), new Date(NaN)],
        ['a date and a number', new Date(5), 5],
        ['flags', /a/g, /a/i],
        ['lengths', [1], [1, 2]],
        ['a wrapper object and a primitive', new Number(1), 1],
        ['Buffers', Buffer.from('ab'), Buffer.from('ac')],
        ['values', { a: 1 }, { a: 2 }],
    ];
    for (const [name, a, b] of different)
        it(`different: ${name}`, () => {
            assert.notDeepEqual(a, b);
        });

    it('compares cycles', () => {
        const loop = () => {
            const o = { x: 1 };
            o.self = o;
            return o;
        };
        assert.deepEqual(loop(), loop());
        const other = loop();
        other.self = { x: 1, self: 5 };
        assert.notDeepEqual(loop(), other);
    });
});

require.main === module && test.run(console.DEBUG);
