module.exports = new Error('where');
