var stop = false;
Master.onmessage = () => {
    var n = 0;
    for (var i = 0; i < 40; i++) {
        for (var k = 0; k < 100000; k++) n += k % 7;
        Master.postMessage(i);
    }
};
