// The `os` module (spec/fibers-and-runtime.md §13).
'use strict';

const { fail, members, ops } = internal;
const native = ops('os');
let facts;
/** What does not change, fetched once. */
const fact = (name) => (facts ??= native.facts())[name];
const { normalize } = require('path/posix');

/** A directory name, normalised and without trailing slash. */
function directory(path) {
    const text = normalize(path);
    return text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text;
}

const isText = (value) => typeof value === 'string' && value !== '';

function homedir() {
    const { HOME } = require('process').env;
    return directory(isText(HOME) ? HOME : native.home());
}

function tmpdir() {
    const { env } = require('process');
    return directory([env.TMPDIR, env.TMP, env.TEMP].find(isText) ?? '/tmp');
}

function userInfo(options) {
    const info = native.user();
    const { encoding } = options;
    if (encoding === undefined) return info;
    for (const key of ['username', 'homedir', 'shell']) {
        const bytes = require('buffer').from(info[key]);
        info[key] = encoding === 'buffer' ? bytes : bytes.toString(`${encoding}`);
    }
    return info;
}

/** Windows services: nothing of it exists elsewhere. */
function Service() {
    throw fail(100009);
}
for (const name of ['install', 'remove', 'start', 'stop', 'restart', 'isInstalled', 'isRunning'])
    Service[name] = members.nativeFunction('Service', Service);

module.exports = members.module('os', {
    Service,
    hostname: () => native.hostname(),
    endianness: () => fact('endianness'),
    type: () => native.type(),
    release: () => native.release(),
    homedir,
    arch: () => require('process').arch,
    get timezone() {
        return fact('timezone');
    },
    EOL: '\n',
    uptime: () => native.uptime(),
    loadavg: () => native.loadavg(),
    totalmem: () => native.totalmem(),
    freemem: () => native.freemem(),
    cpus: () => native.cpus(),
    cpuNumbers: () => fact('cpus'),
    tmpdir,
    userInfo,
    networkInterfaces: () => native.interfaces(),
    printerInfo() {
        throw fail(100009);
    },
    openPrinter() {
        throw fail(100009);
    },
    platform: () => require('process').platform,
    time: (text) => require('./dates').time(text),
    dateAdd: (date, count, part) => require('./dates').dateAdd(date, count, part),
    get execPath() {
        return require('process').execPath;
    },
    memoryUsage: () => require('process').memoryUsage(),
});
