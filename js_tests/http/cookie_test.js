// HttpCookie (spec/http.md §9).
var test = require('test');
test.setup();
var http = require('http');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}

describe('http.Cookie', () => {
    it('is made', () => {
        var c = new http.Cookie();
        assert.deepEqual([c.name, c.value, c.domain, c.path, c.httpOnly, c.secure], ['', '', '', '/', false, false]);
        assert.ok(isNaN(c.expires.getTime()));
        c = new http.Cookie('a', 'b', {
            domain: 'x.y',
            path: '/p',
            secure: true,
            httpOnly: true,
            name: 'no',
            expires: 'no',
        });
        assert.equal(c.toString(), 'a=b; domain=x.y; path=/p; secure; HttpOnly');
        c = new http.Cookie({
            name: 'n',
            value: 'v',
            path: '',
            unknown: 1,
            secure: 1,
            expires: new Date(Date.UTC(2020, 0, 2, 3, 4, 5)),
        });
        assert.equal(`${c}`, 'n=v; expires=Thu, 02 Jan 2020 03:04:05 GMT');
        assert.deepEqual(Object.keys(c.toJSON()).sort(), [
            'domain',
            'expires',
            'httpOnly',
            'name',
            'path',
            'secure',
            'value',
        ]);
        assert.equal(failure(() => (c.expires = 'x')).slice(0, 6), '100005');
        assert.equal(failure(() => http.Cookie()).slice(0, 6), '100007');
    });

    it('encodes', () => {
        assert.equal(`${new http.Cookie('a b=c', 'd e=f;g"é%', { path: '' })}`, 'a%20b%3Dc=d%20e=f%3Bg%22%C3%A9%');
        assert.equal(`${new http.Cookie('a', '', { path: '' })}`, 'a=');
    });

    it('parses', () => {
        var parse = (text) => {
            var c = new http.Cookie();
            c.parse(text);
            return c;
        };
        var c = parse(
            'a%20b=c+d%3B; Expires=Wed, 12 Dec 2012 12:12:12 GMT; Domain=x.y; PATH=/z; SECURE; httponly; Max-Age=3',
        );
        assert.deepEqual(
            [c.name, c.value, c.domain, c.path, c.secure, c.httpOnly],
            ['a b', 'c+d;', 'x.y', '/z', true, true],
        );
        assert.equal(c.expires.getTime(), Date.UTC(2012, 11, 12, 12, 12, 12));
        assert.equal(
            parse('a=b; expires=Wednesday, 12-Dec-12 12:12:12 GMT').expires.getTime(),
            Date.UTC(2012, 11, 12, 12, 12, 12),
        );
        assert.equal(
            parse('a=b; expires=Wed Dec 12 12:12:12 2012 GMT').expires.getTime(),
            Date.UTC(2012, 11, 12, 12, 12, 12),
        );
        assert.ok(isNaN(parse('a=b; expires=Wed, 12-Dec-2012 12:12:12 GMT').expires.getTime()));
        c = parse('a=b c; path=/x');
        assert.deepEqual([c.value, c.path], ['b', '/']);
        c = new http.Cookie('n', 'old');
        c.parse('n=');
        assert.equal(c.value, 'old');
        for (var text of ['', 'abc', '=', ';', '=x'])
            assert.equal(
                failure(() => parse(text)),
                '100023 HttpCookie: bad cookie format.',
                text,
            );
    });

    it('matches', () => {
        var m = (opts, url) => new http.Cookie('a', 'b', opts).match(url);
        assert.ok(m({}, 'http://any/x'));
        assert.ok(m({ domain: 'x.com' }, 'http://x.com/'));
        assert.ok(m({ domain: '.x.com' }, 'http://a.x.com:80/p?q'));
        assert.ok(!m({ domain: 'x.com' }, 'http://yx.com/'));
        assert.ok(!m({ domain: 'x.com' }, 'http://com/'));
        assert.ok(!m({ domain: 'com' }, 'http://x.com/'));
        assert.ok(m({ domain: 'localhost' }, 'http://localhost/'));
        assert.ok(!m({ domain: 'X.com' }, 'http://x.com/'));
        assert.ok(m({ domain: '.' }, 'http://x.com/'));
        assert.ok(m({ path: '/a' }, 'http://x/a'));
        assert.ok(m({ path: '/a/' }, 'http://x/a/b'));
        assert.ok(!m({ path: '/a' }, 'http://x/ab'));
        assert.ok(m({ path: '' }, 'http://x/ab'));
        assert.ok(m({ secure: true, expires: new Date(0) }, 'http://x/'));
    });
});

require.main === module && test.run(console.DEBUG);
