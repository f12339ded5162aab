Master.onmessage = (msg) => {
    require('coroutine').sleep(msg.data);
    Master.postMessage('slept');
};
