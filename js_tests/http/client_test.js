// HttpClient (spec/http.md §15).
var test = require('test');
test.setup();
var http = require('http');
var net = require('net');
var io = require('io');
var coroutine = require('coroutine');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number === 100023 ? e.message : e.number;
    }
    return 'no error';
}
/** A client that keeps no connections: a fiber of `script` would wait for them. */
function once() {
    var c = new http.Client();
    c.poolSize = 0;
    return c;
}
var textOf = (res) => String(res.readAll() || '');

/** A TCP server that answers each request head with the next text, whatever it is. */
function script(answers, use, onRequest = () => {}) {
    var svr = new net.TcpServer('127.0.0.1', 0, (sock) => {
        var bs = new io.BufferedStream(sock);
        bs.EOL = '\r\n';
        for (;;) {
            var lines = [];
            for (var line; (line = bs.readLine());) lines.push(line);
            if (line === null || answers.length === 0) return;
            onRequest(lines);
            var answer = answers.shift();
            if (answer === null) return;
            sock.write(answer);
            if (/\r\nConnection: close|^HTTP\/1\.0/.test(answer)) return;
        }
    });
    svr.start();
    try {
        return use(`http://127.0.0.1:${svr.socket.localPort}`, svr);
    } finally {
        svr.stop();
    }
}

describe('http.Client', () => {
    var svr;
    var base;
    before(() => {
        svr = new http.Server('127.0.0.1', 0, {
            '/echo': (r) =>
                r.response.json({
                    m: r.method,
                    h: r.headers,
                    q: r.query,
                    qs: r.queryString,
                    b: String(r.readAll() || ''),
                }),
            '/redirect/:n': (r, n) => {
                if (n > 0) r.response.redirect(`/redirect/${n - 1}`);
                else r.response.write(r.method);
            },
            '/loop': (r) => r.response.redirect('/loop'),
            '/nowhere': (r) => void (r.response.statusCode = 302),
            '/303': (r) => {
                r.response.redirect('/echo');
                r.response.statusCode = 303;
            },
            '/cookies': (r) => {
                r.response.addCookie({ name: 'a', value: r.query.v || '1' });
                r.response.addCookie({ name: 'p', value: 'x y', path: '/other' });
                r.response.addCookie({ name: 's', value: '1', secure: true });
                r.response.addCookie({ name: 'e', value: '1', expires: new Date(0) });
                r.response.addCookie({ name: 'f', value: '1', domain: 'example.com' });
                r.response.json(r.cookies);
            },
            '/slow': (r) => {
                coroutine.sleep(300);
            },
            '/text': (r) => {
                r.response.setHeader('Content-Type', 'text/plain');
                r.response.write('x'.repeat(1000));
            },
        });
        svr.start();
        base = `http://127.0.0.1:${svr.socket.localPort}`;
    });
    after(() => svr.stop());

    it('begins as it should', () => {
        var c = new http.Client();
        assert.deepEqual(
            [
                c.cookies,
                c.timeout,
                c.enableCookie,
                c.autoRedirect,
                c.enableEncoding,
                c.maxBodySize,
                c.poolSize,
                c.poolTimeout,
                c.proxyAgent,
            ],
            [[], 0, true, true, true, -1, 128, 10000, ''],
        );
        assert.ok(c.userAgent.startsWith('Mozilla/5.0'));
        assert.equal(http.userAgent, c.userAgent);
        assert.equal(
            failure(() => (c.sslVerification = 3)),
            100004,
        );
        assert.equal(
            failure(() => (c.cookies = [])),
            "Property 'cookies' is read-only.",
        );
        http.timeout = 1000;
        assert.equal(http.timeout, 1000);
        http.timeout = 0;
    });

    it('sends methods, queries, headers and bodies', () => {
        var c = new http.Client();
        var names = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', del: 'DELETE' };
        for (var name in names) assert.equal(c[name](`${base}/echo`).json().m, names[name]);
        assert.equal(c.request('brew', `${base}/echo`).json().m, 'brew');
        assert.equal(textOf(c.request('HEAD', `${base}/echo`)), '');
        var echo = c
            .get(`${base}/echo?a=1`, { query: { b: 'x y', c: [1, 2] }, headers: { A: 'b', C: ['1', '2'] } })
            .json();
        assert.equal(c.get(`${base}/echo?a=1#hash`).json().qs, 'a=1');
        assert.equal(echo.qs, 'a=1?b=x%20y&c=1&c=2');
        assert.deepEqual(Object.keys(echo.h), ['Accept-Encoding', 'A', 'C', 'User-Agent', 'Host']);
        assert.deepEqual(echo.h.C, ['1', '2']);
        assert.equal(echo.h.Host, base.slice(7));
        echo = c.post(`${base}/echo`, { body: { a: [1, 2], b: 'é' }, headers: { 'Content-Type': 'x' } }).json();
        assert.deepEqual([echo.b, echo.h['Content-Type']], ['a=1&a=2&b=%C3%A9', 'application/x-www-form-urlencoded']);
        echo = c.post(`${base}/echo`, { json: { a: 1 } }).json();
        assert.deepEqual([echo.b, echo.h['Content-Type']], ['{"a":1}', 'application/json']);
        echo = c.post(`${base}/echo`, { body: 'tëxt', json: 1 }).json();
        assert.deepEqual([echo.b, echo.h['Content-Type']], ['tëxt', undefined]);
        var ms = new io.MemoryStream();
        ms.write('stream');
        assert.equal(c.put(`${base}/echo`, { body: ms }).json().b, 'stream');
        assert.equal(c.put(`${base}/echo`, { body: '' }).json().b, '');
        c.userAgent = '';
        c.enableEncoding = false;
        assert.deepEqual(Object.keys(c.get(`${base}/echo`, { query: 'ignored', headers: 'ignored' }).json().h), [
            'Host',
        ]);
    });

    it('checks what it is given', () => {
        assert.equal(
            failure(() => http.get(`${base}/echo`, { nope: 1 })),
            "unknown option 'nope'.",
        );
        assert.equal(
            failure(() => http.get(`${base}/echo`, { timeout: 1 })),
            "unknown option 'timeout'.",
        );
        assert.equal(
            failure(() => http.get(`${base}/echo`, null)),
            100005,
        );
        assert.equal(
            failure(() => http.request('GET')),
            100002,
        );
        assert.equal(
            failure(() => http.get('ftp://x/')),
            'HttpClient: unknown protocol',
        );
        assert.equal(
            failure(() => http.get('http:///')),
            'HttpClient: unknown host',
        );
        assert.equal(
            failure(() => http.get('http://127.0.0.1:1/')),
            111,
        );
        assert.equal(
            failure(() => http.get(`${base}/echo`, { headers: { A: 'b\r\nC: d' } })).slice(0, 12),
            'HttpMessage:',
        );
        assert.equal(
            failure(() => http.get(`${base}/echo`, { headers: { 'A\nB': 'd' } })).slice(0, 12),
            'HttpMessage:',
        );
        assert.equal(
            failure(() => http.request('GET / HTTP/1.1\r\nX: y', `${base}/echo`)).slice(0, 12),
            'HttpMessage:',
        );
    });

    it('follows redirects', () => {
        var c = new http.Client();
        assert.equal(textOf(c.post(`${base}/redirect/3`)), 'POST');
        assert.equal(
            failure(() => c.get(`${base}/loop`)),
            'HttpClient: redirect cycle',
        );
        assert.equal(
            failure(() => c.get(`${base}/nowhere`)),
            'HttpClient: redirect cycle',
        );
        assert.equal(c.get(`${base}/303`).statusCode, 303);
        c.autoRedirect = false;
        var res = c.get(`${base}/redirect/1`);
        assert.deepEqual([res.statusCode, res.firstHeader('Location')], [302, '/redirect/0']);
    });

    it('keeps cookies', () => {
        var c = new http.Client();
        var res = c.get(`${base}/cookies`);
        assert.deepEqual(res.json(), {});
        assert.equal(res.firstHeader('Set-Cookie'), null);
        assert.equal(res.cookies.length, 5);
        assert.deepEqual(c.get(`${base}/cookies?v=2`).json(), { a: '1' });
        assert.deepEqual(c.get(`${base}/cookies`).json(), { a: '2' });
        // a path that does not match is not stored either
        assert.deepEqual(c.cookies.map((k) => k.name).sort(), ['a', 'e', 's']);
        assert.equal(c.cookies[0].domain, '127.0.0.1');
        c.enableCookie = false;
        res = c.get(`${base}/cookies`);
        assert.deepEqual(res.json(), {});
        assert.ok(res.hasHeader('Set-Cookie'));
        assert.deepEqual(new http.Client().cookies, []);
    });

    it('uses connections again', () => {
        var ports = new Set();
        var own = new http.Server('127.0.0.1', 0, (r) => void ports.add(r.socket.remotePort));
        own.start();
        var url = `http://127.0.0.1:${own.socket.localPort}/`;
        var c = new http.Client();
        for (var i = 0; i < 5; i++) c.get(url);
        assert.equal(ports.size, 1);
        coroutine.parallel(() => c.get(url), 4);
        assert.ok(ports.size > 1);
        ports.clear();
        c.poolSize = 0;
        c.get(url);
        c.get(url);
        assert.equal(ports.size, 2);
        own.stop();
    });

    it('has callback and promise forms', () => {
        var got = [];
        var event = new coroutine.Event();
        assert.equal(
            http.get(`${base}/echo`, (e, res) => {
                got.push(e, res.statusCode);
                http.get('http://127.0.0.1:1/', function () {
                    got.push(arguments.length, arguments[0].number);
                    event.set();
                });
            }),
            null,
        );
        event.wait();
        assert.deepEqual(got, [undefined, 200, 1, 111]);
        event.clear();
        http.getAsync(`${base}/echo`).then((res) => {
            got = res.statusCode;
            event.set();
        });
        event.wait();
        assert.equal(got, 200);
        assert.equal(http.getSync, http.get);
    });

    it('has a time limit for connecting and reading', () => {
        var c = new http.Client();
        c.timeout = 50;
        assert.equal(
            failure(() => c.get(`${base}/slow`)),
            9,
        );
        assert.equal(c.get(`${base}/echo`).statusCode, 200);
    });

    it('unpacks', () => {
        var c = new http.Client();
        var res = c.get(`${base}/text`);
        assert.deepEqual([textOf(res).length, res.firstHeader('Content-Encoding')], [1000, null]);
        c.maxBodySize = 130;
        assert.equal(
            failure(() => c.get(`${base}/text`)),
            100013,
        );
        c.enableEncoding = false;
        assert.equal(Number(c.get(`${base}/text`).length), 1000);
        // bad data never throws
        for (var coding of ['gzip', 'deflate', 'br'])
            script([`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: 4\r\n\r\nabcd`], (url) => {
                res = once().get(url);
                assert.equal(res.firstHeader('Content-Encoding'), null);
                assert.equal(textOf(res), coding === 'br' ? 'abcd' : '');
            });
    });

    it('sends over a stream', () => {
        var sock = new net.TcpServer('127.0.0.1', 0, (c) => {
            var req = new http.Request();
            var bs = new io.BufferedStream(c);
            bs.EOL = '\r\n';
            req.readFrom(bs);
            req.response.write(`got ${req.method} ${req.value}`);
            req.response.sendTo(c);
        });
        sock.start();
        var res = once().get(`http://127.0.0.1:${sock.socket.localPort}/x`);
        assert.equal(textOf(res), 'got GET /x');
        sock.stop();
    });

    it('reads answers of all kinds', () => {
        var get = (...answers) => script(answers, (url) => once().get(url));
        assert.equal(
            textOf(
                get(
                    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n',
                ),
            ),
            'abcde',
        );
        assert.equal(textOf(get('HTTP/1.0 200 OK\r\n\r\nup to the end')), 'up to the end');
        assert.equal(textOf(get('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end')), 'to the end');
        assert.equal(
            textOf(
                get(
                    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
                ),
            ),
            'x',
        );
        var res = get('HTTP/1.1 204 No\r\n\r\n');
        assert.deepEqual([res.statusCode, res.statusMessage, res.length], [204, 'No', 0n]);
        res = get('HTTP/1.1 404\r\nContent-Length: 0\r\nA: 1\r\na:  2 \r\n\r\n');
        assert.deepEqual(
            [res.statusCode, res.statusMessage, res.allHeader('A'), res.keepAlive],
            [404, '', ['1', '2'], true],
        );
        res = get('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nrest');
        assert.deepEqual([res.statusCode, res.upgrade, res.stream.read(4).toString()], [101, true, 'rest']);
        res.stream.close();
    });

    it('refuses bad answers', () => {
        var fails = (...answers) => script(answers, (url) => failure(() => once().get(url)));
        assert.equal(fails('nonsense\r\n\r\n'), 'HttpResponse: bad protocol: nonsense');
        assert.equal(fails('HTTP/1.1 20 OK\r\n\r\n'), 'HttpResponse: bad protocol: HTTP/1.1 20 OK');
        assert.equal(fails(null), 'HttpResponse: bad protocol: ');
        assert.equal(
            fails('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabc'),
            'HttpMessage: body is not complete.',
        );
        assert.equal(
            fails('HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'),
            'HttpMessage: bad chunk size.',
        );
        assert.equal(
            fails('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'),
            'HttpMessage: unknown transfer-encoding.',
        );
        assert.equal(fails('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'), 100011);
        assert.equal(fails(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(5000)}\r\n\r\n`), 100011);
        script(['HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n'], (url) => {
            var c = once();
            c.maxBodySize = 1;
            assert.equal(
                failure(() => c.get(url)),
                'HttpMessage: body is too huge.',
            );
        });
    });

    it('sends again what met a closed connection', () => {
        var seen = 0;
        var ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
        var count = () => seen++;
        // the server closes after its answer without saying so
        var own = new net.TcpServer('127.0.0.1', 0, (sock) => {
            var bs = new io.BufferedStream(sock);
            bs.EOL = '\r\n';
            while (bs.readLine());
            count();
            sock.write(ok);
        });
        own.start();
        var url = `http://127.0.0.1:${own.socket.localPort}/`;
        var c = new http.Client();
        for (var method of ['GET', 'POST', 'GET', 'PUT']) {
            assert.equal(textOf(c.request(method, url)), 'ok');
            coroutine.sleep(10);
        }
        assert.equal(seen, 4);
        own.stop();
    });

    it('uses a proxy', () => {
        var lines;
        script(
            ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo'],
            (url) => {
                var c = once();
                c.proxyAgent = url;
                assert.equal(textOf(c.get('http://example.invalid:81/a?b')), 'proxy');
                assert.equal(lines[0], 'GET http://example.invalid:81/a?b HTTP/1.1');
                assert.ok(lines.includes('Host: example.invalid:81'));
                assert.equal(textOf(c.get('http://other.invalid/')), 'two');
            },
            (got) => (lines = got),
        );
        script(
            ['HTTP/1.1 403 Go Away\r\nContent-Length: 0\r\n\r\n'],
            (url) => {
                var c = once();
                c.proxyAgent = url;
                assert.equal(
                    failure(() => c.get('https://example.invalid/a')),
                    'HttpClient: Go Away',
                );
                assert.equal(lines[0], 'CONNECT example.invalid:443 HTTP/1.1');
            },
            (got) => (lines = got),
        );
        assert.equal(
            failure(() => (http.proxyAgent = 'socks://x')),
            'HttpClient: unknown protocol',
        );
        assert.equal(
            failure(() => (http.proxyAgent = 'http://')),
            'HttpClient: unknown host',
        );
    });
});

require.main === module && test.run(console.DEBUG);
