// The `fs` module (spec/fs-and-path.md §2).
'use strict';

const { fail, members, ops } = internal;
const { defineType, refuse } = members;
require('buffer');
const { encode, lengthOf, set, subarray } = require('buffer/bytes');
const { checkAccess, openFile, readFile, readWhole, standard, writeWhole } = require('./files');
const { statOf } = require('./stat');
const { normalize } = require('path/posix');
const native = ops('fs');
const handles = ops('fs.handles');

const MAX = 2147483647;
// Later versions pass an object where 0.31 has descriptors.
defineType('FileHandle', (value, loose) => {
    const number = typeof value === 'number' || loose ? Number(value) : NaN;
    if (number !== number) return refuse(100005);
    return Math.abs(number) <= MAX ? Math.trunc(number) : refuse(100006);
});

function read(fd, buffer, offset, length, position) {
    const size = lengthOf(buffer);
    if (offset < 0 || offset >= size) throw fail('fs: Offset is out of bounds');
    if (length < 0 || offset + length > size) throw fail('fs: Length extends beyond buffer');
    if (fd < 0) throw fail(100009);
    if (length === 0 && position < 0) return 0;
    const data = handles.read(fd, length, position);
    set(buffer, data, offset);
    return lengthOf(data);
}

function write(fd, data, position) {
    if (fd < 0) throw fail(100009);
    handles.write(fd, data, position);
    return lengthOf(data);
}

function writePart(fd, buffer, offset, length, position) {
    const size = lengthOf(buffer);
    if (offset < 0 || offset > size) throw fail('fs: Offset is out of bounds');
    if (length < 0) length = size - offset;
    if (offset + length > size) throw fail('fs: Length extends beyond buffer');
    return write(fd, subarray(buffer, offset, offset + length), position);
}

function openTextStream(path, flags) {
    const { BufferedStreamImpl } = require('io/buffered');
    return new BufferedStreamImpl(openFile(path, flags));
}

function readLines(path, most) {
    const lines = [];
    const text = readWhole(path, true);
    for (let at = 0; at < text.length && (most < 0 || lines.length < most);) {
        const end = text.indexOf('\n', at);
        lines.push(end < 0 ? text.slice(at) : text.slice(at, end));
        at = end < 0 ? text.length : end + 1;
    }
    return lines;
}

/** Ops are made when they are first called: a script uses few of them. */
const op =
    (ops, name) =>
    (...args) =>
        ops[name](...args);

/** The overloads of a member that is loaded when it is called. */
const late = (name, count) =>
    Array.from(
        { length: count },
        (_, i) =>
            (...args) =>
                require('./watch')[name][i](...args),
    );

const STANDARD = ['stdin', 'stdout', 'stderr'];

const impl = {
    get constants() {
        return { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 };
    },
    exists: op(native, 'exists'),
    access: op(native, 'access'),
    link: op(native, 'link'),
    unlink: op(native, 'unlink'),
    mkdir: op(native, 'mkdir'),
    rmdir: op(native, 'rmdir'),
    rename: op(native, 'rename'),
    copy(from, to) {
        checkAccess();
        native.copy(from, to);
    },
    copyFile(from, to, mode) {
        checkAccess();
        native.copyFile(from, to, mode);
    },
    chmod: op(native, 'chmod'),
    lchmod: op(native, 'lchmod'),
    chown: op(native, 'chown'),
    lchown: op(native, 'lchown'),
    stat: (path) => statOf(path, native.stat(path)),
    lstat: (path) => statOf(path, native.lstat(path)),
    fstat: (fd) => statOf('', handles.fstat(fd)),
    readlink: op(native, 'readlink'),
    realpath(path) {
        checkAccess();
        return native.realpath(path);
    },
    symlink: (target, path) => native.symlink(target, path),
    truncate: op(native, 'truncate'),
    read,
    write: [writePart, (fd, text, position, encoding) => write(fd, encode(text, encoding, true), position)],
    fchmod: op(handles, 'fchmod'),
    fchown: op(handles, 'fchown'),
    fdatasync: op(handles, 'fdatasync'),
    fsync: op(handles, 'fsync'),
    readdir(path) {
        checkAccess();
        return native.readdir(path);
    },
    openFile,
    open(path, flags, mode) {
        checkAccess();
        return handles.open(normalize(path), flags, mode);
    },
    close: op(handles, 'close'),
    openTextStream,
    readTextFile: (path) => readWhole(path, true),
    readFile,
    readLines,
    writeTextFile(path, text) {
        const name = normalize(path);
        if (/^[^$]*\$\//.test(name)) writeWhole(name, encode(text, 'utf8'), 'w');
        else {
            checkAccess();
            native.writeText(name, text);
        }
    },
    writeFile: (path, data) => writeWhole(path, data, 'w'),
    appendFile: (path, data) => writeWhole(path, data, 'a'),
    setZipFS: (path, data) => require('./zip').setZipFS(path, data),
    clearZipFS: (path) => require('./zip').clearZipFS(path),
    watch: late('watch', 4),
    watchFile: late('watchFile', 2),
    unwatchFile: late('unwatchFile', 2),
};

module.exports = members.module('fs', impl, { later: ['copyFile', 'fstat', 'write'] });

// For `process`: the File of a standard descriptor.
Object.defineProperty(module.exports, 'standardFile', { value: (fd) => standard(fd, `<${STANDARD[fd]}>`) });
