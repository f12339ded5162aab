// The posix flavour of `path` (spec/fs-and-path.md §5).
'use strict';

const { cwd, flavour, resolveDots } = require('./flavour');

const ROOT = { device: '', root: '/', end: 1, dirEnd: 1, baseEnd: 1 };
const NONE = { device: '', root: '', end: 0, dirEnd: 0, baseEnd: 0 };
const common = flavour({ sep: '/', separators: /\//, rootOf: (path) => (path.startsWith('/') ? ROOT : NONE) });

/** The components of the absolute path that some parts lead to. */
function absolute(parts) {
    let full = '';
    for (let i = parts.length - 1; i >= 0 && !full.startsWith('/'); i--) {
        const part = `${parts[i]}`;
        if (part !== '') full = full === '' ? part : `${part}/${full}`;
    }
    if (!full.startsWith('/')) full = `${cwd()}/${full}`;
    return resolveDots(full.split('/'), true).parts;
}

const resolve = (...parts) => `/${absolute(parts).join('/')}`;

function relative(from, to) {
    const here = absolute([from]);
    const there = absolute([to]);
    let same = 0;
    while (same < here.length && same < there.length && here[same] === there[same]) same++;
    return [...here.slice(same).fill('..'), ...there.slice(same)].join('/');
}

module.exports = {
    ...common,
    resolve,
    relative,
    fullpath: (path) => common.normalize(path.startsWith('/') ? path : `${cwd()}/${path}`),
    toNamespacedPath: (value) => value,
    sep: '/',
    delimiter: ':',
};
