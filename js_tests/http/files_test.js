// Static files and the reverse proxy (spec/http.md §13, §14).
var test = require('test');
test.setup();
var http = require('http');
var fs = require('fs');
var os = require('os');
var path = require('path');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number === 100023 ? e.message : e.number;
    }
    return 'no error';
}
var textOf = (res) => String(res.readAll() || '');
var folder = path.join(os.tmpdir(), `fibshim_files_${process.pid}`);

describe('http.fileHandler', () => {
    before(() => {
        for (var name of ['', 'sub', 'list']) fs.mkdir(path.join(folder, name));
        var files = {
            'a.txt': 'text '.repeat(100),
            'index.html': 'index',
            'sub/index.html': 'sub index',
            'list/b.bin': 'b',
            'list/.hidden': '',
            plain: 'no extension',
            'x.MD': 'markdown',
            'own.abc': 'own',
            'pre.js': 'plain',
            'pre.js.gz': 'packed',
            'ä b.txt': 'umlaut',
        };
        for (name in files) fs.writeFile(path.join(folder, name), files[name]);
    });
    after(() => {
        for (var dir of ['sub', 'list', '']) {
            for (var name of fs.readdir(path.join(folder, dir))) {
                var full = path.join(folder, dir, name);
                if (!fs.stat(full).isDirectory()) fs.unlink(full);
            }
            fs.rmdir(path.join(folder, dir));
        }
    });

    function ask(value, headers = {}, handler = http.fileHandler(folder, { abc: 'x/own', ABC: 'x/other' })) {
        var r = new http.Request();
        r.value = value;
        r.addHeader(headers);
        assert.equal(handler.invoke(r), null);
        return r.response;
    }

    it('answers with files', () => {
        var res = ask('/a.txt');
        assert.equal(res.statusCode, 200);
        assert.equal(textOf(res), 'text '.repeat(100));
        assert.equal(res.firstHeader('Content-Type'), 'text/plain');
        assert.equal(res.firstHeader('Last-Modified'), fs.stat(path.join(folder, 'a.txt')).mtime.toUTCString());
        assert.equal(textOf(ask('a.txt')), 'text '.repeat(100));
        assert.equal(textOf(ask('/')), 'index');
        assert.equal(textOf(ask('')), 'index');
        assert.equal(textOf(ask('/sub/')), 'sub index');
        assert.equal(textOf(ask('/sub/../sub//./index.html')), 'sub index');
        assert.equal(textOf(ask('/%C3%A4%20b.txt')), 'umlaut');
        assert.equal(textOf(ask('/../../a.txt')), 'text '.repeat(100));
    });

    it('knows types', () => {
        assert.equal(ask('/plain').firstHeader('Content-Type'), null);
        assert.equal(ask('/x.MD').firstHeader('Content-Type'), 'text/markdown');
        assert.equal(ask('/own.abc').firstHeader('Content-Type'), 'x/own');
        assert.equal(ask('/list/b.bin').firstHeader('Content-Type'), 'application/octet-stream');
    });

    it('refuses and misses', () => {
        assert.equal(ask('/nope').statusCode, 404);
        assert.equal(ask('/sub').statusCode, 404);
        assert.equal(ask('/list/').statusCode, 404);
        assert.equal(ask('/a.txt/').statusCode, 404);
        assert.equal(ask('/a%00.txt').statusCode, 404);
        assert.equal(ask('/a%5cb').statusCode, 400);
        assert.equal(ask('/%25').statusCode, 400);
        assert.equal(ask('../x').statusCode, 400);
        assert.equal(
            failure(() => http.fileHandler(folder).invoke(new http.Response())),
            100003,
        );
        assert.equal(
            failure(() => http.fileHandler(folder, true)),
            100005,
        );
        assert.ok(new http.fileHandler(folder) instanceof http.Handler === false);
    });

    it('answers 304', () => {
        var time = ask('/a.txt').firstHeader('Last-Modified');
        var res = ask('/a.txt', { 'If-Modified-Since': time });
        assert.deepEqual(
            [res.statusCode, res.length, res.hasHeader('Last-Modified'), res.firstHeader('Content-Type')],
            [304, 0n, false, 'text/plain'],
        );
        assert.equal(ask('/a.txt', { 'If-Modified-Since': 'Wed, 12 Dec 2012 12:12:12 GMT' }).statusCode, 200);
        assert.equal(ask('/a.txt', { 'If-Modified-Since': 'nonsense' }).statusCode, 200);
    });

    it('answers with ranges', () => {
        var range = (text, more) => {
            var res = ask('/a.txt', { Range: text, ...more });
            return [res.statusCode, res.firstHeader('Content-Range'), textOf(res)];
        };
        assert.deepEqual(range('bytes=0-3'), [206, 'bytes 0-3/500', 'text']);
        assert.deepEqual(range('bytes=495-'), [206, 'bytes 495-499/500', 'text ']);
        assert.deepEqual(range('bytes=-4'), [206, 'bytes 496-499/500', 'ext ']);
        assert.deepEqual(range('bytes=498-900'), [206, 'bytes 498-499/500', 't ']);
        assert.deepEqual(range('bytes=500-'), [416, 'bytes */500', '']);
        for (var text of ['bytes=5-3', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=x'])
            assert.equal(range(text)[0], 200, text);
        assert.equal(range('bytes=0-3', { 'If-Range': 'Wed, 12 Dec 2012 12:12:12 GMT' })[0], 200);
        assert.equal(range('bytes=0-3', { 'If-Range': ask('/a.txt').firstHeader('Last-Modified') })[0], 206);
    });

    it('prefers packed siblings', () => {
        var res = ask('/pre.js', { 'Accept-Encoding': 'gzip' });
        assert.deepEqual(
            [textOf(res), res.firstHeader('Content-Encoding'), res.firstHeader('Content-Type')],
            ['packed', 'gzip', 'application/javascript'],
        );
        assert.equal(textOf(ask('/pre.js')), 'plain');
    });

    it('lists directories', () => {
        var res = ask('/list/', {}, http.fileHandler(folder, {}, true));
        var page = textOf(res);
        assert.deepEqual(
            [res.statusCode, res.firstHeader('Content-Type'), res.hasHeader('Last-Modified')],
            [200, 'text/html', false],
        );
        assert.ok(page.includes('Index of /list/'));
        assert.ok(page.includes('<a href="../">../</a>'));
        assert.ok(/<a href="b\.bin">b\.bin<\/a> {35}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {5}1 bytes/.test(page), page);
        assert.ok(page.indexOf('.hidden') < page.indexOf('b.bin'));
    });

    it('works in a server', () => {
        fs.writeFile(path.join(folder, 'large.bin'), Buffer.alloc(2000000, 7));
        var svr = new http.Server('127.0.0.1', 0, { '^(/.*)$': folder });
        svr.start();
        var base = `http://127.0.0.1:${svr.socket.localPort}`;
        var c = new http.Client();
        var res = c.get(`${base}/a.txt`);
        assert.equal(textOf(res), 'text '.repeat(100));
        assert.equal(res.firstHeader('Expires'), null);
        for (var i = 0; i < 3; i++) {
            res = c.get(`${base}/large.bin`);
            assert.equal(res.length, 2000000n);
            assert.equal(res.data[1999999], 7);
        }
        assert.equal(c.get(`${base}/large.bin`, { headers: { Range: 'bytes=1-1000000' } }).length, 1000000n);
        c.enableEncoding = false;
        assert.equal(
            c.get(`${base}/a.txt`, { headers: { 'Accept-Encoding': 'gzip' } }).firstHeader('Content-Encoding'),
            'gzip',
        );
        assert.equal(c.request('HEAD', `${base}/large.bin`).statusCode, 200);
        assert.equal(c.get(`${base}/nope`).statusCode, 404);
        svr.stop();
    });
});

describe('http.Repeater', () => {
    it('checks its URLs', () => {
        assert.equal(
            failure(() => new http.Repeater('http:///x')),
            'HttpRepeater: hostname is empty.',
        );
        assert.equal(
            failure(() => new http.Repeater('http://h/?a')),
            'HttpRepeater: query is not empty.',
        );
        assert.equal(
            failure(() => new http.Repeater('http://h/#a')),
            'HttpRepeater: hash is not empty.',
        );
        assert.equal(
            failure(() => new http.Repeater([])),
            100004,
        );
        assert.equal(
            failure(() => new http.Repeater([1])),
            100005,
        );
        var r = new http.Repeater(['http://a/b', 'http://c']);
        assert.equal(r.urls.length, 2);
        assert.equal(r.urls[0], 'http://a/b');
        assert.equal(
            failure(() => r.load(['http://x', 'http:///'])),
            'HttpRepeater: hostname is empty.',
        );
        assert.equal(r.urls.length, 2);
        assert.deepEqual(
            [r.client.enableCookie, r.client.autoRedirect, r.client.enableEncoding, r.client.userAgent],
            [false, false, false, ''],
        );
        assert.equal(
            failure(() => r.invoke(new Buffer('x'))),
            100003,
        );
    });

    it('forwards', () => {
        var back = new http.Server('127.0.0.1', 0, {
            '/base/*': (r) => {
                r.response.addHeader('X-A', ['1', '2']);
                r.response.addCookie({ name: 'a', value: 'b' });
                r.response.writeHead(207, 'Own');
                r.response.json([r.method, r.address, r.queryString, r.headers, String(r.readAll() || '')]);
            },
        });
        back.serverName = 'back';
        back.start();
        var url = `http://127.0.0.1:${back.socket.localPort}`;
        var front = new http.Server('127.0.0.1', 0, { '/p/*': `${url}/base`, '/dead': 'http://127.0.0.1:1' });
        front.start();
        var c = new http.Client();
        c.userAgent = '';
        var base = `http://127.0.0.1:${front.socket.localPort}`;
        var res = c.post(`${base}/p/x/y?q=1&r=2`, { body: 'body', headers: { X: ['1', '2'], Cookie: 'k=v' } });
        assert.deepEqual([res.statusCode, res.statusMessage], [207, 'Own']);
        assert.deepEqual(res.allHeader('X-A'), ['1', '2']);
        assert.deepEqual(res.allHeader('Server'), ['back']);
        assert.equal(String(res.cookies[0]), 'a=b; domain=127.0.0.1; path=/');
        assert.deepEqual(res.json(), [
            'POST',
            '/base/x/y',
            'q=1&r=2',
            { 'Accept-Encoding': 'gzip,deflate', X: ['1', '2'], Cookie: 'k=v', Host: url.slice(7) },
            'body',
        ]);
        assert.equal(c.get(`${base}/dead`).statusCode, 500);
        back.stop();
        front.stop();
    });

    it('takes turns', () => {
        var servers = [1, 2].map((i) => {
            var svr = new http.Server('127.0.0.1', 0, (r) => r.response.write(String(i)));
            svr.start();
            return svr;
        });
        var r = new http.Repeater(servers.map((svr) => `http://127.0.0.1:${svr.socket.localPort}`));
        var ask = () => {
            var req = new http.Request();
            req.value = '/x';
            r.invoke(req);
            return textOf(req.response);
        };
        assert.deepEqual([ask(), ask(), ask(), ask()], ['1', '2', '1', '2']);
        for (var svr of servers) svr.stop();
    });
});

require.main === module && test.run(console.DEBUG);
