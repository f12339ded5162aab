require('coroutine').sleep(20);
await new Promise((resolve) => setTimeout(resolve, 20));
Master.postMessage('end');
