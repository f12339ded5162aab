// Reports of errors nobody catches (spec/fibers-and-runtime.md §3): place, source line, caret, stack.
'use strict';

const { glue, ops, textOf } = internal;
const core = ops('core.loading');
const { isError } = Error; // also those of other realms
const PLACE = /^\s*at (?:.* \()?(.+):(\d+):(\d+)\)?$/;

/**
 * The first place of a script in a stack.
 * @returns {{file: string, line: number, column: number}|null}
 */
function placeOf(stack) {
    if (typeof stack !== 'string') return null;
    for (const line of stack.split('\n')) {
        const match = PLACE.exec(line);
        if (match !== null) return { file: match[1], line: Number(match[2]), column: Number(match[3]) };
    }
    return null;
}

/** `<file>:<line>:<column>`, the source line, carets under the place; ends with a newline. */
function excerpt(place, width = 1) {
    const source = core.sourceLine(place.file, place.line) ?? '';
    const indent = source.slice(0, place.column - 1).replace(/[^\t]/g, ' ');
    return `${place.file}:${place.line}:${place.column}\n${source}\n${indent}${'^'.repeat(Math.max(1, width))}\n`;
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The last part of a report: the stack, `name: message`, or the value's text. */
function lastPart(error) {
    if (isError(error)) {
        const { stack } = error;
        // The stack of an InternalError is pinned to nothing (rule 5).
        if (stack === '') return `${textOf(error.name)}: ${textOf(error.message)}`;
        return typeof stack === 'string' ? stack : textOf(stack);
    }
    if (isObject(error)) {
        const { name, message } = error;
        if (name !== undefined && message !== undefined) return `${textOf(name)}: ${textOf(message)}`;
    }
    return `${textOf(error)}\n`;
}

/** What a user can do about an error, as a last line. */
function hint(error) {
    if (error.port === undefined || (error.number !== 98 && error.number !== 13)) return '';
    const other = error.port < 1024 ? error.port + 8000 : error.port + 1;
    return `\nhint: fibshim --map-port ${error.port}:${other} run ... uses port ${other} instead`;
}

/** The text of the report of an error. */
function reportText(error) {
    try {
        if (!isError(error)) return `undefined\n\n\n${lastPart(error)}`;
        if (
            error.number === 100023 &&
            typeof error.message === 'string' &&
            /\n\s*\^+\nSyntaxError: /.test(error.message)
        )
            return error.message;
        const stack = lastPart(error);
        const place = placeOf(glue.cleanStack(String(glue.rawStack(error)), 1)) ?? placeOf(stack);
        return (place === null ? `${error.message || stack}` : excerpt(place) + stack) + hint(error);
    } catch {
        return textOf(error);
    }
}

const output = {
    write(text) {
        core.errorText(`${text}\n`);
        internal.copyReport?.(`${text}\n`);
    },
};

/** Write the report of an error nobody catches. */
function report(error, prefix = '') {
    output.write(prefix + reportText(error));
}

internal.entry('rejected', (index) => {
    const reason = glue.slot[index];
    glue.slot[index] = glue.slot[index + 1] = undefined;
    report(reason);
});

/** What a file that does not compile throws: a plain Error with the report as its message (modules chapter §4.8). */
function syntaxError(error) {
    const raw = String(glue.rawStack(error));
    const place = placeOf(raw.split('\n')[0]);
    if (place === null) return internal.fail(`${error.name}: ${error.message}`);
    let { message } = error;
    let source = core.sourceLine(place.file, place.line);
    if (!source && place.line > 1) {
        // The complaint is about what we put behind the script: it has ended too early.
        const end = place;
        while (!source && end.line > 1) source = core.sourceLine(end.file, --end.line);
        end.column = (source ?? '').length + 1;
        message = 'unexpected end of input';
    }
    return internal.fail(`${excerpt(place, widthOf(place))}${error.name}: ${message}`);
}

/** How many carets: the word or the character at the place. */
function widthOf(place) {
    const source = core.sourceLine(place.file, place.line) ?? '';
    const word = /^[\w$]+/.exec(source.slice(place.column - 1));
    return word === null ? 1 : word[0].length;
}

module.exports = { excerpt, output, placeOf, report, reportText, syntaxError };
