// HttpCollection (spec/http.md §3).
var test = require('test');
test.setup();
var http = require('http');

var make = () => new http.Request().headers;
function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number;
    }
    return 'no error';
}

describe('HttpCollection', () => {
    it('keeps order, spelling and repetitions', () => {
        var c = make();
        c.add('B', '1');
        c.add('a', ['2', '3']);
        c.add({ b: 4, C: [5, 6] });
        assert.deepEqual(c.keys(), ['B', 'a', 'a', 'b', 'C', 'C']);
        assert.deepEqual(c.values(), ['1', '2', '3', '4', '5', '6']);
        assert.deepEqual(c.all(), { B: '1', a: ['2', '3'], b: '4', C: ['5', '6'] });
        assert.deepEqual(c.all('b'), ['1', '4']);
        assert.equal(c.first('A'), '2');
        assert.ok(c.has('c'));
        assert.equal(JSON.stringify(c), '{"B":"1","a":["2","3"],"b":"4","C":["5","6"]}');
        assert.equal(`${c}`, 'HttpCollection');
    });

    it('answers for what is missing', () => {
        var c = make();
        assert.equal(c.first('x'), null);
        assert.deepEqual(c.all('x'), []);
        assert.deepEqual(c.all(), {});
        assert.equal(c.x, undefined);
        assert.equal(c.has('x'), false);
        assert.equal(c.remove('x'), undefined);
    });

    it('replaces and removes', () => {
        var c = make();
        c.add({ a: 1, b: 2, c: 3 });
        c.set('A', 'x');
        assert.deepEqual(c.keys(), ['b', 'c', 'A']);
        c.set('b', ['y', 'z']);
        assert.deepEqual(c.values(), ['3', 'x', 'y', 'z']);
        c.set({ c: 7, a: [8, 9] });
        assert.deepEqual(c.all(), { b: ['y', 'z'], c: '7', a: ['8', '9'] });
        c.set('b', []);
        c.delete('C');
        assert.deepEqual(c.keys(), ['a', 'a']);
        c.clear();
        assert.deepEqual(c.keys(), []);
        c.add({ b: 1, A: 2, a: 3 });
        c.sort();
        assert.deepEqual(c.keys(), ['A', 'a', 'b']);
    });

    it('stores text', () => {
        var c = make();
        var date = new Date(Date.UTC(2012, 11, 12, 12, 12, 12));
        for (var value of [
            214.123,
            1e21,
            123456789012345,
            true,
            null,
            undefined,
            date,
            10n,
            new Buffer('b'),
            {},
            [],
            () => {},
            0.1 + 0.2,
        ])
            c.add('x', [value]);
        assert.deepEqual(c.all('x'), [
            '214.123',
            '1e+21',
            '123456789012345',
            'true',
            'null',
            'undefined',
            'Wed, 12 Dec 2012 12:12:12 GMT',
            '10',
            'b',
            '[Object]',
            '[Object]',
            '[Object]',
            '0.3',
        ]);
        c.set('y', new http.Cookie('a', 'b'));
        assert.equal(c.y, 'a=b; path=/');
    });

    it('is indexed by name', () => {
        var c = make();
        c.add('X-Tag', ['a', 'b']);
        c.one = 7;
        assert.deepEqual(c['x-tag'], ['a', 'b']);
        assert.equal(c.ONE, '7');
        c['X-TAG'] = 'z';
        assert.equal(c['x-tag'], 'z');
        c.list = [1, 2];
        assert.equal(c.list, '[Object]');
        assert.ok('ONE' in c && !('two' in c) && 'keys' in c);
        delete c.One;
        assert.equal(c.one, undefined);
        c.add('keys', 'hidden');
        assert.equal(typeof c.keys, 'function');
        assert.equal(c.first('keys'), 'hidden');
        c.add('toString', 'x');
        assert.deepEqual(Object.keys(c), ['X-TAG', 'list']);
        assert.equal(JSON.stringify(c), '{"X-TAG":"z","list":"[Object]"}');
        var names = [];
        for (var name in c) names.push(name);
        assert.deepEqual(names, ['X-TAG', 'list']);
        assert.throws(() => [...c]);
    });

    it('checks its arguments', () => {
        var c = make();
        assert.equal(
            failure(() => c.first()),
            100002,
        );
        assert.equal(
            failure(() => c.has('a', 'b')),
            100001,
        );
        assert.equal(
            failure(() => c.add('a')),
            100002,
        );
        assert.equal(
            failure(() => c.has.call({}, 'a')),
            100008,
        );
        assert.equal(
            failure(() => new c.constructor()),
            'not a constructor',
        );
    });
});

require.main === module && test.run(console.DEBUG);
