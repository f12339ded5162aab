module.exports = "bom";
