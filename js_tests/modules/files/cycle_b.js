exports.seen = JSON.stringify(require('./cycle_a'));
