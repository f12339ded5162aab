// querystring (spec/buffer-and-encoding.md §7).
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

var qs = require('querystring');

describe('querystring', () => {
    it('escape and unescape', () => {
        assert.equal(qs.escape('a b/é'), 'a%20b%2F%C3%A9');
        assert.equal(qs.unescape('a%20b+%2f%zz'), 'a b+/%zz');
    });
    it('parse gives an HttpCollection', () => {
        var q = qs.parse('a=1&b=2&a=3');
        assert.equal(q.toString(), 'HttpCollection');
        assert.deepEqual(q.all('a'), ['1', '3']);
        assert.equal(q.first('b'), '2');
        assert.isNull(q.first('c'));
        assert.deepEqual(q.toJSON(), { a: ['1', '3'], b: '2' });
    });
    it('parse decodes both sides', () => {
        var q = qs.parse('x+y=%C3%A9+%2B&%61=%u4e2d');
        assert.equal(q.first('x y'), 'é +');
        assert.equal(q.first('a'), '中');
    });
    it('parse: odd pieces', () => {
        var q = qs.parse('a&b=&=c&&d=1=2&');
        assert.deepEqual(q.toJSON(), { a: '', b: '', d: '1=2' });
        assert.deepEqual(qs.parse('').toJSON(), {});
        assert.deepEqual(qs.parse(null).toJSON(), { null: '' });
    });
    it('parse with other separators', () => {
        assert.deepEqual(qs.parse('a:1;b:2', ';', ':').toJSON(), { a: '1', b: '2' });
        assert.deepEqual(qs.parse('a=>1, b=>2', ', ', '=>').toJSON(), { a: '1', b: '2' });
        assert.equal(
            number(() => qs.parse('a', '&', '=', [])),
            100005,
        );
        assert.deepEqual(qs.parse('a=1', '&', '=', { maxKeys: 0 }).toJSON(), { a: '1' });
    });
    it('stringify', () => {
        assert.equal(qs.stringify({ a: 1, 'b c': 'é', d: [1, 'x'], e: [] }), 'a=1&b%20c=%C3%A9&d=1&d=x');
        assert.equal(
            qs.stringify({ a: null, b: undefined, c: {}, d: -0, e: true }),
            'a=null&b=undefined&c=%5Bobject%20Object%5D&d=0&e=true',
        );
        assert.equal(qs.stringify({ a: 1, b: 2 }, ';', ':'), 'a:1;b:2');
    });
    it('stringify wants a plain object', () => {
        class Mine {}
        for (var value of [[1], new Mine(), qs.parse('a=1'), 'a', null])
            assert.equal(
                number(() => qs.stringify(value)),
                100005,
            );
    });
});

require.main === module && test.run(console.DEBUG);
