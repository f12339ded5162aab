// `tty` (spec/fibers-and-runtime.md §13).
'use strict';

module.exports = internal.members.module('tty', { isatty: internal.ops('tty').isatty });
