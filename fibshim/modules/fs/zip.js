// Paths into zip archives, `archive$/member` (spec/fs-and-path.md §4).
'use strict';

const { ops } = internal;
const { MemoryStreamImpl } = require('io/memory');
const { normalize } = require('path/posix');
const native = ops('fs.archives');
const { drop } = ops('core.native');

/** For how long a loaded archive is used without a look at the disk. */
const FRESH = 3000;
/** Archives by the normalised text of their path. */
const archives = new Map();

function forget(path) {
    const known = archives.get(path);
    if (known === undefined) return;
    archives.delete(path);
    drop(known.handle);
}

/** The handle of an archive, which is loaded again if its file changed. */
function archiveAt(path) {
    let known = archives.get(path);
    const now = Date.now();
    if (known === undefined || (!known.mapped && now - known.checked > FRESH)) {
        require('./files').checkAccess();
        let modified;
        try {
            modified = native.modified(path);
        } catch (error) {
            forget(path);
            throw error;
        }
        if (known === undefined || known.modified !== modified) {
            const handle = native.load(path);
            forget(path);
            known = { handle, modified, mapped: false, checked: 0 };
            archives.set(path, known);
        }
        known.checked = now;
    }
    return known.handle;
}

/** The content of a member. @param {number} at where the `$` stands in the path */
const readMember = (path, at) => native.member(archiveAt(path.slice(0, at)), path.slice(at + 2));

/** A member as a read-only stream. */
function openMember(path, at) {
    const archive = archiveAt(path.slice(0, at));
    const name = path.slice(at + 2);
    const data = native.member(archive, name);
    return new MemoryStreamImpl(data, true, native.memberTime(archive, name));
}

/** Map an archive in memory at a path. */
function setZipFS(path, data) {
    const handle = native.take(data);
    const name = normalize(path);
    forget(name);
    archives.set(name, { handle, modified: 0, mapped: true, checked: 0 });
}

/** Forget one archive, or all for an empty path. */
function clearZipFS(path) {
    for (const name of path === '' ? [...archives.keys()] : [normalize(path)]) forget(name);
}

module.exports = { clearZipFS, openMember, readMember, setZipFS };
