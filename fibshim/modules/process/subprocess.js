// Sub-processes: `process.open`, `start`, `run` (spec/fibers-and-runtime.md §10.2).
'use strict';

const { fail, members, ops } = internal;
const { nativeClass, NativeObject } = members;
const { fromBytes, lengthOf } = require('buffer/bytes');
const { StreamImpl } = require('io/stream');
const { BufferedStreamImpl } = require('io/buffered');
const native = ops('process.subprocess');
const { drop } = ops('core.native');
const { ownKeys } = Reflect;

const forgottenPipes = new FinalizationRegistry((handle) => drop(handle));
const forgottenChildren = new FinalizationRegistry((handle) => native.forget(handle));

/** Our end of a pipe to a child; scripts see a Stream. */
class PipeImpl extends StreamImpl {
    #handle;

    constructor(handle) {
        super();
        this.#handle = handle;
        forgottenPipes.register(this, handle);
    }

    #open() {
        if (this.#handle === 0) throw fail(100009);
        return this.#handle;
    }

    read(bytes) {
        const handle = this.#open();
        if (bytes === 0) return null;
        const data = native.pipeRead(handle, bytes);
        return data === null ? null : fromBytes(data);
    }

    write(data) {
        const handle = this.#open();
        if (lengthOf(data) > 0) native.pipeWrite(handle, data);
    }

    close() {
        if (this.#handle === 0) return;
        const handle = this.#handle;
        this.#handle = 0;
        drop(handle);
    }
}
members.subclass('Stream', PipeImpl);

class SubProcessImpl extends NativeObject {
    #handle;
    #pid;
    #streams;

    /** @param {Array} made as `spawn` returns it */
    constructor([handle, pid, ...pipes]) {
        super();
        this.#handle = handle;
        this.#pid = pid;
        this.#streams = pipes.map((pipe) => new BufferedStreamImpl(new PipeImpl(pipe)));
        forgottenChildren.register(this, handle);
    }

    wait() {
        return native.wait(this.#handle);
    }

    kill(signal) {
        native.kill(this.#handle, signal);
    }

    findWindow(name) {
        throw fail(100009);
    }

    get pid() {
        return this.#pid;
    }

    get ppid() {
        return require('process').pid;
    }

    get stdin() {
        return this.#streams[0] ?? null;
    }

    get stdout() {
        return this.#streams[1] ?? null;
    }

    get stderr() {
        return this.#streams[2] ?? null;
    }
}
nativeClass('SubProcess', SubProcessImpl, { constructible: false });

/** Variables every child gets: they are even added to the object that the script gave. */
const ALWAYS = ['HOME', 'TMPDIR'];

/** The environment of a child as text. */
function environment(given) {
    const own = require('process').env;
    const env = given === undefined || given === null ? { ...own } : members.convert('Object', given);
    for (const name of ALWAYS) if (!(name in env)) env[name] = own[name] ?? '';
    const texts = {};
    for (const name of ownKeys(env)) {
        if (typeof name === 'string') texts[name] = `${env[name] ?? ''}`;
    }
    return texts;
}

function spawn(command, args, options, piped) {
    const texts = args.map((arg) => `${arg}`);
    const { timeout, env } = options;
    const limit = timeout === undefined || timeout === null ? 0 : members.convert('Integer', timeout);
    return new SubProcessImpl(native.spawn(command, texts, environment(env), limit, piped));
}

/** One implementation for each overload: with arguments, and without. */
const both = (run) => [run, (command, options) => run(command, [], options)];

module.exports = {
    open: both((command, args, options) => spawn(command, args, options, true)),
    start: both((command, args, options) => spawn(command, args, options, false)),
    run: both((command, args, options) => spawn(command, args, options, false).wait()),
};
