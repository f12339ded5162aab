'use strict';

var test = require('test');
test.setup();

const coroutine = require('coroutine');
const http = require('http');
const ws = require('ws');
const EventEmitter = require('events');

const errorOf = (fn) => {
    try {
        fn();
    } catch (e) {
        return e;
    }
    return undefined;
};
const numberOf = (fn) => errorOf(fn)?.number;

const servers = [];
const serve = (handler, opts = {}) => {
    const svr = new http.Server('127.0.0.1', 0, typeof handler === 'function' ? ws.upgrade(opts, handler) : handler);
    svr.start();
    servers.push(svr);
    return `ws://127.0.0.1:${svr.socket.localPort}`;
};
const stop = () => servers.splice(0).forEach((svr) => svr.stop());
const echo = (sock) => {
    sock.onmessage = (e) => sock.send(e.data !== null ? e.data : e.type === ws.TEXT ? '' : new Buffer(0));
};

/** Wait for the end of a socket; everything that happened to it. */
const watch = (sock) => {
    const events = [];
    const over = new coroutine.Event();
    sock.on('open', (...args) => events.push(['open', ...args]));
    sock.on('error', (...args) => events.push(['error', ...args]));
    sock.on('close', (...args) => {
        events.push(['close', ...args]);
        over.set();
    });
    events.wait = () => {
        over.wait();
        return events;
    };
    return events;
};
const open = (url, opts) => {
    const sock = opts === undefined ? new ws.Socket(url) : new ws.Socket(url, opts);
    const ready = new coroutine.Event();
    sock.once('open', () => ready.set());
    sock.once('close', () => ready.set());
    ready.wait();
    assert.strictEqual(sock.readyState, ws.OPEN);
    return sock;
};
/** What `fn` makes the socket receive, until `count` messages are there. */
const receive = (sock, count, fn) => {
    const got = [];
    const ready = new coroutine.Event();
    sock.onmessage = (e) => {
        got.push(e);
        if (got.length === count) ready.set();
    };
    fn();
    ready.wait();
    return got;
};
const finish = (sock) => {
    const over = new coroutine.Event();
    sock.onclose = () => over.set();
    sock.close();
    over.wait();
};

describe('ws.Socket: construction', () => {
    after(stop);

    it('checks its arguments', () => {
        assert.strictEqual(
            numberOf(() => new ws.Socket()),
            100002,
        );
        assert.strictEqual(
            numberOf(() => ws.Socket('ws://127.0.0.1:1')),
            100007,
        );
        assert.strictEqual(
            numberOf(() => new ws.Socket('a', 'b', 'c', 'd')),
            100001,
        );
    });

    it('keeps what it was given', () => {
        const sock = new ws.Socket('ws://127.0.0.1:1/x', 'proto', 'http://o');
        assert.strictEqual(sock.url, 'ws://127.0.0.1:1/x');
        assert.strictEqual(sock.protocol, 'proto');
        assert.strictEqual(sock.origin, 'http://o');
        assert.strictEqual(sock.readyState, ws.CONNECTING);
        assert.ok(sock instanceof EventEmitter);
        assert.strictEqual(String(sock), 'WebSocket');
        const other = new ws.Socket('ws://127.0.0.1:1/x', { protocol: 5, origin: 'http://o' });
        assert.strictEqual(other.protocol, '5');
        assert.strictEqual(other.origin, 'http://o');
        watch(other).wait();
    });

    it('takes only plain objects as options', () => {
        const protocol = (value) => new ws.Socket('ws://127.0.0.1:1', value).protocol;
        assert.strictEqual(protocol(['a', 'b']), 'a,b');
        assert.strictEqual(protocol(null), 'null');
        assert.strictEqual(protocol(7), '7');
        assert.strictEqual(protocol(undefined), '');
        assert.strictEqual(protocol({}), '');
        class Options {}
        assert.strictEqual(protocol(new Options()), '[object Object]');
    });

    it('takes options only with a string as URL', () => {
        const sock = new ws.Socket({ toString: () => 'ws://127.0.0.1:1/' }, { protocol: 'x' });
        assert.strictEqual(sock.url, 'ws://127.0.0.1:1/');
        assert.strictEqual(sock.protocol, '[object Object]');
    });

    it('ignores options of the wrong type', () => {
        const base = serve(echo);
        const sock = open(base, {
            maxPayload: 'abc',
            headers: [1],
            httpClient: {},
            perMessageDeflate: undefined,
            foo: 1,
        });
        finish(sock);
    });

    it('has read-only properties', () => {
        const sock = new ws.Socket('ws://127.0.0.1:1');
        for (const name of ['url', 'protocol', 'origin', 'readyState']) {
            let thrown;
            try {
                sock[name] = 'x';
            } catch (e) {
                thrown = e;
            }
            assert.strictEqual(thrown, `Property '${name}' is read-only.`);
        }
    });

    it('has no members of browsers', () => {
        const sock = new ws.Socket('ws://127.0.0.1:1');
        for (const name of ['binaryType', 'bufferedAmount', 'extensions', 'ping', 'terminate'])
            assert.strictEqual(sock[name], undefined);
    });

    it('checks the brand of its methods', () => {
        for (const name of ['send', 'close', 'ref', 'unref'])
            assert.strictEqual(
                numberOf(() => ws.Socket.prototype[name].call({}, 'x')),
                100008,
            );
    });
});

describe('ws.Socket: onxxx', () => {
    it('replaces all listeners', () => {
        const sock = new ws.Socket('ws://127.0.0.1:1');
        const log = [];
        sock.on('message', () => log.push('a'));
        sock.onmessage = () => log.push('b');
        sock.emit('message');
        assert.deepEqual(log, ['b']);
    });

    it('takes only functions', () => {
        const sock = new ws.Socket('ws://127.0.0.1:1');
        for (const name of ['onopen', 'onmessage', 'onclose', 'onerror'])
            for (const value of [null, 1, 'x', {}])
                assert.strictEqual(
                    numberOf(() => {
                        sock[name] = value;
                    }),
                    100005,
                );
        assert.strictEqual(sock.onmessage, null);
    });
});

describe('ws.Socket: the client handshake', () => {
    after(stop);

    const failure = (url, opts = {}) => {
        const sock = new ws.Socket(url, opts);
        const events = watch(sock).wait();
        assert.deepEqual(
            events.map(([name]) => name),
            ['error', 'close'],
        );
        assert.strictEqual(events[0][1].target, sock);
        assert.strictEqual(events[0][1].code, 1002);
        assert.deepEqual(
            { ...events[1][1], target: null },
            { target: null, type: 'close', code: 1006, reason: 'Abnormal Closure' },
        );
        assert.strictEqual(sock.readyState, ws.CLOSED);
        return events[0][1].reason;
    };

    it('opens', () => {
        const base = serve(echo);
        const sock = new ws.Socket(base);
        const events = watch(sock);
        assert.strictEqual(sock.readyState, ws.CONNECTING);
        sock.once('open', () => sock.close());
        events.wait();
        assert.deepEqual(events[0], ['open']);
    });

    it('fails for other schemes', () => {
        for (const url of ['http://127.0.0.1', 'WS://127.0.0.1', 'x', '', 'wss:/x'])
            assert.strictEqual(failure(url), 'unknown protocol');
    });

    it('fails without reason where there is no connection', () => {
        for (const url of [
            'ws://127.0.0.1:1/',
            'ws://',
            'ws://:80',
            'ws://a b/',
            'ws://127.0.0.1:99999',
            'ws://[::1',
            'ws://name.invalid',
        ])
            assert.strictEqual(failure(url), undefined);
    });

    it('fails for other answers', () => {
        const base = serve({
            '/404': (req) => {
                req.response.statusCode = 404;
            },
            '/200': (req) => req.response.write('x'),
        });
        assert.strictEqual(failure(`${base}/404`), 'server error.');
        assert.strictEqual(failure(`${base}/200`), 'server error.');
    });

    it('sends its headers', () => {
        let req;
        const base = serve((sock, r) => {
            req = r;
            sock.close();
        });
        const sock = new ws.Socket(`${base}/p?q=1#f`, {
            protocol: 'chat',
            origin: 'http://example.com',
            headers: { 'X-Own': 'é', 'X-Number': 5, Upgrade: 'x', 'X-Not': undefined, 'User-Agent': 'me' },
        });
        watch(sock).wait();
        assert.strictEqual(req.address, '/p');
        assert.strictEqual(req.queryString, 'q=1');
        assert.deepEqual(req.headers.all('Upgrade'), ['websocket']);
        assert.strictEqual(req.firstHeader('Sec-WebSocket-Version'), '13');
        assert.strictEqual(req.firstHeader('Sec-WebSocket-Extensions'), 'permessage-deflate');
        assert.strictEqual(req.firstHeader('Sec-WebSocket-Protocol'), 'chat');
        assert.strictEqual(req.firstHeader('Origin'), 'http://example.com');
        assert.strictEqual(req.firstHeader('X-Own'), 'é');
        assert.strictEqual(req.firstHeader('X-Number'), '5');
        assert.strictEqual(req.firstHeader('X-Not'), null);
        assert.deepEqual(req.headers.all('User-Agent'), ['me']);
        assert.strictEqual(req.firstHeader('Host'), base.slice(5));
        assert.strictEqual(req.firstHeader('Sec-WebSocket-Key').length, 24);
        assert.ok(req.upgrade);
    });

    it('refuses headers with line breaks', () => {
        const base = serve(echo);
        assert.strictEqual(failure(base, { headers: { 'X-A': 'a\r\nX-B: b' } }), undefined);
        assert.strictEqual(failure(base, { origin: 'a\nb' }), undefined);
    });

    it('offers parameters of compression if asked to', () => {
        const offers = [];
        const base = serve((sock, req) => {
            offers.push(req.firstHeader('Sec-WebSocket-Extensions'));
            sock.close();
        });
        for (const perMessageDeflate of [
            false,
            true,
            {},
            { clientMaxWindowBits: true },
            {
                clientMaxWindowBits: 10,
                serverNoContextTakeover: true,
                clientNoContextTakeover: true,
                serverMaxWindowBits: 9,
            },
        ])
            watch(new ws.Socket(base, { perMessageDeflate })).wait();
        assert.deepEqual(offers, [
            null,
            'permessage-deflate',
            'permessage-deflate',
            'permessage-deflate; client_max_window_bits',
            'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10',
        ]);
    });

    it('follows redirects', () => {
        const target = serve(echo);
        const base = serve({
            '/301': (req) => {
                req.response.redirect(`${target.replace('ws:', 'http:')}/x`);
                req.response.statusCode = 301;
            },
            '/302': (req) => req.response.redirect('/301'),
            '/ws': (req) => req.response.redirect(`${target}/y`),
            '/loop': (req) => req.response.redirect('/loop'),
            '/303': (req) => {
                req.response.redirect('/301');
                req.response.statusCode = 303;
            },
        });
        for (const path of ['/301', '/302', '/ws']) {
            const sock = open(base + path);
            assert.strictEqual(sock.url, base + path);
            finish(sock);
        }
        assert.strictEqual(failure(`${base}/loop`), undefined);
        assert.strictEqual(failure(`${base}/303`), 'server error.');
    });

    it('connects to names', () => {
        const base = serve(echo).replace('127.0.0.1', 'localhost');
        finish(open(base));
    });

    it('ignores close while connecting', () => {
        const sock = new ws.Socket(serve(echo));
        const events = watch(sock);
        sock.close();
        assert.strictEqual(sock.readyState, ws.CONNECTING);
        sock.on('open', () => sock.close(3000));
        assert.strictEqual(events.wait()[1][1].code, 3000);
    });
});
const mq = require('mq');

for (const perMessageDeflate of [false, true])
    describe(`ws.Socket: send${perMessageDeflate ? ', compressed' : ''}`, () => {
        after(stop);

        /** What arrives at the other side. */
        const arrives = (...values) => {
            const got = [];
            const over = new coroutine.Event();
            const base = serve(
                (sock) => {
                    sock.onmessage = (e) => {
                        got.push(e);
                        if (got.length === values.length) over.set();
                    };
                },
                { perMessageDeflate },
            );
            const sock = open(base);
            for (const value of values) assert.strictEqual(sock.send(value), undefined);
            over.wait();
            finish(sock);
            return got;
        };

        it('sends text', () => {
            const texts = [
                'a',
                'é',
                '😀',
                'a\0b',
                'x'.repeat(125),
                'x'.repeat(126),
                'x'.repeat(65536),
                'ü'.repeat(100000),
            ];
            const got = arrives(...texts);
            assert.deepEqual(
                got.map((e) => e.data),
                texts,
            );
            got.forEach((e) => {
                assert.strictEqual(e.type, ws.TEXT);
                assert.strictEqual(e.compress, perMessageDeflate);
                assert.isTrue(e.masked);
            });
        });

        it('sends lone surrogates as U+FFFD', () => {
            assert.strictEqual(arrives('a\ud800b')[0].data, 'a\ufffdb');
        });

        it('sends Buffers as binary', () => {
            const sizes = [1, 125, 126, 4096, 5000, 65536, 3000000];
            const got = arrives(
                ...sizes.map((n) => {
                    const data = new Buffer(n);
                    data.fill(n & 255);
                    return data;
                }),
            );
            got.forEach((e, i) => {
                assert.strictEqual(e.type, ws.BINARY);
                assert.ok(Buffer.isBuffer(e.data));
                assert.strictEqual(e.data.length, sizes[i]);
                assert.strictEqual(e.length, BigInt(sizes[i]));
                assert.strictEqual(e.data[sizes[i] - 1], sizes[i] & 255);
            });
        });

        it('sends memory of all kinds as binary', () => {
            const memory = new Uint8Array([1, 2, 3, 4]).buffer;
            const got = arrives(
                memory,
                new Uint8Array(memory, 1, 2),
                new Uint16Array(memory),
                new DataView(memory, 2),
                new Int8Array([-1]),
                new Float64Array([0]),
            );
            assert.deepEqual(
                got.map((e) => e.data.hex()),
                ['01020304', '0203', '01020304', '0304', 'ff', '0000000000000000'],
            );
        });

        it('sends everything else as text', () => {
            const date = new Date(0);
            const got = arrives(5, true, null, undefined, {}, [1, 2], date, new String('boxed'), 10n, {
                toString: () => 'own',
            });
            assert.deepEqual(
                got.map((e) => [e.type, e.data]),
                ['5', 'true', 'null', 'undefined', '[object Object]', '1,2', String(date), 'boxed', '10', 'own'].map(
                    (text) => [1, text],
                ),
            );
        });

        it('delivers empty messages with null', () => {
            const got = arrives('', new Buffer(0), 'x', '', new Buffer(0));
            assert.deepEqual(
                got.map((e) => [e.type, e.data === null ? null : 'x']),
                [
                    [1, null],
                    [2, null],
                    [1, 'x'],
                    [1, null],
                    [2, null],
                ],
            );
            assert.strictEqual(got[0].length, 0n);
        });

        it('copies the data', () => {
            const base = serve(echo, { perMessageDeflate });
            const sock = open(base);
            const data = Buffer.from('abc');
            const [e] = receive(sock, 1, () => {
                sock.send(data);
                data[0] = 0;
            });
            assert.strictEqual(e.data.toString(), 'abc');
            finish(sock);
        });

        it('keeps the order', () => {
            const values = Array.from({ length: 500 }, (_, i) => (i % 3 ? `n${i}` : 'n'.repeat(i * 50 + 1)));
            assert.deepEqual(
                arrives(...values).map((e) => e.data),
                values,
            );
        });
    });

describe('ws.Socket: errors of send', () => {
    after(stop);

    it('counts its arguments', () => {
        const sock = open(serve(echo));
        assert.strictEqual(
            numberOf(() => sock.send()),
            100002,
        );
        assert.strictEqual(
            numberOf(() => sock.send('a', 'b')),
            100001,
        );
        sock.send('a', undefined);
        assert.strictEqual(sock.send.length, 0);
        assert.strictEqual(sock.send.name, 'send');
        finish(sock);
    });

    it('throws what a conversion throws', () => {
        const sock = open(serve(echo));
        assert.throws(() => sock.send(Symbol('x')));
        const own = new Error('own');
        assert.strictEqual(
            errorOf(() =>
                sock.send({
                    toString() {
                        throw own;
                    },
                }),
            ),
            own,
        );
        finish(sock);
    });

    it('throws if the socket is not open', () => {
        const base = serve(echo);
        const sock = new ws.Socket(base);
        const message = () => errorOf(() => sock.send('x')).message;
        assert.strictEqual(message(), 'websocket: WebSocket is in CONNECTING state.');
        assert.strictEqual(
            numberOf(() => sock.send(Buffer.from('x'))),
            100023,
        );
        const over = new coroutine.Event();
        const ready = new coroutine.Event();
        sock.onopen = () => ready.set();
        sock.onclose = () => over.set();
        ready.wait();
        sock.close();
        assert.strictEqual(sock.readyState, ws.CLOSING);
        assert.strictEqual(message(), 'websocket: WebSocket is in CLOSING state.');
        over.wait();
        assert.strictEqual(sock.readyState, ws.CLOSED);
        assert.strictEqual(message(), 'websocket: WebSocket is in CLOSED state.');
    });
});

describe('ws.Socket: received messages', () => {
    after(stop);

    it('have the members of a message', () => {
        const sock = open(serve(echo), { maxPayload: 1000 });
        const [e] = receive(sock, 1, () => sock.send('{"a":1}'));
        assert.ok(e instanceof ws.Message);
        assert.ok(e instanceof mq.Message);
        assert.strictEqual(String(e), 'WebSocketMessage');
        assert.strictEqual(e.data, '{"a":1}');
        assert.strictEqual(e.type, ws.TEXT);
        assert.deepEqual(e.json(), { a: 1 });
        assert.strictEqual(e.length, 7n);
        assert.isFalse(e.masked);
        assert.isTrue(e.compress);
        assert.strictEqual(e.maxSize, 1000);
        assert.strictEqual(e.value, '');
        assert.deepEqual(e.params, []);
        assert.strictEqual(e.lastError, '');
        assert.strictEqual(e.target, undefined);
        assert.strictEqual(e.read(), null); // `data` and `json` have read it
        e.body.rewind();
        assert.strictEqual(e.read(3).toString(), '{"a');
        assert.strictEqual(e.readAll().toString(), '":1}');
        assert.strictEqual(e.data, '{"a":1}');
        e.body.rewind();
        assert.strictEqual(e.body.readAll().toString(), '{"a":1}');
        finish(sock);
    });

    it('give a new Buffer at every look', () => {
        const sock = open(serve(echo));
        const [e] = receive(sock, 1, () => sock.send(Buffer.from('abc')));
        const first = e.data;
        first[0] = 0;
        assert.strictEqual(e.data.toString(), 'abc');
        e.body.rewind();
        assert.strictEqual(e.readAll().toString(), 'abc');
        finish(sock);
    });

    it('can be changed', () => {
        const sock = open(serve(echo));
        const [a, b] = receive(sock, 2, () => {
            sock.send('abcd');
            sock.send('efgh');
        });
        a.write('XY');
        assert.strictEqual(a.data, 'XYcd');
        a.value = 'v';
        a.type = ws.BINARY;
        a.masked = true;
        a.compress = false;
        a.maxSize = 5;
        assert.strictEqual(b.value, '');
        assert.strictEqual(b.type, ws.TEXT);
        assert.strictEqual(a.data.toString(), 'XYcd');
        assert.deepEqual([a.masked, a.compress, a.maxSize], [true, false, 5]);
        b.clear();
        assert.strictEqual(b.data, null);
        assert.strictEqual(b.type, ws.BINARY);
        finish(sock);
    });

    it('go through handlers', () => {
        const sock = open(serve(echo));
        const [e] = receive(sock, 1, () => sock.send('payload'));
        let seen;
        e.value = '/a/7';
        mq.invoke({ '/a/:id': (m, id) => (seen = [m === e, id, m.data]) && undefined }, e);
        assert.deepEqual(seen, [true, '7', 'payload']);
        finish(sock);
    });

    it('can be sent to a stream', () => {
        const io = require('io');
        const sock = open(serve(echo));
        const [e] = receive(sock, 1, () => sock.send('abc'));
        const stream = new io.MemoryStream();
        e.compress = false;
        e.sendTo(stream);
        stream.rewind();
        assert.strictEqual(stream.readAll().hex(), '8103616263');
        finish(sock);
    });

    it('share the stream of the connection, which can be closed', () => {
        const ends = [];
        const over = new coroutine.Event();
        const base = serve((sock) => {
            const streams = [];
            sock.onmessage = (e) => {
                streams.push(e.stream);
                if (streams.length < 2) return;
                ends.push(streams[0] === streams[1], String(e.stream));
                e.stream.close();
            };
            sock.onerror = (e) => ends.push(e.code, e.reason);
            sock.onclose = (e) => {
                ends.push(e.code, e.reason);
                over.set();
            };
        });
        const sock = open(base);
        const events = watch(sock);
        sock.send('1');
        sock.send('2');
        over.wait();
        assert.deepEqual(ends, [true, 'BufferedStream', 1001, 'Going Away', 1006, 'Abnormal Closure']);
        assert.deepEqual(
            events.wait().map(([name, e]) => [name, e.code, e.reason]),
            [
                ['error', 1001, undefined],
                ['close', 1006, 'Abnormal Closure'],
            ],
        );
    });
});

describe('ws.Socket: close', () => {
    after(stop);

    it('wants a valid code in every state', () => {
        const sock = new ws.Socket(serve(echo));
        const message = 'websocket: The code must be either 1000, or between 3000 and 4999.';
        const check = () => {
            for (const code of [0, 999, 1001, 1006, 2999, 5000, null, -1])
                assert.strictEqual(errorOf(() => sock.close(code)).message, message);
            assert.strictEqual(
                numberOf(() => sock.close('x')),
                100005,
            );
            assert.strictEqual(
                numberOf(() => sock.close(2 ** 31)),
                100006,
            );
            assert.strictEqual(
                numberOf(() => sock.close(1000, 'a', 1)),
                100001,
            );
        };
        check();
        const events = watch(sock);
        sock.once('open', () => {
            check();
            sock.close('3000.7', 5);
            check();
        });
        events.wait();
        check();
        assert.strictEqual(events[1][1].code, 3000);
        assert.strictEqual(events[1][1].reason, '5');
    });

    it('has code 1000 and no reason by default', () => {
        const got = [];
        const over = new coroutine.Event();
        const base = serve((sock) => {
            sock.onclose = (e) => {
                got.push(e);
                over.set();
            };
        });
        const sock = open(base);
        const events = watch(sock);
        assert.strictEqual(sock.close(), undefined);
        assert.strictEqual(sock.readyState, ws.CLOSING);
        sock.close(3000);
        events.wait();
        over.wait();
        assert.deepEqual(Object.keys(events[0][1]), ['target', 'type', 'code']);
        assert.strictEqual(events[0][1].code, 1000);
        assert.deepEqual(Object.keys(got[0]), ['target', 'type', 'code']);
        assert.strictEqual(events.length, 1);
    });

    it('tells both sides code and reason', () => {
        const got = [];
        const over = new coroutine.Event();
        const base = serve((sock) => {
            sock.onclose = (e) => {
                got.push(e.code, e.reason, sock.readyState, e.target === sock, e.type);
                over.set();
            };
        });
        const sock = open(base);
        const events = watch(sock);
        sock.close(4999, 'grün');
        events.wait();
        over.wait();
        assert.deepEqual(got, [4999, 'grün', ws.CLOSED, true, 'close']);
        assert.deepEqual([events[0][1].code, events[0][1].reason], [4999, 'grün']);
    });

    it('cuts a long reason on the wire only', () => {
        const long = 'é'.repeat(100);
        let got;
        const over = new coroutine.Event();
        const base = serve((sock) => {
            sock.onclose = (e) => {
                got = e.reason;
                over.set();
            };
        });
        const sock = open(base);
        const events = watch(sock);
        sock.close(3000, long);
        events.wait();
        over.wait();
        assert.strictEqual(events[0][1].reason, long);
        assert.strictEqual(got, 'é'.repeat(61));
    });

    it('sends what was sent before', () => {
        const got = [];
        const over = new coroutine.Event();
        const base = serve((sock) => {
            sock.onmessage = (e) => got.push(e.data.length);
            sock.onclose = () => over.set();
        });
        const sock = open(base);
        for (let i = 0; i < 20; i++) sock.send('x'.repeat(1000000));
        sock.close();
        over.wait();
        assert.strictEqual(got.length, 20);
    });

    it('may come from the server', () => {
        const base = serve((sock) => {
            sock.on('close', () => {});
            sock.close(3005, 'out');
        });
        const events = watch(new ws.Socket(base)).wait();
        assert.deepEqual(
            events.map(([name, e]) => [name, e?.code, e?.reason]),
            [
                ['open', undefined, undefined],
                ['close', 3005, 'out'],
            ],
        );
    });
});

describe('ws.Socket: order and fibers', () => {
    after(stop);

    it('starts each event in a fiber of its own', () => {
        const fibers = [];
        const done = new coroutine.Event();
        const base = serve((sock) => {
            sock.onmessage = (e) => {
                const me = coroutine.current();
                if (!fibers.includes(me)) fibers.push(me);
                if (fibers.length === 3) done.set();
            };
        });
        const sock = open(base);
        for (let i = 0; i < 3; i++) sock.send('x');
        done.wait();
        finish(sock);
    });

    it('lets handlers block without holding up the next message', () => {
        const log = [];
        const done = new coroutine.Event();
        const base = serve((sock) => {
            sock.onmessage = (e) => {
                log.push(`begin ${e.data}`);
                if (e.data === '1') coroutine.sleep(50);
                log.push(`end ${e.data}`);
                if (log.length === 4) done.set();
            };
        });
        const sock = open(base);
        sock.send('1');
        sock.send('2');
        done.wait();
        assert.deepEqual(log, ['begin 1', 'begin 2', 'end 2', 'end 1']);
        finish(sock);
    });

    it('runs further listeners in fibers of their own', () => {
        const log = [];
        const done = new coroutine.Event();
        const base = serve((sock) => {
            sock.on('message', function () {
                log.push(this === sock);
                coroutine.sleep(20);
                log.push('first');
                done.set();
            });
            sock.on('message', () => log.push('second'));
        });
        const sock = open(base);
        sock.send('x');
        done.wait();
        assert.deepEqual(log, [true, 'second', 'first']);
        finish(sock);
    });

    it('survives handlers that throw', () => {
        const base = serve((sock) => {
            sock.onmessage = (e) => {
                sock.send(e.data);
                if (e.data === 'throw') throw new Error('expected in this test');
            };
        });
        const sock = open(base);
        const got = receive(sock, 2, () => {
            sock.send('throw');
            sock.send('go on');
        });
        assert.strictEqual(got[1].data, 'go on');
        finish(sock);
    });

    it('answers messages in front of a Close before it', () => {
        const base = serve((sock) => {
            sock.onmessage = (e) => sock.send(`answer ${e.data}`);
        });
        const sock = open(base);
        const got = [];
        sock.onmessage = (e) => got.push(e.data);
        // A second socket that closes right behind its message gets its answer on the wire first; here the own close
        // discards what comes, so the server's view is what counts.
        const seen = [];
        const over = new coroutine.Event();
        const other = serve((s) => {
            s.onmessage = (e) => seen.push(e.data, s.readyState);
            s.onclose = (e) => {
                seen.push(e.code);
                over.set();
            };
        });
        const closing = open(other);
        closing.send('a');
        closing.send('b');
        closing.close(3000);
        over.wait();
        assert.deepEqual(seen, ['a', ws.OPEN, 'b', ws.OPEN, 3000]);
        finish(sock);
    });

    it('delivers open before messages that come with the handshake', () => {
        const base = serve((sock) => sock.send('at once'));
        const log = [];
        const sock = new ws.Socket(base);
        const over = new coroutine.Event();
        sock.onopen = () => log.push('open', sock.readyState);
        sock.onmessage = (e) => {
            log.push(e.data);
            over.set();
        };
        over.wait();
        assert.deepEqual(log, ['open', 1, 'at once']);
        finish(sock);
    });

    it('lets scripts emit', () => {
        const sock = new ws.Socket('ws://127.0.0.1:1');
        let got;
        sock.onmessage = (e) => (got = e);
        assert.isTrue(sock.emit('message', 5));
        assert.strictEqual(got, 5);
    });
});

describe('ws.Socket: limits', () => {
    after(stop);

    for (const perMessageDeflate of [false, true])
        it(`ends a connection that gets too much${perMessageDeflate ? ', inflated' : ''}`, () => {
            const got = [];
            const over = new coroutine.Event();
            const base = serve(
                (sock) => {
                    sock.onmessage = (e) => got.push(e.data.length);
                    sock.onerror = (e) => got.push(e.code, e.reason);
                    sock.onclose = (e) => {
                        got.push(e.code, e.reason);
                        over.set();
                    };
                },
                { maxPayload: 1000, perMessageDeflate },
            );
            const sock = open(base);
            const events = watch(sock);
            sock.send('x'.repeat(1000));
            sock.send('x'.repeat(1001));
            over.wait();
            assert.deepEqual(got, [1000, 1009, undefined, 1006, 'Abnormal Closure']);
            assert.deepEqual(
                events.wait().map(([name, e]) => [name, e.code, e.reason]),
                [
                    ['error', 1002, 'Protocol error'],
                    ['close', 1006, 'Abnormal Closure'],
                ],
            );
        });

    it('has them on the client too', () => {
        const sock = open(
            serve((sock) => sock.send('x'.repeat(11))),
            { maxPayload: '10' },
        );
        const events = watch(sock).wait();
        assert.strictEqual(events[0][1].code, 1009);
    });

    it('blocks a sender whose peer does not read', () => {
        let sent = 0;
        const release = new coroutine.Event();
        const base = serve(
            (sock) => {
                coroutine.start(() => {
                    for (; sent < 200; sent++) sock.send(new Buffer(100000));
                });
                // Another fiber of the same process is not held up.
                coroutine.sleep(20);
                release.set();
            },
            { maxBuffered: 1000000, perMessageDeflate: false },
        );
        const sock = new ws.Socket(base, { perMessageDeflate: false });
        let bytes = 0;
        const over = new coroutine.Event();
        sock.onmessage = (e) => {
            bytes += e.data.length;
            if (bytes === 20000000) over.set();
        };
        release.wait();
        over.wait();
        assert.strictEqual(sent, 200);
        finish(sock);
    });
});

describe('ws.Socket: ref and unref', () => {
    after(stop);

    it('return the socket', () => {
        const sock = open(serve(echo));
        assert.strictEqual(sock.unref(), sock);
        assert.strictEqual(sock.ref(), sock);
        assert.strictEqual(sock.ref(), sock);
        finish(sock);
        assert.strictEqual(sock.ref(), sock);
    });
});

require.main === module && test.run(console.DEBUG);
