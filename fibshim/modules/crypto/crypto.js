// `crypto`, as far as it is here: random bytes, certificates and keys for TLS (spec/crypto-db-xml.md §3).  All other
// members throw "not supported".
'use strict';

const { fail, members, ops } = internal;
const { fromBytes } = require('buffer/bytes');
const native = ops('crypto');

/** Random bytes; the three functions differ only in what the original takes them from. */
function random(size) {
    if (size < 0) throw fail(100006);
    return fromBytes(native.random(size));
}

module.exports = members.module('crypto', {
    get X509Cert() {
        return require('./certificate').X509Cert;
    },
    get PKey() {
        return require('./key').PKey;
    },
    loadCert(filename) {
        const { X509CertImpl } = require('./certificate');
        const made = new X509CertImpl();
        made.loadFile(filename);
        return made;
    },
    loadPKey(filename, password) {
        const { PKeyImpl } = require('./key');
        const made = new PKeyImpl();
        made.importFile(filename, password);
        return made;
    },
    randomBytes: random,
    simpleRandomBytes: random,
    pseudoRandomBytes: random,
});
