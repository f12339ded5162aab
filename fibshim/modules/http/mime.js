// Content types by extension, and which are worth compressing (spec/http.md §13.3).
//
// `mime.json` (from mime-db 1.42.0, MIT licence) has a text for each type: `*` in front of a compressible one, the type,
// its extensions.
'use strict';

const native = internal.ops('http');

let byExtension = null;
let compressible = null;

function load() {
    byExtension = new Map();
    compressible = new Set();
    for (const line of native.mimeTable()) {
        const [first, ...extensions] = line.split(' ');
        const type = first[0] === '*' ? first.slice(1) : first;
        if (first[0] === '*') compressible.add(type);
        for (const extension of extensions) byExtension.set(extension, type);
    }
}

/** Whether a type (lower case, not text) may be compressed. */
function isCompressible(type) {
    if (compressible === null) load();
    return compressible.has(type);
}

/**
 * The type of a file.
 * @param {string} extension without its dot
 * @param {object} own types by extension that go first
 */
function typeOf(extension, own) {
    if (Object.hasOwn(own, extension)) return `${own[extension]}`;
    if (byExtension === null) load();
    return byExtension.get(extension.toLowerCase()) ?? 'application/octet-stream';
}

module.exports = { isCompressible, typeOf };
