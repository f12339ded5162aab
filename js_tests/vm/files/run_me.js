global.sbRan = { argv, repl: typeof repl, main: require.main, known: (() => { try { return require('known') } catch (e) { return e.number } })() };
