// `util.buildInfo` and `process.versions`.
'use strict';

const native = internal.ops('util');

/** Components of the original that have no counterpart here; like `node`, their version is 0.0.0. */
const ABSENT = ['ev', 'gd', 'jpeg', 'leveldb', 'mbedtls', 'mongo', 'pcre', 'png', 'snappy', 'tiff', 'uuid', 'v8'];

/** A new object with the versions of everything. */
function buildInfo() {
    const found = native.buildInfo();
    const vender = { ...found.vender };
    for (const name of ABSENT) vender[name] = '0.0.0';
    vender['v8-snapshot'] = false;
    return {
        fibjs: '0.31.0',
        node: '0.0.0',
        [found.compiler]: found.compilerVersion,
        date: found.date,
        vender,
        modules: internal.load('core/loader.js').NAMES.slice(),
    };
}

module.exports = { buildInfo };
