// The `dns` module (spec/io-and-net.md §7).
'use strict';

const { members, ops } = internal;
const native = ops('dns');

module.exports = members.module('dns', {
    resolve: native.resolve,
    lookup: (name) => native.resolve(name)[0],
});
