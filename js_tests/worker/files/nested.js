var coroutine = require('coroutine');
var child = new coroutine.Worker(__dirname + '/echo.js');
child.onload = () => child.postMessage([coroutine.vmid]);
child.onmessage = (msg) => Master.postMessage(msg.data.concat(coroutine.vmid));
