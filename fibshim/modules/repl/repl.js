// The interactive session (spec/modules-and-vm.md §6), with `await` at top level and Ctrl-C as additions.
//
// An input is a global script, so its declarations stay.  It runs in a fiber of its own: it may block, and when Ctrl-C
// gives it up, the session goes on beside it.
'use strict';

const { entry, fail, fibers, glue, inner, members, ops } = internal;
const { NAMES, builtin } = require('core/loader');
const { reportText, excerpt, placeOf } = require('core/report');
const { ERROR, INFO, dir, write } = require('console/output');
const { complete, noteDeclarations } = require('./complete');
const core = ops('core.loading');
const native = ops('repl');
const { isError } = Error;
const { apply, getOwnPropertyDescriptor } = Reflect;

const BANNER = 'Welcome to fibjs 0.31.0.\nType ".help" for more information.';
const PROMPT = '> ';
const MORE = ' ... ';

// -- inputs --------------------------------------------------------------------------------------

let inputs = 0;

/** The input that is to begin: the nested entry takes it before anything else runs. */
let pending = null;
inner('repl.evaluate', () => {
    const mine = pending;
    pending = null;
    try {
        mine.value = fibers.settled(mine.promise, 'repl').value;
    } catch (error) {
        mine.thrown = true;
        mine.value = error;
    }
});

/** The number of the wait for the input that runs. */
let waiting = 0;
let interrupted = false;
entry('repl.interrupt', () => {
    interrupted = true;
    fibers.wake(waiting);
});

/**
 * Run an input to its end.
 * @returns {{value: any, thrown: boolean}|null} null if it was interrupted; it may still be blocked somewhere then
 */
function evaluate(promise) {
    const mine = { promise, value: undefined, thrown: false, ended: false };
    const number = (waiting = fibers.newWait());
    interrupted = false;
    fibers.start(
        () => {
            const me = fibers.current();
            try {
                pending = mine;
                mine.ended = native.evaluate();
            } finally {
                fibers.leave(me);
                fibers.wake(number);
            }
        },
        [],
        undefined,
    );
    fibers.block(number, 'repl');
    return mine.ended && !interrupted ? mine : null;
}

const taken = () => {
    const value = glue.slot[0];
    glue.slot[0] = 0;
    return value;
};

/** Whether a text that does not compile is the beginning of one that may. */
function isIncomplete(error, text) {
    const { message } = error;
    if (message === 'unexpected end of comment') return true;
    const place = placeOf(String(glue.rawStack(error)));
    if (place === null) return false;
    const lines = text.split('\n');
    if (message === 'unexpected end of string') {
        const quote = lines[place.line - 1]?.[place.column - 1];
        return (quote !== "'" && quote !== '"') || text.endsWith('\\');
    }
    if (message === 'variable name expected' && place.line <= lines.length) {
        // A pattern; the engine notices its end too late.
        const rest = [lines[place.line - 1].slice(place.column - 1), ...lines.slice(place.line)].join('\n');
        return /^[{[]/.test(rest) && rest.split(/[{[(]/).length > rest.split(/[}\])]/).length;
    }
    return place.line > lines.length && !/initializer|line terminator|invalid use|not in a function/.test(message);
}

// -- sessions ------------------------------------------------------------------------------------

const HELP = [
    ['.exit', 'Exit the repl'],
    ['.help', 'Show repl options'],
    ['.info', 'Show fibjs build information'],
];

/** What a session of a script may have besides. @returns {boolean} whether all entries are well-formed */
function checkCommands(list) {
    return list.every(
        (item) =>
            typeof item === 'object' &&
            item !== null &&
            typeof item.cmd === 'string' &&
            item.cmd.startsWith('.') &&
            typeof item.help === 'string' &&
            typeof item.exec === 'function',
    );
}

/**
 * One session: lines in, results out.
 * @see Terminal, `StreamSession` of `stream.js` for what `io` has
 */
class Session {
    #io;
    #commands;
    #text = '';

    /**
     * @param {object} io `open()`, `print(text)`, `readLine(prompt)` (a text, null at the end, true: cancelled), `close()`
     * @param {Array} commands entries `{ cmd, help, exec }`
     */
    constructor(io, commands) {
        this.#io = io;
        this.#commands = commands;
    }

    /** Run until its end. */
    run() {
        const io = this.#io;
        io.open(this);
        try {
            io.print(BANNER);
            if (!checkCommands(this.#commands)) {
                io.print('Invalid cmds argument.');
                return;
            }
            for (;;) {
                const line = io.readLine(this.#text === '' ? PROMPT : MORE);
                if (line === null) return;
                if (line === true) this.#text = '';
                else if (line.startsWith('.')) {
                    if (!this.#command(line)) return;
                } else this.#take(line);
            }
        } finally {
            io.close();
        }
    }

    /** The names of all commands. */
    get names() {
        return [...HELP.map(([name]) => name), ...this.#commands.map(({ cmd }) => cmd)];
    }

    /** @returns {boolean} false: the session ends */
    #command(line) {
        const words = line.trim().split(/\s+/);
        const [name] = words;
        const own = this.#commands.find(({ cmd }) => cmd === name);
        if (own !== undefined) {
            try {
                apply(own.exec, own, [words]);
            } catch (error) {
                this.#failed(error);
            }
        } else if (name === '.exit') return false;
        else if (name === '.info') dir(builtin('process').versions);
        else if (name === '.help') {
            const list = [...HELP, ...this.#commands.map(({ cmd, help }) => [cmd, help])];
            const size = Math.max(...list.map(([command]) => command.length));
            write(INFO, list.map(([command, help]) => `${command.padEnd(size)} ${help}`).join('\n'));
        } else write(INFO, `${name}: command not found.`);
        return true;
    }

    #take(line) {
        if (line.trim() === '') {
            if (this.#text !== '') this.#text += '\n';
            return;
        }
        const text = this.#text === '' ? line : `${this.#text}\n${line}`;
        const name = `REPL${++inputs}`;
        if (!native.startInput(`${text}\n`, name)) {
            const error = taken();
            if (isIncomplete(error, text)) {
                this.#text = text;
                return;
            }
            this.#text = '';
            this.#refused(error, text);
            return;
        }
        this.#text = '';
        noteDeclarations(text);
        const result = evaluate(taken());
        if (result === null) write(INFO, 'Interrupted.');
        else if (result.thrown) this.#failed(result.value);
        else if (result.value !== undefined) dir(result.value);
    }

    /** Print a syntax error. */
    #refused(error, text) {
        let place = placeOf(String(glue.rawStack(error)));
        const lines = text.split('\n');
        if (place !== null && place.line > lines.length)
            place = { ...place, line: lines.length, column: lines[lines.length - 1].length + 1 };
        write(ERROR, `${place === null ? '' : excerpt(place)}${error.name}: ${error.message}`);
    }

    /** Print an error that an input threw. */
    #failed(error) {
        if (isError(error)) write(ERROR, reportText(error));
        else
            write(
                ERROR,
                `Thrown: ${reportText(error)
                    .replace(/^undefined\n\n\n/, '')
                    .replace(/\n$/, '')}`,
            );
    }
}

/** The session on standard input and output. */
const terminal = {
    isTerminal: false,
    open(session) {
        this.isTerminal = native.openTerminal();
        entry('repl.complete', () => {
            const { size, names } = complete(native.completing(), session.names);
            native.completed(size, names);
        });
    },
    print: (text) => write(INFO, text),
    readLine: (prompt) => native.readLine(prompt),
    close: () => native.closeTerminal(),
};
let busy = false;

function runTerminal(commands) {
    if (busy) throw fail(100010);
    busy = true;
    try {
        new Session(terminal, commands).run();
    } finally {
        busy = false;
    }
}

/** `repl(cmds = [])`, `repl(out, cmds = [])`: the argument of the main script. */
function repl(...args) {
    if (args.length > 2) throw fail(100001);
    if (args.length === 0 || Array.isArray(args[0])) {
        if (args.length > 1) throw fail(100005);
        runTerminal(args[0] ?? []);
        return;
    }
    const Stream = members.classes.Stream?.Impl;
    if (Stream === undefined || !(args[0] instanceof Stream)) throw fail(100005);
    if (args.length > 1 && !Array.isArray(args[1])) throw fail(100005);
    const { StreamSession } = require('./stream');
    new Session(new StreamSession(args[0]), args[1] ?? []).run();
}

/** The session of a program without script. */
function main() {
    for (const name of NAMES) {
        if (getOwnPropertyDescriptor(globalThis, name) !== undefined || !core.hasBuiltin(name)) continue;
        members.lazy(globalThis, name, () => builtin(name), false);
    }
    runTerminal([]);
    // Who leaves a terminal wants to leave; a script that is fed in is run to its end.
    if (terminal.isTerminal) builtin('process').exit();
}

module.exports = { main, repl };
