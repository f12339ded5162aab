// Compiled once in each realm of `vm.SandBox`: makes objects that belong to it.  A function expression.
() => {
    'use strict';
    return {
        newModule: () => ({ exports: {} }),
        nativeFunction: (name, run) =>
            ({
                [name](...args) {
                    return run(this, args);
                },
            })[name],
    };
};
