// Completion of names and members (Tab).
'use strict';

const { NAMES } = require('core/loader');
const { getPrototypeOf, ownKeys } = Reflect;
const globalEval = eval;

const KEYWORDS = (
    'async await break case catch class const continue debugger default delete do else extends false finally for function ' +
    'if in instanceof let new null of return static super switch this throw true try typeof undefined var void while yield'
).split(' ');
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** A chain of names, indexes and strings that ends at the cursor: what is before the last dot, and what is behind it. */
const CHAIN =
    /(?:^|[^\w$.\])])((?:[\p{ID_Start}$_][\p{ID_Continue}$]*)(?:\??\.[\p{ID_Start}$_#][\p{ID_Continue}$]*|\[\d+\]|\[(?:'[^'\\]*'|"[^"\\]*")\])*)\??\.([\p{ID_Continue}$]*)$/u;
const LITERAL = /(["'`\])])\.([\p{ID_Continue}$]*)$/u;
const NAME = /(?:^|[^.\p{ID_Continue}$])([\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u;
const MODULE = /\brequire\(\s*['"]([^'"]*)$/;
const DECLARATION = /\b(?:let|const|class)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu;

/** Names that are declared at top level and are no properties of the global object. @type {Set<string>} */
const declared = new Set();

/** Keep the names that an input declares. */
function noteDeclarations(text) {
    for (const [, name] of text.matchAll(DECLARATION)) declared.add(name);
}

/** The names of all properties, own first, then inherited. */
function namesOf(value) {
    const names = new Set();
    for (let object = Object(value), depth = 0; object !== null && depth < 50; object = getPrototypeOf(object), depth++)
        for (const key of ownKeys(object)) if (typeof key === 'string' && IDENTIFIER.test(key)) names.add(key);
    return names;
}

/** The value of a chain; its getters are called. */
function valueOf(chain) {
    let value;
    for (const [, name, index, quoted] of chain.matchAll(/([\p{ID_Continue}$]+)|\[(\d+)\]|\[['"]([^'"]*)['"]\]/gu)) {
        const key = name ?? index ?? quoted;
        if (value === undefined) value = key === 'this' ? globalThis : globalEval(key);
        else value = value[key];
        if (value === undefined || value === null) return undefined;
    }
    return value;
}

const among = (names, prefix) => [...names].filter((name) => name.startsWith(prefix)).sort();

function candidates(text, commands) {
    if (/^\.\w*$/.test(text)) return [text, commands];
    const module = MODULE.exec(text);
    if (module !== null) return [module[1], NAMES];
    const chain = CHAIN.exec(text);
    if (chain !== null) return [chain[2], namesOf(valueOf(chain[1]))];
    const literal = LITERAL.exec(text);
    if (literal !== null) return [literal[2], literal[1] === ']' ? namesOf([]) : literal[1] === ')' ? [] : namesOf('')];
    const name = NAME.exec(text);
    if (name === null) return ['', []];
    const all = new Set([...KEYWORDS, ...declared, ...namesOf(globalThis)]);
    return [name[1] ?? '', all];
}

/**
 * What can follow.
 * @param {string} text before the cursor
 * @param {string[]} commands of the session
 * @returns {{size: number, names: string[]}} the names that the last `size` characters can become
 */
function complete(text, commands) {
    try {
        const [prefix, names] = candidates(text, commands);
        return { size: prefix.length, names: among(names, prefix) };
    } catch {
        return { size: 0, names: [] }; // a getter, or a name that is not initialised
    }
}

module.exports = { complete, noteDeclarations };
