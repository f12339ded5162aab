var error;
try {
    new Buffer('abc').toString('iso-8859-1');
} catch (e) {
    error = e.message;
}
Master.onmessage = () => Master.postMessage({ is: Buffer.isEncoding('iso-8859-1'), error });
