// util.sync, promisify, compile and the rest (spec/util-assert-test.md §5, §10).
'use strict';

var test = require('test');
test.setup();

const coroutine = require('coroutine');
const fs = require('fs');
const os = require('os');
const path = require('path');
const util = require('util');

const thrown = (fn) => {
    try {
        fn();
    } catch (e) {
        return e;
    }
    return 'no error';
};

describe('util.sync', () => {
    it('passes this, the arguments and a callback', () => {
        const o = {
            f: util.sync(function (a, b, cb) {
                cb(null, [this === o, a, b, arguments.length]);
            }),
        };
        assert.deepEqual(o.f(1, 2), [true, 1, 2, 3]);
    });

    it('blocks the fiber until the callback is called', () => {
        const f = util.sync((v, cb) => setTimeout(() => cb(undefined, v), 1));
        assert.strictEqual(f(5), 5);
    });

    it('throws the error as it is', () => {
        const f = util.sync((e, cb) => cb(e));
        assert.strictEqual(
            thrown(() => f(0)),
            0,
        );
        assert.strictEqual(f(null), undefined);
    });

    it('lets what func throws through', () => {
        const error = new Error('x');
        assert.strictEqual(
            thrown(
                util.sync(() => {
                    throw error;
                }),
            ),
            error,
        );
    });

    it('takes the last call before the fiber goes on', () => {
        const f = util.sync((cb) => {
            cb(new Error('first'));
            cb(undefined, 'second');
        });
        assert.strictEqual(f(), 'second');
    });

    it('waits for async functions', () => {
        assert.strictEqual(util.sync(async (v) => v)(5), 5);
        assert.strictEqual(thrown(() => util.sync(async () => { throw new Error('no'); })()).message, 'no'); // prettier-ignore
    });

    it('returns null for a rejection without reason', () => {
        assert.isNull(util.sync(async () => { throw undefined; })()); // prettier-ignore
    });

    it('waits for promises of other functions if told so', () => {
        assert.strictEqual(util.sync(() => new Promise((ok) => setTimeout(() => ok(7), 1)), true)(), 7);
    });

    it('takes imitations of promises with then and catch', () => {
        const imitation = { then: (ok) => ok(8), catch() {} };
        assert.strictEqual(util.sync(() => imitation, true)(), 8);
        const failing = { then() {}, catch: (bad) => bad(new Error('no')) };
        assert.strictEqual(thrown(util.sync(() => failing, true)).message, 'no');
    });

    it('refuses anything else', () => {
        for (const v of [5, {}, { then() {} }]) {
            const e = thrown(util.sync(() => v, true));
            assert.strictEqual(e.message, 'not async function.');
            assert.isFalse('number' in e);
        }
    });

    it('drains the promise queue before it waits', () => {
        let ran = false;
        Promise.resolve().then(() => (ran = true));
        util.sync((cb) => cb())();
        assert.isTrue(ran);
    });

    it('has the name sync and the length 0', () => {
        const f = util.sync((a, b) => {});
        assert.strictEqual(f.name, 'sync');
        assert.strictEqual(f.length, 0);
    });

    it('works on async members', () => {
        const file = path.join(os.tmpdir(), `fibshim-sync-${process.pid}`);
        fs.writeFile(file, 'text');
        assert.strictEqual(util.sync(fs.readTextFile)(file), 'text');
        fs.unlink(file);
    });
});

describe('util.promisify and callbackify', () => {
    it('promisify makes a promise of a callback', async () => {
        assert.strictEqual(await util.promisify((v, cb) => cb(undefined, v))(5), 5);
        let reason;
        await util
            .promisify((cb) => cb(new Error('no')))()
            .catch((e) => (reason = e.message));
        assert.strictEqual(reason, 'no');
    });

    it('callbackify makes a callback of a promise', (done) => {
        util.callbackify(async (v) => v + 1)(5, (error, value) => {
            assert.isUndefined(error);
            assert.strictEqual(value, 6);
            done();
        });
    });

    it('callbackify gives the reason', (done) => {
        util.callbackify(async () => {
            throw new Error('no');
        })((error) => done(error.message === 'no' ? undefined : error));
    });

    it('converting back gives the original', () => {
        const f = (cb) => cb();
        const p = util.promisify(f);
        assert.strictEqual(util.promisify(f), p);
        assert.strictEqual(util.callbackify(p), f);
        const g = async () => {};
        assert.strictEqual(util.promisify(util.callbackify(g)), g);
    });
});

describe('util: others', () => {
    it('deprecate returns the function', () => {
        const f = () => {};
        assert.strictEqual(util.deprecate(f, 'old'), f);
        assert.strictEqual(thrown(() => util.deprecate(f)).number, 100002);
    });

    it('buildInfo', () => {
        const info = util.buildInfo();
        assert.strictEqual(info.fibjs, '0.31.0');
        assert.strictEqual(info.node, '0.0.0');
        assert.isString(info.date);
        for (const name of ['ev', 'expat', 'sqlite', 'v8', 'zlib']) assert.isString(info.vender[name]);
        assert.isFalse(info.vender['v8-snapshot']);
        assert.ok(info.modules.includes('util'));
    });

    it('isDeepEqual is the rule of assert.deepEqual', () => {
        assert.isTrue(util.isDeepEqual({ a: [1] }, { a: [1] }));
        assert.isFalse(util.isDeepEqual([1], [2]));
    });

    it('parseArgs', () => {
        assert.deepEqual(util.parseArgs(`a  "b \\"c\\"" 'd \\ e' f\\ g "" x"y"z`), [
            'a',
            'b "c"',
            'd \\ e',
            'f g',
            '',
            'xyz',
        ]);
        assert.deepEqual(util.parseArgs(''), []);
    });

    it('debuglog gives a Logger', () => {
        const log = util.debuglog('section-nobody-names');
        assert.isFalse(log.enabled);
        assert.strictEqual(log.section, 'SECTION-NOBODY-NAMES');
        log('nothing');
        log.error('nothing');
        let got;
        assert.strictEqual(util.debuglog('section-nobody-names', (l) => (got = l)), log); // prettier-ignore
        assert.strictEqual(got, log);
    });

    it('TextEncoder and TextDecoder', () => {
        const bytes = new util.TextEncoder().encode('é');
        assert.deepEqual([...bytes.values()], [0xc3, 0xa9]);
        assert.strictEqual(new util.TextDecoder().decode(bytes), 'é');
        const decoder = new util.TextDecoder('utf8');
        assert.strictEqual(decoder.decode(bytes.slice(0, 1), { stream: true }), '');
        assert.strictEqual(decoder.decode(bytes.slice(1)), 'é');
        assert.throws(() => new util.TextDecoder('utf8', { fatal: true }).decode(Buffer.from([0xff])));
        assert.strictEqual(decoder.encoding, 'utf8');
    });
});

describe('util.compile', () => {
    const folder = path.join(os.tmpdir(), `fibshim-compile-${process.pid}`);
    before(() => fs.mkdir(folder));
    after(() => {
        for (const name of fs.readdir(folder)) fs.unlink(path.join(folder, name));
        fs.rmdir(folder);
    });
    const write = (name, data) => {
        const file = path.join(folder, name);
        fs.writeFile(file, data);
        return file;
    };

    it('makes a Buffer that require loads', () => {
        const data = util.compile('source.js', 'module.exports = { file: __filename, stack: new Error("x").stack };');
        assert.isTrue(Buffer.isBuffer(data));
        const file = write('a.jsc', data);
        const loaded = require(file);
        assert.strictEqual(loaded.file, fs.realpath(file));
        assert.ok(loaded.stack.includes('source.js:1:'));
    });

    it('finds .jsc without ending', () => {
        write('b.jsc', util.compile('b.js', '#!/usr/bin/env fibjs\nexports.b = 5;'));
        assert.strictEqual(require(path.join(folder, 'b')).b, 5);
    });

    it('makes scripts for run, with their arguments', () => {
        const file = write('c.jsc', util.compile('c.js', 'global.compiledArgv = argv;', 1));
        run(file, ['x']);
        assert.deepEqual(global.compiledArgv, ['x']);
        delete global.compiledArgv;
    });

    it('refuses a top-level return or await, with place and excerpt', () => {
        const e = thrown(() => util.compile('x.js', 'var a;\nreturn a;'));
        assert.strictEqual(e.number, 100023);
        assert.ok(/^undefined:2:\d+\nreturn a;\n *\^+\nSyntaxError: /.test(e.message), e.message);
        assert.strictEqual(thrown(() => util.compile('x.js', 'await 1')).number, 100023);
    });

    it('refuses files of another version', () => {
        const file = write('bad.jsc', 'junk');
        const e = thrown(() => require(file));
        assert.strictEqual(e.message, 'SandBox: bad jsc version.');
        assert.strictEqual(e.number, 100023);
    });
});

require.main === module && test.run(console.DEBUG);
