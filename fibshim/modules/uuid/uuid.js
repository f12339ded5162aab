// `uuid` (spec/buffer-and-encoding.md §10).
'use strict';

const { members, ops } = internal;
require('buffer');
const { allocate, copyOf } = require('buffer/bytes');
const native = ops('uuid');

let hostID = 0;
let lastTime = 0;
let counter = 0;

/** Wait for the next millisecond, so that 4096 numbers of one are never exceeded. */
function nextTime() {
    const { sleep } = require('coroutine');
    for (;;) {
        const time = native.now();
        // A clock that was set back must not repeat numbers either.
        if (time > lastTime) return time;
        sleep(1);
    }
}

function snowflake() {
    let time = native.now();
    // Other fibers may take numbers while this one waits.
    while (time <= lastTime && counter > 4095) time = nextTime();
    if (time > lastTime) {
        lastTime = time;
        counter = 0;
    }
    const out = allocate(8);
    out.writeInt64BE((BigInt(lastTime) << 22n) | BigInt(hostID << 12) | BigInt(counter++));
    return out;
}

module.exports = members.module('uuid', {
    node: () => copyOf(native.node()),
    md5: (space, name) => copyOf(native.md5(space, name)),
    random: () => copyOf(native.random()),
    sha1: (space, name) => copyOf(native.sha1(space, name)),
    snowflake,
    get hostID() {
        return hostID;
    },
    set hostID(value) {
        hostID = value & 1023;
    },
});
