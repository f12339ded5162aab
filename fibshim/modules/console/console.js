'use strict';
const native = internal.ops('core.loading');
module.exports = { log: (...a) => native.printText(a.map(String).join(' ') + '\n') };
