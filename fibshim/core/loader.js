// Loading scripts: worlds, `require`, `run`, the main script, the global object (spec/modules-and-vm.md).
'use strict';

const { fail, fibers, glue, load, members, ops, report } = internal;
const { syntaxError } = load('core/report.js');
const core = ops('core.loading');
const { apply, defineProperty } = Reflect;

const ALIASES = { https: 'http', tls: 'ssl', path_posix: 'path', path_win32: 'path', __proto__: null };
/** Built-in modules of fibjs that cannot be had here, and what to use instead. */
const UNSUPPORTED = {
    gd: 'use a Python image library behind the Python API',
    gui: 'it needs a desktop; serve a page with http instead',
    profiler: 'it is bound to the V8 engine',
    registry: 'it exists on Windows only',
    __proto__: null,
};
/** The requirable names of 0.31. */
const NAMES = (
    'assert base32 base64 base64vlq bson buffer constants coroutine crypto db dgram dns encoding events fs gd hash hex ' +
    'http https iconv io json mq msgpack net os path process profiler punycode querystring ssl string_decoder test timers ' +
    'tls tty url util uuid vm ws xml zip zlib'
).split(' ');
const LATER = ['base58', 'child_process', 'worker_threads', 'perf_hooks'];

/** A built-in module by name; undefined if there is none. */
function builtin(name) {
    const folder = ALIASES[name] ?? name;
    if (!NAMES.includes(name) && !LATER.includes(name)) return undefined;
    if (name in UNSUPPORTED) throw fail(`require('${name}') is not supported by fibshim: ${UNSUPPORTED[name]}.`);
    if (!core.hasBuiltin(folder)) {
        if (LATER.includes(name)) return undefined;
        throw fail(`require('${name}') is not supported by this version of fibshim.`);
    }
    return load(`modules/${folder}/${folder}.js`);
}

// -- paths -------------------------------------------------------------------------------------

/** POSIX normalisation. */
function normalize(path) {
    const absolute = path.startsWith('/');
    const out = [];
    for (const part of path.split('/')) {
        if (part === '' || part === '.') continue;
        if (part === '..' && out.length > 0 && out[out.length - 1] !== '..') out.pop();
        else if (part !== '..' || !absolute) out.push(part);
    }
    const text = out.join('/');
    return absolute ? `/${text}` : text === '' ? '.' : text;
}

const dirname = (path) => {
    const at = path.lastIndexOf('/');
    return at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at);
};
const isRelative = (id) => id === '.' || id === '..' || id.startsWith('./') || id.startsWith('../');

// -- worlds ------------------------------------------------------------------------------------

/** A module world: its own cache, built-ins, hook and compilers. */
class World {
    /** Loaded and added modules by id: `{ exports }`. */
    modules = new Map();
    extensions = ['.js', '.jsc', '.json'];
    compilers = new Map();
    builtins = false;
    hook = null;

    /** A module of this world under exactly this id. */
    find(id) {
        const found = this.modules.get(id);
        if (found !== undefined) return found;
        if (!this.builtins) return undefined;
        const value = builtin(id);
        if (value === undefined) return undefined;
        const record = { exports: value, native: true };
        this.modules.set(id, record);
        return record;
    }

    /**
     * The search of §4.1 and §4.2.
     * @returns {{id: string, record: object|undefined}} the id, with its record if it is there already
     */
    search(id, base) {
        if (isRelative(id) || id.startsWith('/')) {
            const full = id.startsWith('/') ? id : `${base === '' ? core.cwd() : base}/${id}`;
            const only = /(?:^|\/)\.{0,2}$/.test(id);
            const path = core.resolvePath(normalize(full), this.extensions, only && id !== '/');
            return { id: path, record: this.cached(path) };
        }
        const name = normalize(id);
        for (const ending of ['', ...this.extensions]) {
            const record = this.find(name + ending);
            if (record !== undefined) return { id: name + ending, record };
        }
        if (this.hook !== null) {
            const value = this.hook(id);
            if (value !== undefined && value !== null) {
                const record = { exports: value };
                this.modules.set(name, record);
                return { id: name, record };
            }
        }
        const path = core.resolveBare(name, base, this.extensions);
        return { id: path, record: this.cached(path) };
    }

    /** A file that is loaded and recognised as such (§4.6: null and undefined exports are not). */
    cached(path) {
        const record = this.modules.get(path);
        return record !== undefined && record.exports !== undefined && record.exports !== null ? record : undefined;
    }

    require(id, base) {
        const found = this.search(id, base);
        return found.record !== undefined ? found.record.exports : this.loadFile(found.id).exports;
    }

    /** Load and run a file as a module. */
    loadFile(path) {
        const module = { exports: {} };
        this.modules.set(path, module);
        try {
            this.execute(path, module, 'module');
        } catch (error) {
            if (this.modules.get(path) === module) this.modules.delete(path);
            throw error;
        }
        return module;
    }

    /** Compile and run a script file. */
    execute(path, module, kind, argv) {
        if (path.endsWith('.json')) {
            module.exports = parseJson(core.readJson(path));
            return;
        }
        if (path.endsWith('.jsc')) this.body(core.compilePacked(path), path, module, kind, argv);
        else this.body(core.compileFile(path, kind), path, module, kind, argv);
    }

    /** Run what was just compiled into the slot. */
    body(form, path, module, kind, argv, base = dirname(path)) {
        const made = glue.slot[0];
        glue.slot[0] = 0;
        if (form === '') throw syntaxError(made);
        const require = this.makeRequire(base);
        const run = this.makeRun(base);
        if (kind === 'main') require.main = module;
        module.require = require;
        if (kind === 'module' || kind === 'worker') module.run = run;
        const args = [path, dirname(path), require, run, module.exports, module];
        if (kind === 'main' || kind === 'run') args.push(argv, argv.repl);
        if (kind === 'worker') args.push(argv);
        callBody(made, args, form === 'async');
    }

    makeRequire(base) {
        const world = this;
        const require = members.nativeFunction('require', (self, args) => {
            if (args.length === 0) throw fail(100002);
            return world.require(`${args[0]}`, base);
        });
        require.resolve = members.nativeFunction('resolve', (self, args) => {
            if (args.length === 0) throw fail(100002);
            return world.search(`${args[0]}`, base).id;
        });
        return require;
    }

    makeRun(base) {
        const world = this;
        return members.nativeFunction('run', (self, args) => {
            if (args.length === 0) throw fail(100002);
            const name = `${args[0]}`;
            const full = base !== null && (name.startsWith('./') || name.startsWith('../')) ? `${base}/${name}` : name;
            if (args.length > 1 && !Array.isArray(args[1])) throw fail(100005);
            world.run(full, args.length > 1 ? args[1] : []);
        });
    }

    run(name, argv) {
        if (!name.startsWith('/')) throw fail('SandBox: Invalid file name.');
        const path = core.resolvePath(normalize(name), this.extensions, false);
        this.execute(path, { exports: {} }, 'run', argv);
    }
}

/** Call the body of a script file: an async function is waited for; throwing null or undefined is success (§2). */
function callBody(fn, args, isAsync) {
    try {
        const result = apply(fn, globalThis, args);
        if (isAsync) fibers.settled(result, 'await');
        else fibers.drain();
    } catch (error) {
        if (error !== undefined && error !== null) throw error;
    }
}

/** JSON as the json module reads it: encoded Buffers and BigInts come back. */
const parseJson = (text) => load('modules/json/text.js').parse(text);

const main = new World();
main.builtins = true;

// -- the main script ---------------------------------------------------------------------------

const FAILED = { exception: -100024, text: -100023, missing: -2 };

/** The code of a failed main script (spec/fibers-and-runtime.md §4.2). */
const codeOf = (error) =>
    error instanceof Error && error.number === 100023
        ? FAILED.text
        : error instanceof Error && error.number === 2 && error.missing
          ? FAILED.missing
          : FAILED.exception;

function failMain(error) {
    report(error);
    core.mainFailed(codeOf(error));
}

internal.startMain = (work) =>
    fibers.start(
        () => {
            try {
                work();
            } catch (error) {
                failMain(error);
            }
        },
        [],
        undefined,
    );

internal.entry('main', () => {});
internal.runMain = (path, argv) =>
    internal.startMain(() => {
        let file;
        try {
            file = core.resolvePath(
                normalize(path.startsWith('/') ? path : `${core.cwd()}/${path}`),
                main.extensions,
                false,
            );
        } catch (error) {
            if (error.number === 2) {
                error.missing = true;
                error.message += ': ' + path;
            }
            throw error;
        }
        defineProperty(argv, 'repl', { value: undefined, configurable: true });
        main.execute(file, { exports: {} }, 'main', argv);
    });
internal.runText = (text, argv) =>
    internal.startMain(() => {
        const name = `${core.cwd()}/[eval]`;
        main.body(core.compileText(text, name, 'main'), name, { exports: {} }, 'main', argv);
    });

internal.boot = (kind, text, argv) => {
    argv = JSON.parse(argv);
    if (kind === 'file') internal.runMain(text, argv);
    else internal.runText(text, argv);
};

// -- the global object -------------------------------------------------------------------------

const { lazy } = members;
lazy(globalThis, 'console', () => builtinFolder('console'));
lazy(globalThis, 'process', () => builtin('process'));
lazy(globalThis, 'Buffer', () => builtin('buffer'));
for (const name of [
    'setTimeout',
    'setInterval',
    'setHrInterval',
    'setImmediate',
    'clearTimeout',
    'clearInterval',
    'clearHrInterval',
    'clearImmediate',
])
    lazy(globalThis, name, () => builtinFolder('timers').globals[name]);
const builtinFolder = (name) => load(`modules/${name}/${name}.js`);
defineProperty(globalThis, 'global', {
    enumerable: true,
    configurable: true,
    get: () => globalThis,
    set: () => {
        throw "Property 'global' is read-only.";
    },
});
const gc = members.method('GC', [], () => core.collect(), { hasResult: false });
globalThis.GC = gc;
lazy(globalThis, 'require', () => main.makeRequire(core.cwd()));
lazy(globalThis, 'run', () => main.makeRun(null));
for (const name of ['queueMicrotask', 'performance', 'btoa', 'atob', 'DOMException']) {
    const found = Reflect.getOwnPropertyDescriptor(globalThis, name);
    if (found) defineProperty(globalThis, name, { ...found, enumerable: false });
}

module.exports = { NAMES, World, builtin, dirname, main, normalize, parseJson };
