#!/usr/bin/env fibjs
module.exports = "hashbang";
