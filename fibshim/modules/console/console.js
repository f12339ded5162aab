// The `console` object (spec/fibers-and-runtime.md §11).
'use strict';

const { fail, glue, members, ops } = internal;
const { DEBUG, INFO, NOTICE, PRINT, WARN, ERROR, dir, print, write } = require('./output');
const native = ops('console');
const { defineProperty } = Reflect;

const unavailable = () => {
    throw fail(100009);
};

/** Check what `console.add` is given and hand it on. */
function addTarget(config) {
    const { type } = config;
    if (type === undefined || type === null) throw fail('console: Missing log type.');
    const out = { type: `${type}` };
    // What does not convert makes the original fall through to the form with a name, and fail there.
    const unknown = () => fail('console: Unknown log type.');
    const take = (name, declared) => {
        if (config[name] === undefined) return;
        try {
            out[name] = members.convert(declared, config[name]);
        } catch {
            throw unknown();
        }
    };
    take('levels', 'Array');
    if (out.levels !== undefined) {
        try {
            out.levels = out.levels.map((level) => members.convert('Integer', level));
        } catch {
            throw unknown();
        }
    }
    if (out.type === 'file') {
        take('path', 'String');
        take('split', 'String');
        take('count', 'Integer');
    }
    native.add(out);
}

function addOne(item) {
    if (typeof item === 'string') addTarget({ type: item });
    else if (members.isPlain(item)) addTarget(item);
    else throw fail(100005);
}

function moveTo(row, column) {
    if (row < 1 || column < 1) throw fail(100004);
    write(PRINT, `\x1b[${row};${column}H`);
}

const impl = {
    get loglevel() {
        return native.getLevel();
    },
    set loglevel(level) {
        native.setLevel(level);
    },
    get width() {
        return native.size(false);
    },
    get height() {
        return native.size(true);
    },
    add: [(type) => addTarget({ type }), addTarget, (list) => list.forEach(addOne)],
    reset: () => native.reset(),
    dir,
    time: (label) => native.beginTime(label),
    timeElapse: (label) => write(INFO, `${label}: ${native.elapsed(label, false)}ms`),
    timeEnd: (label) => write(INFO, `${label}: ${native.elapsed(label, true)}ms`),
    trace: (label) => write(WARN, `console.trace: ${label}\n${glue.hereStack(10)}`),
    assert(value, msg) {
        if (!value)
            throw new Error(msg !== '' ? msg : `expected ${require('util/format').inspect(value)} to be truthy`);
    },
    moveTo,
    hideCursor: () => write(PRINT, '\x1b[?25l'),
    showCursor: () => write(PRINT, '\x1b[?25h'),
    clear: () => write(PRINT, '\x1bc'),
    table: [(value) => table(value), (value, fields) => table(value, fields)],
    readLine: (msg) => native.readLine(msg),
    getpass: (msg) => native.getpass(msg),
    keyDown: unavailable,
    keyUp: unavailable,
    keyTap: unavailable,
    typeString: unavailable,
    moveMouse: unavailable,
    mouseUp: unavailable,
    mouseDown: unavailable,
    clickMouse: unavailable,
};

function table(value, fields) {
    const text = require('util/table').table(value, fields);
    write(INFO, text);
}

const LEVELS = {
    log: INFO,
    debug: DEBUG,
    info: INFO,
    notice: NOTICE,
    warn: WARN,
    error: ERROR,
    crit: 2,
    alert: 1,
    print: PRINT,
    warning: WARN,
    critical: 2,
};

const target = members.module('console', impl, { later: ['warning', 'critical', 'table'] });
// They take anything in any number, so there is nothing to match.
for (const name in LEVELS) {
    const level = LEVELS[name];
    const isPrint = level === PRINT;
    defineProperty(target, name, {
        value: members.nativeFunction('console', (self, args) => {
            if (!isPrint || args.length > 0) print(level, args);
        }),
        writable: true,
        configurable: true,
        enumerable: true,
    });
}

module.exports = target;
