// X509Cert: a list of certificates (spec/crypto-db-xml.md §3.6).
'use strict';

const { fail, members, ops } = internal;
const { NativeObject, nativeClass } = members;
const { fromBytes, toBytes } = require('buffer/bytes');
const native = ops('crypto');

class X509CertImpl extends NativeObject {
    /** PEM texts, shared with the views that `next` gives. */
    #list;
    #at;

    constructor(data, at = 0) {
        super();
        this.#list = Array.isArray(data) ? data : [];
        this.#at = at;
        if (data !== undefined && !Array.isArray(data)) this.load(data);
    }

    #own() {
        if (this.#at > 0) throw fail(100009);
    }

    /** Append the certificates of a PEM text, or one in DER. */
    load(data) {
        this.#own();
        if (typeof data === 'string') this.#list.push(...native.certificates(data));
        else this.#list.push(native.certificateOfDer(toBytes(data)));
    }

    loadFile(filename) {
        this.#own();
        const data = require('fs').readFile(filename) ?? fromBytes(new Uint8Array(0));
        const text = data.toString('latin1');
        this.load(text.includes('BEGIN CERTIFICATE') || text.includes('CKO_CERTIFICATE') ? text : data);
    }

    loadRootCerts() {
        this.#own();
        for (const text of native.rootCertificates()) if (!this.#list.includes(text)) this.#list.push(text);
    }

    dump(pem) {
        this.#own();
        return this.#list.map((text) => (pem ? text : fromBytes(native.certificateDer(text))));
    }

    clear() {
        this.#own();
        this.#list.length = 0;
    }

    get next() {
        return this.#at + 1 < this.#list.length ? new X509CertImpl(this.#list, this.#at + 1) : null;
    }
}

const X509Cert = nativeClass('X509Cert', X509CertImpl);

module.exports = { X509Cert, X509CertImpl };
