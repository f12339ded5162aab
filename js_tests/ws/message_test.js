'use strict';

var test = require('test');
test.setup();

const io = require('io');
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

const send = (msg) => {
    const stream = new io.MemoryStream();
    msg.sendTo(stream);
    stream.rewind();
    return stream;
};
const bytes = (stream) => {
    stream.rewind();
    return stream.readAll().hex();
};
const read = (hex, ...args) => {
    const stream = new io.MemoryStream();
    stream.write(Buffer.from(hex, 'hex'));
    stream.rewind();
    const msg = new ws.Message(...args);
    msg.readFrom(stream);
    return msg;
};
const make = (text, type = ws.TEXT, masked = false, compress = false) => {
    const msg = new ws.Message(type, masked, compress);
    msg.write(text);
    return msg;
};

describe('ws.Message: construction', () => {
    it('has defaults', () => {
        const msg = new ws.Message();
        assert.strictEqual(msg.type, ws.BINARY);
        assert.isTrue(msg.masked);
        assert.isFalse(msg.compress);
        assert.strictEqual(msg.maxSize, 67108864);
        assert.strictEqual(msg.value, '');
        assert.deepEqual(msg.params, []);
        assert.strictEqual(msg.data, null);
        assert.strictEqual(msg.stream, null);
        assert.strictEqual(msg.lastError, '');
        assert.strictEqual(msg.length, 0n);
        assert.isFalse(msg.isEnded());
        assert.strictEqual(String(msg), 'WebSocketMessage');
    });

    it('takes and coerces arguments', () => {
        const msg = new ws.Message('1', 0, 'x', '100');
        assert.strictEqual(msg.type, ws.TEXT);
        assert.isFalse(msg.masked);
        assert.isTrue(msg.compress);
        assert.strictEqual(msg.maxSize, 100);
    });

    it('ignores compress for types that are no data', () => {
        assert.isFalse(new ws.Message(ws.PING, true, true).compress);
        assert.isFalse(new ws.Message(0, true, true).compress);
        assert.isTrue(new ws.Message(ws.TEXT, true, true).compress);
    });

    it('checks its arguments', () => {
        assert.strictEqual(
            numberOf(() => new ws.Message(1, true, false, 1, 2)),
            100001,
        );
        assert.strictEqual(
            numberOf(() => ws.Message(1)),
            100007,
        );
        assert.strictEqual(
            numberOf(() => new ws.Message('x')),
            100005,
        );
    });

    it('extends Message', () => {
        const mq = require('mq');
        assert.ok(new ws.Message() instanceof mq.Message);
        assert.strictEqual(ws.Message.TEXT, 1);
        assert.strictEqual(ws.Message.BINARY, 2);
        assert.strictEqual(new ws.Message().TEXT, 1);
        assert.strictEqual(ws.Message.PING, undefined);
        assert.strictEqual(new ws.Message().CLOSE, undefined);
    });

    it('checks maxSize when it is assigned, not when it is constructed', () => {
        const msg = new ws.Message(1, true, false, -1);
        assert.strictEqual(msg.maxSize, -1);
        assert.strictEqual(
            numberOf(() => {
                msg.maxSize = -1;
            }),
            100006,
        );
        msg.maxSize = 5;
        assert.strictEqual(msg.maxSize, 5);
    });

    it('has data by type', () => {
        const msg = make('abc');
        assert.strictEqual(msg.data, 'abc');
        msg.type = ws.BINARY;
        assert.strictEqual(msg.data.hex(), '616263');
        assert.notStrictEqual(msg.data, msg.data);
    });

    it('clears what it holds and keeps how it is sent', () => {
        const msg = new ws.Message(ws.TEXT, false, true, 77);
        msg.value = 'v';
        msg.write('abc');
        msg.lastError = 'e';
        msg.end();
        msg.clear();
        assert.strictEqual(msg.type, ws.BINARY);
        assert.strictEqual(msg.value, '');
        assert.strictEqual(msg.data, null);
        assert.strictEqual(msg.lastError, '');
        assert.isFalse(msg.isEnded());
        assert.isFalse(msg.masked);
        assert.isTrue(msg.compress);
        assert.strictEqual(msg.maxSize, 77);
    });
});

describe('ws.Message: sendTo', () => {
    it('writes one frame', () => {
        assert.strictEqual(bytes(send(make('hello'))), '810568656c6c6f');
        assert.strictEqual(bytes(send(make('ab', ws.BINARY))), '82026162');
        assert.strictEqual(bytes(send(make('', ws.PING))), '8900');
    });

    it('sends an empty payload without a body', () => {
        assert.strictEqual(bytes(send(new ws.Message(ws.TEXT, false))), '8100');
    });

    it('sends only the low bits of the type', () => {
        assert.strictEqual(bytes(send(make('', 0x15))), '8500');
    });

    it('uses the shortest length', () => {
        assert.strictEqual(bytes(send(make('x'.repeat(125)))).slice(0, 4), '817d');
        assert.strictEqual(bytes(send(make('x'.repeat(126)))).slice(0, 8), '817e007e');
        assert.strictEqual(bytes(send(make('x'.repeat(65535)))).slice(0, 8), '817effff');
        assert.strictEqual(bytes(send(make('x'.repeat(65536)))).slice(0, 20), '817f0000000000010000');
    });

    it('masks with a fresh key', () => {
        const seen = new Set();
        for (let i = 0; i < 10; i++) {
            const stream = send(make('hello', ws.TEXT, true));
            const all = stream.readAll();
            assert.strictEqual(all.length, 11);
            assert.strictEqual(all[1], 0x85);
            const key = all.slice(2, 6);
            assert.notEqual(key.hex(), '00000000');
            seen.add(key.hex());
            assert.strictEqual(
                all
                    .slice(6)
                    .toArray()
                    .map((b, i) => String.fromCharCode(b ^ key[i % 4]))
                    .join(''),
                'hello',
            );
        }
        assert.strictEqual(seen.size, 10);
    });

    it('writes the whole body wherever it is positioned', () => {
        const msg = make('hello');
        msg.body.rewind();
        msg.read(2);
        assert.strictEqual(bytes(send(msg)), '810568656c6c6f');
        assert.strictEqual(msg.readAll(), null);
        assert.strictEqual(bytes(send(msg)), '810568656c6c6f');
    });

    it('compresses', () => {
        const stream = send(make('x'.repeat(1000), ws.TEXT, false, true));
        const all = stream.readAll();
        assert.strictEqual(all[0], 0xc1);
        assert.lessThan(all.length, 40);
        stream.rewind();
        const back = new ws.Message();
        back.readFrom(stream);
        assert.strictEqual(back.data, 'x'.repeat(1000));
        assert.isTrue(back.compress);
    });

    it('compresses any type if told later', () => {
        const msg = make('', ws.PING);
        msg.compress = true;
        assert.strictEqual(bytes(send(msg)), 'c90100');
    });

    it('takes a callback', (done) => {
        const stream = new io.MemoryStream();
        const result = make('hi').sendTo(stream, (error, value) => {
            try {
                assert.strictEqual(error, undefined);
                assert.strictEqual(value, undefined);
                assert.strictEqual(bytes(stream), '81026869');
                done();
            } catch (e) {
                done(e);
            }
        });
        assert.strictEqual(result, undefined);
    });

    it('wants a stream', () => {
        assert.strictEqual(
            numberOf(() => make('x').sendTo('y')),
            100005,
        );
        assert.strictEqual(
            numberOf(() => new ws.Message().readFrom({})),
            100005,
        );
        assert.strictEqual(
            numberOf(() => new ws.Message().readFrom()),
            100002,
        );
    });

    it('passes errors of the stream on', () => {
        const stream = {
            read() {},
            write() {
                throw new Error('full');
            },
        };
        const error = errorOf(() => make('x').sendTo(stream));
        assert.ok(error.message.includes('full'));
    });
});

describe('ws.Message: readFrom', () => {
    it('reads one message', () => {
        const msg = read('810568656c6c6f');
        assert.strictEqual(msg.type, ws.TEXT);
        assert.strictEqual(msg.data, 'hello');
        assert.isFalse(msg.masked);
        assert.isFalse(msg.compress);
        assert.strictEqual(msg.length, 5n);
    });

    it('unmasks', () => {
        const msg = read('818537fa213d7f9f4d5158', 1, false);
        assert.strictEqual(msg.data, 'Hello');
        assert.isTrue(msg.masked);
    });

    it('joins fragments', () => {
        const msg = read('0102486500026c6c80016f');
        assert.strictEqual(msg.type, ws.TEXT);
        assert.strictEqual(msg.data, 'Hello');
    });

    it('keeps the bytes behind the message', () => {
        const stream = new io.MemoryStream();
        make('one').sendTo(stream);
        make('two', ws.BINARY).sendTo(stream);
        stream.rewind();
        const a = new ws.Message();
        a.readFrom(stream);
        const b = new ws.Message();
        b.readFrom(stream);
        assert.strictEqual(a.data, 'one');
        assert.strictEqual(b.data.toString(), 'two');
        assert.strictEqual(a.stream, stream);
        assert.strictEqual(stream.read(), null);
    });

    it('reads from a BufferedStream', () => {
        const inner = new io.MemoryStream();
        make('y'.repeat(200000)).sendTo(inner);
        inner.rewind();
        const msg = new ws.Message();
        msg.readFrom(new io.BufferedStream(inner));
        assert.strictEqual(msg.data.length, 200000);
    });

    it('accepts any opcode', () => {
        assert.strictEqual(read('8900').type, ws.PING);
        assert.strictEqual(read('8301aa').type, 3);
        assert.strictEqual(read('8001aa').type, 0);
    });

    it('rewinds the body', () => {
        const msg = read('810568656c6c6f');
        assert.strictEqual(msg.read(2).toString(), 'he');
        assert.strictEqual(msg.readAll().toString(), 'llo');
    });

    it('writes over a body that is there', () => {
        const msg = make('abcdefgh');
        msg.body.rewind();
        const stream = new io.MemoryStream();
        stream.write(Buffer.from('8102585a', 'hex'));
        stream.rewind();
        msg.readFrom(stream);
        assert.strictEqual(msg.data, 'XZcdefgh');
    });

    it('replaces invalid UTF-8', () => {
        assert.strictEqual(read('8102ff61').data, '\ufffda');
    });

    it('sets compress and never resets it', () => {
        const stream = new io.MemoryStream();
        make('hello', ws.TEXT, false, true).sendTo(stream);
        make('plain').sendTo(stream);
        stream.rewind();
        const msg = new ws.Message();
        msg.readFrom(stream);
        assert.isTrue(msg.compress);
        msg.clear();
        msg.readFrom(stream);
        assert.isTrue(msg.compress);
        assert.strictEqual(msg.data, 'plain');
    });

    for (const [name, hex, args, number, text] of [
        ['nothing', '', [], 100023, 'WebSocketMessage: payload processing failed.'],
        ['one byte', '81', [], 100023, 'WebSocketMessage: payload processing failed.'],
        ['an end in the payload', '810568', [], 100023, 'WebSocketMessage: payload processing failed.'],
        ['an end between fragments', '010161', [], 100023, 'WebSocketMessage: payload processing failed.'],
        ['a fragment with another opcode', '010161810162', [], 100023, 'WebSocketMessage: payload processing failed.'],
        [
            'a fragment with another mask bit',
            '01016180810000000062',
            [],
            100023,
            'WebSocketMessage: payload processing failed.',
        ],
        ['RSV bits', 'a10161', [], 100023, 'WebSocketMessage: non-zero RSV values.'],
        ['too much', '810568656c6c6f', [2, true, false, 4], 100023, 'WebSocketMessage: Message Too Big.'],
    ])
        it(`refuses ${name}`, () => {
            const error = errorOf(() => read(hex, ...args));
            assert.strictEqual(error.number, number);
            assert.strictEqual(error.message, text);
        });

    it('refuses what inflates to too much', () => {
        const stream = send(make('x'.repeat(1000), ws.TEXT, false, true));
        const error = errorOf(() => new ws.Message(2, true, false, 100).readFrom(stream));
        assert.strictEqual(error.number, 100013);
        assert.strictEqual(error.message, '[-100013] Memory overflow error.');
    });

    it('allows exactly maxSize', () => {
        assert.strictEqual(read('810568656c6c6f', 2, true, false, 5).data, 'hello');
    });

    it('reads JSON', () => {
        const msg = make('{"a":[1,2]}');
        assert.deepEqual(msg.json(), { a: [1, 2] });
        const other = new ws.Message(ws.TEXT, false);
        other.json({ b: 1 });
        assert.strictEqual(other.data, '{"b":1}');
    });
});

require.main === module && test.run(console.DEBUG);
