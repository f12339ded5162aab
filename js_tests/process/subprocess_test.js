// Sub-processes (spec/fibers-and-runtime.md §10.2).
'use strict';

const test = require('test');
test.setup();

const coroutine = require('coroutine');
const fs = require('fs');
const io = require('io');
const process = require('process');

const shell = (code, options) => process.open('/bin/sh', ['-c', code], options ?? {});
const lines = (stream) => stream.readLines();

/** What a piece of code throws, as `number message`. */
function thrown(code) {
    try {
        code();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'nothing';
}

describe('sub-processes', () => {
    describe('open', () => {
        it('gives streams', () => {
            const p = process.open('cat');
            assert.ok(p.stdin instanceof io.BufferedStream);
            assert.equal(p.toString(), 'SubProcess');
            p.stdin.writeLine('one');
            assert.equal(p.stdout.readLine(), 'one');
            p.stdin.writeText('two');
            p.stdin.close();
            assert.equal(p.stdout.readLine(), 'two');
            assert.isNull(p.stdout.readLine());
            assert.isNull(p.stdout.read());
            assert.equal(p.wait(), 0);
        });

        it('standard error has an end', () => {
            const p = shell('echo bad >&2; echo good');
            assert.deepEqual(lines(p.stderr), ['bad']);
            assert.deepEqual(lines(p.stdout), ['good']);
        });

        it('more than a pipe holds, in both directions', () => {
            const p = process.open('cat');
            const data = Buffer.alloc(1 << 20, 'x');
            coroutine.start(() => {
                p.stdin.write(data);
                p.stdin.close();
            });
            let size = 0;
            for (let part; (part = p.stdout.read()) !== null;) size += part.length;
            assert.equal(size, 1 << 20);
        });

        it('writing to a child that is gone is an error', () => {
            const p = process.open('true');
            p.wait();
            assert.equal(
                thrown(() => p.stdin.write('x')),
                '32 [32] Broken pipe',
            );
        });

        it('a stream that was closed', () => {
            const p = process.open('cat');
            p.stdin.close();
            p.stdin.close();
            assert.equal(
                thrown(() => p.stdin.write('x')),
                '100009 [-100009] Invalid procedure call.',
            );
            assert.equal(p.wait(), 0);
        });

        it('closing wakes the reader', () => {
            const p = process.open('cat');
            const raw = p.stdout.stream;
            let result = 1;
            const fiber = coroutine.start(() => (result = raw.read()));
            coroutine.sleep();
            raw.close();
            fiber.join();
            assert.isNull(result);
            p.kill(9);
            assert.equal(p.wait(), 9);
        });

        it('the raw stream', () => {
            const p = process.open('cat');
            const raw = p.stdout.stream;
            assert.equal(raw.toString(), 'Stream');
            p.stdin.write('abcdef');
            assert.equal(raw.read(2).toString(), 'ab');
            assert.isNull(raw.read(0));
            assert.equal(raw.read().toString(), 'cdef');
            assert.equal(
                thrown(() => raw.read(1, 2)),
                '100001 [-100001] Invalid number of parameters.',
            );
            p.stdin.close();
            const out = new io.MemoryStream();
            assert.equal(raw.copyTo(out), 0n);
        });

        it('while one fiber reads, others go on', () => {
            const p = shell('sleep 0.05; echo late');
            let ticks = 0;
            const timer = setInterval(() => ticks++, 5);
            assert.equal(p.stdout.readLine(), 'late');
            timer.clear();
            assert.ok(ticks > 1);
        });
    });

    describe('start and run', () => {
        it('no streams after start', () => {
            const p = process.start('true');
            assert.isNull(p.stdin);
            assert.isNull(p.stdout);
            assert.isNull(p.stderr);
            assert.equal(p.wait(), 0);
        });

        it('pids', () => {
            const p = shell('echo $$ $PPID');
            assert.equal(p.stdout.readLine(), `${p.pid} ${process.pid}`);
            assert.equal(p.ppid, process.pid);
            assert.equal(
                thrown(() => (p.pid = 1)),
                "Property 'pid' is read-only.",
            );
        });

        it('run', () => {
            assert.equal(process.run('true'), 0);
            assert.equal(process.run('/bin/sh', ['-c', 'exit 7']), 7);
            assert.equal(process.runSync('false', {}), 1);
        });

        it('run with a callback, and as a promise', (done) => {
            const result = process.run('/bin/sh', ['-c', 'exit 4'], (error, code) => {
                assert.isUndefined(error);
                assert.equal(code, 4);
                process.runAsync('false').then((value) => {
                    done(value === 1 ? undefined : new Error(`${value}`));
                });
            });
            assert.isNull(result);
        });

        it('arguments become text; the command is no shell line', () => {
            const p = process.open('printf', ['%s|', 1, true, null, 'a b', '$HOME']);
            assert.equal(p.stdout.readLine(), '1|true|null|a b|$HOME|');
            assert.equal(
                thrown(() => process.run('echo hello')),
                '2 [2] No such file or directory',
            );
        });

        it('what cannot be started', () => {
            assert.equal(
                thrown(() => process.open('no-such-program')),
                '2 [2] No such file or directory',
            );
            assert.equal(
                thrown(() => process.open('')),
                '2 [2] No such file or directory',
            );
            assert.equal(
                thrown(() => process.start('/')),
                '13 [13] Permission denied',
            );
            assert.equal(
                thrown(() => process.run('no-such-program')),
                '2 [2] No such file or directory',
            );
            assert.equal(
                thrown(() => process.open()),
                '100002 [-100002] Parameter not optional.',
            );
        });

        it('is not constructible', () => {
            const p = process.start('true');
            assert.equal(
                thrown(() => new p.constructor()),
                'not a constructor',
            );
            assert.equal(
                thrown(() => p.findWindow('x')),
                '100009 [-100009] Invalid procedure call.',
            );
        });
    });

    describe('the end', () => {
        it('several fibers wait', () => {
            const p = shell('sleep 0.02; exit 5');
            const codes = coroutine.parallel([() => p.wait(), () => p.waitSync(), () => p.wait()]);
            assert.deepEqual(codes, [5, 5, 5]);
            assert.equal(p.wait(), 5);
        });

        it('by a signal: its number', () => {
            const p = process.start('sleep', ['60']);
            p.kill(15);
            assert.equal(p.wait(), 15);
        });

        it('kill', () => {
            const p = process.start('sleep', ['60']);
            assert.equal(
                thrown(() => p.kill()),
                '100002 [-100002] Parameter not optional.',
            );
            assert.equal(
                thrown(() => p.kill(1000)),
                '22 [22] Invalid argument',
            );
            p.kill(0);
            p.kill(9);
            assert.equal(p.wait(), 9);
            assert.equal(
                thrown(() => p.kill(9)),
                '3 [3] No such process',
            );
        });

        it('a child that nobody waited for is known to be gone', () => {
            const p = process.open('true');
            assert.isNull(p.stdout.read());
            coroutine.sleep(30);
            assert.equal(
                thrown(() => p.kill(0)),
                '3 [3] No such process',
            );
        });

        it('timeout', () => {
            const started = Date.now();
            const p = process.start('sleep', ['60'], { timeout: 30 });
            assert.equal(p.wait(), 2);
            assert.ok(Date.now() - started < 5000);
        });

        it('timeout of 0 and numbers as text', () => {
            assert.equal(process.run('sleep', ['0.05'], { timeout: 0 }), 0);
            assert.equal(process.run('sleep', ['60'], { timeout: '30' }), 2);
            assert.equal(
                thrown(() => process.run('true', { timeout: 'x' })),
                '100005 [-100005] The argument could not be coerced to the specified type.',
            );
        });

        it('a signal ends the timeout', () => {
            const p = process.start('/bin/sh', ['-c', 'trap : USR1; sleep 0.2; exit 6'], { timeout: 100 });
            coroutine.sleep(30);
            p.kill(10);
            assert.equal(p.wait(), 6);
        });
    });

    describe('the environment', () => {
        it('is that of the process', () => {
            process.env.FIBSHIM_TEST = 5;
            const p = shell('echo $FIBSHIM_TEST');
            delete process.env.FIBSHIM_TEST;
            assert.equal(p.stdout.readLine(), '5');
        });

        it('is complete when given; values become text', () => {
            const p = process.open('env', [], { env: { HOME: '/h', TMPDIR: '/t', A: 1, B: null, C: undefined } });
            assert.deepEqual(lines(p.stdout).sort(), ['A=1', 'B=', 'C=', 'HOME=/h', 'TMPDIR=/t']);
        });

        it('HOME and TMPDIR are added, to the object too', () => {
            const { HOME, TMPDIR } = process.env;
            process.env.HOME = '/somewhere';
            delete process.env.TMPDIR;
            const env = {};
            const p = process.open('env', { env });
            process.env.HOME = HOME;
            if (TMPDIR !== undefined) process.env.TMPDIR = TMPDIR;
            assert.deepEqual(lines(p.stdout).sort(), ['HOME=/somewhere', 'TMPDIR=']);
            assert.deepEqual(env, { HOME: '/somewhere', TMPDIR: '' });
        });

        it('must be a plain object', () => {
            assert.equal(
                thrown(() => process.start('true', { env: 5 })),
                '100005 [-100005] The argument could not be coerced to the specified type.',
            );
        });

        it('text that is no C string', () => {
            const p = process.open('printf', ['%s', 'ä\0b']);
            assert.equal(p.stdout.readLine(), 'ä');
        });
    });

    describe('what children inherit', () => {
        it('no descriptors of ours', () => {
            const before = lines(process.open('ls', ['/proc/self/fd']).stdout);
            const files = [1, 2, 3].map(() => fs.openFile(__filename));
            const p = process.open('ls', ['/proc/self/fd']);
            assert.deepEqual(lines(p.stdout), before);
            files.forEach((file) => file.close());
        });

        it('no signal dispositions, no blocked signals', () => {
            const p = process.open('grep', ['-E', 'Sig(Blk|Ign)', '/proc/self/status']);
            // The C library has signals of its own above 31.
            for (const line of lines(p.stdout)) assert.ok(/0{7}$/.test(line), line);
        });

        it('all processors, also when the fibers have been bound to one', () => {
            const allowed = () => process.open('grep', ['Cpus_allowed_list', '/proc/self/status']).stdout.readLine();
            const before = allowed();
            const end = Date.now() + 200;
            const run = () => {
                while (Date.now() < end) coroutine.sleep(0);
            };
            coroutine.parallel([run, run, run, () => assert.equal(allowed(), before)]);
            const one = new coroutine.Event();
            const two = new coroutine.Event();
            const other = coroutine.start(() => {
                for (let i = 0; i < 5000; i++) {
                    one.wait();
                    one.clear();
                    two.set();
                }
            });
            for (let i = 0; i < 5000; i++) {
                one.set();
                two.wait();
                two.clear();
                if (i % 1000 === 0) assert.equal(allowed(), before);
            }
            other.join();
        });
    });
});

require.main === module && test.run(console.DEBUG);
