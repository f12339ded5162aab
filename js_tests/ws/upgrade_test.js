'use strict';

var test = require('test');
test.setup();

const coroutine = require('coroutine');
const http = require('http');
const mq = require('mq');
const ws = require('ws');

const errorOf = (fn) => {
    try {
        fn();
    } catch (e) {
        return e;
    }
    return undefined;
};
const numberOf = (fn) => errorOf(fn)?.number;

/** A request like a browser's, with headers replaced (null: left out). */
const request = (changes = {}) => {
    const req = new http.Request();
    const headers = {
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...changes,
    };
    for (const name of Object.keys(headers))
        if (headers[name] !== null && name !== 'Connection') req.addHeader(name, headers[name]);
    req.upgrade = changes.Connection !== null;
    return req;
};

const servers = [];
/** A server with a handler; the base of its URLs. */
const serve = (handler) => {
    const svr = new http.Server('127.0.0.1', 0, handler);
    svr.start();
    servers.push(svr);
    return `ws://127.0.0.1:${svr.socket.localPort}`;
};
const stop = () => servers.splice(0).forEach((svr) => svr.stop());

/** Connect, run `open`, wait for the end; the close event. */
const talk = (url, open, opts = {}) => {
    const socket = new ws.Socket(url, opts);
    const over = new coroutine.Event();
    let last;
    socket.onopen = () => open(socket);
    socket.onclose = (e) => {
        last = e;
        over.set();
    };
    // A test that fails must not keep the others from running.
    const limit = setTimeout(() => {
        socket.unref();
        over.set();
    }, 5000);
    over.wait();
    clearTimeout(limit);
    return last;
};

describe('ws: the module', () => {
    it('has constants', () => {
        assert.deepEqual(
            ['CONTINUE', 'TEXT', 'BINARY', 'CLOSE', 'PING', 'PONG'].map((name) => ws[name]),
            [0, 1, 2, 8, 9, 10],
        );
        assert.deepEqual(
            ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].map((name) => ws[name]),
            [0, 1, 2, 3],
        );
    });

    it('has them nowhere else', () => {
        assert.strictEqual(ws.Socket.OPEN, undefined);
        assert.strictEqual(ws.Socket.prototype.OPEN, undefined);
        assert.strictEqual(globalThis.WebSocket, undefined);
    });

    it('cannot be constructed', () => {
        assert.throws(() => new ws());
    });
});

describe('ws.upgrade: making a handler', () => {
    it('gives a Handler', () => {
        assert.ok(ws.upgrade(() => {}) instanceof mq.Handler);
        assert.ok(ws.upgrade({}, () => {}) instanceof mq.Handler);
        assert.strictEqual(String(ws.upgrade(() => {})), 'Handler');
    });

    it('checks its arguments', () => {
        assert.strictEqual(
            numberOf(() => ws.upgrade()),
            100002,
        );
        assert.strictEqual(
            numberOf(() => ws.upgrade({})),
            100002,
        );
        assert.strictEqual(
            numberOf(() => ws.upgrade(1, 2)),
            100005,
        );
        assert.strictEqual(
            numberOf(() => ws.upgrade(() => {}, {})),
            100005,
        );
        assert.strictEqual(
            numberOf(() => ws.upgrade({}, () => {}, 1)),
            100001,
        );
        assert.strictEqual(
            numberOf(() => ws.upgrade(new Date(), () => {})),
            100005,
        );
    });

    it('ignores unknown and unusable options', () => {
        ws.upgrade({ maxPayload: 'abc', perMessageDeflate: null, foo: 1 }, () => {});
        ws.upgrade({ maxPayload: undefined, maxBuffered: {} }, () => {});
    });
});

describe('ws.upgrade: the handshake', () => {
    const handler = ws.upgrade(() => {});
    const text = (changes) => errorOf(() => mq.invoke(handler, request(changes)));

    for (const [name, changes, message] of [
        ['no Upgrade', { Upgrade: null }, 'WebSocketHandler: missing Upgrade header.'],
        ['another Upgrade', { Upgrade: 'h2c' }, 'WebSocketHandler: invalid Upgrade header.'],
        ['no version', { 'Sec-WebSocket-Version': null }, 'WebSocketHandler: missing Sec-WebSocket-Version header.'],
        [
            'another version',
            { 'Sec-WebSocket-Version': '8' },
            'WebSocketHandler: invalid Sec-WebSocket-Version header.',
        ],
        ['no Connection', { Connection: null }, 'WebSocketHandler: invalid connection header.'],
        ['no key', { 'Sec-WebSocket-Key': null }, 'WebSocketHandler: missing Sec-WebSocket-Key header.'],
        ['a bad key', { 'Sec-WebSocket-Key': 'abc' }, 'WebSocketHandler: invalid Sec-WebSocket-Key header.'],
        [
            'first things first',
            { Upgrade: null, 'Sec-WebSocket-Version': null },
            'WebSocketHandler: missing Upgrade header.',
        ],
    ])
        it(`refuses ${name}`, () => {
            const error = text(changes);
            assert.strictEqual(error.number, 100023);
            assert.strictEqual(error.message, message);
            assert.strictEqual(errorOf(() => handler.invoke(request(changes))).message, message);
        });

    it('takes only requests', () => {
        for (const v of [new mq.Message(), new http.Response(), Buffer.from('x')]) {
            assert.strictEqual(
                numberOf(() => mq.invoke(handler, v)),
                100003,
            );
            assert.strictEqual(
                numberOf(() => handler.invoke(v)),
                100003,
            );
        }
    });

    it('does not accept a request that came from nowhere', () => {
        assert.strictEqual(
            numberOf(() => mq.invoke(handler, request())),
            100009,
        );
    });
});

describe('ws.upgrade: accept', () => {
    after(stop);

    it('gets an open socket and the request', () => {
        const seen = [];
        let handler;
        const base = serve({
            '/ws/:room': (handler = ws.upgrade(function (sock, req) {
                seen.push(
                    this === handler,
                    arguments.length,
                    sock.readyState,
                    sock.url,
                    sock.protocol,
                    sock.origin,
                    String(sock),
                    sock instanceof ws.Socket,
                    req.value,
                    req.address,
                    req.params[0],
                    req.query.first('q'),
                    req.firstHeader('X-Test'),
                    typeof req.socket.remoteAddress,
                );
                sock.close();
            })),
        });
        talk(`${base}/ws/a?q=1`, () => {}, { headers: { 'X-Test': 'yes' } });
        assert.deepEqual(seen, [true, 2, 1, '', '', '', 'WebSocket', true, 'a', '/ws/a', 'a', '1', 'yes', 'string']);
    });

    it('gets the same request object as earlier handlers', () => {
        let user;
        const base = serve([
            (req) => {
                req.user = 'ann';
            },
            ws.upgrade((sock, req) => {
                user = req.user;
                sock.close();
            }),
        ]);
        talk(base, () => {});
        assert.strictEqual(user, 'ann');
    });

    it('runs in a fiber of its own and may block', () => {
        let first;
        const base = serve([
            (req) => {
                first = coroutine.current();
                first.mark = 1;
            },
            ws.upgrade((sock) => {
                const mine = coroutine.current();
                sock.onmessage = (e) => sock.send(`${e.data} ${mine !== first} ${mine.mark}`);
                coroutine.sleep(20);
            }),
        ]);
        let got;
        talk(base, (sock) => {
            sock.onmessage = (e) => {
                got = e.data;
                sock.close();
            };
            sock.send('x');
        });
        assert.strictEqual(got, 'x true undefined');
    });

    it('may throw: the connection stays', () => {
        const base = serve(
            ws.upgrade((sock) => {
                sock.onmessage = (e) => sock.send(e.data);
                throw new Error('expected in this test');
            }),
        );
        let got;
        const level = console.loglevel;
        talk(base, (sock) => {
            sock.onmessage = (e) => {
                got = e.data;
                sock.close();
            };
            sock.send('still there');
        });
        assert.strictEqual(got, 'still there');
    });

    it('may send and close without any listener', () => {
        const base = serve(
            ws.upgrade((sock) => {
                sock.send('pushed');
                sock.close(3000, 'enough');
            }),
        );
        const got = [];
        const end = talk(base, (sock) => {
            sock.onmessage = (e) => got.push(e.data);
        });
        assert.deepEqual(got, ['pushed']);
        assert.strictEqual(end.code, 3000);
        assert.strictEqual(end.reason, 'enough');
    });

    it('gets no open event', () => {
        let opened = false;
        const base = serve(
            ws.upgrade((sock) => {
                sock.on('open', () => (opened = true));
                sock.onmessage = () => sock.close();
            }),
        );
        talk(base, (sock) => sock.send('x'));
        assert.isFalse(opened);
    });
});

describe('ws.upgrade: reading begins with the first listener', () => {
    after(stop);

    const ways = {
        on: (sock, fn) => sock.on('message', fn),
        once: (sock, fn) => sock.once('message', fn),
        addListener: (sock, fn) => sock.addListener({ message: fn }),
        prependListener: (sock, fn) => sock.prependListener('message', fn),
        prependOnceListener: (sock, fn) => sock.prependOnceListener('message', fn),
        addEventListener: (sock, fn) => sock.addEventListener('message', fn),
        onmessage: (sock, fn) => {
            sock.onmessage = fn;
        },
    };
    for (const name of Object.keys(ways))
        it(`by ${name}, and nothing is lost before`, () => {
            const base = serve(
                ws.upgrade((sock) => {
                    coroutine.sleep(30);
                    ways[name](sock, (e) => {
                        sock.send(e.data);
                    });
                }),
            );
            let got;
            talk(base, (sock) => {
                sock.onmessage = (e) => {
                    got = e.data;
                    sock.close();
                };
                sock.send('early');
            });
            assert.strictEqual(got, 'early');
        });

    it('by removing one', () => {
        const base = serve(
            ws.upgrade((sock) => {
                sock.off('message', () => {});
                coroutine.sleep(50);
                sock.onmessage = () => sock.send('too late to hear');
                coroutine.sleep(30);
                sock.close(3001);
            }),
        );
        const got = [];
        const end = talk(base, (sock) => {
            sock.onmessage = (e) => got.push(e.data);
            sock.send('x');
        });
        assert.deepEqual(got, []);
        assert.strictEqual(end.code, 3001);
    });

    it('but not by off with a name alone', () => {
        const base = serve(
            ws.upgrade((sock) => {
                sock.off('message');
                coroutine.sleep(50);
                sock.onmessage = (e) => sock.close(3002, e.data);
            }),
        );
        assert.strictEqual(talk(base, (sock) => sock.send('kept')).reason, 'kept');
    });

    it('also after the peer has gone', () => {
        const events = [];
        const over = new coroutine.Event();
        const base = serve(
            ws.upgrade((sock) => {
                coroutine.sleep(100);
                sock.onmessage = (e) => events.push(e.data);
                sock.onclose = (e) => {
                    events.push(e.code);
                    over.set();
                };
            }),
        );
        talk(base, (sock) => {
            sock.send('last words');
            sock.close(3003);
        });
        over.wait();
        assert.deepEqual(events, ['last words', 3003]);
    });
});

describe('ws.upgrade: in handler trees', () => {
    after(stop);

    it('answers other requests with 500', () => {
        const base = serve(ws.upgrade(() => {}));
        const url = base.replace('ws:', 'http:');
        const level = console.loglevel;
        assert.strictEqual(http.get(url).statusCode, 500);
    });

    it('blocks mq.invoke until the connection has ended', () => {
        const log = [];
        const done = new coroutine.Event();
        const upgrade = ws.upgrade((sock) => {
            sock.onmessage = () => {
                log.push('message');
                sock.close();
            };
            sock.onclose = () => log.push('close');
        });
        const base = serve((req) => {
            log.push('before');
            log.push(mq.invoke(upgrade, req));
            log.push('after');
            done.set();
        });
        talk(base, (sock) => sock.send('x'));
        done.wait();
        assert.deepEqual(log, ['before', 'message', 'close', undefined, 'after']);
    });

    it('lets a chain go on after the connection has ended', () => {
        const log = [];
        const done = new coroutine.Event();
        const base = serve([
            ws.upgrade((sock) => {
                sock.onclose = () => log.push('close');
            }),
            (req) => {
                log.push('next');
                req.response.write('nobody gets this');
                done.set();
            },
        ]);
        talk(base, (sock) => sock.close());
        done.wait();
        assert.deepEqual(log, ['close', 'next']);
    });

    it('can be refused by an earlier element', () => {
        const base = serve([
            (req) => {
                req.response.statusCode = 403;
                req.end();
            },
            ws.upgrade(() => assert.ok(false)),
        ]);
        const sock = new ws.Socket(base);
        const over = new coroutine.Event();
        let error;
        sock.onerror = (e) => (error = e);
        sock.onclose = () => over.set();
        over.wait();
        assert.strictEqual(error.code, 1002);
        assert.strictEqual(error.reason, 'server error.');
    });

    it('sends what earlier elements put into the response, with status 101', () => {
        const base = serve([
            (req) => {
                req.response.addHeader('X-One', '1');
                req.response.statusCode = 404;
                req.response.addHeader(
                    'Sec-WebSocket-Protocol',
                    req.firstHeader('Sec-WebSocket-Protocol').split(',')[0],
                );
            },
            ws.upgrade((sock) => sock.close()),
        ]);
        const end = talk(base, () => {}, { protocol: 'chat,other' });
        assert.strictEqual(end.code, 1000);
    });

    it('refuses a header with a line break', () => {
        const base = serve([
            (req) => req.response.addHeader('X-One', 'a\r\nX-Two: b'),
            ws.upgrade((sock) => sock.close()),
        ]);
        const sock = new ws.Socket(base);
        const over = new coroutine.Event();
        let error;
        sock.onerror = (e) => (error = e);
        sock.onclose = () => over.set();
        over.wait();
        assert.strictEqual(error.reason, 'server error.');
    });

    it('lives on when the server is stopped', () => {
        const base = serve(
            ws.upgrade((sock) => {
                sock.onmessage = (e) => sock.send(e.data);
            }),
        );
        let got;
        talk(base, (sock) => {
            stop();
            sock.onmessage = (e) => {
                got = e.data;
                sock.close();
            };
            sock.send('hello');
        });
        assert.strictEqual(got, 'hello');
    });

    it('serves many connections at once', () => {
        let most = 0;
        let now = 0;
        const base = serve(
            ws.upgrade((sock) => {
                most = Math.max(most, ++now);
                sock.onmessage = (e) => sock.send(e.data);
                sock.onclose = () => now--;
            }),
        );
        const results = coroutine.parallel(
            Array.from({ length: 50 }, (_, i) => i),
            (i) => {
                let got;
                talk(base, (sock) => {
                    sock.onmessage = (e) => {
                        got = e.data;
                        coroutine.sleep(20);
                        sock.close();
                    };
                    sock.send(`n${i}`);
                });
                return got;
            },
        );
        assert.deepEqual(
            results,
            Array.from({ length: 50 }, (_, i) => `n${i}`),
        );
        assert.greaterThan(most, 1);
    });
});

require.main === module && test.run(console.DEBUG);
