// `console.table` and the table form of `util.inspect` (later than 0.31).
'use strict';

const { inspect } = require('util/format');

const isObject = (v) => (typeof v === 'object' && v !== null) || typeof v === 'function';

/** Columns a text takes on a terminal: wide characters two, combining marks none. */
function widthOf(text) {
    let width = 0;
    for (const character of text) {
        const code = character.codePointAt(0);
        if (code < 32 || (code >= 0x300 && code < 0x370) || code === 0x200d || (code >= 0xfe00 && code < 0xfe10))
            continue;
        const wide =
            code >= 0x1100 &&
            (code <= 0x115f || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3)
                || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f)
                || (code >= 0xff00 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6)
                || (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd)); // prettier-ignore
        width += wide ? 2 : 1;
    }
    return width;
}

/** A cell: nested objects on one line. */
function cell(value) {
    if (isObject(value)) return inspect(value).replace(/\n\s*/g, ' ');
    return inspect(value);
}

/** The rows of a value: index and item. */
function rowsOf(value) {
    if (value instanceof Map) return [...value].map(([key, item], i) => [`${i}`, { Key: key, Values: item }]);
    if (value instanceof Set) return [...value].map((item, i) => [`${i}`, item]);
    return Object.keys(value).map((key) => [key, value[key]]);
}

/**
 * A table with a row for each entry of a value and a column for each field of the entries.
 * @param {any} value anything but an object is shown in inspect form
 * @param {string[]} [fields] the columns to show
 * @returns {string}
 */
function table(value, fields) {
    if (!isObject(value)) return inspect(value);
    const rows = rowsOf(value);
    const columns = fields === undefined ? new Set() : new Set(fields.map(String));
    let values = false;
    for (const [, item] of rows) {
        if (!isObject(item)) values = true;
        else if (fields === undefined) for (const key of Object.keys(item)) columns.add(key);
    }
    const names = [...columns];
    const head = ['(index)', ...names];
    if (values) head.push('Values');
    const body = rows.map(([key, item]) => {
        const line = [key];
        for (const name of names)
            line.push(isObject(item) && Object.prototype.hasOwnProperty.call(item, name) ? cell(item[name]) : '');
        if (values) line.push(isObject(item) ? '' : cell(item));
        return line;
    });
    const widths = head.map((name, i) => Math.max(...[name, ...body.map((line) => line[i])].map(widthOf)) + 2);
    const rule = (left, middle, right) => left + widths.map((n) => '─'.repeat(n)).join(middle) + right;
    const line = (cells) =>
        `│${cells
            .map((text, i) => {
                const room = widths[i] - widthOf(text);
                const before = room >> 1;
                return ' '.repeat(before) + text + ' '.repeat(room - before);
            })
            .join('│')}│`;
    return [rule('┌', '┬', '┐'), line(head), rule('├', '┼', '┤'), ...body.map(line), rule('└', '┴', '┘')].join('\n');
}

module.exports = { table };
