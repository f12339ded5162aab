// The `test` module: suites, cases, hooks and the run (spec/util-assert-test.md §8).
'use strict';

const { fail, fibers, members, ops } = internal;
const { ERROR, INFO, palette, write } = require('console/output');
const { reportText } = require('core/report');
const { apply, defineProperty } = Reflect;
const now = Date.now;
const { stringify } = JSON;
const native = ops('test');
/** What `fibshim test` asks for. */
const settings = native.settings();

/** A suite: what `describe` made, or the root. */
class Suite {
    children = [];
    before = [];
    after = [];
    beforeEach = [];
    afterEach = [];

    constructor(name, parent, mark) {
        this.name = name;
        this.parent = parent;
        this.mark = mark;
    }

    /** The children that run: those marked `only` if there are any, without those marked `skip`. */
    chosen() {
        const only = this.children.filter((child) => child.mark === 'only');
        const list = only.length > 0 ? only : this.children.filter((child) => child.mark !== 'skip');
        return settings.grep === '' ? list : list.filter((child) => child.matches());
    }

    /** The names of this suite and those around it, each followed by a blank. */
    get prefix() {
        return this.parent === null ? '' : `${this.parent.prefix}${this.name} `;
    }

    /** Whether a case in here was asked for by name. */
    matches() {
        return this.children.some((child) => child.matches());
    }
}

/** A case: what `it` made. */
class Case {
    constructor(name, body, mark, suite) {
        this.name = name;
        this.body = body;
        this.mark = mark;
        this.suite = suite;
    }

    /** Whether it was asked for by name. */
    matches() {
        return `${this.suite.prefix}${this.name}`.includes(settings.grep);
    }
}

let root = null;
/** The suite whose body runs; the root between top-level suites, null before the first. */
let current = null;
let running = false;
let slow = 75;

const AsyncFunction = async function () {}.constructor;

/** Run a body or hook by §8.2. */
function call(body) {
    const self = {};
    if (body instanceof AsyncFunction) {
        fibers.settled(apply(body, self, []), 'test');
        return;
    }
    if (body.length === 0) {
        apply(body, self, []);
        return;
    }
    let finished = false;
    let failure;
    const waiting = [];
    const done = (error) => {
        if (finished) return;
        finished = true;
        failure = error;
        fibers.wakeAll(waiting);
    };
    apply(body, self, [done]);
    fibers.drain();
    if (!finished) fibers.park(waiting, 'test.done');
    if (failure !== undefined && failure !== null) throw failure;
}

// -- definition --------------------------------------------------------------------------------

const refuse = () => {
    if (running) throw fail(100009);
};

const describing = (mark) => (name, body) => {
    refuse();
    root ??= new Suite('', null, '');
    const parent = current ?? root;
    const suite = new Suite(name, parent, mark);
    parent.children.push(suite);
    current = suite;
    try {
        call(body);
    } finally {
        current = parent;
    }
};

const defining = (mark) => (name, body) => {
    refuse();
    if (current === null || current === root) throw fail(100009);
    current.children.push(new Case(name, body, mark, current));
};

const hooking = (kind) => (body) => {
    refuse();
    if (current === null) throw fail(100009);
    current[kind].push(body);
};

// -- the run -----------------------------------------------------------------------------------

/** Tell `fibshim test` what a case did. */
function record(name, chain, failure, time) {
    const path = chain.slice(1).map((suite) => suite.name);
    const error = failure === null ? null : reportText(failure.error);
    native.record(stringify({ pid: require('process').pid, path, name, time, error }));
}

/** One call of `run`. */
class Run {
    count = 0;
    failures = [];

    constructor(level) {
        this.level = level;
        this.coroutine = require('coroutine');
        this.outer = this.coroutine.loglevel;
        this.colors = palette();
    }

    /** Run code of the script with its log level. */
    inside(body) {
        this.coroutine.loglevel = this.level;
        try {
            call(body);
        } finally {
            this.coroutine.loglevel = this.outer;
        }
    }

    suite(suite, level, chain) {
        const indent = '  '.repeat(level);
        const { highlight, reset } = this.colors;
        if (level === 1) write(INFO, '');
        if (level > 0) write(INFO, `${indent}${highlight}${suite.name}${reset}`);
        for (const hook of suite.before) this.inside(hook);
        for (const child of suite.chosen()) {
            if (child instanceof Suite) this.suite(child, level + 1, [...chain, child]);
            else this.case(child, level + 1, chain);
        }
        for (const hook of suite.after.toReversed()) this.inside(hook);
    }

    case(item, level, chain) {
        this.count++;
        for (const suite of chain) for (const hook of suite.beforeEach) this.inside(hook);
        const started = now();
        let failure = null;
        try {
            expected.length = 0;
            this.inside(item.body);
            checkExpected();
        } catch (error) {
            failure = { error };
        }
        const time = now() - started;
        this.line(item.name, '  '.repeat(level), chain, failure, time);
        if (settings.record) record(item.name, chain, failure, time);
        for (const suite of chain.toReversed()) for (const hook of suite.afterEach.toReversed()) this.inside(hook);
    }

    line(name, indent, chain, failure, time) {
        const { green, yellow, red, reset } = this.colors;
        if (failure === null) {
            const color = time > slow ? red : yellow;
            const duration = time > slow >> 1 ? `${color} (${time}ms) ${reset}` : '';
            write(INFO, `${indent}${green}√ ${reset}${name}${duration}`);
            return;
        }
        const text = reportText(failure.error);
        this.failures.push({ path: [...chain.slice(1).map((suite) => suite.name), name].join(' '), text });
        if (this.level > ERROR) write(ERROR, text);
        write(ERROR, `${indent}${this.failures.length}) ${name}`);
    }

    summary(time) {
        const { green, highlight, red, reset } = this.colors;
        const failed = this.failures.length;
        write(INFO, '');
        if (failed === 0) write(INFO, `  ${green}√ ${this.count} tests completed${reset} (${time}ms)`);
        else write(ERROR, `  × ${failed} of ${this.count} tests failed (${time}ms)`);
        write(INFO, '');
        if (this.level !== ERROR) return;
        this.failures.forEach(({ path, text }, i) => {
            write(INFO, `${highlight}${i + 1}) ${path}${reset}`);
            write(ERROR, text);
        });
    }
}

function run(level) {
    refuse();
    if (current !== null && current !== root) throw fail(100009);
    if (root === null) return 0;
    const suite = root;
    const made = new Run(level);
    running = true;
    try {
        const started = now();
        made.suite(suite, 0, [suite]);
        made.summary(now() - started);
    } finally {
        running = false;
        root = current = null;
    }
    require('process').exitCode = made.failures.length;
    return made.failures.length;
}

// -- later than 0.31 ---------------------------------------------------------------------------

/** Wrappers of `mustCall` and `mustNotCall` made in the case that runs: `{ fn, called, wanted, error }`. */
const expected = [];

function checkExpected() {
    for (const item of expected) {
        if (item.called === item.wanted) continue;
        throw item.error;
    }
}

function watched(fn, wanted, text) {
    const item = { called: false, wanted, error: new Error(text) };
    expected.push(item);
    return function (...args) {
        item.called = true;
        if (!wanted) throw item.error;
        return fn === undefined ? undefined : apply(fn, this, args);
    };
}

// -- the module --------------------------------------------------------------------------------

const impl = {
    describe: describing(''),
    xdescribe: describing('skip'),
    odescribe: describing('only'),
    it: defining(''),
    xit: defining('skip'),
    oit: defining('only'),
    before: hooking('before'),
    after: hooking('after'),
    beforeEach: hooking('beforeEach'),
    afterEach: hooking('afterEach'),
    run,
    get assert() {
        return require('assert');
    },
    setup() {
        Object.assign(globalThis, forGlobals());
    },
    get slow() {
        return slow;
    },
    set slow(value) {
        slow = value;
    },
    todo: defining('skip'),
    mustCall: (fn) => watched(fn, true, `expected ${fn.name || 'the function'} to be called`),
    mustNotCall: [
        (fn) => watched(fn, false, `expected ${fn.name || 'the function'} not to be called`),
        () => watched(undefined, false, 'expected the function not to be called'),
    ],
};

const GLOBALS = ['assert', 'before', 'after', 'beforeEach', 'afterEach', 'xdescribe', 'odescribe', 'xit', 'oit'];
let globals;
/** The globals that `setup` defines; `describe` and `it` are functions of their own there, since they get members. */
function forGlobals() {
    if (globals !== undefined) return globals;
    globals = {};
    for (const name of GLOBALS) globals[name] = test[name];
    for (const name of ['describe', 'it']) {
        const made = members.method('test', [['String'], ['Function']], impl[name], { hasResult: false });
        const skip = test[`x${name}`];
        const only = test[`o${name}`];
        for (const [key, value] of Object.entries({ skip, only }))
            defineProperty(made, key, { value, writable: true, configurable: true, enumerable: true });
        globals[name] = made;
    }
    defineProperty(globals.it, 'todo', { value: test.todo, writable: true, configurable: true, enumerable: false });
    return globals;
}

const test = members.module('test', impl, { later: ['todo', 'mustCall', 'mustNotCall'] });

module.exports = test;
