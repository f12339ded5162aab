// os (spec/fibers-and-runtime.md §13).
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

var os = require('os');

describe('os', () => {
    it('facts', () => {
        for (var name of ['hostname', 'type', 'release', 'arch', 'platform', 'homedir', 'tmpdir'])
            assert.equal(typeof os[name](), 'string', name);
        assert.isTrue(['LE', 'BE'].includes(os.endianness()));
        assert.equal(os.EOL, '\n');
        assert.equal(os.platform(), process.platform);
        assert.equal(os.arch(), process.arch);
        assert.equal(os.execPath, process.execPath);
        assert.isTrue(os.memoryUsage().rss > 0);
        assert.isTrue(os.uptime() > 0);
        assert.equal(os.loadavg().length, 3);
        assert.equal(
            failure(() => {
                os.EOL = 'x';
            }),
            "Property 'EOL' is read-only.",
        );
    });
    it('memory is a Long', () => {
        assert.equal(typeof os.totalmem(), 'bigint');
        assert.isTrue(os.freemem() <= os.totalmem());
    });
    it('cpus', () => {
        assert.equal(os.cpus().length, os.cpuNumbers());
        assert.deepEqual(Object.keys(os.cpus()[0].times), ['user', 'nice', 'sys', 'idle', 'irq']);
    });
    it('networkInterfaces', () => {
        var all = os.networkInterfaces();
        for (var name in all)
            for (var item of all[name]) {
                assert.deepEqual(Object.keys(item).slice(0, 4), ['address', 'netmask', 'family', 'internal']);
                assert.isTrue(['IPv4', 'IPv6'].includes(item.family));
            }
        if (all.lo) {
            assert.equal(all.lo[0].address, '127.0.0.1');
            assert.equal(all.lo[0].netmask, '255.0.0.0');
            assert.isTrue(all.lo[0].internal);
        }
    });
    it('directories follow the environment', () => {
        var { HOME, TMPDIR } = process.env;
        process.env.HOME = '/a/../b/';
        process.env.TMPDIR = '/t//';
        assert.equal(os.homedir(), '/b');
        assert.equal(os.tmpdir(), '/t');
        process.env.HOME = '';
        assert.equal(os.homedir(), os.userInfo().homedir);
        process.env.HOME = HOME;
        if (TMPDIR === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = TMPDIR;
    });
    it('userInfo', () => {
        var info = os.userInfo();
        assert.deepEqual(Object.keys(info), ['uid', 'gid', 'username', 'homedir', 'shell']);
        assert.equal(os.userInfo({ encoding: 'hex' }).username, new Buffer(info.username).hex());
        assert.equal(os.userInfo({ encoding: 'buffer' }).shell.toString(), info.shell);
    });
    it('nothing of Windows', () => {
        for (var f of [
            () => os.printerInfo(),
            () => os.openPrinter('x'),
            () => new os.Service('x'),
            () => os.Service.isInstalled('x'),
        ])
            assert.equal(number(f), 100009);
    });
});

var local = (y, m, d, ...time) => new Date(y, m - 1, d, ...time).getTime();

describe('os.time', () => {
    it('now', () => {
        assert.isTrue(Math.abs(os.time() - new Date()) < 10000);
        assert.isTrue(Math.abs(os.time('') - new Date()) < 10000);
    });
    it('numbers', () => {
        var cases = [
            ['2000-2-3', local(2000, 2, 3)],
            ['2000/02/03', local(2000, 2, 3)],
            ['2/3/2000', local(2000, 2, 3)],
            ['2-3-49', local(2049, 2, 3)],
            ['2-3-50', local(1950, 2, 3)],
            ['13-2', local(2013, 2, 1)],
            ['2-13', local(2001, 2, 13)],
            ['10:20', local(2001, 1, 1, 10, 20)],
            ['2000-2-3 10:20:30.5', local(2000, 2, 3, 10, 20, 30, 500)],
            ['2000-2-3 1:20 pm', local(2000, 2, 3, 13, 20)],
            ['2000-02-03T10:20:30+08:00', Date.UTC(2000, 1, 3, 10, 20, 30)],
            ['2000-02-03T10:20:30Z', Date.UTC(2000, 1, 3, 10, 20, 30)],
            ['2000', local(2000, 1, 1)],
            ['14 Apr 1998', local(2014, 1, 1)],
        ];
        for (var [text, time] of cases) assert.equal(os.time(text).getTime(), time, text);
    });
    it('words', () => {
        var utc = Date.UTC(1998, 3, 14, 9, 46, 5);
        var cases = [
            ['Tue Apr 14 1998 09:46:05', local(1998, 4, 14, 9, 46, 5)],
            ['Tue, 14 Apr 1998 09:46:05 GMT', utc],
            ['Tuesday, 14-Apr-98 09:46:05 GMT', utc],
            ['x Apr 14 09:46:05 1998', local(1998, 4, 14, 9, 46, 5)],
            ['Sat Apr  4 09:46:05 1998', local(1998, 4, 4, 9, 46, 5)],
            ['Tue Apr 14 1998 09:46:05 GMT+0800', utc - 8 * 3600000],
            ['Tue Apr 14 1998 09:46:05 GMT-0330', utc + 3.5 * 3600000],
            ['Fri, 14-Apr-69 09:46:05 GMT', Date.UTC(2069, 3, 14, 9, 46, 5)],
        ];
        for (var [text, time] of cases) assert.equal(os.time(text).getTime(), time, text);
    });
    it('the rest is an invalid date', () => {
        for (var text of [
            'Apr 14 1998',
            'Tue apr 14 1998 09:46:05',
            '13/13/2000',
            '2000-2-30',
            '2000-2-3 x',
            'hello',
            '0-1',
        ])
            assert.isTrue(isNaN(os.time(text)), text);
    });
});

describe('os.dateAdd', () => {
    var add = (text, n, part) => os.dateAdd(new Date(text), n, part).toISOString();
    it('adds', () => {
        assert.equal(add('2000-01-01T00:00:00Z', 90, 'second'), '2000-01-01T00:01:30.000Z');
        assert.equal(add('2000-01-01T00:00:00Z', -1, 'minute'), '1999-12-31T23:59:00.000Z');
        assert.equal(add('2000-01-01T00:00:00Z', 25, 'hour'), '2000-01-02T01:00:00.000Z');
        assert.equal(add('2000-02-28T00:00:00Z', 2, 'day'), '2000-03-01T00:00:00.000Z');
        assert.equal(add('2000-05-15T01:02:03.004Z', 9, 'month'), '2001-02-15T01:02:03.004Z');
        assert.equal(add('2000-05-15T00:00:00Z', -6, 'month'), '1999-11-15T00:00:00.000Z');
        assert.equal(add('2000-02-29T00:00:00Z', 1, 'year'), '2001-02-28T00:00:00.000Z');
    });
    it('the last day of a month stays the last day', () => {
        assert.equal(add('2000-02-29T00:00:00Z', 1, 'month'), '2000-03-31T00:00:00.000Z');
        assert.equal(add('2000-01-30T00:00:00Z', 1, 'month'), '2000-02-29T00:00:00.000Z');
        assert.equal(add('2001-02-28T00:00:00Z', 3, 'year'), '2004-02-29T00:00:00.000Z');
    });
    it('does not change its argument and checks the others', () => {
        var date = new Date(0);
        os.dateAdd(date, 1, 'day');
        assert.equal(date.getTime(), 0);
        assert.equal(
            number(() => os.dateAdd(date, 1, 'week')),
            100004,
        );
        assert.equal(
            number(() => os.dateAdd(0, 1, 'day')),
            100005,
        );
    });
});

require.main === module && test.run(console.DEBUG);
