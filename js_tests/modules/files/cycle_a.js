exports.early = 1; exports.other = require('./cycle_b').seen; exports.late = 2;
