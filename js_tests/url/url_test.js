// url (spec/buffer-and-encoding.md §8).
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

var url = require('url');

/** The properties that a table names. */
function check(text, expected, ...args) {
    var u = url.parse(text, ...args);
    for (var key in expected) assert.equal(u[key], expected[key], `${text}: ${key}`);
}

describe('parsing', () => {
    it('all parts', () => {
        check('HTTP://us%20er:p%40s@ExAmple.COM:80/p/a/t/h?query=string#hash', {
            href: 'http://us%20er:p%40s@example.com:80/p/a/t/h?query=string#hash',
            protocol: 'http:',
            slashes: true,
            auth: 'us%20er:p%40s',
            username: 'us er',
            password: 'p@s',
            host: 'example.com:80',
            hostname: 'example.com',
            port: '80',
            path: '/p/a/t/h?query=string',
            pathname: '/p/a/t/h',
            search: '?query=string',
            query: 'query=string',
            hash: '#hash',
        });
    });
    it('absent parts are empty', () => {
        check('', {
            href: '',
            protocol: '',
            slashes: false,
            auth: '',
            host: '',
            port: '',
            pathname: '',
            search: '',
            query: '',
            hash: '',
        });
        check('x', { href: 'x', pathname: 'x' });
    });
    it('white space and backslashes', () => {
        check(' \t\r\n\f\xa0\ufeffhttp://a/b \n', { href: 'http://a/b' });
        check('http:\\\\a\\b?c\\d#e\\f', { href: 'http://a/b?c/d#e/f' });
        check('\\a', { pathname: '\\a' });
    });
    it('text that starts with a slash is a path', () => {
        check('//some/path', { pathname: '//some/path', host: '' });
        check('//some/path', { host: 'some', pathname: '/path' }, false, true);
        check('/a?b', { pathname: '/a', query: 'b' });
        check('/http://x?y=http://z', { pathname: '/http://x' });
    });
    it('protocols', () => {
        check('localhost:8080/x', { protocol: 'localhost:', pathname: '8080/x' });
        check('a.b+c-1:x', { protocol: 'a.b+c-1:' });
        check('mailto:a@b.c', { protocol: 'mailto:', pathname: 'a@b.c', host: '', slashes: false });
        check("javascript:alert('x y');", { pathname: "alert('x y');", href: "javascript:alert('x y');" });
        check('javascript://a/b', { host: '', pathname: '//a/b' });
    });
    it('user and password', () => {
        check('http://u@h/', { username: 'u', password: '', auth: 'u', href: 'http://u@h/' });
        check('http://a@b@c/', { username: 'a@b', host: 'c', href: 'http://a%40b@c/' });
        check('http://h/a@b', { username: '', host: 'h', pathname: '/a@b' });
        check('//u@h/p#x', { host: 'h', username: 'u' });
    });
    it('hosts', () => {
        check('http://x.com*a', { host: 'x.com', pathname: '/*a' });
        check('http://[FE80::1]:8080/', { host: '[fe80::1]:8080', hostname: 'fe80::1', port: '8080' });
        check('http://münchen.DE/', { host: 'xn--mnchen-3ya.de', hostname: 'xn--mnchen-3ya.de' });
        check('http://h:/x', { host: 'h', port: '', href: 'http://h/x' });
        check('http://a_b.c-d/', { host: 'a_b.c-d' });
        check('mongodb://a:1,b:2/db', { host: 'b:2', hostname: 'b', port: '2', pathname: '/db' });
    });
    it('paths', () => {
        check('http://h', { pathname: '/', href: 'http://h/' });
        check('http://h?q', { pathname: '/', search: '?q' });
        check('svn://h', { pathname: '', href: 'svn://h' });
        check('file:///etc/passwd', { host: '', pathname: '/etc/passwd', href: 'file:///etc/passwd' });
        check('http://h/a?', { search: '', query: '', href: 'http://h/a' });
    });
    it('escapes what is unsafe, keeps what is escaped', () => {
        check('http://h/a "<>\'`é%20%zz', { pathname: '/a%20%22%3C%3E%27%60%C3%A9%20%zz' });
        check('http://h/?a ?#b ?#', { search: '?a%20?', hash: '#b%20?#' });
    });
    it('parses the query if asked', () => {
        var u = url.parse('http://h/?a=1&a=2', true);
        assert.deepEqual(u.query.all('a'), ['1', '2']);
        assert.equal(u.search, '?a=1&a=2');
    });
});

describe('format', () => {
    it('needs hostname for slashes', () => {
        assert.equal(url.format({ protocol: 'http:', host: 'a.com', pathname: '/x' }), 'http:a.com/x');
        assert.equal(url.format({ protocol: 'http', hostname: 'a.com', pathname: 'x' }), 'http://a.com/x');
        assert.equal(url.format({ hostname: 'a.com', pathname: 'x' }), '//a.com/x');
        assert.equal(url.format({ protocol: 'file:', pathname: '/x' }), 'file:///x');
        assert.equal(url.format({ protocol: 'svn', hostname: 'h', slashes: 1 }), 'svn://h');
        assert.equal(url.format({ protocol: 'http', hostname: 'h', slashes: false }), 'http:h');
    });
    it('host wins over hostname and port', () => {
        assert.equal(url.format({ protocol: 'http', host: 'a:1', hostname: 'b', port: '2' }), 'http://a:1');
        assert.equal(url.format({ protocol: 'http', hostname: 'b', port: '2' }), 'http://b:2');
        assert.equal(url.format({ protocol: 'http', hostname: '::1', port: '2' }), 'http://[::1]:2');
    });
    it('reads strings only', () => {
        assert.equal(
            url.format({ protocol: 'http', hostname: 'b', port: 2, hash: 5, auth: 'x', search: '?y', path: '/z' }),
            'http://b',
        );
    });
    it('query and hash', () => {
        assert.equal(url.format({ pathname: '/a', query: { b: [1, 2] }, hash: 'h' }), '/a?b=1&b=2#h');
        assert.equal(url.format({ pathname: '/a', query: 'x=1', hash: '#h' }), '/a?x=1#h');
        assert.equal(url.format({ pathname: '/a', query: 5 }), '/a');
        assert.equal(url.format({ username: 'u s', password: 'p', host: 'h', slashes: true }), '//u%20s:p@h');
    });
    it('wants a plain object', () => {
        for (var value of [url.parse('http://h'), 'http://h', []])
            assert.equal(
                number(() => url.format(value)),
                100005,
            );
    });
});

describe('properties', () => {
    it('protocol sets slashes', () => {
        var u = url.parse('//h/p', false, true);
        u.protocol = 'MAILTO';
        assert.equal(u.href, 'mailto:h/p');
        u.protocol = 'https';
        assert.equal(u.href, 'https://h/p');
    });
    it('host, hostname and port are independent', () => {
        var u = url.parse('http://h:1/');
        u.port = '2';
        u.hostname = 'x';
        assert.equal(u.href, 'http://h:1/');
        u.host = 'y:3';
        assert.equal(u.href, 'http://y:3/');
        assert.equal(u.hostname, 'x');
        var v = new url.URL();
        v.port = '9';
        v.hostname = 'z';
        assert.equal(v.host, 'z:9');
    });
    it('auth, path and search ignore assignments', () => {
        var u = url.parse('http://u@h/p?q');
        u.auth = u.path = u.search = 'x';
        assert.equal(u.href, 'http://u@h/p?q');
        u.username = 'a b';
        u.password = 'c:';
        assert.equal(u.auth, 'a%20b:c%3A');
    });
    it('pathname and hash get their first character', () => {
        var u = url.parse('http://h/');
        u.pathname = 'p';
        u.hash = 'x';
        assert.equal(u.href, 'http://h/p#x');
        u.hash = '';
        assert.equal(u.href, 'http://h/p');
    });
    it('href parses again', () => {
        var u = url.parse('http://h/?a=1', true);
        u.href = 'https://k/?b=2';
        assert.equal(u.host, 'k');
        assert.equal(u.query.first('b'), '2');
    });
    it('query', () => {
        var u = url.parse('http://h/?a=1');
        u.query = 'b=2';
        assert.equal(u.href, 'http://h/?b=2');
        u.query = { c: 3 };
        assert.equal(u.query, 'c=3');
        u.query = ['x'];
        assert.equal(u.query, '0=x');
        for (var value of [5, true, null, undefined])
            assert.equal(
                number(() => {
                    u.query = value;
                }),
                100004,
            );
        var parsed = require('querystring').parse('z=1');
        u.query = parsed;
        assert.equal(u.query, parsed);
        assert.equal(u.search, '?0=x');
        u.query = 'y=2';
        assert.equal(u.query.first('y'), '2');
    });
    it('searchParams', () => {
        var u = url.parse('http://h/?a=1');
        assert.equal(u.query, 'a=1');
        u.searchParams.set('a', '2');
        assert.equal(u.href, 'http://h/?a=1');
        assert.equal(u.query, u.searchParams);
        assert.equal(
            failure(() => {
                u.searchParams = 1;
            }),
            "Property 'searchParams' is read-only.",
        );
    });
    it('toString and toJSON', () => {
        var u = url.parse('http://h:1/p?q#x');
        assert.equal(`${u}`, 'http://h:1/p?q#x');
        assert.equal(JSON.parse(JSON.stringify(u)).hostname, 'h');
        assert.isUndefined(u.origin);
    });
});

describe('resolve and normalize', () => {
    it('resolve', () => {
        var cases = [
            ['http://h/a/b?x#y', 'c', 'http://h/a/c'],
            ['http://h/a/b?x#y', '../../c?q', 'http://h/c?q'],
            ['http://h/a/b', '/c/./d', 'http://h/c/d'],
            ['http://h/a/b', '.', 'http://h/a/'],
            ['http://h/a/b?x#y', '?z', 'http://h/a/b?z'],
            ['http://h/a/b?x#y', '#z', 'http://h/a/b?x#z'],
            ['http://h/a/b?x#y', '', 'http://h/a/b?x#y'],
            ['http://h/a', 'http:#h', 'http://h/a#h'],
            ['http://h/a', 'https:#h', 'https:#h'],
            ['http://h/a', '//k/../m', 'http://k/m'],
            ['http://h/a', 'ftp://k/x/../y', 'ftp://k/y'],
            ['http://u:p@h/a', 'b', 'http://u:p@h/b'],
        ];
        for (var [base, to, expected] of cases) {
            assert.equal(url.parse(base).resolve(to).href, expected, `${base} ${to}`);
            assert.equal(url.resolve(base, to), expected);
        }
    });
    it('normalize', () => {
        var cases = [
            ['/a//b/./c', '/a/b/c'],
            ['/a/../../b', '/b'],
            ['../../a', '../../a'],
            ['a/../../b/', '../b/'],
            ['/a/b/', '/a/b/'],
        ];
        for (var [path, expected] of cases) {
            var u = url.parse(path);
            assert.isUndefined(u.normalize());
            assert.equal(u.pathname, expected);
        }
    });
});

describe('the class', () => {
    it('forms of the constructor', () => {
        assert.equal(new url.URL().href, '');
        assert.equal(new url.URL({ pathname: '/a' }).href, '/a');
        assert.equal(new url.URL('x', 'http://h/').pathname, 'x');
        assert.equal(new url.URL('//h/p', false, true).host, 'h');
        assert.equal(url.URL.name, 'UrlObject');
    });
    it('parse and format fill an object again', () => {
        var u = url.parse('http://a/');
        assert.isUndefined(u.parse('ftp://b/c'));
        assert.equal(u.href, 'ftp://b/c');
        assert.isUndefined(u.format({ protocol: 'http', hostname: 'd' }));
        assert.equal(u.href, 'http://d');
    });
    it('files, of later versions', () => {
        assert.equal(url.fileURLToPath('file:///a%20b'), '/a b');
        assert.equal(url.fileURLToPath(url.parse('file:///x')), '/x');
        assert.throws(() => url.fileURLToPath('http://h/'));
        assert.equal(url.pathToFileURL('/a b#c').href, 'file:///a%20b%23c');
    });
});

require.main === module && test.run(console.DEBUG);
