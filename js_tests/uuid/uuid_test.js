// uuid (spec/buffer-and-encoding.md §10).
var test = require('test');
test.setup();

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}
var number = (fn) => parseInt(failure(fn));

var uuid = require('uuid');
var coroutine = require('coroutine');

/** Dashed text of a binary one. */
var dashed = (b) => b.hex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

describe('uuid', () => {
    it('constants', () => {
        assert.deepEqual([uuid.DNS, uuid.URL, uuid.OID, uuid.X509], [0, 1, 2, 3]);
    });
    it('versions and variant', () => {
        var all = { 1: uuid.node(), 3: uuid.md5(0, 'a'), 4: uuid.random(), 5: uuid.sha1(0, 'a') };
        for (var version in all) {
            assert.isTrue(Buffer.isBuffer(all[version]));
            assert.equal(all[version].length, 16);
            assert.equal(all[version].hex()[12], version);
            assert.isTrue('89ab'.includes(all[version].hex()[16]));
        }
        assert.notEqual(uuid.random().hex(), uuid.random().hex());
    });
    it('names', () => {
        assert.equal(dashed(uuid.md5(uuid.DNS, 'www.example.com')), '5df41881-3aed-3515-88a7-2f4a814cf09e');
        assert.equal(dashed(uuid.sha1(uuid.DNS, 'www.example.com')), '2ed6657d-e927-568b-95e1-2665a8aea6a2');
        assert.isTrue(uuid.sha1(uuid.URL, 'a').equals(uuid.sha1(uuid.URL, 'a\0b')));
        for (var f of [() => uuid.md5(4, 'a'), () => uuid.sha1(-1, 'a')]) assert.equal(number(f), 100004);
    });
    it('hostID', () => {
        assert.equal(uuid.hostID, 0);
        uuid.hostID = 1025;
        assert.equal(uuid.hostID, 1);
        uuid.hostID = '7';
        assert.equal(uuid.hostID, 7);
    });
    it('snowflake', () => {
        uuid.hostID = 5;
        var value = uuid.snowflake().readInt64BE();
        assert.isTrue(Math.abs(Number(value >> 22n) - Date.now()) < 10000);
        assert.strictEqual((value >> 12n) & 1023n, 5n);
    });
    it('snowflakes are never repeated', () => {
        var seen = new Set();
        coroutine.parallel(() => {
            for (var i = 0; i < 3000; i++) seen.add(uuid.snowflake().hex());
        }, 4);
        assert.equal(seen.size, 12000);
    });
});

require.main === module && test.run(console.DEBUG);
