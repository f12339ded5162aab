// Modules in archives: the rules of spec/modules-and-vm.md §4.4 behind `archive$/`.
'use strict';

const { fail, ops } = internal;
const core = ops('core.loading');
const { readMember } = require('fs/zip');

/** The content of a member by its id. @returns {Uint8Array} */
const read = (id) => readMember(id, id.indexOf('$'));

/** Whether there is such a member. */
function has(id) {
    try {
        read(id);
        return true;
    } catch (error) {
        if (error.number !== 2) throw error;
        return false;
    }
}

/**
 * Find a module.
 * @param {string} path with a slash at its end
 * @param {string[]} extensions those that are tried, in order
 * @param {boolean} only the directory rules
 * @returns {string|null} its id
 */
function find(path, extensions, only) {
    const at = path.indexOf('$/');
    const archive = `${core.realPath(path.slice(0, at))}$/`;
    const inner = path.slice(at + 2, -1);
    const file = (name) => {
        for (const ending of ['', ...extensions])
            if (name + ending !== '' && has(archive + name + ending)) return archive + name + ending;
        return null;
    };
    const below = (name) => (inner === '' ? name : `${inner}/${name}`);
    const found = only || inner === '' ? null : file(inner);
    if (found !== null) return found;
    const entry = packageMain(archive + below('package.json'));
    if (entry === null) return file(below('index'));
    const { normalize } = require('core/loader');
    const target = normalize(below(entry));
    const main = file(target) ?? file(target === '.' ? 'index' : `${target}/index`);
    if (main === null) throw fail('SandBox: main script in package.json not found');
    return main;
}

/** The `main` of a package.json; null if there is none. */
function packageMain(id) {
    if (!has(id)) return null;
    const data = require('json/text').parse(core.decode(read(id)));
    if (typeof data !== 'object' || data === null || Array.isArray(data)) throw fail('SandBox: Invalid package.json');
    const { main } = data;
    if (main === undefined || main === null) return null;
    if (typeof main !== 'string') throw fail('SandBox: Invalid package.json');
    return main;
}

module.exports = { find, read };
