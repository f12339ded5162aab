// A timer that does not keep the program alive still fires while somebody else does.
setInterval(() => Master.postMessage('tick'), 5).unref();
