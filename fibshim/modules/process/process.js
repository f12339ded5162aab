// The `process` module (spec/fibers-and-runtime.md §10).
'use strict';

const { entry, fail, fibers, inner, members, ops, report } = internal;
const EventEmitter = require('events');
const { builtin } = require('core/loader');
const native = ops('process');
const { apply } = Reflect;
const emit = EventEmitter.prototype.emit;
const listenerCount = EventEmitter.prototype.listenerCount;

const facts = native.facts();
let env;
let exitCode = 0;
let leaving = false;

/** Emit an event on the process; what a listener throws is reported and stops nothing. */
function emitSafely(name, ...args) {
    try {
        apply(emit, process, [name, ...args]);
    } catch (error) {
        report(error);
    }
}

function setExitCode(code) {
    exitCode = code;
    native.setExitCode(code);
}

/** End the program now: `exit` listeners run in this fiber, nothing else does any more. */
function exit(code) {
    if (code !== undefined) setExitCode(code);
    leave(exitCode);
}

function leave(code) {
    if (!leaving) {
        leaving = true;
        emitSafely('exit', code);
    }
    native.leave(code);
}

const pair = (nanoseconds) => [Number(nanoseconds / 1000000000n), Number(nanoseconds % 1000000000n)];

/** What `subprocess.js` has for each overload, loaded when it is first needed. */
const sub = (name) =>
    [0, 1].map(
        (index) =>
            (...args) =>
                require('./subprocess')[name][index](...args),
    );

const impl = {
    get argv() {
        return native.argv();
    },
    get execArgv() {
        return facts.execArgv.slice();
    },
    version: '0.31.0',
    get versions() {
        return internal.load('modules/util/buildinfo.js').buildInfo();
    },
    execPath: facts.execPath,
    get env() {
        return (env ??= native.environment());
    },
    arch: facts.arch,
    platform: facts.platform,
    pid: facts.pid,
    get ppid() {
        return native.ppid();
    },
    get stdin() {
        return standard(0);
    },
    get stdout() {
        return standard(1);
    },
    get stderr() {
        return standard(2);
    },
    get exitCode() {
        return exitCode;
    },
    set exitCode(code) {
        setExitCode(code);
    },
    umask: [
        (mask) => native.umask(mask),
        (text) => {
            if (!/^[0-7]+$/.test(text)) throw fail('process: invalid octal string');
            return native.umask(parseInt(text, 8));
        },
        () => native.umask(-1),
    ],
    hrtime(diff) {
        const now = BigInt(native.hrtime());
        if (diff.length !== 2) return pair(now);
        return pair(now - (BigInt(Math.trunc(diff[0])) * 1000000000n + BigInt(Math.trunc(diff[1]))));
    },
    exit: [() => exit(undefined), exit],
    cwd: () => native.cwd(),
    chdir: (path) => native.chdir(path),
    uptime: () => native.uptime(),
    memoryUsage: () => ({
        ...native.memory(),
        nativeObjects: require('core/census').census(),
    }),
    nextTick(func, ...args) {
        require('coroutine').start(func, ...args);
    },
    binding(name) {
        if (name === 'EventEmitter') return EventEmitter;
        if (name === 'Buffer') return globalThis.Buffer;
        try {
            return builtin(name);
        } catch {
            return undefined;
        }
    },
    cpuUsage(previous) {
        const [user, system] = native.cpu();
        return { user: user - (previous.user ?? 0), system: system - (previous.system ?? 0) };
    },
    getuid: () => native.ids()[0],
    getgid: () => native.ids()[1],
    setuid: (id) => native.setUid(id),
    setgid: (id) => native.setGid(id),
    open: sub('open'),
    start: sub('start'),
    run: sub('run'),
    emitWarning: [
        (warning, options) => warn(warning, options.type, options.code),
        (warning, type, code) => warn(warning, type, code),
    ],
};

/** @see impl.emitWarning */
function warn(warning, type = 'Warning', code = '') {
    const made = warning instanceof Error ? warning : Object.assign(new Error(`${warning}`), { name: type });
    if (code !== '') made.code = code;
    fibers.start(() => emitSafely('warning', made), [], undefined);
}

const files = [];
const standard = (fd) => (files[fd] ??= require('fs').standardFile(fd));

const process = members.module('process', impl, {
    target: Object.create(EventEmitter.prototype),
    later: ['cpuUsage', 'getuid', 'getgid', 'setuid', 'setgid', 'emitWarning'],
});

entry('beforeExit', (code) => emitSafely('beforeExit', code));
entry('exit', (code) => leave(code));

const NAMES_OF = { 2: 'SIGINT', 15: 'SIGTERM' };
function onSignal(number) {
    native.delivered();
    const name = NAMES_OF[number];
    if (apply(listenerCount, process, [name]) === 0) native.defaultSignal(number);
    else emitSafely(name);
}
entry('process.signal', onSignal);
inner('process.interrupt', onSignal);
native.loaded();

module.exports = process;
