// The `dns` module (spec/io-and-net.md §7).
'use strict';

const test = require('test');
test.setup();

const coroutine = require('coroutine');
const dns = require('dns');

function thrown(code) {
    try {
        code();
    } catch (e) {
        return e.number;
    }
    return 'nothing';
}

describe('dns', () => {
    it('resolves names of this host', () => {
        const found = dns.resolve('localhost');
        assert.ok(Array.isArray(found));
        assert.ok(found.includes('127.0.0.1') || found.includes('::1'));
        assert.equal(new Set(found).size, found.length);
        assert.equal(dns.lookup('localhost'), found[0]);
    });

    it('literals resolve to themselves', () => {
        assert.deepEqual(dns.resolve('127.0.0.1'), ['127.0.0.1']);
        assert.deepEqual(dns.resolve('::1'), ['::1']);
        assert.equal(dns.lookup('10.1.2.3'), '10.1.2.3');
    });

    it('has callback and promise forms', (done) => {
        const result = dns.lookup('127.0.0.1', (error, address) => {
            assert.isUndefined(error);
            assert.equal(address, '127.0.0.1');
            dns.resolveAsync('127.0.0.1').then((list) => done(list[0] === address ? undefined : new Error('other')));
        });
        assert.isNull(result);
    });

    it('unknown names', () => {
        assert.equal(
            thrown(() => dns.lookup('does-not-exist.invalid')),
            100023,
        );
        assert.equal(
            thrown(() => dns.resolve('')),
            100023,
        );
        assert.equal(
            thrown(() => dns.resolve('a'.repeat(300))),
            100023,
        );
        assert.equal(
            thrown(() => dns.resolve('a\0b')),
            100023,
        );
        assert.equal(
            thrown(() => dns.resolve('\ud800')),
            100023,
        );
        assert.equal(
            thrown(() => dns.resolve()),
            100002,
        );
        let error;
        dns.lookup('does-not-exist.invalid', (e) => (error = e));
        while (error === undefined) coroutine.sleep(1);
        assert.equal(error.number, 100023);
    });
});

require.main === module && test.run(console.DEBUG);
