// One flavour of `path` (spec/fs-and-path.md §5), made from how it reads the root of a path.
'use strict';

const { fail } = internal;
const cwd = () => internal.ops('core.loading').cwd();

/** Resolve `.` and `..` in what follows the root. @returns {{parts: string[], cancelled: boolean}} */
function resolveDots(parts, absolute) {
    const out = [];
    let cancelled = false;
    for (const part of parts) {
        if (part === '' || part === '.') continue;
        if (part !== '..') out.push(part);
        else if (out.length > 0 && out[out.length - 1] !== '..') {
            out.pop();
            cancelled = true;
        } else if (!absolute) out.push(part);
    }
    return { parts: out, cancelled };
}

/**
 * @param {object} spec
 * @param {string} spec.sep
 * @param {RegExp} spec.separators one separator
 * @param {Function} spec.rootOf `(path) => { device, root, end, dirEnd, baseEnd }`: the device (win32), the whole root as
 *     written in a normal path, and where the rest begins; for `dirname` and `basename`, where it begins for them
 */
function flavour({ sep, separators, rootOf }) {
    const isSeparator = (char) => char !== undefined && separators.test(char);
    const split = (text) => text.split(separators);

    function normalize(path) {
        if (path === '') return '.';
        const { device, root, end } = rootOf(path);
        const absolute = root.length > device.length;
        const tail = path.slice(end);
        const { parts, cancelled } = resolveDots(split(tail), absolute);
        if (parts.length === 0) {
            // What cancels out leaves nothing, not even the root.
            if (cancelled) return device.length > 2 ? root : device;
            if (absolute) return root;
            return `${root}.${tail !== '' && isSeparator(path[path.length - 1]) ? sep : ''}`;
        }
        return root + parts.join(sep) + (isSeparator(path[path.length - 1]) ? sep : '');
    }

    function join(...parts) {
        const texts = parts.map((part) => `${part}`).filter((part) => part !== '');
        return texts.length === 0 ? '.' : normalize(texts.join(sep));
    }

    /** Where the last component begins and ends, without trailing separators. */
    function last(path, end) {
        let stop = path.length;
        while (stop > end && isSeparator(path[stop - 1])) stop--;
        let start = stop;
        while (start > end && !isSeparator(path[start - 1])) start--;
        return [start, stop];
    }

    function dirname(path) {
        const { dirEnd } = rootOf(path);
        let [stop] = last(path, dirEnd);
        // One separator goes with the component; what is before it stays as it was written.
        if (stop > dirEnd && isSeparator(path[stop - 1])) stop--;
        return stop > dirEnd ? path.slice(0, stop) : dirEnd > 0 ? path.slice(0, dirEnd) : '.';
    }

    function basename(path, ext) {
        if (ext !== '' && ext === path) return '';
        const [start, stop] = last(path, rootOf(path).baseEnd);
        const base = path.slice(start, stop);
        return ext !== '' && base !== ext && base.endsWith(ext) ? base.slice(0, -ext.length) : base;
    }

    /** The ending of one component. */
    function endingOf(base) {
        const dot = base.lastIndexOf('.');
        return dot <= 0 || base === '..' ? '' : base.slice(dot);
    }

    const extname = (path) => endingOf(basename(path, ''));

    function parse(path) {
        const { end } = rootOf(path);
        const [start, stop] = last(path, end);
        const root = path.slice(0, end);
        const base = path.slice(start, stop);
        const ext = endingOf(base);
        let dir = path.slice(0, start);
        if (dir.length > end && isSeparator(dir[dir.length - 1])) dir = dir.slice(0, -1);
        return { root, dir: start === 0 ? '' : dir, base, ext, name: base.slice(0, base.length - ext.length) };
    }

    function format(object) {
        const field = (key) => {
            const value = object[key];
            if (value === undefined) return '';
            if (typeof value !== 'string') throw fail(100005);
            return value;
        };
        const root = field('root');
        const dir = field('dir') || root;
        const base = field('base') || field('name') + field('ext');
        if (dir === '') return base;
        return dir === root ? dir + base : dir + sep + base;
    }

    return {
        normalize,
        join,
        dirname,
        basename,
        extname,
        parse,
        format,
        isAbsolute: (path) => {
            const { device, root } = rootOf(path);
            return root.length > device.length;
        },
    };
}

module.exports = { cwd, flavour, resolveDots };
