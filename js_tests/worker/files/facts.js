var coroutine = require('coroutine');
var state = {
    args: arguments.length,
    vmid: coroutine.vmid,
    file: __filename,
    main: typeof require.main,
    leaked: typeof fromMain,
    argv: process.argv,
    name: `${Master}`,
    repl: typeof repl,
};
Master.onmessage = (msg) => {
    if (msg.data === 'facts') Master.postMessage(state);
    else if (msg.data === 'counter') Master.postMessage((global.counter = (global.counter || 0) + 1));
    else if (msg.data === 'own') {
        var seen = msg.data === msg.data;
        Master.postMessage(seen);
    }
};
