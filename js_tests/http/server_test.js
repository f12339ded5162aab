// HttpServer and HttpHandler, through the client (spec/http.md §11, §12).
var test = require('test');
test.setup();
var http = require('http');
var net = require('net');
var io = require('io');
var mq = require('mq');
var util = require('util');
var coroutine = require('coroutine');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number;
    }
    return 'no error';
}
/** Run a server and `use` it with the start of its URLs. */
function serve(handler, use, setUp) {
    var svr = new http.Server('127.0.0.1', 0, handler);
    if (setUp) setUp(svr);
    svr.start();
    var client = new http.Client();
    try {
        use(
            (path, opts, method = 'GET') =>
                client.request(method, `http://127.0.0.1:${svr.socket.localPort}${path}`, opts),
            svr,
        );
    } finally {
        svr.stop();
    }
}
var textOf = (res) => String(res.readAll() || '');

describe('http.Server', () => {
    it('is made and started', () => {
        var svr = new http.Server('127.0.0.1', 0, () => {});
        assert.ok(svr instanceof net.TcpServer);
        assert.ok(svr.socket.localPort > 0);
        assert.equal(svr.socket.localAddress, '127.0.0.1');
        assert.equal(svr.serverName, 'fibjs/0.31.0');
        assert.deepEqual([svr.maxHeadersCount, svr.maxBodySize], [128, 64]);
        assert.ok(svr.handler instanceof mq.Handler);
        assert.equal(
            failure(() => new http.Server('127.0.0.1', svr.socket.localPort, () => {})),
            98,
        );
        assert.equal(
            failure(() => new http.Server('localhost', 0, () => {})),
            100004,
        );
        assert.equal(
            failure(() => new http.Server('::1', 0, () => {})),
            100004,
        );
        assert.equal(
            failure(() => new http.Server(0)),
            100002,
        );
        assert.equal(
            failure(() => http.Server(0, () => {})),
            100007,
        );
        assert.equal(
            failure(() => (svr.maxHeadersCount = -1)),
            100006,
        );
        assert.equal(svr.start(), undefined);
        assert.equal(
            failure(() => svr.start()),
            100009,
        );
        assert.equal(
            failure(() => svr.run()),
            100009,
        );
        svr.stop();
        assert.equal(svr.stop(), undefined);
        assert.equal(
            failure(() => svr.start()),
            100009,
        );
        svr = new http.Server(0, () => {});
        svr.stop();
        assert.equal(
            failure(() => svr.start()),
            100009,
        );
    });

    it('shows the port of an error', () => {
        var svr = new http.Server('127.0.0.1', 0, () => {});
        try {
            new http.Server('127.0.0.1', svr.socket.localPort, () => {});
        } catch (e) {
            assert.equal(e.message, '[98] Address already in use');
            assert.equal(e.port, svr.socket.localPort);
            assert.deepEqual(Object.keys(e), ['number']);
        }
        svr.stop();
    });

    it('runs until it is stopped', () => {
        var svr = new http.Server('127.0.0.1', 0, () => {});
        var over = false;
        coroutine.start(() => {
            svr.run();
            over = true;
        });
        coroutine.sleep(5);
        assert.ok(!over);
        assert.equal(http.get(`http://127.0.0.1:${svr.socket.localPort}/`).statusCode, 200);
        svr.stop();
        coroutine.sleep(5);
        assert.ok(over);
        svr = new http.Server('127.0.0.1', 0, () => {});
        var got;
        assert.equal(
            svr.run(function () {
                got = [...arguments];
            }),
            undefined,
        );
        svr.stop();
        coroutine.sleep(5);
        assert.deepEqual(got, [undefined]);
        svr = new http.Server('127.0.0.1', 0, () => {});
        assert.equal(svr.asyncRun(), undefined);
        svr.stop();
    });

    it('answers', () => {
        serve(
            (r) => r.response.write('hi'),
            (get) => {
                var res = get('/');
                assert.equal(res.statusCode, 200);
                assert.equal(textOf(res), 'hi');
                assert.deepEqual(res.headers.all(), {
                    Server: 'fibjs/0.31.0',
                    'Cache-Control': 'no-cache, no-store',
                    Expires: '-1',
                });
            },
        );
        serve(
            () => {},
            (get) => assert.deepEqual([get('/').statusCode, get('/').length], [200, 0n]),
        );
    });

    it('keeps the objects of a connection', () => {
        var seen = [];
        serve(
            (r) => {
                seen.push(r, r.response, r.stream, r.socket);
                r.response.write(String(r.count));
                r.count = (r.count || 0) + 1;
                r.stream.state = 'kept';
                r.response.setHeader('X', 'y');
                r.response.statusCode = 201;
            },
            (get) => {
                assert.deepEqual([textOf(get('/')), textOf(get('/')), textOf(get('/'))], ['undefined', '1', '2']);
                for (var i = 0; i < 4; i++) assert.equal(seen[i], seen[i + 4]);
                assert.equal(seen[2].state, 'kept');
            },
        );
    });

    it('begins every request anew', () => {
        var n = 0;
        serve(
            (r) => {
                if (n++ % 2 === 0) {
                    r.response.statusCode = 404;
                    r.response.addHeader('X', 'y');
                    r.response.addCookie({ name: 'a', value: 'b' });
                    r.response.body = new io.MemoryStream();
                    r.response.protocol = 'HTTP/1.1';
                    r.response.end();
                    r.end();
                } else
                    r.response.json([
                        r.isEnded(),
                        r.response.statusCode,
                        r.response.headers.all(),
                        r.response.cookies.length,
                        r.query.all(),
                        r.params,
                        r.response.length === 0n,
                    ]);
            },
            (get) => {
                for (var i = 0; i < 3; i++) {
                    assert.equal(get('/?a=1').statusCode, 404);
                    assert.deepEqual(get(`/?b=${i}`).json(), [
                        false,
                        200,
                        { Server: 'fibjs/0.31.0' },
                        0,
                        { b: String(i) },
                        [],
                        true,
                    ]);
                }
            },
        );
    });

    it('keeps statusMessage, as 0.31 does', () => {
        serve(
            (r) => {
                if (r.value === '/set') r.response.statusMessage = 'Special';
            },
            (get) => {
                assert.equal(get('/').statusMessage, 'OK');
                assert.equal(get('/set').statusMessage, 'Special');
                assert.equal(get('/').statusMessage, 'Special');
            },
        );
    });

    it('answers errors of handlers with 500', () => {
        var last;
        serve(
            [
                (r) => void (last = r),
                {
                    '/throw': (r) => {
                        r.response.addHeader('X', 'y');
                        r.response.write('part');
                        throw new Error('expected by this test');
                    },
                    '/async': async () => {
                        throw new Error('expected by this test');
                    },
                    '/string': () => {
                        throw 'expected by this test';
                    },
                },
            ],
            (get) => {
                var res = get('/throw');
                assert.deepEqual(
                    [res.statusCode, res.firstHeader('X'), textOf(res), res.firstHeader('Expires')],
                    [500, 'y', 'part', null],
                );
                assert.ok(/server_test\.js:\d+:\d+\n[^]*Error: expected/.test(last.lastError));
                assert.equal(get('/async').statusCode, 500);
                assert.equal(get('/string').statusCode, 500);
                assert.equal(get('/unknown').statusCode, 500);
                assert.equal(last.lastError, 'Routing: unknown routing: /unknown');
            },
        );
    });

    it('runs handlers at the same time', () => {
        var running = 0;
        var most = 0;
        serve(
            (r) => {
                most = Math.max(most, ++running);
                coroutine.sleep(20);
                running--;
                r.response.write(r.address);
            },
            (get) => {
                var answers = coroutine.parallel((i) => textOf(get(`/${i}`)), 10);
                assert.deepEqual(answers, ['/0', '/1', '/2', '/3', '/4', '/5', '/6', '/7', '/8', '/9']);
                assert.ok(most >= 5, `${most} at once`);
            },
        );
    });

    it('takes all kinds of handlers', () => {
        serve(
            {
                '/u/:id/:x?': (r, id, x) => r.response.json([id, x === undefined, r.params]),
                '/fn': () => (r) => r.response.write('returned'),
                '/chain': [(r) => r.response.write('a'), (r) => r.response.write('b')],
                '/number': (r) => (r.response.statusCode = 202),
                '/async': async (r) => {
                    await new Promise((ok) => setTimeout(ok, 5));
                    r.response.write('awaited');
                },
                '/sync': util.sync((r, done) => {
                    setTimeout(() => {
                        r.response.write('sync');
                        done();
                    }, 5);
                }),
                '/api': { '/x': (r) => r.response.write(r.value) },
                '^/re/(.*)$': (r, rest) => r.response.write(rest),
            },
            (get) => {
                assert.deepEqual(get('/u/7').json(), ['7', true, ['7']]);
                assert.deepEqual(get('/u/7/8').json(), ['7', false, ['7', '8']]);
                assert.equal(textOf(get('/fn')), 'returned');
                assert.equal(textOf(get('/chain')), 'ab');
                assert.equal(get('/number').statusCode, 202);
                assert.equal(textOf(get('/async')), 'awaited');
                assert.equal(textOf(get('/sync')), 'sync');
                assert.equal(textOf(get('/api/x')), '/x');
                assert.equal(textOf(get('/re/a/b')), 'a/b');
            },
        );
    });

    it('changes its handler', () => {
        serve(
            (r) => r.response.write('one'),
            (get, svr) => {
                assert.equal(textOf(get('/')), 'one');
                svr.handler = { '/': (r) => r.response.write('two') };
                assert.equal(textOf(get('/')), 'two');
                svr.serverName = 'other';
                assert.equal(get('/').firstHeader('Server'), 'other');
                svr.serverName = 'bad\r\nX: y';
                assert.equal(get('/').statusCode, 500);
            },
        );
    });

    it('answers cross-origin requests', () => {
        serve(
            (r) => r.response.write('handled'),
            (get) => {
                assert.equal(get('/').firstHeader('Access-Control-Allow-Origin'), null);
                var res = get('/', { headers: { Origin: 'http://o' } });
                assert.equal(res.firstHeader('Access-Control-Allow-Origin'), 'http://o');
                assert.equal(res.firstHeader('Access-Control-Allow-Credentials'), 'true');
                assert.equal(textOf(res), 'handled');
                res = get('/', { headers: { Origin: 'http://o' } }, 'OPTIONS');
                assert.deepEqual(res.headers.all(), {
                    Server: 'fibjs/0.31.0',
                    'Access-Control-Allow-Credentials': 'true',
                    'Access-Control-Allow-Origin': 'http://o',
                    'Access-Control-Allow-Methods': '*',
                    'Access-Control-Allow-Headers': 'X-A',
                    'Access-Control-Max-Age': '1728000',
                });
                assert.deepEqual([res.statusCode, res.length], [200, 0n]);
                assert.equal(textOf(get('/', {}, 'OPTIONS')), 'handled');
                assert.equal(get('/').firstHeader('Expires'), '-1');
            },
            (svr) => svr.enableCrossOrigin('X-A'),
        );
    });

    it('compresses', () => {
        serve(
            (r) => {
                var [size, type] = r.query.first('q').split(' ');
                if (type) r.response.setHeader('Content-Type', type.replace('_', '; charset='));
                if (r.query.has('coded')) r.response.setHeader('Content-Encoding', 'own');
                r.response.write('x'.repeat(Number(size)));
            },
            (get, svr) => {
                var client = new http.Client();
                client.enableEncoding = false;
                var coding = (q, accept = 'gzip') => {
                    var res = client.get(`http://127.0.0.1:${svr.socket.localPort}/?q=${q}`, {
                        headers: { 'Accept-Encoding': accept },
                    });
                    return [res.firstHeader('Content-Encoding'), Number(res.length)];
                };
                assert.deepEqual(coding('128+text/plain'), [null, 128]);
                assert.equal(coding('129+text/plain')[0], 'gzip');
                assert.equal(coding('1000+text/html_utf-8')[0], 'gzip');
                assert.equal(coding('1000+application/json')[0], 'gzip');
                assert.equal(coding('1000+application/json_utf-8')[0], null);
                assert.equal(coding('1000+image/png')[0], null);
                assert.equal(coding('1000')[0], null);
                assert.equal(coding('1000+text/plain', 'deflate')[0], 'deflate');
                assert.equal(coding('1000+text/plain', 'br')[0], null);
                assert.equal(coding('1000+text/plain&coded')[0], 'own');
                assert.ok(coding('100000+text/plain')[1] < 1000);
                assert.equal(textOf(get('/?q=1000+text/plain')), 'x'.repeat(1000));
                assert.equal(textOf(get('/?q=1000000+text/plain')), 'x'.repeat(1000000));
            },
        );
    });

    it('sends bodies of all kinds', () => {
        var kinds = {
            text: (s) => s.write('tëxt\0'),
            twice: (s) => {
                s.write('a');
                s.write(new Buffer('b'));
            },
            buffer: (s) => s.write(new Buffer([0, 255])),
            large: (s) => s.write(new Buffer(3000000)),
            stream: (s) => {
                s.body = new io.MemoryStream();
                s.body.write('stream');
            },
            json: (s) => s.json({ é: 1 }),
            none: () => {},
        };
        serve(
            (r) => kinds[r.value.slice(1)](r.response),
            (get) => {
                assert.equal(textOf(get('/text')), 'tëxt\0');
                assert.equal(textOf(get('/twice')), 'ab');
                assert.equal(get('/buffer').readAll().hex(), '00ff');
                assert.equal(get('/large').length, 3000000n);
                assert.equal(textOf(get('/stream')), 'stream');
                assert.deepEqual(get('/json').json(), { é: 1 });
                assert.equal(get('/none').length, 0n);
            },
        );
    });

    it('gives bodies to handlers', () => {
        serve(
            (r) => {
                var { op } = r.query;
                if (op === 'json') r.response.json(r.json());
                else if (op === 'form') r.response.json(r.form);
                else if (op === 'data') r.response.write(r.data);
                else if (op === 'twice')
                    r.response.json([String(r.read(2)), String(r.readAll()), r.readAll(), Number(r.length)]);
                else if (op === 'none') r.response.json([r.readAll(), r.data, Number(r.length)]);
            },
            (get) => {
                assert.deepEqual(get('/?op=json', { json: { a: ['é'] } }, 'POST').json(), { a: ['é'] });
                assert.deepEqual(get('/?op=form', { body: { a: [1, 2], b: 'ü &' } }, 'PUT').json(), {
                    a: ['1', '2'],
                    b: 'ü &',
                });
                assert.equal(
                    get('/?op=data', { body: new Buffer([1, 2]) }, 'POST')
                        .readAll()
                        .hex(),
                    '0102',
                );
                assert.deepEqual(get('/?op=twice', { body: 'abcd' }, 'POST').json(), ['ab', 'cd', null, 4]);
                assert.deepEqual(get('/?op=none').json(), [null, null, 0]);
            },
        );
    });

    it('shows the connection', () => {
        serve(
            (r) =>
                r.response.json([
                    r.socket.remoteAddress,
                    r.socket.localAddress,
                    r.socket.localPort,
                    String(r.socket),
                    String(r.stream),
                    r.stream.stream === r.socket,
                ]),
            (get, svr) =>
                assert.deepEqual(get('/').json(), [
                    '127.0.0.1',
                    '127.0.0.1',
                    svr.socket.localPort,
                    'Socket',
                    'BufferedStream',
                    true,
                ]),
        );
    });
});

describe('http.Handler', () => {
    function talk(handler, text) {
        var svr = new net.TcpServer('127.0.0.1', 0, handler);
        svr.start();
        try {
            var client = new http.Client();
            client.poolSize = 0;
            return client.get(`http://127.0.0.1:${svr.socket.localPort}${text}`);
        } finally {
            svr.stop();
        }
    }

    it('serves any stream', () => {
        var h = new http.Handler({ '/a': (r) => r.response.write('over tcp') });
        assert.equal(textOf(talk(h, '/a')), 'over tcp');
        assert.equal(talk(h, '/b').statusCode, 500);
        assert.equal(
            failure(() => h.invoke(new mq.Message())),
            100009,
        );
        assert.equal(
            failure(() => h.invoke(new Buffer('x'))),
            100003,
        );
        assert.deepEqual([h.maxHeadersCount, h.maxBodySize, h.serverName], [128, 64, 'fibjs/0.31.0']);
    });

    it('can be inside a chain of a TcpServer', () => {
        var seen;
        assert.equal(
            textOf(talk([(s) => void (seen = String(s)), new http.Handler((r) => r.response.write('x'))], '/')),
            'x',
        );
        assert.equal(seen, 'Socket');
    });
});

require.main === module && test.run(console.DEBUG);
