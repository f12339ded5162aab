// mq.Message (spec/mq-and-events.md §1.6).
var test = require('test');
test.setup();
var mq = require('mq');
var io = require('io');

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : e.number;
    }
    return 'no error';
}

describe('mq.Message', () => {
    it('has constants', () => {
        assert.equal(mq.Message.TEXT, 1);
        assert.equal(mq.Message.BINARY, 2);
        assert.equal(new mq.Message().TEXT, 1);
    });

    it('begins empty', () => {
        var m = new mq.Message();
        assert.equal(m.value, '');
        assert.deepEqual(m.params, []);
        assert.equal(m.type, 2);
        assert.equal(m.data, null);
        assert.equal(m.length, 0n);
        assert.equal(m.lastError, '');
        assert.equal(m.read(), null);
        assert.equal(m.readAll(), null);
        assert.equal(m.json(), null);
        assert.equal(m.isEnded(), false);
        assert.ok(m.body instanceof io.MemoryStream);
    });

    it('is written and read through its body', () => {
        var m = new mq.Message();
        m.write('abc');
        m.write(new Buffer('déf'));
        m.write('');
        assert.equal(m.length, 7n);
        assert.equal(m.readAll(), null);
        assert.equal(m.data.toString(), 'abcdéf');
        m.body.rewind();
        assert.equal(m.read(2).toString(), 'ab');
        assert.equal(m.readAll().toString(), 'cdéf');
        assert.equal(m.body.tell(), 7n);
        m.type = mq.Message.TEXT;
        assert.equal(m.data, 'abcdéf');
        m.body.seek(1, 0);
        m.write('X');
        assert.equal(m.data, 'aXcdéf');
    });

    it('writes bytes of all kinds', () => {
        var m = new mq.Message();
        m.write(new Uint8Array([97, 98]));
        m.write([99]);
        m.write(new Uint8Array([100]).buffer);
        assert.equal(m.data.toString(), 'abcd');
        var text = 'x\0\ud800y';
        m = new mq.Message();
        m.write(text);
        m.type = 1;
        assert.equal(m.data.length, 4);
    });

    it('takes another body', () => {
        var m = new mq.Message();
        var ms = new io.MemoryStream();
        ms.write('body');
        m.write('old');
        m.body = ms;
        assert.equal(m.body, ms);
        assert.equal(m.data.toString(), 'body');
        assert.equal(
            failure(() => (m.body = 'text')),
            100005,
        );
    });

    it('carries JSON', () => {
        var m = new mq.Message();
        assert.equal(m.json({ a: [1, 'é'] }), undefined);
        assert.equal(m.readAll(), null);
        assert.deepEqual(m.json(), { a: [1, 'é'] });
        m.json(10n);
        assert.equal(m.json(), 10n);
        m = new mq.Message();
        m.write('{');
        assert.equal(
            failure(() => m.json()),
            100023,
        );
    });

    it('protects what is read-only', () => {
        var m = new mq.Message();
        assert.equal(
            failure(() => (m.params = [])),
            "Property 'params' is read-only.",
        );
        assert.equal(
            failure(() => m.stream),
            100009,
        );
        assert.equal(
            failure(() => m.sendTo(new io.MemoryStream())),
            100009,
        );
        assert.equal(
            failure(() => m.readFrom(new io.MemoryStream())),
            100009,
        );
        assert.equal(
            failure(() => new mq.Message(1)),
            100001,
        );
        assert.equal(
            failure(() => mq.Message()),
            100007,
        );
        assert.equal(
            failure(() => mq.Message.prototype.write.call({}, 'x')),
            100008,
        );
        assert.equal(
            failure(() => mq.Message.prototype.value),
            100008,
        );
    });

    it('is cleared', () => {
        var m = new mq.Message();
        m.value = 'v';
        m.type = 1;
        m.lastError = 'e';
        m.write('x');
        m.end();
        m.clear();
        assert.deepEqual([m.value, m.type, m.lastError, m.length, m.isEnded()], ['', 1, 'e', 0n, false]);
    });
});

require.main === module && test.run(console.DEBUG);
