global.ran = { argv, main: require.main, repl: typeof repl };
