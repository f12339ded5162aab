module.exports = undefined; global.nullCount = (global.nullCount || 0) + 1;
