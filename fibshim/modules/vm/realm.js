// Realms: intrinsics and a global object of their own for the scripts of a sandbox (spec/modules-and-vm.md §7.3).
//
// A realm lives in the same heap and on the same fibers as ours: functions carry their realm with them, so nothing is
// crossed when one calls the other.
'use strict';

const { fibers, glue, ops } = internal;
const native = ops('vm');
const { drop } = ops('core.native');
const { defineProperty, ownKeys } = Reflect;

/** What a new context has beyond the ECMAScript built-ins. */
const EXTRAS = ['console', 'queueMicrotask', 'performance', 'btoa', 'atob', 'DOMException', 'navigator', 'gc'];

const forgotten = new FinalizationRegistry((handle) => drop(handle));
/** The Promise classes of other realms that may still be in use. @type {Set<WeakRef<Function>>} */
const promises = new Set();

fibers.hooks.isForeignPromise = (value) => {
    for (const reference of promises) {
        const Promise = reference.deref();
        if (Promise === undefined) promises.delete(reference);
        else if (value instanceof Promise) return true;
    }
    return false;
};

const taken = () => {
    const value = glue.slot[0];
    glue.slot[0] = 0;
    return value;
};

class Realm {
    /** The handle to compile with. */
    id;
    global;
    newModule;
    nativeFunction;

    /** @param {object} properties what its global object gets besides the built-ins */
    constructor(properties) {
        this.id = native.makeRealm();
        const global = (this.global = taken());
        forgotten.register(this, this.id);
        native.compileHelpers(this.id);
        // These functions also keep the context alive, whatever scripts remove from the global object.
        const helpers = taken()();
        this.newModule = helpers.newModule;
        this.nativeFunction = helpers.nativeFunction;
        glue.adoptRealm(global);
        promises.add(new WeakRef(global.Promise));
        for (const name of EXTRAS) delete global[name];
        for (const key of ownKeys(properties))
            if (Object.prototype.propertyIsEnumerable.call(properties, key)) place(global, key, properties[key]);
        place(global, 'global', global);
    }
}

const place = (object, key, value) =>
    defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });

module.exports = { Realm };
