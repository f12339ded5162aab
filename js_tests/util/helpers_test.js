// Predicates and helpers of util (spec/util-assert-test.md §2 to §4).
'use strict';

var test = require('test');
test.setup();

const util = require('util');

const numberOf = (fn) => {
    try {
        fn();
    } catch (e) {
        return e.number;
    }
    return 'no error';
};

describe('util: predicates', () => {
    const values = {
        array: [],
        boolean: true,
        'Boolean object': new Boolean(false),
        null: null,
        undefined: undefined,
        number: NaN,
        'Number object': new Number(1),
        bigint: 1n,
        string: '',
        'String object': new String('x'),
        symbol: Symbol('x'),
        regexp: /x/,
        date: new Date(),
        error: new TypeError('x'),
        'fake error': Object.create(Error.prototype),
        object: {},
        function: () => {},
        async: async () => {},
        map: new Map(),
        set: new Set(),
        'map iterator': new Map().keys(),
        'set iterator': new Set().values(),
        promise: Promise.resolve(),
        thenable: { then() {} },
        dataview: new DataView(new ArrayBuffer(1)),
        bytes: new Uint8Array(1),
        floats: new Float64Array(1),
        'look-alike': Object.create(Date.prototype),
        'tagged look-alike': { [Symbol.toStringTag]: 'Map' },
        'subclass of Map': new (class M extends Map {})(),
        'subclass of Promise': new (class P extends Promise {})(() => {}),
    };
    const expected = {
        isArray: ['array'],
        isBoolean: ['boolean', 'Boolean object'],
        isNull: ['null'],
        isUndefined: ['undefined'],
        isNullOrUndefined: ['null', 'undefined'],
        isNumber: ['number', 'Number object'],
        isBigInt: ['bigint'],
        isString: ['string', 'String object'],
        isSymbol: ['symbol'],
        isRegExp: ['regexp'],
        isDate: ['date'],
        isNativeError: ['error'],
        isFunction: ['function', 'async'],
        isAsyncFunction: ['async'],
        isMap: ['map', 'subclass of Map'],
        isSet: ['set'],
        isMapIterator: ['map iterator'],
        isSetIterator: ['set iterator'],
        isPromise: ['promise', 'subclass of Promise'],
        isDataView: ['dataview'],
        isTypedArray: ['bytes', 'floats'],
        isUint8Array: ['bytes'],
        isExternal: [],
        isBuffer: [],
        isPrimitive: ['boolean', 'null', 'undefined', 'number', 'bigint', 'string', 'symbol'],
    };
    for (const name of Object.keys(expected))
        it(name, () => {
            const found = Object.keys(values).filter((key) => util[name](values[key]));
            assert.deepEqual(
                found,
                Object.keys(values).filter((key) => expected[name].includes(key)),
            );
        });

    it('isBuffer', () => {
        assert.isTrue(util.isBuffer(Buffer.alloc(1)));
    });

    it('isObject: functions and arrays too', () => {
        for (const v of [{}, [], () => {}, new Date()]) assert.isTrue(util.isObject(v));
        for (const v of [null, 'x', 1]) assert.isFalse(util.isObject(v));
    });

    it('isEmpty', () => {
        for (const v of [
            null,
            undefined,
            0,
            5,
            true,
            1n,
            Symbol('x'),
            '',
            [],
            {},
            () => {},
            new Map([[1, 2]]),
            new Date(),
        ])
            assert.isTrue(util.isEmpty(v));
        for (const v of ['x', [0], { a: undefined }]) assert.isFalse(util.isEmpty(v));
    });

    it('take exactly one argument', () => {
        assert.strictEqual(numberOf(() => util.isString()), 100002); // prettier-ignore
        assert.strictEqual(numberOf(() => ['a'].map(util.isString)), 100001); // prettier-ignore
        assert.isTrue(util.isUndefined(undefined));
    });

    it('types has them all, and those of typed arrays', () => {
        assert.isTrue(util.types.isDate(new Date()));
        assert.isTrue(util.types.isFloat32Array(new Float32Array(1)));
        assert.isFalse(util.types.isInt8Array(new Uint8Array(1)));
    });
});

describe('util: objects', () => {
    it('has: own keys, also where hasOwnProperty is shadowed', () => {
        assert.isTrue(util.has({ a: 1, hasOwnProperty: 1 }, 'a'));
        assert.isFalse(util.has(Object.create({ a: 1 }), 'a'));
        assert.isFalse(util.has(null, 'a'));
        assert.strictEqual(numberOf(() => util.has('x', 'length')), 100004); // prettier-ignore
    });

    it('keys: inherited ones too, integer-like ones as numbers except for arrays', () => {
        assert.deepEqual(util.keys(Object.assign(Object.create({ b: 1 }), { a: 1, 5: 1 })), [5, 'a', 'b']);
        assert.strictEqual(typeof util.keys({ 5: 1 })[0], 'number');
        assert.deepEqual(util.keys(['x']), ['0']);
        assert.strictEqual(typeof util.keys(['x'])[0], 'string');
        assert.deepEqual(util.keys('abc'), []);
    });

    it('values', () => {
        assert.deepEqual(util.values({ a: 1, b: 2 }), [1, 2]);
        assert.deepEqual(util.values(5), []);
    });

    it('clone: shallow copies', () => {
        const inner = {};
        const o = { inner };
        assert.notStrictEqual(util.clone(o), o);
        assert.strictEqual(util.clone(o).inner, inner);
        const d = new Date(5);
        assert.notStrictEqual(util.clone(d), d);
        assert.strictEqual(util.clone(d).getTime(), 5);
        assert.strictEqual(String(util.clone(/a/gi)), '/a/gi');
        assert.deepEqual(util.clone([1, [2]]), [1, [2]]);
        assert.strictEqual(util.clone(new Number(5)).valueOf(), 5);
    });

    it('clone: everything else is returned as it is', () => {
        for (const v of [
            1,
            'x',
            null,
            () => {},
            new Map(),
            new Error('x'),
            new Uint8Array(1),
            Object.create(null),
            new (class {})(),
        ])
            assert.strictEqual(util.clone(v), v);
    });

    it('deepFreeze', () => {
        const o = { a: { b: [{}] }, frozen: Object.freeze({ left: {} }) };
        assert.isUndefined(util.deepFreeze(o));
        assert.isTrue(Object.isFrozen(o.a.b[0]));
        assert.isFalse(Object.isFrozen(o.frozen.left));
    });

    it('extend', () => {
        const target = { a: 1 };
        assert.strictEqual(util.extend(target, { b: undefined }, null, Object.create({ c: 3 })), target);
        assert.deepEqual(Object.keys(target), ['a', 'b', 'c']);
        assert.isNull(util.extend(null, {}));
        assert.strictEqual(numberOf(() => util.extend(5)), 100004); // prettier-ignore
        assert.strictEqual(numberOf(() => util.extend({}, 5)), 100004); // prettier-ignore
        assert.isFunction(util._extend);
    });

    it('pick and omit', () => {
        const o = Object.assign(Object.create({ c: 3 }), { a: 1, b: 2 });
        assert.deepEqual(util.pick(o, 'a', ['c', 'none']), { a: 1, c: 3 });
        assert.deepEqual(util.omit(o, ['a'], 'b'), { c: 3 });
        assert.deepEqual(util.pick(null, 'a'), {});
        assert.strictEqual(numberOf(() => util.pick(5, 'a')), 100004); // prettier-ignore
        assert.strictEqual(numberOf(() => util.omit('x')), 100004); // prettier-ignore
    });

    it('inherits', () => {
        function A() {}
        function B() {}
        A.prototype.own = 1;
        B.prototype.base = 2;
        util.inherits(A, B);
        const a = new A();
        assert.deepEqual([a.own, a.base, A.super_], [1, 2, B]);
        assert.strictEqual(numberOf(() => util.inherits(A, {})), 100005); // prettier-ignore
        assert.strictEqual(numberOf(() => util.inherits(5, B)), 100005); // prettier-ignore
    });
});

describe('util: arrays', () => {
    it('first and last', () => {
        assert.strictEqual(util.first([1, 2, 3]), 1);
        assert.strictEqual(util.last([1, 2, 3]), 3);
        assert.isUndefined(util.first([]));
        assert.isUndefined(util.last(null));
        assert.deepEqual(util.first([1, 2, 3], 2), [1, 2]);
        assert.deepEqual(util.last([1, 2, 3], 2), [2, 3]);
        assert.deepEqual(util.first([1], 0), []);
        assert.deepEqual(util.last(null, 2), []);
        assert.strictEqual(util.first([1], undefined), 1);
        assert.strictEqual(numberOf(() => util.first('x')), 100004); // prettier-ignore
    });

    it('unique', () => {
        assert.deepEqual(util.unique([1, '1', 1, 2]), [1, '1', 2]);
        assert.deepEqual(util.unique([1, 1, 2, 1], true), [1, 2, 1]);
        assert.strictEqual(util.unique([NaN, NaN]).length, 2);
        assert.deepEqual(util.unique(null), []);
        assert.strictEqual(numberOf(() => util.unique('x')), 100004); // prettier-ignore
    });

    it('union, intersection, difference, without', () => {
        assert.deepEqual(util.union([1, 2], [2, 3]), [1, 2, 3]);
        assert.deepEqual(util.union(), []);
        assert.strictEqual(numberOf(() => util.union([1], null)), 100004); // prettier-ignore
        assert.deepEqual(util.intersection([1, 2, 2, 3], ['2', 3]), [2, 3]);
        assert.deepEqual(util.intersection(null), []);
        assert.deepEqual(util.difference([1, 2, 2, 3], [3], [1]), [2, 2]);
        assert.strictEqual(numberOf(() => util.difference(null)), 100005); // prettier-ignore
        assert.strictEqual(numberOf(() => util.difference([1], 5)), 100004); // prettier-ignore
        assert.deepEqual(util.difference([], 5), []);
        assert.deepEqual(util.without([1, 2, 1], 1), [2]);
        assert.deepEqual(util.without({ length: 2, 0: 'a', 1: 'b' }, 'a'), ['b']);
    });

    it('flatten', () => {
        assert.deepEqual(util.flatten([1, [2, [3, [4]]]]), [1, 2, 3, 4]);
        assert.deepEqual(util.flatten([1, [2, [3]]], true), [1, 2, [3]]);
        assert.deepEqual(util.flatten([{ a: 1 }, 2]), [{ a: 1 }, 2]);
        assert.strictEqual(numberOf(() => util.flatten(5)), 100004); // prettier-ignore
    });

    it('each', () => {
        const got = [];
        const list = ['a', , 'c']; // prettier-ignore
        assert.strictEqual(util.each(list, function (v, k, l) { got.push(v, k, l === list, this.x); }, { x: 1 }), list); // prettier-ignore
        assert.deepEqual(got, ['a', 0, true, 1, undefined, 1, true, 1, 'c', 2, true, 1]);
        const keys = [];
        util.each({ a: 1, 5: 2 }, (v, k) => keys.push(k));
        assert.deepEqual(keys, [5, 'a']);
        assert.strictEqual(util.each('abc', () => assert.ok(false)), 'abc'); // prettier-ignore
    });

    it('each reads the length once', () => {
        const list = [1, 2];
        let n = 0;
        util.each(list, () => {
            n++;
            list.push(0);
        });
        assert.strictEqual(n, 2);
    });

    it('map and reduce', () => {
        assert.deepEqual(util.map([1, 2], (v) => v * 2), [2, 4]); // prettier-ignore
        assert.deepEqual(util.map(5, (v) => v), []); // prettier-ignore
        assert.strictEqual(util.reduce([1, 2], (memo, v) => memo + v, 10), 13); // prettier-ignore
        assert.strictEqual(util.reduce('x', () => 0, 'memo'), 'memo'); // prettier-ignore
        assert.strictEqual(numberOf(() => util.reduce([1], (m) => m)), 100002); // prettier-ignore
        assert.strictEqual(numberOf(() => util.map([1], 5)), 100005); // prettier-ignore
    });

    it('exceptions end a walk', () => {
        let n = 0;
        assert.throws(() =>
            util.each([1, 2, 3], () => {
                if (++n === 2) throw new Error('x');
            }),
        );
        assert.strictEqual(n, 2);
    });
});

require.main === module && test.run(console.DEBUG);
