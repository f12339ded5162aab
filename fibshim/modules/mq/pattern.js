// Route patterns and what a match does to a message (spec/mq-and-events.md §1.7).
//
// fibjs matches with PCRE over UTF-8 bytes.  For text that is ASCII without line breaks (every request target) a
// JavaScript regular expression behaves the same; for other text a second one is made, over one character per byte, in
// which `$` knows about a final newline.  Bytes from 0x80 are private-use characters there: neither letters nor blanks,
// as in PCRE's tables.
'use strict';

const { fail, glue } = internal;
const { uncurry } = glue;
const NativeRegExp = RegExp;
const exec = uncurry(RegExp.prototype.exec);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const fromCharCode = String.fromCharCode;
const toLowerCase = uncurry(String.prototype.toLowerCase);
const startsWith = uncurry(String.prototype.startsWith);
const substring = uncurry(String.prototype.substring);
const { addParams } = require('./message');

const HIGH = 0xe000;
/** A match in which a group beyond this takes part counts as none. */
const GROUPS = 20;
const PLAIN = /^[\x20-\x7e]*$/;
const LITERAL = /^[^*:()\\+?|[\]{}$^]*$/;
const NONE = [];

/** Text as one character per byte of its UTF-8. */
function toUnits(text) {
    if (exec(PLAIN, text) !== null) return text;
    const bytes = require('buffer/bytes').utf8Encode(text);
    let out = '';
    for (let i = 0; i < bytes.length; i++) out += fromCharCode(bytes[i] < 0x80 ? bytes[i] : HIGH + bytes[i]);
    return out;
}

function fromUnits(text) {
    if (exec(PLAIN, text) !== null) return text;
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = charCodeAt(text, i) & 0xff;
    return require('buffer/bytes').utf8Decode(bytes);
}

// -- from a path pattern to a regular expression -----------------------------------------------------

const isName = (c) => c !== undefined && /[A-Za-z0-9_]/.test(c);

/**
 * An element that captures: `:name`, `:name(re)` or `(re)`, and its modifier.
 * @returns {{re: string, modifier: string, end: number}|null}
 */
function element(pattern, at, prefix) {
    let i = at;
    let re = null;
    if (pattern[i] === ':') {
        i++;
        while (isName(pattern[i])) i++;
        if (i === at + 1) return null;
        re = prefix === '.' ? '[^.]+?' : '[^/]+?';
    }
    if (pattern[i] === '(') {
        const close = pattern.indexOf(')', i);
        if (close >= 0) {
            re = pattern.slice(i + 1, close);
            i = close + 1;
        } else if (re === null) return null;
    } else if (re === null) return null;
    let modifier = '';
    if (pattern[i] === '?' || pattern[i] === '+' || pattern[i] === '*') modifier = pattern[i++];
    return { re, modifier, end: i };
}

/** The expression of an element after `/`, `.` or nothing. */
function elementSource(prefix, { re, modifier }, wholeSegment) {
    const before = prefix === '.' ? '\\.' : prefix;
    let body = re;
    if (modifier === '+' || modifier === '*') {
        const one = re.startsWith('?') ? `(${re})` : `(?:${re})`;
        body = prefix === '' ? `${one}(${one})*` : `${one}(?:${before}${one})*`;
    }
    if (modifier !== '?' && modifier !== '*') return `${before}(${body})`;
    if (prefix === '.' || (prefix === '/' && wholeSegment)) return `(?:${before}(${body}))?`;
    return `${before}(${body})?`;
}

/** A path pattern as the source of a regular expression. */
function pathSource(pattern) {
    if (pattern.endsWith('/')) pattern = pattern.slice(0, -1);
    let out = '^';
    for (let i = 0; i < pattern.length;) {
        const c = pattern[i];
        const prefix = c === '/' || c === '.' ? c : '';
        const found = element(pattern, i + prefix.length, prefix);
        if (found !== null) {
            const after = pattern[found.end];
            out += elementSource(prefix, found, after === undefined || after === '/');
            i = found.end;
        } else if (c === '\\') {
            out += pattern.slice(i, i + 2);
            i += 2;
        } else {
            out += c === '.' ? '\\.' : c === '*' ? '(.*)' : c;
            i++;
        }
    }
    return `${out}/?$`;
}

/** A host pattern as the source of a regular expression. */
function hostSource(pattern) {
    if (pattern.endsWith('/')) pattern = pattern.slice(0, -1);
    let out = '^';
    for (let i = 0; i < pattern.length; i++) {
        const c = pattern[i];
        if (c === '\\') out += pattern.slice(i, ++i + 1);
        else out += c === '.' ? '\\.' : c === '*' ? '([^.]+)' : c;
    }
    return `${out}$`;
}

// -- from PCRE to JavaScript -------------------------------------------------------------------------

const POSIX = {
    __proto__: null,
    alpha: 'A-Za-z',
    digit: '0-9',
    alnum: 'A-Za-z0-9',
    upper: 'A-Za-z',
    lower: 'A-Za-z',
    space: '\\t-\\r ',
    blank: ' \\t',
    punct: '!-/:-@\\[-`{-~',
    xdigit: '0-9A-Fa-f',
    word: '\\w',
    cntrl: '\\0-\\x1f\\x7f',
    print: ' -~',
    graph: '!-~',
    ascii: '\\0-\\x7f',
};
const ESCAPES = {
    __proto__: null,
    A: '^',
    Z: '(?=\\n?$)',
    z: '$',
    a: '\\x07',
    e: '\\x1b',
    R: '(?:\\r\\n|[\\n-\\r])',
    h: '[ \\t]',
    H: '[^ \\t]',
    G: '^',
};

const compilation = (offset, reason) => fail(`Routing: Compilation failed at offset ${offset}: ${reason}.`);

/** One escape of PCRE. @returns {[string, number]} JavaScript's and where to go on */
function escapeSource(source, at, inClass) {
    const c = source[at + 1];
    if (c === undefined) throw compilation(source.length, '\\ at end of pattern');
    const hex = /^[0-9a-fA-F]{2}/.exec(source.slice(at + 2));
    if (c === 'x' && hex !== null) {
        const code = parseInt(hex[0], 16);
        return [code < 0x80 ? `\\x${hex[0]}` : fromCharCode(HIGH + code), at + 4];
    }
    if (c === 'Q' && !inClass) {
        const end = source.indexOf('\\E', at + 2);
        const text = source.slice(at + 2, end < 0 ? undefined : end);
        return [text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), end < 0 ? source.length : end + 2];
    }
    if (c === 'E') return ['', at + 2];
    if (c in ESCAPES) return [inClass ? ({ h: ' \\t', a: '\\x07', e: '\\x1b' }[c] ?? c) : ESCAPES[c], at + 2];
    return [source.slice(at, at + 2), at + 2];
}

/** A character class of PCRE. */
function classSource(source, at) {
    let i = at + 1;
    let out = '[';
    if (source[i] === '^') {
        out += '^';
        i++;
    }
    while (source[i] !== ']') {
        if (i >= source.length) throw compilation(source.length, 'missing terminating ] for character class');
        const posix = /^\[:(\w+):\]/.exec(source.slice(i));
        if (posix !== null && posix[1] in POSIX) {
            out += POSIX[posix[1]];
            i += posix[0].length;
        } else if (source[i] === '\\') {
            const [made, next] = escapeSource(source, i, true);
            out += made;
            i = next;
        } else out += source[i++];
    }
    return [`${out}]`, i + 1];
}

/**
 * A regular expression of PCRE (with its JavaScript compatibility) as one of JavaScript.
 * @param {boolean} exact `$` also matches before a final newline
 */
function jsSource(source, exact) {
    let out = '';
    for (let i = 0; i < source.length;) {
        const c = source[i];
        if (c === '\\') {
            const [made, next] = escapeSource(source, i, false);
            out += made;
            i = next;
        } else if (c === '[') {
            const [made, next] = classSource(source, i);
            out += made;
            i = next;
        } else if (c === ']') throw compilation(i, 'unmatched ]');
        else if (c === '(' && /^\(\?(?:#[^)]*|i)\)/.test(source.slice(i))) i = source.indexOf(')', i) + 1;
        else if (c === '(' && source.startsWith('(?P<', i)) {
            out += '(?<';
            i += 4;
        } else if (c === '{' && !/^\{\d+(?:,\d*)?\}/.test(source.slice(i))) {
            out += '\\{';
            i++;
        } else {
            out += c === '$' && exact ? '(?=\\n?$)' : c;
            i++;
        }
    }
    return out;
}

function compile(source, exact, flags) {
    const text = jsSource(source, exact);
    try {
        return new NativeRegExp(text, flags);
    } catch (error) {
        throw compilation(0, error.message);
    }
}

// -- patterns ----------------------------------------------------------------------------------------

/** The groups to take of a match with positions: `{ value, params }`, null if it counts as none. */
function choose(match) {
    const { indices } = match;
    let count = match.length;
    while (count > 1 && indices[count - 1] === undefined) count--;
    if (count - 1 > GROUPS) return null;
    // As the original: a group is inside another if it begins before that one ends, in the order of the groups.  One
    // that took no part has position -1.
    const levels = [];
    const perLevel = [0, 0, 0];
    const ends = [];
    for (let j = 0; j < count; j++) {
        const [start, end] = indices[j] ?? [-1, -1];
        while (ends.length > 0 && start >= ends[ends.length - 1]) ends.pop();
        const level = ends.length;
        levels[j] = level;
        if (level < 3) perLevel[level]++;
        ends.push(end);
    }
    if (count === 1) return { value: undefined, params: NONE };
    const single = perLevel[1] === 1;
    const wanted = single && perLevel[2] > 0 ? 2 : 1;
    let value = '';
    const params = [];
    for (let j = 1; j < count; j++) {
        const text = match[j] === '' ? undefined : match[j];
        if (single && levels[j] === 1) value = text ?? '';
        if (levels[j] === wanted) params.push(text);
    }
    return { value, params };
}

/** A compiled pattern. */
class Pattern {
    /**
     * @param {string} pattern
     * @param {boolean} isHost it is a host pattern
     * @param {boolean} isPrefix it leads to another routing, which gets the rest of the value
     */
    constructor(pattern, isHost, isPrefix) {
        pattern = toUnits(pattern);
        const isExpression = pattern === '' || pattern[0] === '^';
        this.isPrefix = isPrefix && !isExpression;
        const bare = pattern.endsWith('/') ? pattern.slice(0, -1) : pattern;
        /** In lower case, if the pattern is only text (of a prefix: the text that it takes away). */
        this.literal = !isExpression && !isHost && exec(LITERAL, bare) !== null ? toLowerCase(bare) : null;
        if (this.isPrefix) pattern = `${bare}(.*)`;
        this.source = isExpression ? pattern : isHost ? hostSource(pattern) : pathSource(pattern);
        this.fast = compile(this.source, false, 'i');
        /** Paths: groups do not nest, except the repetition of an adjacent element. */
        this.isFlat = !isExpression && !/\)\(\(|\)\)\*/.test(this.source);
        this.positions = null;
        this.exact = null;
    }

    /** A match with the positions of the groups. */
    #detailed(text, plain) {
        if (plain) return exec((this.positions ??= compile(this.source, false, 'id')), text);
        const match = exec((this.exact ??= compile(this.source, true, 'id')), toUnits(text));
        if (match !== null)
            for (let i = 0; i < match.length; i++) if (match[i] !== undefined) match[i] = fromUnits(match[i]);
        return match;
    }

    /**
     * Match a value that is plain (`isPlain`); a match rewrites `value` and `params` of the record.
     * @param {string} value
     * @param {string} lower the value in lower case
     * @returns {boolean}
     */
    matchPlain(value, lower, record) {
        const { literal } = this;
        if (literal !== null) {
            const size = literal.length;
            if (this.isPrefix) {
                if (!startsWith(lower, literal)) return false;
                record.value = substring(value, size);
                return true;
            }
            if (lower.length === size) return lower === literal;
            return lower.length === size + 1 && lower[size] === '/' && startsWith(lower, literal);
        }
        const match = exec(this.fast, value);
        if (match === null) return false;
        const count = match.length;
        if (count === 1) return true;
        if (this.isPrefix) {
            record.value = match[count - 1] ?? '';
            return true;
        }
        if (!this.isFlat || !allThere(match)) return this.#matchInDetail(value, true, record);
        const params = [];
        for (let i = 1; i < count; i++) params[i - 1] = match[i];
        record.value = count === 2 ? match[1] : '';
        addParams(record, params);
        return true;
    }

    /** As `matchPlain`, for any value. */
    match(value, record) {
        return this.#matchInDetail(value, false, record);
    }

    #matchInDetail(value, plain, record) {
        const match = this.#detailed(value, plain);
        if (match === null) return false;
        if (this.isPrefix) {
            record.value = match[match.length - 1] ?? '';
            return true;
        }
        const chosen = choose(match);
        if (chosen === null) return false;
        if (chosen.value !== undefined) record.value = chosen.value;
        if (chosen.params.length > 0) addParams(record, chosen.params);
        return true;
    }

    /** Match a host name. @returns {Array|null} the captures */
    hostMatch(host) {
        const match = this.#detailed(host, exec(PLAIN, host) !== null);
        const chosen = match === null ? null : choose(match);
        return chosen === null ? null : chosen.params;
    }
}

function allThere(match) {
    const count = match.length;
    if (count > GROUPS + 1) return false;
    for (let i = 1; i < count; i++) if (match[i] === undefined || match[i] === '') return false;
    return true;
}

/** Whether a text is printable ASCII. */
const isPlain = (text) => exec(PLAIN, text) !== null;

module.exports = { Pattern, isPlain };
