// A session on a stream: line based, with a copy of what the console prints (spec/modules-and-vm.md §6).
'use strict';

const { fibers } = internal;
const output = require('console/output');
const { BufferedStream } = require('io');

/** The session that runs; a new one closes it. */
let current = null;

class StreamSession {
    #stream;
    #lines;
    /** Texts on their way: console calls must not block, so a fiber writes them. */
    #texts = [];
    #writing = false;
    #idle = [];

    constructor(stream) {
        this.#stream = stream;
        this.#lines = new BufferedStream(stream);
        this.#lines.EOL = '\n';
    }

    open() {
        const before = current;
        current = this;
        output.setCopy((text) => this.#put(text));
        before?.end();
    }

    /** Close the stream, so that reading ends. */
    end() {
        try {
            this.#stream.close();
        } catch {
            // It is closed already.
        }
    }

    print(text) {
        this.#put(`${text}\n`);
    }

    readLine(prompt) {
        this.#put(prompt);
        while (this.#writing) fibers.park(this.#idle, 'repl');
        let line;
        try {
            line = this.#lines.readLine();
        } catch {
            return null;
        }
        return line === null || line === undefined ? null : line.replace(/\r$/, '');
    }

    close() {
        if (current !== this) return;
        current = null;
        output.setCopy(null);
        while (this.#writing) fibers.park(this.#idle, 'repl');
    }

    #put(text) {
        this.#texts.push(text);
        if (this.#writing) return;
        this.#writing = true;
        fibers.start(() => this.#write(), [], undefined);
    }

    #write() {
        try {
            while (this.#texts.length > 0) this.#stream.write(require('buffer').from(this.#texts.splice(0).join('')));
        } catch {
            this.#texts.length = 0; // the other side is gone; reading will tell
        }
        this.#writing = false;
        fibers.wakeAll(this.#idle);
    }
}

module.exports = { StreamSession };
