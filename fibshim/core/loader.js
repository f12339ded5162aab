// Loading scripts: worlds, `require`, `run`, the main script, the global object (spec/modules-and-vm.md).
'use strict';

const { fail, fibers, glue, load, makeError, members, ops, report } = internal;
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
    const found = load(`modules/${folder}/${folder}.js`);
    known.set(found, folder);
    return found;
}

const known = new Map();
/** The name of a built-in module, by its object; undefined for anything else. */
const nameOfBuiltin = (value) => known.get(value);

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
/** A path as an absolute one, normalised. @param {string} [base] what it is relative to, which may be relative to the current directory */
function absolute(path, base = '') {
    if (!path.startsWith('/') && base !== '') path = `${base}/${path}`;
    return normalize(path.startsWith('/') ? path : `${core.cwd()}/${path}`);
}
const isRelative = (id) => id === '.' || id === '..' || id.startsWith('./') || id.startsWith('../');

// -- worlds ------------------------------------------------------------------------------------

/**
 * What a world knows of a module.
 * @typedef {object} Record
 * @property {{exports: any}} module what the script sees as `module`
 * @property {Function|null} program what runs its code, in worlds that can forget exports
 * @property {boolean} stale the exports were forgotten
 */
const record = (module, program = null) => ({ module, program, stale: false });
const isThere = (value) => value !== undefined && value !== null;

/** A module world: its own cache, built-ins, hook and compilers. */
class World {
    /** Loaded and added modules by id. @type {Map<string, Record>} */
    modules = new Map();
    /** Absolute ids that need no file: they were added. */
    virtual = [];
    extensions = ['.js', '.jsc', '.json'];
    /** By extension: `(buffer, info) => JavaScript`. */
    compilers = new Map();
    builtins = false;
    hook = null;
    /** Programs are kept, for `forget`. */
    keeps = false;
    /** A realm of `vm/realm.js`; null: the scripts run in ours. */
    realm = null;

    /** A module of this world under exactly this id; exports that are null or undefined do not count (§4.6). */
    find(id) {
        const found = this.modules.get(id);
        if (found !== undefined && (found.stale || isThere(found.module.exports))) return found;
        if (!this.builtins) return undefined;
        const value = builtin(id);
        if (value === undefined) return undefined;
        const made = record({ exports: value });
        this.modules.set(id, made);
        return made;
    }

    /**
     * The search of §4.1 and §4.2.
     * @returns {{id: string, found: Record|undefined}} the id, with its record if it is there already
     */
    search(id, base) {
        if (isRelative(id) || id.startsWith('/')) {
            const only = id !== '/' && /(?:^|\/)\.{0,2}$/.test(id);
            const path = this.locate(absolute(id, base), only);
            return { id: path, found: this.find(path) };
        }
        const name = normalize(id);
        for (const ending of ['', ...this.extensions]) {
            const found = this.find(name + ending);
            if (found !== undefined) return { id: name + ending, found };
        }
        if (this.hook !== null) {
            const value = this.hook(id);
            if (isThere(value)) {
                const found = record({ exports: value });
                this.modules.set(name, found);
                return { id: name, found };
            }
        }
        const path = inArchive(core.resolveBare(name, base, this.extensions, this.virtual), this.extensions);
        return { id: path, found: this.find(path) };
    }

    /** From a path to the id of a file (§4.4). @param {boolean} only the directory rules */
    locate(path, only) {
        const found = core.resolvePath(path, this.extensions, only, this.virtual);
        return inArchive(found ?? (ARCHIVED.test(path) ? `${path}/` : null), this.extensions, only);
    }

    require(id, base) {
        const { id: path, found } = this.search(id, base);
        if (found === undefined) return this.start(path, this.program(path, 'module')).exports;
        if (found.stale) return this.start(path, found.program).exports;
        return found.module.exports;
    }

    /** Run a program as a module; it is in the table before its body runs. */
    start(id, program) {
        const module = this.newModule();
        const made = record(module, this.keeps ? program : null);
        this.modules.set(id, made);
        try {
            program(module);
        } catch (error) {
            if (this.modules.get(id) === made) this.modules.delete(id);
            throw error;
        }
        return module;
    }

    newModule() {
        return this.realm === null ? { exports: {} } : this.realm.newModule();
    }

    /** The first extension of the list that a name ends in. */
    extensionOf(path) {
        for (const ending of this.extensions) if (path.endsWith(ending)) return ending;
        return '.js';
    }

    /**
     * Read and compile a file.
     * @returns {(module: object, extra?: Array) => void} what runs it
     */
    program(path, kind) {
        const ending = this.extensionOf(path);
        if (archived.has(path)) return this.compile(load('core/zipped.js').read(path), path, kind);
        if (ending === '.json') return this.json(core.readJson(path));
        if (ending === '.js') return this.compiled(core.compileFile(path, kind, this.realmId), path, kind);
        return this.compile(core.readBytes(path), path, kind);
    }

    /** As `program`, for the content of a file. @param {Uint8Array} data */
    compile(data, path, kind) {
        const ending = this.extensionOf(path);
        if (ending === '.json') return this.json(core.decode(data));
        if (ending === '.jsc') return this.compiled(core.compilePacked(data, this.realmId), path, kind);
        const compiler = this.compilers.get(ending);
        let text;
        if (compiler !== undefined) {
            text = compiler(require('buffer').from(data), { filename: path });
            if (typeof text !== 'string') throw fail(100005);
        } else text = core.decode(data);
        return this.compiled(core.compileText(text, path, kind, this.realmId), path, kind);
    }

    json(text) {
        return (module) => {
            module.exports = parseJson(text);
        };
    }

    get realmId() {
        return this.realm === null ? 0 : this.realm.id;
    }

    /** What runs the function that was just compiled into the slot. @param {string} form what the op returned */
    compiled(form, path, kind) {
        const made = glue.slot[0];
        glue.slot[0] = 0;
        if (form === '') throw syntaxError(made);
        return (module, extra = []) => this.body(made, form === 'async', path, module, kind, extra);
    }

    /** Run the body of a script file. @param {Array} extra the arguments after `module` */
    body(made, isAsync, path, module, kind, extra) {
        const base = dirname(path);
        const require = this.makeRequire(base);
        const run = this.makeRun(base);
        if (kind === 'main') require.main = module;
        module.require = require;
        if (kind === 'module' || kind === 'worker') module.run = run;
        const self = this.realm === null ? globalThis : this.realm.global;
        callBody(made, self, [path, base, require, run, module.exports, module, ...extra], isAsync);
    }

    native(name, fn) {
        return this.realm === null ? members.nativeFunction(name, fn) : this.realm.nativeFunction(name, fn);
    }

    makeRequire(base) {
        const world = this;
        const require = this.native('require', (self, args) => {
            if (args.length === 0) throw fail(100002);
            return world.require(`${args[0]}`, base);
        });
        require.resolve = this.native('resolve', (self, args) => {
            if (args.length === 0) throw fail(100002);
            return world.search(`${args[0]}`, base).id;
        });
        return require;
    }

    makeRun(base) {
        const world = this;
        return this.native('run', (self, args) => {
            if (args.length === 0) throw fail(100002);
            const name = `${args[0]}`;
            const isLocal = base !== null && (name.startsWith('./') || name.startsWith('../'));
            if (args.length > 1 && !Array.isArray(args[1])) throw fail(100005);
            world.run(isLocal ? absolute(name, base) : name, args.length > 1 ? args[1] : []);
        });
    }

    /** Run a script file anew (§5). */
    run(name, argv) {
        if (!name.startsWith('/')) throw fail('SandBox: Invalid file name.');
        this.program(this.locate(normalize(name), false), 'run')(this.newModule(), [argv, undefined]);
    }
}

/** The error of what cannot be found. */
const missing = () => makeError({ name: 'Error', message: '[2] No such file or directory', number: 2 });

/** Call the body of a script file: an async function is waited for; throwing null or undefined is success (§2). */
function callBody(fn, self, args, isAsync) {
    try {
        const result = apply(fn, self, args);
        if (isAsync) fibers.settled(result, 'await');
        else fibers.drain();
    } catch (error) {
        if (isThere(error)) throw error;
    }
}

/** JSON as the json module reads it: encoded Buffers and BigInts come back. */
const parseJson = (text) => load('modules/json/text.js').parse(text);

/** A path that leads into an archive: `archive$/member`. */
const ARCHIVED = /\$(?:\/|$)/;
/** Ids of modules that were found in archives. */
const archived = new Set();

/** What a search in the file system found; if that is an archive (it ends in a slash then), the search goes on in there. */
function inArchive(found, extensions, only = false) {
    if (found !== null && found.endsWith('/')) {
        found = load('core/zipped.js').find(found, extensions, only);
        if (found !== null) archived.add(found);
    }
    if (found === null) throw missing();
    return found;
}

const main = new World();
main.builtins = true;

// -- the main script ---------------------------------------------------------------------------

const FAILED = { exception: -100024, text: -100023, missing: -2 };
const { isError } = Error;

/** The code of a script that failed (spec/fibers-and-runtime.md §4.2, §7). */
const codeOf = (error) =>
    isError(error) && error.number === 100023
        ? FAILED.text
        : isError(error) && error.number === 2 && error.missing
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

/** Find the script that a VM begins with. */
function locateFirst(path) {
    try {
        return main.locate(absolute(path), false);
    } catch (error) {
        if (error.number === 2) {
            error.missing = true;
            error.message += `: ${path}`;
        }
        throw error;
    }
}

/** The `repl` argument of the main script. */
const repl = members.nativeFunction('repl', (self, args) => load('modules/repl/repl.js').repl(...args));

internal.entry('main', () => {});
internal.runMain = (path, argv) =>
    internal.startMain(() => main.program(locateFirst(path), 'main')({ exports: {} }, [argv, repl]));
internal.runText = (text, argv) =>
    internal.startMain(() => {
        const name = `${core.cwd()}/[eval]`;
        main.compiled(core.compileText(text, name, 'main', 0), name, 'main')({ exports: {} }, [argv, repl]);
    });

internal.boot = (kind, text, argv) => {
    text = JSON.parse(text);
    argv = JSON.parse(argv);
    if (kind === 'file') internal.runMain(text, argv);
    else if (kind === 'worker') load('modules/coroutine/worker.js').runWorker(text, argv);
    else if (kind === 'repl') internal.startMain(() => load('modules/repl/repl.js').main());
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

module.exports = {
    NAMES,
    World,
    builtin,
    codeOf,
    dirname,
    isRelative,
    locateFirst,
    main,
    nameOfBuiltin,
    normalize,
    record,
};
