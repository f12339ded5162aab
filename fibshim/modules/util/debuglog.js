// `util.debuglog`: a Logger that `NODE_DEBUG` switches on (later than 0.31).
'use strict';

const { members, ops } = internal;
const native = ops('util');
const { DEBUG, ERROR, INFO, NOTICE, WARN, print } = require('console/output');
const { format, inspect } = require('./format');
const { glue } = internal;

const LEVELS = {
    log: INFO,
    debug: DEBUG,
    info: INFO,
    notice: NOTICE,
    warn: WARN,
    warning: WARN,
    error: ERROR,
    crit: 2,
    critical: 2,
    alert: 1,
    trace: WARN,
};

let patterns;
/** Whether a section is named in `NODE_DEBUG`; `*` stands for anything. */
function isOn(section) {
    patterns ??= (native.environment('NODE_DEBUG') ?? '')
        .split(/[\s,]+/)
        .filter((word) => word !== '')
        .map((word) => new RegExp(`^${word.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i'));
    return patterns.some((pattern) => pattern.test(section));
}

const loggers = new Map();

/** The Logger of a section: a function with members for the levels. */
function debuglog(section, fn) {
    const name = section.toUpperCase();
    let logger = loggers.get(name);
    if (logger === undefined) {
        logger = makeLogger(name, isOn(section));
        loggers.set(name, logger);
    }
    if (fn !== undefined) fn(logger);
    return logger;
}

function makeLogger(section, enabled) {
    const write = (level, text) => {
        if (enabled) print(level, [`${section} ${native.pid()}: ${text}`]);
    };
    const logger = members.nativeFunction('Logger', (self, args) => write(DEBUG, format(args)));
    const put = (name, run) =>
        Object.defineProperty(logger, name, {
            value: members.nativeFunction(name, run),
            writable: true,
            configurable: true,
            enumerable: true,
        });
    for (const [name, level] of Object.entries(LEVELS))
        put(name, (self, args) =>
            write(level, name === 'trace' ? `${format(args)}\n${glue.hereStack(10)}` : format(args)),
        );
    put('dir', (self, args) => write(INFO, inspect(args[0])));
    for (const [name, value] of Object.entries({ section, enabled }))
        Object.defineProperty(logger, name, { value, writable: false, configurable: true, enumerable: true });
    return logger;
}

module.exports = { debuglog };
