// A random stress for the engine rules (DESIGN §3): every scenario blocks in an odd place of the language, in any order of
// resumption, with collections forced.  A scenario returns 'ok' or says what went wrong.
'use strict';
const co = require('coroutine');
const { sleep } = co;
const { seconds: SECONDS, width: WIDTH, skip: SKIP } = chaosOptions();
class Event extends co.Event {
    get on() {
        return this.isSet();
    }
}
const start = (fn, ...args) => {
    const fiber = { over: new co.Event() };
    co.start(() => {
        try {
            fiber.value = fn(...args);
        } catch (error) {
            fiber.error = { error };
        }
        fiber.over.set();
    });
    return fiber;
};
const join = (fiber) => {
    fiber.over.wait();
    if (fiber.error) throw fiber.error.error;
    return fiber.value;
};
const ROUND = WIDTH < 60;
const eq = (a, b) => {
    a = JSON.stringify(a);
    b = JSON.stringify(b);
    if (a !== b) throw new Error(`got ${a}, wanted ${b}`);
    return 'ok';
};
const R = (n) => Math.floor(Math.random() * n);
const pause = () => {
    const k = R(10);
    if (k < 5) sleep(0);
    else if (k < 8) sleep(R(3));
    else if (k < 9) {
        const a = [];
        for (let i = 0; i < 50; i++) {
            const o = { i };
            o.self = o;
            o.f = () => o;
            a.push(o);
        }
        sleep(0);
    }
    if (R(40) === 0) jsgc();
};
const S = {
    sort() {
        const a = Array.from({ length: 20 }, (_, i) => (i * 7) % 20);
        a.sort((x, y) => {
            pause();
            return x - y;
        });
        return eq(
            a,
            a.map((_, i) => i),
        );
    },
    mapReduce() {
        return eq(
            [1, 2, 3]
                .map((x) => {
                    pause();
                    return x * 2;
                })
                .reduce((s, x) => {
                    pause();
                    return s + x;
                }, 0),
            12,
        );
    },
    filterFlat() {
        return eq(
            [1, 2, 3, 4]
                .filter((x) => {
                    pause();
                    return x & 1;
                })
                .flatMap((x) => {
                    pause();
                    return [x, x];
                }),
            [1, 1, 3, 3],
        );
    },
    getter() {
        const o = {
            get a() {
                pause();
                return 1;
            },
            set b(v) {
                pause();
                this.c = v;
            },
        };
        o.b = o.a + o.a;
        return eq(o.c, 2);
    },
    proxy() {
        const p = new Proxy(function () {}, {
            get(t, k) {
                pause();
                return k;
            },
            has() {
                pause();
                return true;
            },
            ownKeys() {
                pause();
                return ['prototype', 'x'];
            },
            getOwnPropertyDescriptor(t, k) {
                pause();
                return k === 'x'
                    ? { value: 1, enumerable: true, configurable: true }
                    : Reflect.getOwnPropertyDescriptor(t, k);
            },
            apply(t, s, a) {
                pause();
                return a;
            },
            construct(t, a) {
                pause();
                return { a };
            },
            set(t, k, v) {
                pause();
                return true;
            },
            deleteProperty() {
                pause();
                return true;
            },
            defineProperty() {
                pause();
                return true;
            },
            getPrototypeOf() {
                pause();
                return Array.prototype;
            },
        });
        p.z = 1;
        delete p.z;
        return eq(
            [p.foo, 'q' in p, Object.keys(p), p(1, 2), new p(3).a, p instanceof Array],
            ['foo', true, ['x'], [1, 2], [3], true],
        );
    },
    coerce() {
        const o = {
            valueOf() {
                pause();
                return 20;
            },
            toString() {
                pause();
                return 's';
            },
        };
        const q = {
            [Symbol.toPrimitive](h) {
                pause();
                return h === 'number' ? 3 : 'p';
            },
        };
        return eq(
            [
                o + 1,
                `${o}`,
                o * 2,
                [o, o].join(),
                +q,
                `${q}`,
                o > 19,
                'abc'.repeat({
                    valueOf() {
                        pause();
                        return 2;
                    },
                }),
                { s: 1 }[o],
                Math.max(o, 1),
                new Date({
                    valueOf() {
                        pause();
                        return 5;
                    },
                }).getTime(),
            ],
            [21, 's', 40, 's,s', 3, 'p', true, 'abcabc', 1, 20, 5],
        );
    },
    json() {
        const o = {
            a: {
                toJSON() {
                    pause();
                    return [1];
                },
            },
            b: 2,
        };
        return eq(
            [
                JSON.stringify(o, (k, v) => {
                    pause();
                    return v;
                }),
                JSON.parse('{"a":[1,{"b":2}]}', (k, v) => {
                    pause();
                    return v;
                }),
            ],
            ['{"a":[1],"b":2}', { a: [1, { b: 2 }] }],
        );
    },
    replace() {
        return eq(
            [
                'a-b-c'.replace(/[abc]/g, (m) => {
                    pause();
                    return m + m;
                }),
                'xax'.replaceAll('x', () => {
                    pause();
                    return 'y';
                }),
            ],
            ['aa-bb-cc', 'yay'],
        );
    },
    iterators() {
        let closed = 0;
        const it = {
            [Symbol.iterator]() {
                pause();
                let i = 0;
                return {
                    next() {
                        pause();
                        return {
                            get value() {
                                pause();
                                return i;
                            },
                            done: i++ > 5,
                        };
                    },
                    return() {
                        pause();
                        closed++;
                        return {};
                    },
                };
            },
        };
        const [a, b, ...c] = it;
        const [d] = it;
        let thrown;
        try {
            for (const x of it) {
                pause();
                throw new Error('in loop ' + x);
            }
        } catch (e) {
            thrown = e.message;
        }
        const m = new Map(new Map([[1, 2]]));
        const spread = Math.max(...it);
        return eq(
            [
                a,
                b,
                c,
                d,
                thrown,
                spread,
                closed,
                m.get(1),
                Array.from(it, (x) => {
                    pause();
                    return x;
                }).length,
            ],
            [1, 2, [3, 4, 5, 6], 1, 'in loop 1', 6, 2, 2, 6],
        );
    },
    closeThrows() {
        // return() blocks while an exception is pending
        const it = () => ({
            [Symbol.iterator]() {
                return {
                    next: () => ({ value: 1, done: false }),
                    return() {
                        pause();
                        pause();
                        throw new Error('from return');
                    },
                };
            },
        });
        let a, b;
        try {
            for (const x of it()) throw new Error('first');
        } catch (e) {
            a = e.message;
        }
        try {
            for (const x of it()) break;
        } catch (e) {
            b = e.message;
        }
        let c;
        try {
            new Map({
                [Symbol.iterator]() {
                    return {
                        next: () => ({ value: 5, done: false }),
                        return() {
                            pause();
                            return {};
                        },
                    };
                },
            });
        } catch (e) {
            c = e.constructor.name;
        }
        let d;
        try {
            Array.from(it(), () => {
                pause();
                throw new Error('mapper');
            });
        } catch (e) {
            d = e.message;
        }
        let e2;
        try {
            Iterator.from(it()[Symbol.iterator]())
                .map(() => {
                    pause();
                    throw new Error('helper');
                })
                .toArray();
        } catch (e) {
            e2 = e.message;
        }
        return eq([a, b, c, d, e2], ['first', 'from return', 'TypeError', 'mapper', 'helper']);
    },
    classes() {
        let log = [];
        class A {
            #p = (pause(), 1);
            static s = (pause(), 's');
            static {
                pause();
                log.push('static');
            }
            constructor() {
                pause();
                this.v = new.target.name;
            }
            get p() {
                pause();
                return this.#p;
            }
            static [(pause(), 'dyn')]() {
                return 'd';
            }
        }
        class B extends A {
            x = (pause(), 'x');
            constructor() {
                pause();
                super();
                pause();
            }
        }
        const b = new B();
        class C extends (pause(), Array) {}
        return eq(
            [
                b.v,
                b.x,
                b.p,
                A.s,
                A.dyn(),
                log,
                C.of(1, 2).map((x) => {
                    pause();
                    return x;
                }).length,
            ],
            ['B', 'x', 1, 's', 'd', ['static'], 2],
        );
    },
    fin() {
        const log = [];
        const f = () => {
            try {
                pause();
                throw 1;
            } catch (e) {
                pause();
                log.push(e);
                return 'r';
            } finally {
                pause();
                log.push('f');
            }
        };
        const g = () => {
            for (let i = 0; ; i++) {
                try {
                    if (i > 2) return i;
                    continue;
                } finally {
                    pause();
                    log.push(i);
                }
            }
        };
        return eq([f(), g(), log], ['r', 3, [1, 'f', 0, 1, 2, 3]]);
    },
    tagged() {
        const t = (s, ...v) => {
            pause();
            return s.raw.join('|') + v;
        };
        return eq(t`a${(pause(), 1)}b${(pause(), 2)}c`, 'a|b|c1,2');
    },
    evals() {
        let loc = 3;
        const f = new Function(
            'pause',
            'a',
            'pause(); const r = eval("pause(); a + 1"); pause(); return r + eval("a")',
        );
        return eq(
            [f(pause, 1), eval('pause(); loc = loc + 1; loc'), (0, eval)('typeof S'), loc],
            [3, 4, 'undefined', 4],
        );
    },
    generators() {
        function* g() {
            try {
                for (let i = 0; i < 3; i++) {
                    pause();
                    const k = yield i;
                    pause();
                    if (k) return k;
                }
            } finally {
                pause();
            }
        }
        function* d() {
            const r = yield* g();
            pause();
            yield r;
        }
        const a = [...d()];
        const it = g();
        it.next();
        it.return(5);
        const it2 = d();
        it2.next();
        const v = it2.next('stop').value;
        return eq([a, v], [[0, 1, 2, null], 'stop']);
    },
    genShared() {
        // one fiber is blocked inside the generator, another one asks it: TypeError, and it survives
        const e = new Event();
        function* g() {
            e.wait();
            yield 1;
            yield 2;
        }
        const it = g();
        let on = 0;
        const f = start(() => {
            on = 1;
            return it.next().value;
        });
        while (!on) sleep(0);
        let n = '';
        try {
            if (!e.on) it.next();
        } catch (x) {
            n = x.constructor.name;
        }
        e.set();
        return eq([join(f), n, it.next().value], [1, 'TypeError', 2]);
    },
    genAcross() {
        function* g() {
            let s = 0;
            for (;;) s += yield (pause(), s);
        }
        const it = g();
        it.next();
        let last;
        for (let i = 0; i < 5; i++)
            last = join(
                start(() => {
                    pause();
                    return it.next(i).value;
                }),
            );
        return eq(last, 10);
    },
    asyncs() {
        const e = new Event();
        let r;
        const f = async (n) => {
            pause();
            await null;
            pause();
            if (n === 2) throw new Error('two');
            await new Promise((ok) =>
                start(() => {
                    pause();
                    ok();
                }),
            );
            pause();
            return n;
        };
        Promise.allSettled([
            f(1),
            f(2),
            f(3),
            Promise.resolve(4).then((v) => {
                pause();
                return v * 2;
            }),
            Promise.reject(5)
                .catch((v) => {
                    pause();
                    return v;
                })
                .finally(() => {
                    pause();
                }),
        ]).then((v) => {
            pause();
            r = v.map((x) => x.value ?? x.reason.message);
            e.set();
        });
        e.wait();
        return eq(r, [1, 'two', 3, 8, 5]);
    },
    asyncGen() {
        const e = new Event();
        let r = [];
        async function* g() {
            try {
                for (let i = 0; i < 3; i++) {
                    pause();
                    await i;
                    yield i;
                    pause();
                }
            } finally {
                pause();
                r.push('fin');
            }
        }
        (async () => {
            for await (const x of g()) {
                pause();
                r.push(x);
            }
            for await (const x of g()) {
                pause();
                break;
            }
            e.set();
        })();
        e.wait();
        return eq(r, [0, 1, 2, 'fin', 'fin']);
    },
    thenables() {
        const e = new Event();
        let r;
        (async () => {
            r = await {
                then(ok) {
                    pause();
                    ok(await_());
                },
            };
            pause();
            e.set();
        })();
        function await_() {
            pause();
            return 9;
        }
        e.wait();
        return eq(r, 9);
    },
    species() {
        class P extends Promise {
            constructor(x) {
                pause();
                super((a, b) => {
                    pause();
                    x(a, b);
                    pause();
                });
            }
            static get [Symbol.species]() {
                pause();
                return P;
            }
        }
        const e = new Event();
        let r;
        P.resolve(1)
            .then((v) => {
                pause();
                return v + 1;
            })
            .then((v) => {
                r = v;
                e.set();
            });
        e.wait();
        return eq(r, 2);
    },
    weak() {
        let t = { big: new Array(100).fill(0) };
        const w = new WeakRef(t),
            m = new WeakMap([[t, { t }]]);
        pause();
        const alive = w.deref() === t && m.has(t);
        t = null;
        pause();
        jsgc();
        return eq([alive, m.get({}) === undefined], [true, true]);
    },
    finreg() {
        const e = new Event();
        let got;
        const fr = new FinalizationRegistry((v) => {
            pause();
            got = v;
            pause();
            e.set();
        });
        (() => {
            let o = {};
            o.o = o;
            fr.register(o, 'held');
        })();
        pause();
        jsgc();
        e.wait();
        return eq(got, 'held');
    },
    args() {
        function f(a, b = (pause(), a + 1), { c = (pause(), b + 1), ...rest } = (pause(), { d: 1 }), ...more) {
            pause();
            arguments[0] = 9;
            return [a, b, c, rest, arguments.length];
        }
        return eq(f(1), [1, 2, 3, { d: 1 }, 1]);
    },
    closures() {
        const fs = [];
        for (let i = 0; i < 5; i++) {
            let j = i;
            fs.push(() => j++ + i);
            pause();
        }
        fs.forEach((f) => {
            pause();
            f();
        });
        let shared = 0;
        const k = [1, 2, 3].map(() =>
            start(() => {
                for (let n = 0; n < 5; n++) {
                    const v = shared;
                    shared = v + 1;
                    pause();
                }
            }),
        );
        k.forEach(join);
        return eq([fs.map((f) => f()), shared], [[1, 3, 5, 7, 9], 15]);
    },
    typed() {
        const a = Uint32Array.from({ length: 5 }, (_, i) => {
            pause();
            return 5 - i;
        });
        a.sort((x, y) => {
            pause();
            return x - y;
        });
        const d = new Set([1, 2, 3]);
        let n = 0;
        d.forEach((x) => {
            pause();
            if (x < 6) d.add(x + 3);
            n++;
        });
        const m = new Map([[1, 1]]);
        for (const [k] of m) {
            pause();
            if (k < 4) (m.set(k + 1, 1), m.delete(k));
        }
        return eq([[...a], n, [...m.keys()]], [[1, 2, 3, 4, 5], 8, [4]]);
    },
    regexp() {
        const r = /(?<n>a+)b/g;
        r.exec = function (s) {
            pause();
            return RegExp.prototype.exec.call(this, s);
        };
        return eq(
            [
                'aab ab'.replace(r, (...m) => {
                    pause();
                    return m.at(-1).n.length;
                }),
                'aab'.match(r),
                [...'ab aab'.matchAll(/(a+)b/g)].map((m) => {
                    pause();
                    return m[1];
                }),
                'a1b2'.split({
                    [Symbol.split](s) {
                        pause();
                        return [s];
                    },
                }),
            ],
            ['2 1', ['aab'], ['a', 'aa'], ['a1b2']],
        );
    },
    thrown() {
        const e = new Event();
        const f = start(() => {
            const l = [];
            for (let i = 0; i < 3; i++)
                try {
                    [1].map(() => {
                        join(
                            start(() => {
                                pause();
                                throw new RangeError('r' + i);
                            }),
                        );
                    });
                } catch (x) {
                    l.push(x.message, x instanceof RangeError);
                }
            return l;
        });
        return eq(join(f), ['r0', true, 'r1', true, 'r2', true]);
    },
    nestedEnds() {
        const inner = [];
        const f = start(() => {
            [1, 2, 3].forEach((i) =>
                inner.push(
                    start(() => {
                        pause();
                        sleep(R(5));
                        return i;
                    }),
                ),
            );
            pause();
            return 'outer';
        });
        const a = join(f);
        return eq([a, inner.map(join)], ['outer', [1, 2, 3]]);
    },
    deep() {
        const down = (n) => {
            if (n % 50 === 0) pause();
            return n ? 1 + down(n - 1) : 0;
        };
        let n = 0;
        const fall = () => {
            n++;
            if (n % 900 === 0) pause();
            fall();
        };
        let name;
        try {
            fall();
        } catch (x) {
            name = x.name;
        }
        return eq([down(300), name, n > 3000], [300, 'RangeError', true]);
    },
    prepare() {
        const o = Error.prepareStackTrace;
        let s;
        Error.prepareStackTrace = (e, f) => {
            pause();
            return 'P' + f.length;
        };
        try {
            s = new Error('x').stack;
        } finally {
            Error.prepareStackTrace = o;
        }
        return typeof s === 'string' || s == null ? 'ok' : String(s);
    },
    disposable() {
        const log = [];
        const f = new Function(
            'pause',
            'log',
            '{ using a = { [Symbol.dispose]() { pause(); log.push("a") } }; using b = { [Symbol.dispose]() { pause(); log.push("b"); } }; pause(); }',
        );
        try {
            f(pause, log);
        } catch (x) {
            return x.name === 'SyntaxError' ? 'ok' : String(x);
        }
        return eq(log, ['b', 'a']);
    },
    nestedPython() {
        return eq(
            pycall(() => {
                pause();
                return [1, 2]
                    .map((x) => {
                        pause();
                        return pycall(() => {
                            pause();
                            return x;
                        });
                    })
                    .join();
            }),
            '1,2',
        );
    },
    nestedDeep() {
        let n = 0;
        const fall = () => {
            n++;
            if (n % 100 === 0) pause();
            return pycall(() => fall());
        };
        try {
            fall();
        } catch (x) {
            return x.name + n > 'RangeError100' ? 'ok' : x + ' ' + n;
        }
    },
};
const names = Object.keys(S).filter((k) => !SKIP.includes(k));
const t0 = now(),
    tally = {};
let bad = 0,
    rounds = 0;
do {
    const batch = [];
    for (let i = 0; i < WIDTH; i++) {
        const k = names[ROUND ? R(names.length) : i % names.length];
        batch.push([
            k,
            start(() => {
                pause();
                return S[k]();
            }),
        ]);
    }
    for (let i = batch.length; i > 1; i--) {
        const j = R(i);
        [batch[i - 1], batch[j]] = [batch[j], batch[i - 1]];
    }
    for (const [k, f] of batch) {
        let r;
        try {
            r = join(f);
        } catch (x) {
            r = x + (x.stack || '');
        }
        tally[k] = (tally[k] || 0) + 1;
        if (r !== 'ok' && bad++ < 20) print('BAD', k, r);
    }
    rounds++;
} while (now() - t0 < SECONDS);
print(
    'rounds',
    rounds,
    'scenarios',
    Object.values(tally).reduce((a, b) => a + b, 0),
    'bad',
    bad,
    'kinds',
    Object.keys(tally).length,
);
