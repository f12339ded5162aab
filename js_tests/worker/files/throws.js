require('coroutine').sleep(1);
null.x;
