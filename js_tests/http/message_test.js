// HTTP messages by hand, and on streams (spec/http.md §5 to §7, §10).
var test = require('test');
test.setup();
var http = require('http');
var io = require('io');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number === 100023 ? e.message : e.number;
    }
    return 'no error';
}
function stream(text) {
    var ms = new io.MemoryStream();
    ms.write(text);
    ms.rewind();
    var bs = new io.BufferedStream(ms);
    bs.EOL = '\r\n';
    return bs;
}
function read(text, Kind = http.Request, set = {}) {
    var m = new Kind();
    Object.assign(m, set);
    m.readFrom(stream(text));
    return m;
}
function sent(m) {
    var ms = new io.MemoryStream();
    m.sendTo(ms);
    ms.rewind();
    return ms.readAll().toString();
}

describe('http messages', () => {
    it('begin as they should', () => {
        var r = new http.Request();
        assert.deepEqual(
            [
                r.method,
                r.address,
                r.queryString,
                r.value,
                r.protocol,
                r.keepAlive,
                r.upgrade,
                r.maxHeadersCount,
                r.maxBodySize,
            ],
            ['GET', '/', '', '', 'HTTP/1.1', true, false, 128, 64],
        );
        assert.equal(r.stream, null);
        assert.equal(r.socket, null);
        assert.equal(r.response, r.response);
        assert.ok(r.response instanceof http.Response);
        assert.deepEqual([r.response.statusCode, r.response.statusMessage], [200, '']);
        assert.equal(r.headers, r.headers);
        assert.equal(
            failure(() => (r.headers = 1)),
            "Property 'headers' is read-only.",
        );
        assert.equal(
            failure(() => (r.maxHeadersCount = -1)),
            100006,
        );
        assert.equal(
            failure(() => new http.Request(1)),
            100001,
        );
        assert.equal(
            failure(() => http.Request.prototype.method),
            100008,
        );
        assert.equal(
            failure(() => http.Request.prototype.response),
            100008,
        );
    });

    it('have a protocol', () => {
        var r = new http.Request();
        r.protocol = 'HTTP/1.0';
        assert.equal(r.keepAlive, false);
        r.protocol = 'HTTP/2.0';
        assert.equal(r.keepAlive, true);
        for (var text of ['HTTP/1', 'HTTP/11.1', 'http/1.1', ''])
            assert.equal(
                failure(() => (r.protocol = text)),
                'HttpMessage: bad protocol version.',
            );
    });

    it('have headers', () => {
        var r = new http.Request();
        r.addHeader('A', '1');
        r.addHeader({ B: 2, C: [3, 4] });
        r.addHeader('c', ['5']);
        assert.deepEqual(r.allHeader('C'), ['3', '4', '5']);
        assert.equal(r.firstHeader('b'), '2');
        assert.equal(r.firstHeader('x'), null);
        r.setHeader('b', 'x');
        r.setHeader({ A: 'y' });
        r.removeHeader('C');
        assert.deepEqual(r.allHeader(), { b: 'x', A: 'y' });
        assert.ok(r.hasHeader('B'));
    });

    it('are sent', () => {
        var r = new http.Request();
        r.method = 'post';
        r.address = '/a';
        r.queryString = 'b=c';
        r.addHeader('X', 'y');
        assert.equal(sent(r), 'post /a?b=c HTTP/1.1\r\nX: y\r\nConnection: keep-alive\r\n\r\n');
        r.write('body');
        r.keepAlive = false;
        assert.equal(sent(r), 'post /a?b=c HTTP/1.1\r\nX: y\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody');
        var s = r.response;
        s.addCookie({ name: 'a', value: 'b' });
        s.statusCode = 404;
        assert.equal(
            sent(s),
            'HTTP/1.1 404 File Not Found\r\nSet-Cookie: a=b; path=/\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
        );
        s = new http.Response();
        s.writeHead(210, { A: 'b' });
        s.upgrade = true;
        assert.equal(sent(s), 'HTTP/1.1 210 Unknown\r\nA: b\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n');
        s.writeHead(200, 'Fine', { A: 'c' });
        s.upgrade = false;
        s.write('é');
        var ms = new io.MemoryStream();
        s.sendHeader(ms);
        ms.rewind();
        assert.equal(
            ms.readAll().toString(),
            'HTTP/1.1 200 OK\r\nA: b\r\nA: c\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n',
        );
        s.addHeader('X', 'a\r\nb');
        assert.equal(
            failure(() => sent(s)),
            'HttpMessage: bad header: line breaks and NUL are not allowed.',
        );
    });

    it('are read', () => {
        var r = read(
            'GET http://h:1/p?q=1 HTTP/1.0\r\nA : 1 \r\na:2\r\nContent-Length: 3\r\nConnection: Keep-Alive\r\n\r\nabcdef',
        );
        assert.deepEqual(
            [r.method, r.address, r.value, r.queryString, r.protocol, r.keepAlive],
            ['GET', 'http://h:1/p', '/p', 'q=1', 'HTTP/1.0', true],
        );
        assert.deepEqual(r.headers.keys(), ['A', 'a']);
        assert.equal(r.length, 3n);
        assert.equal(r.readAll().toString(), 'abc');
        assert.ok(r.stream instanceof io.BufferedStream);
        assert.ok(r.socket instanceof io.MemoryStream);
        assert.equal(
            read(
                'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n1\r\nd\r\n0\r\n\r\n',
            ).data.toString(),
            'abcd',
        );
        assert.equal(read('').method, 'GET');
        assert.equal(read('GET https://h/p HTTP/1.1\r\n\r\n').value, 'https://h/p');
        assert.equal(read('GET http://h HTTP/1.1\r\n\r\n').value, '');
        assert.equal(read('GET / HTTP/1.1\r\nConnection: Upgrade\r\n\r\n').upgrade, true);
        r = read('HTTP/1.1 404 Not here\r\nSet-Cookie: a=b\r\nSet-Cookie: x\r\n\r\n', http.Response);
        assert.deepEqual(
            [r.statusCode, r.statusMessage, r.cookies.length, r.headers.keys().length],
            [404, 'Not here', 1, 0],
        );
        r = read('HTTP/1.0 200\r\n\r\nto the end', http.Response);
        assert.deepEqual([r.statusCode, r.statusMessage, r.readAll().toString()], [200, '', 'to the end']);
    });

    it('are refused', () => {
        var requests = {
            '\r\n': 'HttpRequest: bad method.',
            ' / HTTP/1.1\r\n\r\n': 'HttpRequest: bad method.',
            'GET\r\n\r\n': 'HttpRequest: bad address.',
            'GET /\r\n\r\n': 'HttpRequest: bad protocol version.',
            'GET / HTTP/1.1x\r\n\r\n': 'HttpMessage: bad protocol version.',
            'GET / HTTP/1.1\r\nabc\r\n\r\n': 'HttpMessage: bad header: abc',
            'GET / HTTP/1.1\r\nA: b\r\n c: d\r\n\r\n': 'HttpMessage: bad header:  c: d',
            'GET / HTTP/1.1\r\n: b\r\n\r\n': 'HttpMessage: bad header: : b',
            'GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n': 'HttpMessage: unknown transfer-encoding.',
            'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n': 'HttpMessage: bad chunk size.',
            'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n': 100011,
            'GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc': 'HttpMessage: body is not complete.',
            'GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\nabc': 'HttpMessage: body is too huge.',
            'GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\nabc': 'HttpMessage: body is too huge.',
        };
        for (var text in requests)
            assert.equal(
                failure(() => read(text)),
                requests[text],
                text,
            );
        assert.equal(
            failure(() => read(`GET /${'x'.repeat(5000)} HTTP/1.1\r\n\r\n`)),
            100011,
        );
        assert.equal(
            failure(() => read('GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n', http.Request, { maxHeadersCount: 1 })),
            'HttpMessage: too many headers.',
        );
        for (var line of ['', 'HTTP/1.1 20', 'HTTP/1.1 2000 OK', 'nonsense'])
            assert.equal(
                failure(() => read(`${line}\r\n\r\n`, http.Response)),
                `HttpResponse: bad protocol: ${line}`,
            );
        assert.equal(
            failure(() => new http.Request().readFrom(new io.MemoryStream())),
            'HttpRequest: only accept BufferedStream object.',
        );
        assert.equal(
            failure(() => new http.Response().readFrom(new io.MemoryStream())),
            'HttpResponse: only accept BufferedStream object.',
        );
    });

    it('carry JSON', () => {
        var r = new http.Request();
        assert.equal(
            failure(() => r.json()),
            'HttpRequest: Content-Type is missing.',
        );
        r.setHeader('Content-Type', 'text/plain');
        assert.equal(
            failure(() => r.json()),
            'HttpMessage: Invalid content type.',
        );
        r.json({ a: 1 });
        assert.deepEqual(r.allHeader('content-type'), ['application/json']);
        assert.deepEqual(r.json(), { a: 1 });
        r.setHeader('Content-Type', 'application/json; charset=utf-8');
        assert.deepEqual(r.json(), { a: 1 });
        r.body = new io.MemoryStream();
        assert.equal(r.json(), null);
    });

    it('have queries, cookies and forms', () => {
        var r = new http.Request();
        r.queryString = 'a=1&b=%20x+y&a=2&c&=z&%zz=%u4e00';
        assert.deepEqual(r.query.all(), { a: ['1', '2'], b: ' x y', c: '', '%zz': '一' });
        assert.equal(r.query, r.query);
        r.addHeader('Cookie', 'a=1;  b="x y"; c; d=%41+; e=f=g');
        assert.deepEqual(r.cookies.all(), { a: '1', b: '"x y"', c: '', d: 'A ', e: 'f=g' });
        assert.deepEqual(r.form.all(), {});
        r = new http.Request();
        r.write('x=1&y=2');
        assert.equal(
            failure(() => r.form),
            'HttpRequest: Content-Type is missing.',
        );
        r.setHeader('Content-Type', 'text/plain');
        assert.equal(
            failure(() => r.form),
            'HttpRequest: unknown form format: text/plain',
        );
        r.setHeader('Content-Type', 'application/x-www-form-urlencoded; charset=utf-8');
        assert.deepEqual(r.form.all(), { x: '1', y: '2' });
        assert.equal(r.body.tell(), 7n);
    });

    it('are cleared', () => {
        var r = new http.Request();
        r.method = 'PUT';
        r.address = '/x';
        r.addHeader('A', 'b');
        r.response.statusCode = 404;
        r.response.statusMessage = 'stays';
        r.response.end();
        assert.ok(r.isEnded());
        r.clear();
        assert.deepEqual([r.method, r.address, r.headers.keys(), r.isEnded()], ['GET', '/', [], false]);
        assert.deepEqual([r.response.statusCode, r.response.statusMessage], [200, 'stays']);
    });

    it('are redirected', () => {
        var s = new http.Response();
        s.redirect('/x');
        assert.deepEqual([s.statusCode, s.firstHeader('location'), s.ok, s.status], [302, '/x', false, 302]);
    });
});

describe('multipart forms', () => {
    var body = [
        '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nvalué\r\n',
        '--b\r\nContent-Disposition: form-data; name="file"; filename="C:\\d/é.txt"\r\nContent-Type: text/x\r\n',
        'Content-Transfer-Encoding: binary\r\n\r\n\0\r\n--x\r\n',
        '--b\r\nContent-Disposition: form-data; name="empty"; filename=""\r\n\r\n\r\n',
        '--b\r\nContent-Disposition: form-data; name=text\r\n\r\nagain\r\n',
        '--b\r\nContent-Disposition: form-data; name=""\r\n\r\ndropped\r\n',
        '--b--\r\n',
    ].join('');
    var make = (text, type = 'multipart/form-data; boundary=b') => {
        var r = new http.Request();
        r.setHeader('Content-Type', type);
        r.write(text);
        return r.form;
    };

    it('are parsed', () => {
        var form = make(body);
        assert.equal(form.text, 'valué');
        assert.deepEqual(form.all('text'), ['valué', 'again']);
        assert.equal(form.empty, '');
        assert.deepEqual(form.keys(), ['text', 'file', 'empty', 'text']);
        var file = form.file;
        assert.deepEqual(
            [file.fileName, file.contentType, file.contentTransferEncoding],
            ['é.txt', 'text/x', 'binary'],
        );
        assert.equal(file.body.readAll().toString(), '\0\r\n--x');
        assert.equal(
            failure(() => file.body.write('x')),
            100009,
        );
        assert.equal(
            failure(() => (file.fileName = 'x')),
            "Property 'fileName' is read-only.",
        );
    });

    it('end at the first malformed spot', () => {
        assert.deepEqual(make(' ' + body).keys(), []);
        assert.deepEqual(make(body, 'multipart/form-data; x=y; boundary=b').keys(), []);
        assert.deepEqual(make(body.slice(0, body.indexOf('--b', 3) + 3)).keys(), []);
        for (var i = 0; i < body.length; i++) make(body.slice(0, i) || ' ');
        for (i = 0; i < body.length; i++) make(body.slice(0, i) + '\r' + body.slice(i + 1));
    });
});

require.main === module && test.run(console.DEBUG);
