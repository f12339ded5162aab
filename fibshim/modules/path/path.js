// The `path` module (spec/fs-and-path.md §5): the posix flavour, with both as properties.
'use strict';

const { module: makeModule } = internal.members;
const { defineProperty } = Reflect;

/** A flavour as scripts see it. */
function make(impl) {
    const full = Object.defineProperties({}, Object.getOwnPropertyDescriptors(impl));
    defineProperty(full, 'posix', { configurable: true, enumerable: true, get: () => posix });
    defineProperty(full, 'win32', {
        configurable: true,
        enumerable: true,
        get: () => (win32 ??= make(require('./win32'))),
    });
    return makeModule('path', full);
}
let win32;
const posix = make(require('./posix'));

module.exports = posix;
