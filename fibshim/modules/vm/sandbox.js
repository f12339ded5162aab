// vm.SandBox: a module world of its own (spec/modules-and-vm.md §7).
'use strict';

const { fail, members } = internal;
const { NativeObject, nativeClass } = members;
const { World, isRelative, normalize, record } = require('core/loader');
const { freezeDeeply, shallow } = require('./copy');
const { Realm } = require('./realm');
const { apply } = Reflect;
require('buffer'); // a parameter type of `addScript`

const RESERVED = ['.js', '.jsc', '.json', '.wasm'];

class SandBoxImpl extends NativeObject {
    #world = new World();

    /**
     * @param {object} mods modules to add
     * @param {Function|object} [hook] the function that is asked for ids that are not known
     * @param {object} [global] what the own global object gets; may take the place of `hook`
     */
    constructor(mods, hook, global) {
        super();
        if (hook !== undefined && typeof hook !== 'function') [hook, global] = [undefined, hook];
        const world = this.#world;
        world.keeps = true;
        if (hook !== undefined) world.hook = (id) => apply(hook, this, [id]);
        if (global !== undefined) world.realm = new Realm(global);
        this.#addAll(mods);
    }

    #add(id, value) {
        const world = this.#world;
        if (isRelative(id)) throw fail('SandBox: does not accept relative path.');
        id = normalize(id);
        world.modules.set(id, record({ exports: shallow(value) }));
        if (id.startsWith('/') && !world.virtual.includes(id)) world.virtual.push(id);
    }

    #addAll(mods) {
        for (const key of Object.keys(mods)) this.#add(key, mods[key]);
    }

    static {
        // One function for each overload.
        this.prototype.add = [
            function (id, value) {
                this.#add(id, value);
            },
            function (mods) {
                this.#addAll(mods);
            },
        ];
    }

    /** Compile and run source as a module. @returns {any} its exports */
    addScript(name, script) {
        const world = this.#world;
        if (isRelative(name)) throw fail('SandBox: AddScript does not accept relative path.');
        const id = normalize(name);
        const program = world.compile(script, id, 'module');
        if (id.startsWith('/') && !world.virtual.includes(id)) world.virtual.push(id);
        return world.start(id, program).exports;
    }

    remove(id) {
        id = normalize(id);
        this.#world.modules.delete(id);
        this.#world.virtual = this.#world.virtual.filter((path) => path !== id);
    }

    /** Whether exactly this id is registered or loaded. */
    has(id) {
        const world = this.#world;
        id = normalize(id);
        // The original keeps its table in a plain object.
        return world.modules.has(id) || id in Object.prototype || (world.builtins && world.find(id) !== undefined);
    }

    /** A sandbox with the modules of this one, without its hook, global object and compilers. */
    clone() {
        const made = new SandBoxImpl({});
        const world = made.#world;
        world.modules = new Map(this.#world.modules);
        world.virtual = this.#world.virtual.slice();
        world.builtins = this.#world.builtins;
        return made;
    }

    freeze() {
        freezeDeeply(this.global);
    }

    /** Forget the exports of what came from scripts; their code runs again at the next `require`. */
    refresh() {
        const { modules } = this.#world;
        // Records may be shared with a clone, so they are replaced.
        for (const [id, known] of modules)
            if (known.program !== null)
                modules.set(id, { ...record({ exports: undefined }, known.program), stale: true });
    }

    run(name, argv) {
        this.#world.run(name, argv);
    }

    resolve(id, base) {
        return this.#world.search(id, base).id;
    }

    require(id, base) {
        return this.#world.require(id, base);
    }

    /** Have files with an ending translated to JavaScript when they are loaded. */
    setModuleCompiler(ending, compiler) {
        const world = this.#world;
        if (!ending.startsWith('.')) throw fail(100004);
        if (RESERVED.includes(ending)) throw fail(`SandBox: '${ending}' is reserved extension name!`);
        if (!world.extensions.includes(ending)) world.extensions.push(ending);
        world.compilers.set(ending, compiler);
    }

    /** Let it have all built-in modules. */
    addBuiltinModules() {
        this.#world.builtins = true;
    }

    get global() {
        const { realm } = this.#world;
        if (realm === null) throw fail(100009);
        return realm.global;
    }

    get modules() {
        const all = {};
        for (const [id, known] of this.#world.modules)
            Reflect.defineProperty(all, id, {
                value: known.module.exports,
                writable: true,
                enumerable: true,
                configurable: true,
            });
        return all;
    }
}

const SandBox = nativeClass('SandBox', SandBoxImpl, { later: ['addBuiltinModules'] });

module.exports = { SandBox };
