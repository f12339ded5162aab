exports.n = (global.sbCount = (global.sbCount || 0) + 1); exports.again = () => require('./other'); exports.hook = id => require(id);
