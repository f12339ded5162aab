// Messages on their way out: filters and colours (spec/fibers-and-runtime.md §11.2, §11.5).
'use strict';

const { ops } = internal;
const { coloured, format, inspect, plain } = require('util/format');
const native = ops('console');

const ERROR = 3;
const WARN = 4;
const NOTICE = 5;
const INFO = 6;
const DEBUG = 7;
const PRINT = 9;
const COLORED = 256;
const BOTH = 768;

/** Gets the text of all that is printed besides; null: nobody wants it. @type {((text: string) => void)|null} */
let copy = null;
/** Have what is printed copied (sessions on a stream). */
function setCopy(fn) {
    copy = fn;
}
internal.copyReport = (text) => copy?.(text);
const copied = (level, text) => copy(level === PRINT ? text : `${text}\n`);

/** The settings if a message of this level is to be written; 0 otherwise. */
function accepted(level) {
    const settings = native.settings();
    return level < (settings & 255) && level <= (internal.loglevel ?? 10) ? settings : 0;
}

/** Write a text at a level, if the filters let it pass. */
function write(level, text) {
    if (accepted(level) === 0) return;
    native.write(level, text);
    if (copy !== null) copied(level, text);
}

/** Format and write: the body of `console.log` and its like. */
function print(level, args) {
    const settings = accepted(level);
    if (settings === 0) return;
    if (copy !== null) copied(level, format(args));
    if (args.length === 1 && typeof args[0] === 'string') native.write(level, args[0]);
    else {
        const colors = level > NOTICE && (settings & COLORED) !== 0;
        const text = format(args, colors);
        if (colors && (settings & BOTH) === BOTH) native.writeBoth(level, text, format(args));
        else native.write(level, text);
    }
}

/** The inspect form of a value at INFO: `console.dir`. */
function dir(value) {
    const settings = accepted(INFO);
    if (settings === 0) return;
    if (copy !== null) copied(INFO, inspect(value));
    if ((settings & COLORED) === 0) native.write(INFO, inspect(value));
    else if ((settings & BOTH) === BOTH) native.writeBoth(INFO, inspect(value, coloured), inspect(value, plain));
    else native.write(INFO, inspect(value, coloured));
}

let colors;
/** The colours of reports and test results; empty texts if standard output is no terminal. */
function palette() {
    if (colors === undefined) {
        const on = native.colors();
        const code = (text) => (on ? `\x1b[${text}m` : '');
        colors = {
            green: code('0;32'),
            yellow: code('0;33'),
            red: code('1;31'),
            highlight: code('1;39'),
            reset: code('0'),
        };
    }
    return colors;
}

module.exports = { DEBUG, ERROR, INFO, NOTICE, PRINT, WARN, dir, palette, print, setCopy, write };
