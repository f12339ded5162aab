// HttpCollection: an ordered multimap of text (spec/http.md §3).
//
// `Store` holds the entries.  Headers of a received message are text until somebody asks for one.  `CollectionImpl` is
// what scripts see of a store: a Proxy, because every name can be read, written, deleted and enumerated as a property.
// Private fields live on the Proxy itself, so methods work with `this` as they find it.
'use strict';

const { fail, glue, members } = internal;
const { NativeObject, defineType, nativeClass } = members;
const { uncurry } = glue;
const { defineProperty, get: reflectGet, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { isArray } = Array;
const NativeProxy = Proxy;
const NativeDate = Date;
const NativeNumber = Number;
const push = uncurry(Array.prototype.push);
const slice = uncurry(Array.prototype.slice);
const indexOf = uncurry(String.prototype.indexOf);
const substring = uncurry(String.prototype.substring);
const toLowerCase = uncurry(String.prototype.toLowerCase);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const toUTCString = uncurry(Date.prototype.toUTCString);
const toPrecision = uncurry(Number.prototype.toPrecision);
const { isInteger } = Number;

// -- values --------------------------------------------------------------------------------------

/** A number with up to 16 significant digits. */
function numberText(value) {
    if (isInteger(value) && value > -1e16 && value < 1e16) return `${value}`;
    return `${NativeNumber(toPrecision(value, 16))}`;
}

/** A value as it is stored: always text. */
function textOf(value) {
    switch (typeof value) {
        case 'string':
            return value;
        case 'number':
            return numberText(value);
        case 'object':
            if (value === null) return 'null';
            if (value instanceof NativeDate) return toUTCString(value);
            if (NativeObject.isNative(value) || ArrayBuffer.isView(value) || value instanceof CollectionImpl)
                return `${value}`;
            return '[Object]';
        case 'function':
            return '[Object]';
        default:
            return `${String(value)}`;
    }
}

// -- the entries -----------------------------------------------------------------------------------

/** Headers that describe the connection or the body: they never show up (spec §5.2). */
function isConsumed(lower) {
    switch (lower.length) {
        case 10:
            return lower === 'connection';
        case 14:
            return lower === 'content-length';
        case 17:
            return lower === 'transfer-encoding';
    }
    return false;
}

const CR = 13;
const SPACE = 32;
const TAB = 9;

class Store {
    names = [];
    lowers = [];
    values = [];
    /** The head of a received message that is still to be parsed, or null. */
    raw = null;
    /** A header that comes first, to be added when somebody looks: [name, name in lower case, value], or null. */
    leading = null;

    /** Begin anew. @param {string|null} raw a head to be parsed when needed, with its start line */
    reset(raw, first) {
        if (this.names.length !== 0) {
            this.names = [];
            this.lowers = [];
            this.values = [];
        }
        this.raw = raw;
        this.leading = first;
    }

    /** Make the entries be there. */
    open() {
        if (this.raw !== null) {
            const raw = this.raw;
            this.raw = null;
            this.#parse(raw);
        } else if (this.leading !== null) {
            const { names, lowers, values, leading } = this;
            this.leading = null;
            push(names, leading[0]);
            push(lowers, leading[1]);
            push(values, leading[2]);
        }
    }

    #parse(raw) {
        const { names, lowers, values } = this;
        const size = raw.length;
        let start = indexOf(raw, '\r\n') + 2;
        while (start > 1 && start < size) {
            let end = indexOf(raw, '\r\n', start);
            if (end < 0) end = size;
            if (end === start) return;
            const colon = indexOf(raw, ':', start);
            if (colon < 0 || colon > end) return;
            const name = substring(raw, start, colon);
            const lower = toLowerCase(name);
            if (!isConsumed(lower)) {
                let from = colon + 1;
                let to = end;
                for (let c; from < to && ((c = charCodeAt(raw, from)) === SPACE || c === TAB); from++);
                for (let c; from < to && ((c = charCodeAt(raw, to - 1)) === SPACE || c === TAB || c === CR); to--);
                push(names, name);
                push(lowers, lower);
                push(values, substring(raw, from, to));
            }
            start = end + 2;
        }
    }

    push(name, text) {
        if (this.raw !== null || this.leading !== null) this.open();
        push(this.names, name);
        push(this.lowers, toLowerCase(name));
        push(this.values, text);
    }

    /** The first value of a name; null if there is none. @param {string} lower in lower case */
    find(lower) {
        if (this.raw !== null || this.leading !== null) this.open();
        const { lowers } = this;
        for (let i = 0; i < lowers.length; i++) if (lowers[i] === lower) return this.values[i];
        return null;
    }

    has(name) {
        return this.find(toLowerCase(name)) !== null;
    }

    first(name) {
        return this.find(toLowerCase(name));
    }

    /** All values of a name. */
    allOf(name) {
        this.open();
        const lower = toLowerCase(name);
        const found = [];
        for (let i = 0; i < this.lowers.length; i++) if (this.lowers[i] === lower) push(found, this.values[i]);
        return found;
    }

    /** Everything by exact spelling: text, or an array for repeated names. */
    toObject() {
        this.open();
        const out = {};
        for (let i = 0; i < this.names.length; i++) {
            const name = this.names[i];
            const own = getOwnPropertyDescriptor(out, name)?.value;
            const one = this.values[i];
            const value = own === undefined ? one : isArray(own) ? [...own, one] : [own, one];
            defineProperty(out, name, { value, writable: true, enumerable: true, configurable: true });
        }
        return out;
    }

    add(name, value) {
        this.push(name, this.convert(value));
    }

    addAll(name, values) {
        for (let i = 0; i < values.length; i++) this.push(name, this.convert(values[i]));
    }

    addMap(map) {
        for (const name in map) {
            const value = map[name];
            if (isArray(value)) this.addAll(name, value);
            else this.add(name, value);
        }
    }

    setMap(map) {
        for (const name in map) {
            this.remove(name);
            const value = map[name];
            if (isArray(value)) this.addAll(name, value);
            else this.add(name, value);
        }
    }

    remove(name) {
        this.open();
        const lower = toLowerCase(name);
        const { lowers, names, values } = this;
        let kept = 0;
        for (let i = 0; i < lowers.length; i++) {
            if (lowers[i] === lower) continue;
            lowers[kept] = lowers[i];
            names[kept] = names[i];
            values[kept++] = values[i];
        }
        lowers.length = names.length = values.length = kept;
    }

    clear() {
        this.reset(null, null);
    }

    sort() {
        this.open();
        const order = this.names.map((name, i) => i);
        order.sort((a, b) => (this.names[a] < this.names[b] ? -1 : this.names[a] > this.names[b] ? 1 : a - b));
        this.names = order.map((i) => this.names[i]);
        this.lowers = this.names.map((name) => toLowerCase(name));
        this.values = order.map((i) => this.values[i]);
    }

    /** What indexing gives: undefined, the value, or an array of several. */
    indexed(name) {
        const found = this.allOf(name);
        return found.length === 0 ? undefined : found.length === 1 ? found[0] : found;
    }

    /** The names that enumeration lists. */
    keys() {
        this.open();
        return [...new Set(this.names)];
    }

    convert(value) {
        return textOf(value);
    }
}

// -- what scripts see --------------------------------------------------------------------------------

/** Names that always mean the method. */
const METHODS = new Set('clear has first all add set remove delete sort keys values toString toJSON'.split(' '));
const isMethod = (key) => typeof key !== 'string' || METHODS.has(key);

const traps = {
    __proto__: null,
    getPrototypeOf: () => CollectionImpl.prototype,
    get(target, key, receiver) {
        if (!isMethod(key)) {
            const value = target.open().indexed(key);
            if (value !== undefined || !(key in CollectionImpl.prototype)) return value;
        }
        return reflectGet(CollectionImpl.prototype, key, receiver);
    },
    set(target, key, value) {
        if (isMethod(key)) return true;
        target.open().remove(key);
        target.open().add(key, value);
        return true;
    },
    has: (target, key) => isMethod(key) || target.open().has(key),
    deleteProperty(target, key) {
        if (!isMethod(key)) target.open().remove(key);
        return true;
    },
    ownKeys: (target) =>
        target
            .open()
            .keys()
            .filter((key) => !isMethod(key)),
    getOwnPropertyDescriptor(target, key) {
        if (isMethod(key)) return undefined;
        const value = target.open().indexed(key);
        return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
    defineProperty(target, key, descriptor) {
        return traps.set(target, key, descriptor.value);
    },
    preventExtensions: () => false,
};

/** Makes the Proxy that becomes `this` of the class below; its target only leads to the store. */
class Base extends NativeObject {
    constructor(open) {
        super();
        return new NativeProxy({ __proto__: null, open }, traps);
    }
}

let storeOf;

class CollectionImpl extends Base {
    #open;

    static {
        storeOf = (collection) => {
            if (typeof collection !== 'object' || collection === null || !(#open in collection)) throw fail(100008);
            return collection.#open();
        };
    }

    /** @param {Store|Function} store the entries, or what gives them */
    constructor(store) {
        const open = typeof store === 'function' ? store : () => store;
        super(open);
        this.#open = open;
    }

    clear() {
        storeOf(this).clear();
    }

    has(name) {
        return storeOf(this).has(name);
    }

    first(name) {
        return storeOf(this).first(name);
    }

    /** All values of a name, or everything as an object. */
    all(name) {
        const store = storeOf(this);
        return name === '' ? store.toObject() : store.allOf(name);
    }

    remove(name) {
        storeOf(this).remove(name);
    }

    delete(name) {
        storeOf(this).remove(name);
    }

    sort() {
        storeOf(this).sort();
    }

    keys() {
        const store = storeOf(this);
        store.open();
        return slice(store.names);
    }

    values() {
        const store = storeOf(this);
        store.open();
        return slice(store.values);
    }

    toJSON() {
        const out = storeOf(this).toObject();
        for (const name of ownKeys(out)) if (isMethod(name)) delete out[name];
        return out;
    }

    static {
        this.prototype.add = [
            function (map) {
                storeOf(this).addMap(map);
            },
            function (name, values) {
                storeOf(this).addAll(name, values);
            },
            function (name, value) {
                storeOf(this).add(name, value);
            },
        ];
        this.prototype.set = [
            function (map) {
                storeOf(this).setMap(map);
            },
            function (name, values) {
                storeOf(this).remove(name);
                storeOf(this).addAll(name, values);
            },
            function (name, value) {
                storeOf(this).remove(name);
                storeOf(this).add(name, value);
            },
        ];
        this.prototype.get = this.prototype.first;
    }
}

defineType('Variant', (v) => v);
const Collection = nativeClass('HttpCollection', CollectionImpl, {
    unchecked: true,
    constructible: false,
    later: ['get'],
});
delete CollectionImpl.prototype['operator[String]'];
// Enumerating a collection lists its entries and nothing else.
for (const name of ownKeys(CollectionImpl.prototype))
    defineProperty(CollectionImpl.prototype, name, {
        ...getOwnPropertyDescriptor(CollectionImpl.prototype, name),
        enumerable: false,
    });

module.exports = { Collection, CollectionImpl, Store, isConsumed, storeOf, textOf };
