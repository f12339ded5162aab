Master.onmessage = (msg) => Master.postMessage(msg.data);
