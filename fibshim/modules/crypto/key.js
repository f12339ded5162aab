// PKey, as far as TLS servers need it (spec/crypto-db-xml.md §3.5).
'use strict';

const { fail, members, ops } = internal;
const { NativeObject, nativeClass } = members;
const native = ops('crypto');

/** Labels that `exportPem` writes itself; a key in another form would have to be converted. */
const EXPORTED = ['RSA PRIVATE KEY', 'EC PRIVATE KEY', 'PUBLIC KEY'];
const unsupported = (what) => fail(`${what} is not supported by this version of fibshim.`);

/** The PEM text of a key in whatever form it was imported, for TLS. */
let pemOf;

class PKeyImpl extends NativeObject {
    #text = '';
    #label = '';
    #private = false;

    static {
        pemOf = (key) => key.#text;
    }

    constructor(data, password) {
        super();
        if (data !== undefined) this.importKey(data, password);
    }

    #need() {
        if (this.#text === '') throw fail(100009);
    }

    importKey(data, password) {
        this.#text = '';
        if (typeof data !== 'string') throw unsupported('PKey.importKey of DER or JSON');
        if (password) throw unsupported('PKey.importKey with a password');
        [this.#text, this.#label, this.#private] = native.key(data);
    }

    importFile(filename, password) {
        const text = require('fs').readFile(filename)?.toString('latin1') ?? '';
        if (!text.includes('BEGIN')) throw unsupported('PKey.importFile of DER');
        this.importKey(text, password);
    }

    isPrivate() {
        this.#need();
        return this.#private;
    }

    clone() {
        this.#need();
        return new PKeyImpl(this.#text);
    }

    exportPem() {
        this.#need();
        if (!EXPORTED.includes(this.#label)) throw unsupported(`PKey.exportPem of a key read from "${this.#label}"`);
        return this.#text;
    }

    // A key never shows in what is printed.
    toJSON() {
        return {};
    }
}

const PKey = nativeClass('PKey', PKeyImpl);

module.exports = { PKey, PKeyImpl, pemOf };
