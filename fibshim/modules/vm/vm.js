// The `vm` module (spec/modules-and-vm.md §7).
'use strict';

module.exports = internal.members.module('vm', {
    get SandBox() {
        return require('./sandbox').SandBox;
    },
});
