// The `dgram` module (spec/io-and-net.md §6).
'use strict';

const test = require('test');
test.setup();

const coroutine = require('coroutine');
const dgram = require('dgram');
const EventEmitter = require('events');

function thrown(code) {
    try {
        code();
    } catch (e) {
        return typeof e === 'string' ? e : e.number;
    }
    return 'nothing';
}

/** What arrives at a socket: a function that waits for so many datagrams. */
function collector(socket) {
    const got = [];
    const event = new coroutine.Event();
    socket.on('message', (msg, rinfo) => {
        got.push({ msg, rinfo });
        event.set();
    });
    return (count) => {
        while (got.length < count) {
            event.clear();
            event.wait();
        }
        return got;
    };
}

const sockets = [];
/** A socket that is closed after the case. */
function make(...args) {
    const socket = dgram.createSocket(...args);
    sockets.push(socket);
    return socket;
}

/** Wait for an event. */
function once(socket, name) {
    const event = new coroutine.Event();
    let result;
    socket.once(name, (...args) => {
        result = args;
        event.set();
    });
    return () => {
        event.wait();
        return result;
    };
}

describe('dgram', () => {
    afterEach(() => {
        for (const socket of sockets.splice(0)) thrown(() => socket.close());
    });

    it('createSocket', () => {
        const socket = make('udp4');
        assert.ok(socket instanceof dgram.Socket);
        assert.ok(socket instanceof EventEmitter);
        assert.equal(socket.toString(), 'DgramSocket');
        make({ type: 'udp4', reuseAddr: true });
        assert.equal(make('udp4', () => {}).listenerCount('message'), 1);
        assert.equal(
            thrown(() => new dgram.Socket()),
            'not a constructor',
        );
        assert.equal(
            thrown(() => dgram.createSocket('tcp')),
            100002,
        );
        assert.equal(
            thrown(() => dgram.createSocket({})),
            100002,
        );
        assert.equal(
            thrown(() => dgram.createSocket('tcp', () => {})),
            100004,
        );
        assert.equal(
            thrown(() => dgram.createSocket({ type: 5 }, () => {})),
            100004,
        );
        assert.equal(
            thrown(() => dgram.createSocket()),
            100002,
        );
    });

    it('sends and receives', () => {
        const one = make('udp4');
        const received = collector(one);
        const listening = once(one, 'listening');
        one.bind();
        assert.deepEqual(listening(), []);
        const { address, port, family } = one.address();
        assert.equal(address, '0.0.0.0');
        assert.equal(family, 'IPv4');
        const two = make('udp4');
        assert.equal(two.send('hello', port), 5);
        assert.equal(two.send(Buffer.from([1, 2]), port, '127.0.0.1'), 2);
        assert.equal(two.send('by name', port, 'localhost'), 7);
        const got = received(3);
        assert.deepEqual(
            got.map(({ msg }) => msg.toString('latin1')),
            ['hello', '\x01\x02', 'by name'],
        );
        const { msg, rinfo } = got[0];
        assert.ok(Buffer.isBuffer(msg));
        assert.deepEqual(Object.keys(rinfo), ['data', 'address', 'port']);
        assert.strictEqual(rinfo.data, msg);
        assert.equal(rinfo.address, '127.0.0.1');
        assert.equal(rinfo.port, two.address().port);
    });

    it('answers', () => {
        const server = make('udp4', (msg, { address, port }) => server.send(`re: ${msg}`, port, address));
        server.bind(0, '127.0.0.1');
        const client = make('udp4');
        const received = collector(client);
        client.send('question', server.address().port);
        assert.equal(received(1)[0].msg.toString(), 're: question');
    });

    it('parts of a buffer', () => {
        const one = make('udp4');
        const received = collector(one);
        one.bind({ port: 0, address: '127.0.0.1' });
        const { port } = one.address();
        const two = make('udp4');
        assert.equal(two.send('0123456789', 2, 3, port), 3);
        assert.equal(two.send('0123456789', 8, 30, port, '127.0.0.1'), 2);
        assert.equal(
            thrown(() => two.send('0123', -1, 3, port)),
            100004,
        );
        assert.equal(
            thrown(() => two.send('0123', 0, 0, port)),
            100004,
        );
        assert.deepEqual(
            received(2).map(({ msg }) => msg.toString()),
            ['234', '89'],
        );
    });

    it('long datagrams are cut, empty ones dropped', () => {
        const one = make('udp4');
        const received = collector(one);
        one.bind(0, '127.0.0.1');
        const { port } = one.address();
        const two = make('udp4');
        two.send('', port);
        assert.equal(two.send(Buffer.alloc(5000, 'x'), port), 5000);
        two.send('end', port);
        const got = received(2);
        assert.equal(got[0].msg.length, 2048);
        assert.equal(got[1].msg.toString(), 'end');
        assert.equal(
            thrown(() => two.send(Buffer.alloc(70000), port)),
            90,
        );
    });

    it('many, in order', () => {
        const one = make({ type: 'udp4', recvBufferSize: 1 << 20 });
        const received = collector(one);
        one.bind(0, '127.0.0.1');
        const { port } = one.address();
        const two = make('udp4');
        for (let i = 0; i < 200; i++) two.send(`${i}`, port);
        assert.deepEqual(
            received(200).map(({ msg }) => Number(msg)),
            Array.from({ length: 200 }, (_, i) => i),
        );
    });

    it('callback and promise forms', (done) => {
        const one = make('udp4');
        const received = collector(one);
        one.bind(0, '127.0.0.1', (error) => {
            assert.isUndefined(error);
            const two = make('udp4');
            two.send('a', one.address().port, (e, size) => {
                assert.equal(size, 1);
                two.sendAsync('b', one.address().port).then(() => {
                    received(2);
                    done();
                });
            });
        });
    });

    it('binding', () => {
        const one = make('udp4');
        one.bind(0, '127.0.0.1');
        assert.equal(
            thrown(() => one.bind()),
            100009,
        );
        const { port } = one.address();
        const two = make('udp4');
        assert.equal(
            thrown(() => two.bind(port, '127.0.0.1')),
            98,
        );
        assert.equal(
            thrown(() => two.bind(0, 'localhost')),
            100004,
        );
        assert.equal(
            thrown(() => two.bind(0, '::1')),
            100004,
        );
        assert.equal(
            thrown(() => two.bind({ port: 0 })),
            100002,
        );
        assert.equal(
            thrown(() => two.bind({ address: '127.0.0.1' })),
            100002,
        );
        two.bind();
    });

    it('closing', () => {
        const one = make('udp4');
        one.bind();
        const errors = once(one, 'error');
        const closed = once(one, 'close');
        let called = false;
        assert.isUndefined(one.close(() => (called = true)));
        assert.deepEqual(closed(), []);
        const [error] = errors();
        assert.strictEqual(error.target, one);
        assert.equal(error.type, 'error');
        assert.equal(error.code, -9);
        assert.equal(error.reason, '[9] Bad file descriptor');
        assert.ok(called);
        for (const code of [
            () => one.close(),
            () => one.bind(),
            () => one.send('x', 1),
            () => one.getRecvBufferSize(),
            () => one.setSendBufferSize(1000),
            () => one.setBroadcast(true),
        ])
            assert.equal(thrown(code), 100009);
        assert.equal(
            thrown(() => one.address()),
            9,
        );
    });

    it('buffer sizes and broadcast', () => {
        const one = make({ type: 'udp4', recvBufferSize: 20000, sendBufferSize: 30000 });
        assert.equal(one.getRecvBufferSize(), 40000);
        assert.equal(one.getSendBufferSize(), 60000);
        one.setRecvBufferSize(50000);
        assert.equal(one.getRecvBufferSize(), 100000);
        assert.equal(
            thrown(() => one.send('x', 9, '255.255.255.255')),
            13,
        );
        one.setBroadcast(true);
        assert.equal(
            thrown(() => one.setBroadcast()),
            100002,
        );
    });

    it('ref and unref', () => {
        const one = make('udp4');
        assert.strictEqual(one.unref(), one);
        one.bind();
        assert.strictEqual(one.ref(), one);
        assert.strictEqual(one.unref(), one);
    });

    it('udp6', () => {
        const one = make('udp6');
        const received = collector(one);
        if (thrown(() => one.bind(0, '::1')) !== 'nothing') return;
        const two = make('udp6');
        two.send('six', one.address().port);
        const { msg, rinfo } = received(1)[0];
        assert.equal(msg.toString(), 'six');
        assert.equal(rinfo.address, '::1');
        assert.equal(
            thrown(() => two.bind(0, '127.0.0.1')),
            100009,
        );
        assert.equal(
            thrown(() => make('udp6').bind(0, '127.0.0.1')),
            100004,
        );
    });

    it('unknown names', () => {
        assert.equal(
            thrown(() => make('udp4').send('x', 9, 'does-not-exist.invalid')),
            100023,
        );
    });
});

require.main === module && test.run(console.DEBUG);
