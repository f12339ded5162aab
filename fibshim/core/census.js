// How many native objects live: `process.memoryUsage().nativeObjects` (spec/fibers-and-runtime.md §10).
'use strict';

const { classes, hooks } = internal.members;
const { uncurry, push } = internal.glue;
const { getPrototypeOf, ownKeys } = Reflect;

/** The native objects made since somebody asked for their number first: before that nobody pays for it. */
let living = [];
/** Entries at which those of objects that are gone are dropped. */
let crowded = 0;
const NativeWeakRef = WeakRef;
const deref = uncurry(WeakRef.prototype.deref);

function enlist(object) {
    push(living, new NativeWeakRef(object));
    if (living.length >= crowded) prune();
}

function prune() {
    const kept = [];
    for (let i = 0; i < living.length; i++) if (deref(living[i]) !== undefined) push(kept, living[i]);
    living = kept;
    crowded = 2 * kept.length + 1000;
}

/**
 * The tree of classes with the number of live objects, of those that were made since the first call.
 * @returns {{class: string, objects: number, inherits: Array}}
 */
function census() {
    hooks.created = enlist;
    prune();
    const all = { class: 'object', objects: 0, inherits: [] };
    const names = new Map();
    for (const name of ownKeys(classes)) names.set(classes[name].Impl.prototype, name);
    for (const ref of living) {
        const chain = [];
        for (let o = deref(ref); o !== null && o !== undefined; o = getPrototypeOf(o)) {
            const name = names.get(o);
            if (name !== undefined) chain.push(name);
        }
        let place = all;
        all.objects++;
        for (const name of chain.reverse()) {
            place.inherits ??= [];
            let next = place.inherits.find((item) => item.class === name);
            if (next === undefined) place.inherits.push((next = { class: name, objects: 0 }));
            next.objects++;
            place = next;
        }
    }
    return all;
}

module.exports = { census };
