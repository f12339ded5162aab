// What fibers cost; prints JSON: µs by name, KB for memory.
'use strict';
const co = require('coroutine');
const out = {};
const measure = (name, count, f) => {
    const begin = performance.now();
    f(count);
    out[name] = ((performance.now() - begin) * 1000) / count;
};

measure('sleep(0) in a lone fiber', 50000, (n) => {
    for (let i = 0; i < n; i++) co.sleep(0);
});
measure('a fiber that never blocks', 50000, (n) => {
    for (let i = 0; i < n; i++) {
        co.start(() => i);
        if (i % 100 === 0) co.sleep(0);
    }
});
measure('hand-over between two fibers', 40000, (n) => {
    const ping = new co.Event();
    const pong = new co.Event();
    co.start(() => {
        for (let i = 0; i < n / 2; i++) {
            ping.wait();
            ping.clear();
            pong.set();
        }
    });
    for (let i = 0; i < n / 2; i++) {
        ping.set();
        pong.wait();
        pong.clear();
    }
});

const COUNT = 10000;
const before = process.memoryUsage().rss;
const events = [];
const fibers = [];
let right = 0;
for (let i = 0; i < COUNT; i++) {
    events.push(new co.Event());
    fibers.push(
        co.start(() => {
            events[i].wait();
            right++;
        }),
    );
}
co.sleep(0);
co.sleep(0);
out['KB of each of 10,000 blocked fibers'] = (process.memoryUsage().rss - before) / COUNT / 1024;
measure('resuming 10,000 fibers, each', COUNT, () => {
    const order = events.map((e, i) => i).sort(() => Math.random() - 0.5);
    for (const i of order) events[i].set();
    for (const f of fibers) f.join();
});
if (right !== COUNT) throw new Error('not all fibers resumed');
console.log(JSON.stringify(out));
