// coroutine.Worker: another VM that runs in parallel (spec/fibers-and-runtime.md §7).  `worker.py` has its threads.
'use strict';

const { entry, fail, members, ops, report } = internal;
require('events');
const { defineEventProperty, emitNative } = internal.events;
const { MessageImpl } = require('mq/message');
const { pack, unpack } = require('./values');
const native = ops('coroutine.worker');

/** What a message from the other side looks like: each read of `data` makes a new copy. */
class WorkerMessageImpl extends MessageImpl {
    #text;
    #bytes;

    constructor(text, bytes) {
        super();
        this.#text = text;
        this.#bytes = bytes;
    }

    get data() {
        return unpack(this.#text, this.#bytes);
    }
}
delete WorkerMessageImpl.prototype.constructor;

/** Given in place of a path: the object that talks to the creator. */
const MASTER = Symbol('Master');
/** The ends that this VM talks to, by number; 0 is the creator.  They live as long as the VM: any of them may speak. */
const ends = [null];

class WorkerImpl extends members.implOf('EventEmitter') {
    #number;

    constructor(path, options) {
        super();
        if (path === MASTER) {
            this.#number = 0;
            ends[0] = this;
            return;
        }
        if (!path.startsWith('/')) throw fail('Worker: only accept absolute path.');
        this.#number = ends.length;
        ends.push(this);
        const { file_system: files = true, safe_buffer: safe = false } = options;
        native.begin(this.#number, path, !!files, !!safe);
    }

    /** Send a copy of a value to the other side. */
    postMessage(data) {
        const { text, bytes } = pack(data);
        native.post(this.#number, text, bytes);
    }
}
for (const event of ['load', 'message', 'error']) defineEventProperty(WorkerImpl.prototype, event);

const Worker = members.nativeClass('Worker', WorkerImpl);

entry('worker.message', (number, id) => {
    const bytes = native.messageBytes(id);
    emitNative(ends[number], 'message', new WorkerMessageImpl(native.messageText(id), bytes));
});

entry('worker.ended', (number, code) => {
    const target = ends[number];
    if (code === 0) emitNative(target, 'load');
    else emitNative(target, 'error', { target, type: 'error', code, reason: native.reason(number) });
});

/** Begin the script of this VM, which is a worker. */
function runWorker(path) {
    const { codeOf, locateFirst, main } = require('core/loader');
    const { fileSystem, safeBuffer } = native.options();
    const master = new WorkerImpl(MASTER);
    if (!fileSystem) require('fs/files').restrict();
    if (safeBuffer) {
        require('buffer');
        require('buffer/bytes').setSafe(true);
    }
    internal.fibers.start(
        () => {
            try {
                main.program(locateFirst(path), 'worker')({ exports: {} }, [master]);
            } catch (error) {
                report(error);
                native.ended(codeOf(error), internal.load('core/report.js').reportText(error));
                return;
            }
            native.ended(0, '');
        },
        [],
        undefined,
    );
}

module.exports = { Worker, runWorker };
