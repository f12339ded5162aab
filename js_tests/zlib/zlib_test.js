// The `zlib` module (spec/fs-and-path.md §6).
'use strict';

const test = require('test');
test.setup();

const coroutine = require('coroutine');
const fs = require('fs');
const io = require('io');
const os = require('os');
const zlib = require('zlib');

function thrown(code) {
    try {
        code();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'nothing';
}

const OVERFLOW = '100013 [-100013] Memory overflow error.';
const INVALID = '100009 [-100009] Invalid procedure call.';

const FORMATS = [
    ['deflate', 'inflate', 'createDeflate', 'createInflate'],
    ['gzip', 'gunzip', 'createGzip', 'createGunzip'],
    ['deflateRaw', 'inflateRaw', 'createDeflateRaw', 'createInflateRaw'],
];

/** Bytes that do not get smaller. */
function noise(size) {
    const data = Buffer.alloc(size);
    let x = 12345;
    for (let i = 0; i < size; i++) {
        x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
        data[i] = x >> 16;
    }
    return data;
}

const memory = (data) => {
    const stream = new io.MemoryStream();
    if (data !== undefined) stream.write(data);
    stream.rewind();
    return stream;
};
const content = (stream) => {
    stream.rewind();
    return stream.readAll();
};

describe('zlib', () => {
    it('constants', () => {
        assert.deepEqual(
            [zlib.NO_COMPRESSION, zlib.BEST_SPEED, zlib.BEST_COMPRESSION, zlib.DEFAULT_COMPRESSION],
            [0, 1, 9, -1],
        );
        assert.equal(zlib.constants.Z_FINISH, 4);
    });

    it('published streams', () => {
        // RFC 1950 to 1952, as made by zlib itself.
        assert.equal(zlib.deflate('hello').hex(), '789ccb48cdc9c907000 62c0215'.replace(' ', ''));
        assert.equal(zlib.deflateRaw('hello').hex(), 'cb48cdc9c90700');
        assert.equal(
            zlib.gunzip(Buffer.from('1f8b0800000000000003cb48cdc9c9070086a6103605000000', 'hex')).toString(),
            'hello',
        );
        // RFC 1951: a stored block, one with fixed and one with dynamic codes.
        assert.equal(zlib.inflateRaw(Buffer.from('010500faff68656c6c6f', 'hex')).toString(), 'hello');
        assert.equal(zlib.inflateRaw(Buffer.from('4b4c4a06 00'.replace(' ', ''), 'hex')).toString(), 'abc');
        assert.equal(
            zlib.inflateRaw(Buffer.from('1dc6490100001040c0aca37f883d3c202a979d375e1d0c', 'hex')).toString(),
            'abaabbbabaababbaababaaaabaaabbbbbaa',
        );
    });

    it('gzip has no name and no time', () => {
        assert.deepEqual([...zlib.gzip('hello').slice(0, 8)], [31, 139, 8, 0, 0, 0, 0, 0]);
    });

    it('levels', () => {
        const data = Buffer.alloc(5000, 'some text that can be compressed; ');
        const sizes = [0, 1, 9].map((level) => zlib.deflate(data, level).length);
        assert.ok(sizes[0] > 5000 && sizes[1] >= sizes[2]);
        assert.deepEqual(zlib.deflate(data, -1), zlib.deflate(data));
        assert.isNull(zlib.deflate(data, 10));
        assert.isNull(zlib.deflate(data, -2));
        assert.deepEqual(zlib.deflateRaw(data, 0), zlib.deflateRaw(data));
        assert.deepEqual(zlib.deflateRaw(data, 77), zlib.deflateRaw(data));
    });

    it('formats are not told apart', () => {
        assert.isNull(zlib.gunzip(zlib.deflate('hello')));
        assert.isNull(zlib.inflate(zlib.gzip('hello')));
        assert.isNull(zlib.inflate(zlib.deflateRaw('hello')));
    });

    it('a preset dictionary', () => {
        const data = Buffer.from('78bb062c0215cb48cdc9c95728cf2fca4901001a0b045d', 'hex');
        assert.equal(
            thrown(() => zlib.inflate(data)),
            '100023 need dictionary',
        );
        assert.equal(
            thrown(() => zlib.createInflate(memory()).write(data)),
            '100023 need dictionary',
        );
    });

    for (const [pack, unpack, createPack, createUnpack] of FORMATS) {
        describe(`${pack}, ${unpack}`, () => {
            const big = Buffer.concat([noise(100000), Buffer.alloc(300000, 'abcd'), noise(1000)]);

            it('goes there and back', () => {
                for (const data of [Buffer.from('x'), noise(64), noise(5000), big]) {
                    const packed = zlib[pack](data);
                    assert.ok(Buffer.isBuffer(packed));
                    assert.ok(zlib[unpack](packed).equals(data));
                }
                assert.equal(zlib[unpack](zlib[pack]('text')).toString(), 'text');
            });

            it('nothing', () => {
                const packed = zlib[pack]('');
                assert.ok(packed.length > 0);
                assert.isNull(zlib[unpack](packed));
                assert.isNull(zlib[unpack](''));
            });

            it('bad data gives what could be decoded', () => {
                assert.isNull(zlib[unpack]('garbage of some length'));
                const text = Buffer.from(noise(20000).hex());
                const packed = zlib[pack](text);
                const half = zlib[unpack](packed.slice(0, packed.length >> 1));
                assert.ok(half.length > 5000 && half.equals(text.slice(0, half.length)));
                const spoiled = Buffer.from(packed);
                spoiled.fill(255, packed.length >> 1);
                const some = zlib[unpack](spoiled);
                assert.ok(some.length > 5000 && some.slice(0, 5000).equals(text.slice(0, 5000)));
            });

            it('a wrong checksum is ignored', () => {
                if (pack === 'deflateRaw') return;
                const text = Buffer.from(noise(20000).hex());
                const packed = Buffer.from(zlib[pack](text));
                packed[packed.length - 1] ^= 1;
                packed[packed.length - 5] ^= pack === 'gzip' ? 1 : 0;
                assert.ok(zlib[unpack](packed).equals(text));
                assert.ok(zlib[unpack](packed.slice(0, -3)).equals(text));
            });

            it('members follow each other; what comes after them is ignored', () => {
                const parts = [zlib[pack]('one '), zlib[pack](''), zlib[pack]('two'), Buffer.from([0, 0, 1, 255, 7])];
                assert.equal(zlib[unpack](Buffer.concat(parts)).toString(), 'one two');
            });

            it('maxSize', () => {
                const packed = zlib[pack](big);
                assert.equal(zlib[unpack](packed, big.length).length, big.length);
                assert.equal(
                    thrown(() => zlib[unpack](packed, big.length - 1)),
                    OVERFLOW,
                );
                assert.equal(
                    thrown(() => zlib[unpack](packed, 0)),
                    OVERFLOW,
                );
                assert.isNull(zlib[unpack](zlib[pack](''), 0));
                const out = memory();
                assert.equal(
                    thrown(() => zlib[`${unpack}To`](packed, out, 350000)),
                    OVERFLOW,
                );
            });

            it('bombs cost what the limit allows', () => {
                let bomb = zlib[pack](Buffer.alloc(50 << 20));
                assert.ok(bomb.length < 60000);
                const started = Date.now();
                assert.equal(
                    thrown(() => zlib[unpack](bomb, 1000)),
                    OVERFLOW,
                );
                assert.ok(Date.now() - started < 200);
            });

            it('to a stream, from a Buffer and from a stream', () => {
                const packed = memory();
                assert.isUndefined(zlib[`${pack}To`](big, packed));
                assert.ok(zlib[unpack](content(packed)).equals(big));
                const again = memory();
                zlib[`${pack}To`](memory(big), again);
                assert.ok(zlib[unpack](content(again)).equals(big));
                again.rewind();
                const out = memory();
                zlib[`${unpack}To`](again, out);
                assert.ok(content(out).equals(big));
                const other = memory();
                zlib[`${unpack}To`](content(again), other, big.length);
                assert.ok(content(other).equals(big));
            });

            it('a stream is read from its position', () => {
                const from = memory('0123456789');
                from.seek(5, fs.SEEK_SET);
                const out = memory();
                zlib[`${pack}To`](from, out);
                assert.equal(zlib[unpack](content(out)).toString(), '56789');
            });

            it('a stream compressor', () => {
                const packed = memory();
                const out = memory();
                const one = zlib[createPack](packed);
                assert.equal(one.toString(), 'Stream');
                one.write('first ');
                assert.equal(packed.size(), pack === 'deflateRaw' ? 0n : packed.size());
                one.flush();
                const sofar = content(packed);
                assert.equal(zlib[unpack](sofar).toString(), 'first ');
                one.write(big);
                one.close();
                const two = zlib[createUnpack](out);
                for (const byte of content(packed).slice(0, 100)) two.write([byte]);
                two.write(content(packed).slice(100));
                two.flush();
                two.close();
                assert.equal(content(out).slice(0, 6).toString(), 'first ');
                assert.ok(content(out).slice(6).equals(big));
            });

            it('a stream decompressor with a limit', () => {
                const out = memory();
                const stream = zlib[createUnpack](out, 10);
                stream.write(zlib[pack]('0123456789'));
                assert.equal(
                    thrown(() => stream.write(zlib[pack]('0'))),
                    OVERFLOW,
                );
                assert.equal(content(out).toString(), '0123456789');
            });

            it('callbacks and promises', (done) => {
                const result = zlib[pack]('text', (error, packed) => {
                    assert.isUndefined(error);
                    zlib[`${unpack}Async`](packed).then((text) => {
                        done(text.toString() === 'text' ? undefined : new Error('different'));
                    });
                });
                assert.isNull(result);
            });
        });
    }

    describe('stream compressors', () => {
        it('do not close their target; close ends them', () => {
            let closed = 0;
            const pieces = [];
            const to = { read: () => null, write: (data) => pieces.push(data), close: () => closed++ };
            const stream = zlib.createDeflate(to);
            stream.write('hello');
            stream.close();
            stream.close();
            assert.equal(closed, 0);
            assert.equal(zlib.inflate(Buffer.concat(pieces)).toString(), 'hello');
            assert.equal(
                thrown(() => stream.write('x')),
                INVALID,
            );
            assert.equal(
                thrown(() => stream.write('')),
                INVALID,
            );
            assert.equal(
                thrown(() => stream.flush()),
                INVALID,
            );
        });

        it('give streams of scripts at most 1024 bytes at once', () => {
            const sizes = [];
            const to = { read: () => null, write: (data) => sizes.push(data.length) };
            const stream = zlib.createInflate(to);
            stream.write(zlib.deflate(Buffer.alloc(5000)));
            assert.deepEqual(sizes, [1024, 1024, 1024, 1024, 904]);
        });

        it('cannot be read', () => {
            const stream = zlib.createGzip(memory());
            assert.equal(
                thrown(() => stream.read()),
                INVALID,
            );
            assert.equal(
                thrown(() => stream.read(0)),
                INVALID,
            );
            assert.equal(
                thrown(() => stream.copyTo(memory())),
                INVALID,
            );
        });

        it('match their arguments', () => {
            assert.equal(
                thrown(() => zlib.createDeflate()),
                '100002 [-100002] Parameter not optional.',
            );
            assert.equal(
                thrown(() => zlib.createDeflate(memory(), 1)),
                '100001 [-100001] Invalid number of parameters.',
            );
            assert.equal(
                thrown(() => zlib.createDeflate(5)),
                '100005 [-100005] The argument could not be coerced to the specified type.',
            );
            assert.equal(
                thrown(() => zlib.createDeflate(memory()).write()),
                '100002 [-100002] Parameter not optional.',
            );
        });

        it('an error of the target reaches the writer', () => {
            const to = {
                read: () => null,
                write() {
                    throw new Error('full');
                },
            };
            assert.equal(
                thrown(() => zlib.deflateTo('data', to)),
                'undefined full',
            );
        });

        it('one fiber at a time', () => {
            const out = memory();
            const stream = zlib.createDeflate(out);
            const pieces = [noise(100000), noise(90000), noise(80000)];
            coroutine.parallel(pieces, (piece) => stream.write(piece));
            stream.close();
            assert.ok(zlib.inflate(content(out)).equals(Buffer.concat(pieces)));
        });
    });

    it('other fibers go on meanwhile', () => {
        const data = noise(4 << 20);
        let ticks = 0;
        const timer = setInterval(() => ticks++, 1);
        const packed = zlib.deflate(data);
        assert.ok(ticks > 0);
        ticks = 0;
        zlib.inflate(packed);
        timer.clear();
        assert.ok(ticks > 0);
    });

    it('files', () => {
        const name = `${os.tmpdir()}/fibshim_zlib_${process.pid}`;
        const file = fs.openFile(name, 'w');
        zlib.gzipTo(fs.openFile(__filename), file);
        file.close();
        const out = memory();
        zlib.gunzipTo(fs.openFile(name), out);
        fs.unlink(name);
        assert.ok(content(out).equals(fs.readFile(__filename)));
    });
});

require.main === module && test.run(console.DEBUG);
