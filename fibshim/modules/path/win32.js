// The win32 flavour of `path` (spec/fs-and-path.md §5).
'use strict';

const { fail } = internal;
const { cwd, flavour, resolveDots } = require('./flavour');

const SHARE = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/;
const SERVER = /^[\\/]{2}[^\\/]+[\\/]*/;
const SEPARATOR = /[\\/]/;

function rootOf(path) {
    const share = SHARE.exec(path);
    if (share !== null) {
        const device = `\\\\${share[1]}\\${share[2]}`;
        const end = share[0].length;
        const dirEnd = SEPARATOR.test(path[end] ?? '') ? end + 1 : end;
        return { device, root: `${device}\\`, end: dirEnd, dirEnd, baseEnd: SERVER.exec(path)[0].length };
    }
    const server = SERVER.exec(path);
    if (server !== null) return { device: '', root: '\\', end: 1, dirEnd: server[0].length, baseEnd: server[0].length };
    if (SEPARATOR.test(path[0] ?? '')) return { device: '', root: '\\', end: 1, dirEnd: 1, baseEnd: 1 };
    if (!/^[A-Za-z]:/.test(path)) return { device: '', root: '', end: 0, dirEnd: 0, baseEnd: 0 };
    const device = path.slice(0, 2);
    const end = SEPARATOR.test(path[2] ?? '') ? 3 : 2;
    return { device, root: end === 3 ? `${device}\\` : device, end, dirEnd: end, baseEnd: end };
}
const common = flavour({ sep: '\\', separators: SEPARATOR, rootOf });

/** Where some parts lead to; every drive has a directory of its own among them. */
function resolve(...parts) {
    const directories = { __proto__: null };
    let current = '';
    let key = '';
    for (const part of [cwd(), ...parts]) {
        const text = `${part}`;
        if (text === '') continue;
        const { device, root, end } = rootOf(text);
        if (device !== '' && device.toLowerCase() !== key) {
            current = device;
            key = device.toLowerCase();
        }
        const tail = text.slice(end);
        directories[key] = root.length > device.length ? tail : `${directories[key] ?? ''}\\${tail}`;
    }
    return `${current}\\${resolveDots(directories[key].split(SEPARATOR), true).parts.join('\\')}`;
}

function relative(from, to) {
    if (from === to) return '';
    const here = common.normalize(from);
    const there = common.normalize(to);
    const one = rootOf(here);
    const two = rootOf(there);
    if (one.root.toLowerCase() !== two.root.toLowerCase()) return there;
    const parts = (path, end) => resolveDots(path.slice(end).split(SEPARATOR), false).parts;
    const left = parts(here, one.end);
    const right = parts(there, two.end);
    let same = 0;
    while (same < left.length && same < right.length && left[same].toLowerCase() === right[same].toLowerCase()) same++;
    return [...left.slice(same).fill('..'), ...right.slice(same)].join('\\');
}

function toNamespacedPath(value) {
    if (typeof value !== 'string' || value.length < 3) return value;
    const full = resolve(value);
    if (/^\\\\[^?.]/.test(full)) return `\\\\?\\UNC\\${full.slice(2)}`;
    return /^[A-Za-z]:\\/.test(full) ? `\\\\?\\${full}` : value;
}

module.exports = {
    ...common,
    resolve,
    relative,
    fullpath() {
        throw fail('not supported on none Win32 platform !');
    },
    toNamespacedPath,
    sep: '\\',
    delimiter: ';',
};
