require('coroutine').sleep(2); exports.done = true; global.slowCount = (global.slowCount || 0) + 1;
