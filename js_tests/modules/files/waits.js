await new Promise((ok) => setTimeout(ok, 2)); exports.waited = true; return; exports.not = 1;
