// Stat (spec/fs-and-path.md §2.8).
'use strict';

const { members } = internal;
const { NativeObject, nativeClass } = members;

const INTEGERS = ['dev', 'ino', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'blocks'];
const TIMES = ['mtime', 'atime', 'ctime'];
/** What the values of a Stat stand for, as the ops give them. */
const ORDER = [...INTEGERS.slice(0, 7), 'size', ...INTEGERS.slice(7), ...TIMES];
const AT = Object.fromEntries(ORDER.map((key, i) => [key, i]));
const MODE = AT.mode;

class StatImpl extends NativeObject {
    #name;
    #values;
    #memory;

    /**
     * @param {string} name the last component of the path
     * @param {ArrayLike<number>} values in the order of `ORDER`
     */
    constructor(name, values, memory = false) {
        super();
        this.#name = name;
        this.#values = values;
        this.#memory = memory;
    }

    static {
        const define = (key, get) =>
            Reflect.defineProperty(StatImpl.prototype, key, { configurable: true, enumerable: true, get });
        for (const key of INTEGERS) {
            const at = AT[key];
            define(key, function () {
                return this.#values[at] | 0;
            });
        }
        for (const key of [...TIMES, 'birthtime']) {
            // The system's ctime is taken for the time of birth, as in the original; memory has none.
            const at = AT[key] ?? AT.ctime;
            const valueOf = (self) => (key === 'birthtime' && self.#memory ? NaN : self.#values[at]);
            define(key, function () {
                return new Date(valueOf(this));
            });
            define(`${key}Ms`, function () {
                return valueOf(this);
            });
        }
    }

    get name() {
        return this.#name;
    }

    get size() {
        return this.#values[AT.size];
    }

    isReadable() {
        return (this.#values[MODE] & 0o400) !== 0;
    }

    isWritable() {
        return (this.#values[MODE] & 0o200) !== 0;
    }

    isExecutable() {
        return (this.#values[MODE] & 0o100) !== 0;
    }

    isHidden() {
        return false;
    }

    /** As in the original, a test of one bit, which links and sockets have too. */
    isFile() {
        return (this.#values[MODE] & 0o100000) !== 0;
    }

    isDirectory() {
        return (this.#values[MODE] & 0o040000) !== 0;
    }

    isSymbolicLink() {
        return (this.#values[MODE] & 0o170000) === 0o120000;
    }

    isMemory() {
        return this.#memory;
    }

    isSocket() {
        return false;
    }

    isBlockDevice() {
        return (this.#values[MODE] & 0o170000) === 0o060000;
    }

    isCharacterDevice() {
        return (this.#values[MODE] & 0o170000) === 0o020000;
    }

    isFIFO() {
        return (this.#values[MODE] & 0o170000) === 0o010000;
    }
}
const Stat = nativeClass('Stat', StatImpl, {
    constructible: false,
    later: ['isBlockDevice', 'isCharacterDevice', 'isFIFO'],
});

/** The Stat of something in memory. */
function memoryStat(size, time) {
    const values = new Array(ORDER.length).fill(0);
    values[AT.size] = size;
    values[AT.mtime] = values[AT.ctime] = time;
    return new StatImpl('', values, true);
}

/**
 * The Stat of a path.
 * @param {Uint8Array} data what the ops give: doubles
 */
const statOf = (path, data) =>
    new StatImpl(/([^/]*)\/*$/.exec(path)[1], new Float64Array(data.buffer, data.byteOffset, ORDER.length));

/** The Stat of a file that is not there. */
const emptyStat = () => new StatImpl('', new Array(ORDER.length).fill(0));

module.exports = { Stat, StatImpl, emptyStat, memoryStat, statOf };
