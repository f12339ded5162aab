// mq.Routing (spec/mq-and-events.md §1.7).
var test = require('test');
test.setup();
var mq = require('mq');
var http = require('http');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return `${e.number} ${e.message}`;
    }
    return 'no error';
}

/** What a pattern does to a value: [value, parameters], or null. */
function match(pattern, value, method) {
    var m = new mq.Message();
    m.value = value;
    var got = null;
    var handler = (v, ...args) => {
        got = [v.value, args];
        assert.deepEqual(v.params, args);
    };
    var routing = new mq.Routing();
    if (method) routing.append(method, pattern, handler);
    else routing.append(pattern, handler);
    try {
        mq.invoke(routing, m);
    } catch (e) {
        assert.equal(e.message, `Routing: unknown routing: ${value}`);
    }
    return got;
}
function check(cases, method) {
    for (var [pattern, value, expected] of cases)
        assert.deepEqual(match(pattern, value, method), expected, `${pattern} on ${value}`);
}

describe('mq.Routing', () => {
    it('anchors paths and allows a final slash', () => {
        check([
            ['/test', '/test', ['/test', []]],
            ['/test', '/test/', ['/test/', []]],
            ['/test/', '/test', ['/test', []]],
            ['/test', '/test//', null],
            ['/test', '/testx', null],
            ['/test', '/tes', null],
            ['/', '', ['', []]],
            ['/', '/', ['/', []]],
            ['/', '//', null],
            ['/TeSt', '/tEsT', ['/tEsT', []]],
            ['/a.b', '/axb', null],
            ['/a|b', '/b', ['/b', []]],
            ['/a[bc]', '/ac', ['/ac', []]],
            ['/a{}', '/a{}', ['/a{}', []]],
            ['/t\n', '/t\n', ['/t\n', []]],
            ['/t', '/t\n', ['/t\n', []]],
        ]);
    });

    it('captures names, groups and stars', () => {
        check([
            ['/:a.json', '/x.json.json', ['x.json', ['x.json']]],
            ['/f.:e', '/f.tar.gz', null],
            ['/f.:e+', '/f.tar.gz', ['tar.gz', ['tar.gz']]],
            ['/p/:n(\\d+)', '/p/7', ['7', ['7']]],
            ['/p/:n(\\d+)', '/p/x', null],
            ['/p/(\\d+)', '/p/12/', ['12', ['12']]],
            ['/d/*', '/d', null],
            ['/d/*', '/d/a/b/', ['a/b/', ['a/b/']]],
            ['*', 'anything', ['anything', ['anything']]],
            ['*', '', ['', []]],
            ['/:x?', '/', ['/', []]],
            ['/:x?', '', ['', []]],
            ['/:x?', '/y', ['y', ['y']]],
            ['/a/:x?b', '/a/b', ['/a/b', []]],
            ['/:a/:b', '/x/y', ['', ['x', 'y']]],
            ['/:a+', '/x/y/z', ['x/y/z', ['x/y/z']]],
            ['/:a*', '/', ['/', []]],
            ['/:a*', '/x/y', ['x/y', ['x/y']]],
            ['/:a/:b?/:c', '/x/y', ['', ['x', 'y']]],
            ['/a/:b?/:c', '/a/y', ['', [undefined, 'y']]],
            ['/x:name+', '/xabc', ['abc', ['c']]],
            ['/u/%41', '/u/%41', ['/u/%41', []]],
            ['/:a', '/%41', ['%41', ['%41']]],
            ['/\\:a', '/:a', ['/:a', []]],
            ['/a:', '/a:', ['/a:', []]],
        ]);
    });

    it('takes regular expressions as they are', () => {
        check([
            ['', 'anything', ['anything', []]],
            ['^/a', '/abc', ['/abc', []]],
            ['^/(a)(b)', '/ab', ['', ['a', 'b']]],
            ['^/(a)(b)?', '/a', ['a', ['a']]],
            ['^/((a)(b))', '/ab', ['ab', ['a', 'b']]],
            ['^(/a(b?))c$', '/ac', ['', ['/a', undefined]]],
            ['^/(x?)a', '/a', ['', [undefined]]],
            ['^/a(x?)', '/a', ['', []]],
            ['^/a(?=b)', '/ab', ['/ab', []]],
            ['^/[^]b', '/\nb', ['/\nb', []]],
            ['^/.b', '/\nb', null],
            ['^/[]b', '/b', null],
            ['^/a$', '/a\n', ['/a\n', []]],
        ]);
        assert.ok(
            /^100023 Routing: Compilation failed at offset \d+: /.test(
                failure(() => new mq.Routing().append('^(', () => {})),
            ),
        );
        assert.ok(/^100023 Routing: Compilation failed/.test(failure(() => new mq.Routing().all('/a]', () => {}))));
        // dropped in maps
        assert.equal(
            failure(() => mq.invoke({ '^(': () => {} }, new mq.Message())),
            '100023 Routing: unknown routing: ',
        );
        var many = '^' + '(.)'.repeat(21);
        check([
            ['^' + '(.)'.repeat(20), 'a'.repeat(20), ['', 'a'.repeat(20).split('')]],
            [many, 'a'.repeat(21), null],
        ]);
    });

    it('matches bytes', () => {
        check([
            ['/é/:a', '/é/ü', ['ü', ['ü']]],
            ['/é', '/É', null],
            ['^/.$', '/é', null],
            ['^/..$', '/é', ['/é', []]],
            ['/:a', '/日本', ['日本', ['日本']]],
            ['/:a', '/\u{1f600}', ['\u{1f600}', ['\u{1f600}']]],
        ]);
    });

    it('matches hosts', () => {
        check(
            [
                ['*.example.com', 'a.example.com', ['a', ['a']]],
                ['*.example.com', 'example.com', null],
                ['*.example.com', 'a.b.example.com', null],
                ['example.com', 'EXAMPLE.com', ['EXAMPLE.com', []]],
                ['example.com', 'examplexcom', null],
                ['*.*', 'a.b', ['', ['a', 'b']]],
                ['^(.*)$', 'x.y', ['x.y', ['x.y']]],
            ],
            'host',
        );
    });

    it('tests rules in their order', () => {
        var got = [];
        var routing = new mq.Routing({ '/a': () => void got.push(1), '/:x': () => void got.push(2) });
        assert.equal(
            routing.append('/a', () => void got.push(3)),
            routing,
        );
        var go = (value) => {
            var m = new mq.Message();
            m.value = value;
            mq.invoke(routing, m);
        };
        go('/a');
        go('/b');
        assert.deepEqual(got, [1, 2]);
        var other = new mq.Routing({ '*': () => void got.push(4) });
        routing.append(other);
        go('/c/d');
        assert.deepEqual(got, [1, 2, 4]);
        assert.equal(
            failure(() => mq.invoke(other, new mq.Message())),
            '100023 Routing: unknown routing: ',
        );
    });

    it('nests', () => {
        var got;
        var note = (m, ...args) => void (got = [m.value, args]);
        var inner = { '/list': note, '/': note, x: note, '/x/:y': note };
        var go = (map, value) => {
            got = null;
            var m = new mq.Message();
            m.value = value;
            try {
                mq.invoke(map, m);
            } catch (e) {}
            return got;
        };
        assert.deepEqual(go({ '/api': inner }, '/api/list'), ['/list', []]);
        assert.deepEqual(go({ '/api/': inner }, '/api/list'), ['/list', []]);
        assert.deepEqual(go({ '/api': inner }, '/api/'), ['/', []]);
        assert.deepEqual(go({ '/api': inner }, '/api'), ['', []]);
        assert.deepEqual(go({ '/api': inner }, '/apix'), ['x', []]);
        assert.deepEqual(go({ '/': inner }, '/list'), ['/list', []]);
        assert.deepEqual(go({ '/u/:id/p': inner }, '/u/5/p/x/1'), ['1', ['1']]);
        assert.deepEqual(go({ '^/api(/.*)$': inner }, '/api/x/1'), ['1', ['/x/1', '1']]);
        assert.deepEqual(go({ '/a': new mq.Handler({ '/b': note }) }, '/a/b'), ['/b', []]);
        assert.deepEqual(go({ '/u/:id': { '5/x': note } }, '/u/5/x'), ['5/x', []]);
        assert.deepEqual(go({ '/z/*': { '': note } }, '/z/5/x'), ['', []]);
    });

    it('knows methods and hosts of requests', () => {
        var got;
        var routing = new mq.Routing();
        var as = (name) => () => void (got = name);
        routing.host('*.example.com', (r, sub) => void (got = `host ${sub}`));
        routing
            .get('/a', as('get'))
            .post('/a', as('post'))
            .put({ '/a': as('put') });
        routing.del('/a', as('del')).patch('/a', as('patch')).find('/a', as('find'));
        routing.append('BREW', '/a', as('brew')).all('/a', as('all'));
        var go = (method, host, value = '/a') => {
            got = null;
            var r = new http.Request();
            r.method = method;
            r.value = value;
            if (host) r.addHeader('Host', host);
            try {
                mq.invoke(routing, r);
            } catch (e) {
                got = e.message;
            }
            return got;
        };
        assert.deepEqual(
            ['GET', 'post', 'PUT', 'DELETE', 'PATCH', 'FIND', 'brew', 'HEAD'].map((m) => go(m)),
            ['get', 'post', 'put', 'del', 'patch', 'find', 'brew', 'all'],
        );
        assert.equal(go('GET', 'a.example.com:80'), 'host a');
        assert.equal(go('GET', 'example.com:80'), 'get');
        assert.equal(go('GET', 'example.com', '/b'), 'Routing: unknown routing: /b');
        var got2 = [];
        mq.invoke(
            new mq.Routing('POST', { '*': () => void got2.push('post') }).all('*', () => void got2.push('all')),
            new http.Request(),
        );
        assert.deepEqual(got2, ['all']);
    });

    it('takes messages only', () => {
        assert.equal(
            failure(() => mq.invoke({}, new Buffer('x'))),
            '100003 [-100003] The input parameter is not a valid type.',
        );
    });

    it('runs the example of the chapter', () => {
        var log = [];
        var app = new mq.Chain([
            (m) => {
                log.push('in ' + m.value);
            },
            {
                '/u/:id(\\d+)': (m, id) => {
                    log.push('user ' + id);
                },
                '/api': {
                    '/ping': (m) => [
                        () => {
                            log.push('a');
                        },
                        (m) => {
                            log.push('b');
                            m.end();
                        },
                    ],
                },
                '*': (m) => {
                    log.push('other');
                },
            },
            (m) => {
                log.push('out');
            },
        ]);
        var go = (path) => {
            var m = new mq.Message();
            m.value = path;
            mq.invoke(app, m);
            return [m.value, m.params];
        };
        assert.deepEqual(go('/u/7'), ['7', ['7']]);
        assert.deepEqual(go('/api/ping'), ['/ping', []]);
        assert.deepEqual(go('/x'), ['/x', ['/x']]);
        assert.deepEqual(log, ['in /u/7', 'user 7', 'out', 'in /api/ping', 'a', 'b', 'in /x', 'other', 'out']);
    });
});

require.main === module && test.run(console.DEBUG);
