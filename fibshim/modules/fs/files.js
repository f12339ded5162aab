// File objects and whole files (spec/fs-and-path.md §2.3, §2.4, §2.7).
'use strict';

const { fail, members, ops } = internal;
const { nativeClass } = members;
const { fromBytes, lengthOf, utf8Decode, decode } = require('buffer/bytes');
const { SeekableStreamImpl } = require('io/stream');
const { lockMembers } = require('io/lock');
const { statOf } = require('./stat');
const { normalize } = require('path/posix');
const native = ops('fs');
const handles = ops('fs.handles');
const { drop } = ops('core.native');

/** Handles are never used twice, so what was closed before may be dropped again. */
const forgotten = new FinalizationRegistry((handle) => drop(handle));

class FileImpl extends SeekableStreamImpl {
    #handle;
    #name;
    #device;

    /**
     * @param {number} handle of the Python half, 0 when closed
     * @param {boolean} [device] `read` gives what one system read gives; the descriptor is not ours to close
     */
    constructor(handle, name, device = false) {
        super();
        this.#handle = handle;
        this.#name = name;
        this.#device = device;
        forgotten.register(this, handle);
    }

    /** The handle of an open file. */
    #open() {
        if (this.#handle === 0) throw fail(100009);
        return this.#handle;
    }

    read(bytes) {
        const handle = this.#open();
        if (bytes === 0) return null;
        const data = this.#device ? handles.deviceRead(handle, bytes) : handles.fileRead(handle, bytes);
        return data === null ? null : fromBytes(data);
    }

    write(data) {
        const handle = this.#open();
        if (lengthOf(data) > 0) handles.fileWrite(handle, data);
    }

    /** Nothing is held back, so there is nothing to flush. */
    flush() {
        this.#open();
    }

    close() {
        if (this.#handle === 0) return;
        const handle = this.#handle;
        this.#handle = 0;
        drop(handle);
    }

    seek(offset, whence) {
        handles.fileSeek(this.#open(), Number(offset), whence);
    }

    tell() {
        return handles.fileTell(this.#open());
    }

    rewind() {
        handles.fileSeek(this.#open(), 0, 0);
    }

    size() {
        return handles.fileSize(this.#open());
    }

    readAll() {
        const data = handles.fileRest(this.#open());
        return data === null ? null : fromBytes(data);
    }

    truncate(bytes) {
        handles.fileTruncate(this.#open(), Number(bytes));
    }

    eof() {
        return handles.fileEof(this.#open());
    }

    stat() {
        return statOf(this.#name, handles.fileStat(this.#open()));
    }

    chmod(mode) {
        if (this.#handle === 0) {
            const error = fail('[9] Bad file descriptor');
            error.number = 9;
            throw error;
        }
        handles.fileChmod(this.#handle, mode);
    }

    copyTo(stream, bytes) {
        this.#open();
        return require('io/stream').copyStream(this, stream, bytes);
    }

    get name() {
        this.#open();
        return this.#name;
    }

    get fd() {
        return handles.fileFd(this.#open());
    }
}
const File = nativeClass('File', lockMembers(FileImpl), { constructible: false });

/** Where a normalised path leaves the file system for a zip archive; -1 if it does not. */
function zipAt(path) {
    const at = path.indexOf('$');
    return at >= 0 && path[at + 1] === '/' ? at : -1;
}

let restricted = false;

/** Deny this VM its files (Workers without `file_system`); archives that are mapped in memory stay. */
function restrict() {
    restricted = true;
}

/** Throws where files are denied. */
function checkAccess() {
    if (restricted) throw fail(100009);
}

/**
 * Open a file, or a member of an archive as a read-only MemoryStream.
 * @returns {SeekableStreamImpl}
 */
function openFile(path, flags) {
    const name = normalize(path);
    const at = zipAt(name);
    if (at >= 0) return require('./zip').openMember(name, at);
    checkAccess();
    return new FileImpl(handles.openStream(name, flags), name);
}

/** The content of a file as a Uint8Array, or with `text` as a string. */
function readWhole(path, text) {
    const name = normalize(path);
    const at = zipAt(name);
    if (at < 0) checkAccess();
    const data = at >= 0 ? require('./zip').readMember(name, at) : native.readFile(name, text);
    return text && typeof data !== 'string' ? utf8Decode(data) : data;
}

/** A File on a standard descriptor. */
const standard = (fd, name) => new FileImpl(handles.adopt(fd), name, true);

function writeWhole(path, data, flags) {
    const name = normalize(path);
    const at = zipAt(name);
    // Members of an archive can be opened, but not written.
    if (at >= 0) require('./zip').openMember(name, at).write(data);
    else {
        checkAccess();
        native.writeFile(name, data, flags);
    }
}

function readFile(path, encoding) {
    const data = readWhole(path, false);
    if (encoding === '') return fromBytes(data);
    return lengthOf(data) === 0 ? '' : decode(data, encoding, true);
}

module.exports = { File, FileImpl, checkAccess, openFile, readFile, readWhole, restrict, standard, writeWhole };
