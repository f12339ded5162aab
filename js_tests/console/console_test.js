// The console object (spec/fibers-and-runtime.md §11).  What reaches the terminal is tested in tests/test_console.py.
'use strict';

var test = require('test');
test.setup();

const coroutine = require('coroutine');
const fs = require('fs');
const os = require('os');
const path = require('path');

const thrown = (fn) => {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
};

const folder = path.join(os.tmpdir(), `fibshim-console-${process.pid}`);
const sandbox = () => {
    before(() => fs.mkdir(folder));
    afterEach(() => {
        for (const name of fs.readdir(folder)) fs.unlink(path.join(folder, name));
    });
    after(() => fs.rmdir(folder));
};
const files = () => fs.readdir(folder).sort();
const text = () => files().map((name) => fs.readTextFile(path.join(folder, name))).join(''); // prettier-ignore
const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /gm;

describe('console: the object', () => {
    it('has its levels as constants', () => {
        const levels = {
            FATAL: 0,
            ALERT: 1,
            CRIT: 2,
            ERROR: 3,
            WARN: 4,
            NOTICE: 5,
            INFO: 6,
            DEBUG: 7,
            PRINT: 9,
            NOTSET: 10,
        };
        for (const name of Object.keys(levels)) assert.strictEqual(console[name], levels[name], name);
    });

    it('is global.console and not requirable', () => {
        assert.strictEqual(global.console, console);
        assert.throws(() => require('console'));
    });

    it('has functions that need no this and report the module as their name', () => {
        const { log } = console;
        assert.strictEqual(log.name, 'console');
        assert.strictEqual(log.length, 0);
        console.loglevel = console.ERROR;
        ['x'].forEach(log);
        console.loglevel = console.NOTSET;
    });

    it('has a log level that coerces', () => {
        assert.strictEqual(console.loglevel, 10);
        console.loglevel = '3';
        assert.strictEqual(console.loglevel, 3);
        console.loglevel = 10;
        assert.ok(thrown(() => (console.loglevel = 'x')).startsWith('100005'));
    });

    it('has read-only sizes, which need a terminal', () => {
        assert.strictEqual(
            thrown(() => (console.width = 5)),
            "Property 'width' is read-only.",
        );
    });

    it('assert throws', () => {
        console.assert(1);
        assert.strictEqual(
            thrown(() => console.assert(0)),
            'undefined expected 0 to be truthy',
        );
        assert.strictEqual(
            thrown(() => console.assert('', 'mine')),
            'undefined mine',
        );
    });

    it('dir takes exactly one argument', () => {
        assert.ok(thrown(() => console.dir()).startsWith('100002'));
        assert.ok(thrown(() => console.dir(1, 2)).startsWith('100001'));
    });

    it('moveTo refuses values below 1', () => {
        assert.ok(thrown(() => console.moveTo(0, 1)).startsWith('100004'));
        assert.ok(thrown(() => console.moveTo(1, -1)).startsWith('100004'));
    });

    it('cannot simulate input here', () => {
        const calls = [
            () => console.keyDown('a'),
            () => console.keyUp('a', 'shift'),
            () => console.keyTap('a', ['shift']),
            () => console.typeString('a'),
            () => console.moveMouse(1, 1),
            () => console.mouseUp('left'),
            () => console.mouseDown('left'),
            () => console.clickMouse('left'),
        ];
        for (const call of calls) assert.ok(thrown(call).startsWith('100009'));
    });
});

describe('console.add: errors', () => {
    after(() => console.reset());
    const cases = [
        ['no type', () => console.add({}), '100023 console: Missing log type.'],
        ['an unknown type', () => console.add('paper'), '100023 console: Unknown log type.'],
        ['the log of another system', () => console.add('event'), '100023 console: Unknown log type.'],
        ['a file without path', () => console.add({ type: 'file' }), '100023 console: Unknown log type.'],
        [
            'levels of another type',
            () => console.add({ type: 'console', levels: 5 }),
            '100023 console: Unknown log type.',
        ],
        [
            'a level out of range',
            () => console.add({ type: 'console', levels: [10] }),
            '100023 console: too many logger.',
        ],
        [
            'an unknown split',
            () => console.add({ type: 'file', path: 'x', split: 'week' }),
            '100023 console: Unknown split mode.',
        ],
        [
            'a size of four digits',
            () => console.add({ type: 'file', path: 'x', split: '1024k' }),
            '100023 console: Unknown split mode.',
        ],
        [
            'a count without split',
            () => console.add({ type: 'file', path: 'x', count: 5 }),
            '100023 console: Missing split mode.',
        ],
        [
            'a count out of range',
            () => console.add({ type: 'file', path: 'x', split: 'day', count: 1 }),
            '100023 console: Count must between 2 to 128.',
        ],
    ];
    for (const [name, fn, error] of cases)
        it(name, () => {
            assert.strictEqual(thrown(fn), error);
        });

    it('more than ten targets', () => {
        console.reset();
        const target = { type: 'file', path: path.join(os.tmpdir(), 'never-written') };
        for (let i = 0; i < 10; i++) console.add(target);
        const error = thrown(() => console.add(target));
        console.reset();
        assert.strictEqual(error, '100023 console: Too many items.');
    });
});

describe('console: files', () => {
    sandbox();
    /** A case that ends with the default targets: its own result has to be seen. */
    const logged = (name, body) =>
        it(name, () => {
            try {
                body();
            } finally {
                console.reset();
            }
        });
    const add = (options) => console.add({ type: 'file', path: path.join(folder, 'log-%s.txt'), ...options });

    logged('get lines with date and label', () => {
        add({});
        console.alert('1');
        console.crit('2');
        console.error('3');
        console.warn('4 %s', 'x');
        console.notice('5');
        console.log({ a: 1 });
        console.debug('7');
        const lines = text();
        assert.strictEqual(lines.match(STAMP).length, 7);
        assert.strictEqual(
            lines.replace(STAMP, ''),
            'ALERT  - 1\nCRIT   - 2\nERROR  - 3\nWARN   - 4 x\nNOTICE - 5\nINFO   - {\n  "a": 1\n}\nDEBUG  - 7\n',
        );
    });

    logged('get no print', () => {
        add({});
        console.print('p');
        console.clear();
        console.log('x');
        assert.strictEqual(text().replace(STAMP, ''), 'INFO   - x\n');
    });

    logged('have the stamp in place of %s', () => {
        add({});
        console.log('x');
        assert.ok(/^log-\d{14}\.txt$/.test(files()[0]), files()[0]);
    });

    logged('have it at the end without %s', () => {
        console.add({ type: 'file', path: path.join(folder, 'plain') });
        console.log('x');
        assert.ok(/^plain\d{14}$/.test(files()[0]), files()[0]);
    });

    logged('take the levels given', () => {
        add({ levels: [console.ERROR, '6'] });
        console.error('e');
        console.warn('w');
        console.log('i');
        assert.strictEqual(text().replace(STAMP, ''), 'ERROR  - e\nINFO   - i\n');
    });

    logged('obey both filters', () => {
        add({});
        console.loglevel = console.WARN;
        console.log('no');
        console.warn('yes');
        console.loglevel = console.NOTSET;
        coroutine.loglevel = console.ERROR;
        console.warn('no');
        console.error('yes');
        coroutine.loglevel = console.NOTSET;
        assert.strictEqual(text().replace(STAMP, ''), 'WARN   - yes\nERROR  - yes\n');
    });

    logged('take dir, trace, time and table', () => {
        add({});
        console.dir('x');
        console.trace();
        console.trace('here');
        console.time('t');
        console.timeElapse('t');
        console.timeEnd('t');
        console.table([{ a: 1 }]);
        console.warning('w');
        console.critical('c');
        const lines = text().replace(STAMP, '').split('\n');
        assert.strictEqual(lines[0], 'INFO   - "x"');
        assert.strictEqual(lines[1], 'WARN   - console.trace: trace');
        assert.ok(/^ {4}at .*console_test\.js:\d+:\d+\)?$/.test(lines[2]), lines[2]);
        assert.ok(lines.includes('WARN   - console.trace: here'));
        assert.strictEqual(lines.filter((line) => /^INFO {3}- t: \d+(\.\d+)?ms$/.test(line)).length, 2);
        assert.ok(lines.includes('INFO   - ┌─────────┬───┐'));
        assert.ok(lines.includes('WARN   - w'));
        assert.ok(lines.includes('CRIT   - c'));
    });

    logged('count an unknown time label from the epoch', () => {
        add({});
        console.timeEnd('unknown');
        const ms = Number(/unknown: ([\d.e+]+)ms/.exec(text())[1]);
        assert.ok(ms > 1e12);
    });

    logged('keep text that is no ASCII, NUL and lone surrogates', () => {
        add({});
        console.log('a\0é😀');
        console.log('%s', '\ud800');
        const bytes = fs.readFile(path.join(folder, files()[0]));
        assert.ok(bytes.toString().includes('a\0é😀'));
    });

    logged('take several targets from an array', () => {
        console.add([
            { type: 'file', path: path.join(folder, 'a') },
            { type: 'file', path: path.join(folder, 'b'), levels: [console.ERROR] },
        ]);
        console.log('x');
        console.error('y');
        assert.strictEqual(files().length, 2);
        assert.strictEqual(fs.readTextFile(path.join(folder, files()[1])).replace(STAMP, ''), 'ERROR  - y\n');
    });

    logged('are used again after they have been deleted, by reset and add', () => {
        add({});
        console.log('x');
        console.reset();
        add({});
        console.log('y');
        assert.strictEqual(text().replace(STAMP, ''), 'INFO   - x\nINFO   - y\n');
    });

    logged('begin anew when their size is reached, and keep the newest only', () => {
        // The names of earlier files: there is one name a second.
        for (const stamp of ['20010101000000', '20010101000001', '20010101000002', '200101010000', 'x0010101000003'])
            fs.writeFile(path.join(folder, `log-${stamp}.txt`), 'old');
        add({ split: '1k', count: 2 });
        console.log('x');
        const left = files();
        assert.deepEqual(
            left.filter((name) => name.startsWith('log-2001') || name.startsWith('log-x')),
            ['log-200101010000.txt', 'log-20010101000002.txt', 'log-x0010101000003.txt'],
        );
        assert.strictEqual(left.length, 4);
    });

    logged('carry the start of their period', () => {
        add({ split: 'hour' });
        console.log('x');
        assert.ok(/^log-\d{10}0000\.txt$/.test(files()[0]), files()[0]);
        console.reset();
        fs.unlink(path.join(folder, files()[0]));
        add({ split: 'minute' });
        console.log('x');
        assert.ok(/^log-\d{12}00\.txt$/.test(files()[0]), files()[0]);
    });
});

require.main === module && test.run(console.DEBUG);
