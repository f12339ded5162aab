// The `hash` module (spec/crypto-db-xml.md §2); vectors of the RFCs and standards.
'use strict';

const test = require('test');
test.setup();

const hash = require('hash');

function thrown(code) {
    try {
        code();
    } catch (e) {
        return typeof e === 'string' ? e : e.number;
    }
    return 'nothing';
}

const NAMES = ['md2', 'md4', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'ripemd160', 'sm3'];
const SIZES = [16, 16, 16, 20, 28, 32, 48, 64, 20, 32];
const DIGITS = '12345678901234567890123456789012345678901234567890123456789012345678901234567890';

/** Text and digest. */
const VECTORS = {
    // RFC 1319, A.5
    md2: [
        ['', '8350e5a3e24c153df2275c9f80692773'],
        ['a', '32ec01ec4a6dac72c0ab96fb34c0b5d1'],
        ['message digest', 'ab4f496bfb2a530b219ff33031fe06b0'],
        ['abcdefghijklmnopqrstuvwxyz', '4e8ddff3650292ab5a4108c3aa47940b'],
        [DIGITS, 'd5976f79d83d3a0dc9806c3c66f3efd8'],
    ],
    // RFC 1320, A.5
    md4: [
        ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
        ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
        ['message digest', 'd9130a8164549fe818874806e1c7014b'],
        ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
        [DIGITS, 'e33b4ddc9c38f2199c3e7b164fcc0536'],
    ],
    // RFC 1321, A.5
    md5: [
        ['', 'd41d8cd98f00b204e9800998ecf8427e'],
        ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
        [DIGITS, '57edf4a22be3c955ac49da2e2107b67a'],
    ],
    // FIPS 180
    sha1: [['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d']],
    sha224: [['abc', '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7']],
    sha256: [
        ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
        ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ],
    sha384: [
        ['abc', 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7'],
    ],
    sha512: [
        [
            'abc',
            'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
        ],
    ],
    // Dobbertin, Bosselaers, Preneel
    ripemd160: [
        ['', '9c1185a5c5e9fc54612808977ee8f548b2258d31'],
        ['abc', '8eb208f7e05d987a9b044a8e98c6b087f15a0bfc'],
    ],
    // GM/T 0004-2012
    sm3: [
        ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
        ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
    ],
};

/** Key, data and HMAC. */
const HMACS = {
    // RFC 2202
    md5: [
        [Buffer.alloc(16, 0x0b), 'Hi There', '9294727a3638bb1c13f48ef8158bfc9d'],
        ['Jefe', 'what do ya want for nothing?', '750c783e6ab0b503eaa86e310a5db738'],
        [
            Buffer.alloc(80, 0xaa),
            'Test Using Larger Than Block-Size Key - Hash Key First',
            '6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd',
        ],
    ],
    sha1: [
        ['Jefe', 'what do ya want for nothing?', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
        [
            Buffer.alloc(80, 0xaa),
            'Test Using Larger Than Block-Size Key - Hash Key First',
            'aa4ae5e15272d00e95705637ce8a3b55ed402112',
        ],
    ],
    // RFC 4231
    sha224: [['Jefe', 'what do ya want for nothing?', 'a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44']],
    sha256: [
        ['Jefe', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
        [
            Buffer.alloc(131, 0xaa),
            'Test Using Larger Than Block-Size Key - Hash Key First',
            '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
        ],
    ],
    // RFC 2286
    ripemd160: [['Jefe', 'what do ya want for nothing?', 'dda6c0213a485a9e24f4742064a7f033b43c4069']],
};

describe('hash', () => {
    it('constants and sizes', () => {
        NAMES.forEach((name, i) => {
            assert.equal(hash[name.toUpperCase()], i + 1);
            assert.equal(hash[name]('').size, SIZES[i]);
            assert.equal(hash[`hmac_${name}`]('').size, SIZES[i]);
            assert.equal(hash[name]('').digest().length, SIZES[i]);
            assert.equal(hash[`hmac_${name}`]('k').digest().length, SIZES[i]);
        });
    });

    for (const name of NAMES) {
        it(`${name}: published vectors`, () => {
            for (const [text, wanted] of VECTORS[name]) {
                assert.equal(hash[name](text).digest('hex'), wanted);
                assert.equal(hash.digest(hash[name.toUpperCase()], text).digest('hex'), wanted);
                // In pieces of one byte.
                const digest = hash.digest(hash[name.toUpperCase()]);
                for (const letter of text) digest.update(letter);
                assert.equal(digest.digest('hex'), wanted);
            }
        });

        it(`${name}: data in Python and here gives the same`, () => {
            const data = Buffer.alloc(18000);
            for (let i = 0; i < data.length; i++) data[i] = (i * 7) & 255;
            const wanted = hash[name](data).digest('hex');
            for (const step of [1000, 16384, 16385]) {
                const digest = hash[name]('');
                for (let at = 0; at < data.length; at += step) digest.update(data.slice(at, at + step));
                assert.equal(digest.digest('hex'), wanted);
            }
            const key = Buffer.alloc(200, 'key');
            const hmac = hash[`hmac_${name}`](key).update(data).digest('hex');
            const other = hash.hmac(hash[name.toUpperCase()], key);
            for (let at = 0; at < data.length; at += 999) other.update(data.slice(at, at + 999));
            assert.equal(other.digest('hex'), hmac);
        });
    }

    for (const [name, vectors] of Object.entries(HMACS)) {
        it(`hmac_${name}: published vectors`, () => {
            for (const [key, text, wanted] of vectors)
                assert.equal(hash[`hmac_${name}`](key).update(text).digest('hex'), wanted);
        });
    }

    it('hmac by RFC 2104, whatever the digest', () => {
        for (const name of NAMES) {
            const block = { md2: 16, sha384: 128, sha512: 128 }[name] ?? 64;
            for (const size of [0, 1, block, block + 1]) {
                const key = Buffer.alloc(size, 'k');
                const whole = Buffer.alloc(block);
                (size > block ? hash[name](key).digest() : key).copy(whole);
                const xor = (value) => Buffer.from(Array.from(whole, (byte) => byte ^ value));
                const inner = hash[name](xor(0x36)).update('data').digest();
                const wanted = hash[name](xor(0x5c)).update(inner).digest('hex');
                assert.equal(hash[`hmac_${name}`](key).update('data').digest('hex'), wanted);
            }
        }
    });

    it('what counts as data', () => {
        assert.equal(hash.md5(5).digest('hex'), hash.md5(Buffer.alloc(5)).digest('hex'));
        assert.equal(hash.md5(null).digest('hex'), hash.md5('null').digest('hex'));
        assert.equal(hash.md5([97, 98]).digest('hex'), hash.md5('ab').digest('hex'));
        assert.equal(hash.md5(new Uint8Array([97, 98])).digest('hex'), hash.md5('ab').digest('hex'));
        assert.equal(hash.md5('ä').digest('hex'), hash.md5(Buffer.from([0xc3, 0xa4])).digest('hex'));
    });

    it('data is taken when it is given', () => {
        const data = Buffer.from('abc');
        const key = Buffer.from('key');
        const digest = hash.md5(data);
        const hmac = hash.hmac_md5(key);
        data[0] = key[0] = 0;
        assert.equal(digest.digest('hex'), hash.md5('abc').digest('hex'));
        assert.equal(hmac.digest('hex'), hash.hmac_md5('key').digest('hex'));
    });

    it('digest gives a Buffer or text', () => {
        assert.ok(Buffer.isBuffer(hash.md5('x').digest()));
        assert.equal(hash.md5('x').digest().hex(), hash.md5('x').digest('hex'));
        assert.equal(hash.md5('x').digest('base64'), hash.md5('x').digest().toString('base64'));
        const digest = hash.md5('x');
        assert.strictEqual(digest.update('y'), digest);
    });

    it('is used up by digest', () => {
        const digest = hash.md5('x');
        digest.digest();
        assert.equal(
            thrown(() => digest.digest()),
            100009,
        );
        assert.equal(
            thrown(() => digest.update('x')),
            100009,
        );
        assert.equal(
            thrown(() => digest.size),
            100009,
        );
        const other = hash.md5('x');
        assert.equal(
            thrown(() => other.digest('no-such-codec')),
            100023,
        );
        assert.equal(
            thrown(() => other.digest()),
            100009,
        );
    });

    it('errors', () => {
        assert.equal(
            thrown(() => hash.md5()),
            100002,
        );
        assert.equal(
            thrown(() => hash.digest(0)),
            100004,
        );
        assert.equal(
            thrown(() => hash.digest(11)),
            100004,
        );
        assert.equal(
            thrown(() => hash.digest(99, 'data')),
            100001,
        );
        assert.equal(
            thrown(() => hash.hmac(99, 'key')),
            100004,
        );
        assert.equal(
            thrown(() => hash.hmac(1)),
            100002,
        );
        assert.equal(
            thrown(() => new (hash.md5('').constructor)()),
            'not a constructor',
        );
        assert.equal(
            thrown(() => (hash.md5('').size = 1)),
            "Property 'size' is read-only.",
        );
    });
});

require.main === module && test.run(console.DEBUG);
