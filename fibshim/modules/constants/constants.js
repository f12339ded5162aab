// The `constants` module: empty in 0.31; the numbers of later versions are there, but not enumerable.
'use strict';

const { members, ops } = internal;
const native = ops('constants');

const constants = {};
const rows = members.signature('constants').later;
/** Names that only later fibjs knows, with its values; the others have those of the system. */
const OWN = /^(?:UV_|COPYFILE_|PRIORITY_)/;
const found = native.numbers(rows.map(([name]) => name));
for (const [name, , , value] of rows) {
    const number = OWN.test(name) ? Number(value) : found[name];
    if (number === undefined) continue;
    Object.defineProperty(constants, name, { value: number, writable: false, configurable: true, enumerable: false });
}

module.exports = constants;
