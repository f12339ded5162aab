// The `mq` module (spec/mq-and-events.md, part 1).
'use strict';

const { members } = internal;
const { HandlerImpl, Handler, Chain, invoke } = require('./handler');

module.exports = members.module('mq', {
    get Message() {
        return require('./message').Message;
    },
    get HttpHandler() {
        return require('http').Handler;
    },
    get Handler() {
        return Handler;
    },
    get Chain() {
        return Chain;
    },
    get Routing() {
        return require('./routing').Routing;
    },
    nullHandler: () => HandlerImpl.nothing(),
    invoke,
});
