// The `hash` module (spec/crypto-db-xml.md §2).
'use strict';

const { fail, members } = internal;
const { DigestImpl, isAlgorithm } = require('./digest');

const NAMES = ['md2', 'md4', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'ripemd160', 'sm3'];

const impl = {
    digest: [
        (algo, data) => {
            // The overload without data is tried next and finds one argument too many.
            if (!isAlgorithm(algo)) throw fail(100001);
            return new DigestImpl(algo, null).update(data);
        },
        (algo) => {
            if (!isAlgorithm(algo)) throw fail(100004);
            return new DigestImpl(algo, null);
        },
    ],
    hmac(algo, key) {
        if (!isAlgorithm(algo)) throw fail(100004);
        return new DigestImpl(algo, key);
    },
};
NAMES.forEach((name, i) => {
    impl[name] = (data) => new DigestImpl(i + 1, null).update(data);
    impl[`hmac_${name}`] = (key) => new DigestImpl(i + 1, key);
});

module.exports = members.module('hash', impl);
