module.exports = 'must not be used';
