// tty (spec/fibers-and-runtime.md §13).
var test = require('test');
test.setup();

function failure(fn) {
    try {
        fn();
    } catch (e) {
        return typeof e === 'string' ? e : `${e.number} ${e.message}`;
    }
    return 'no error';
}
var number = (fn) => parseInt(failure(fn));

var tty = require('tty');

describe('tty', () => {
    it('isatty', () => {
        assert.isFalse(tty.isatty(999));
        var fd = require('fs').open('/dev/null');
        assert.isFalse(tty.isatty(fd));
        require('fs').close(fd);
        assert.equal(
            number(() => tty.isatty(-1)),
            100009,
        );
        assert.equal(
            number(() => tty.isatty(2147483648)),
            100006,
        );
    });
});

require.main === module && test.run(console.DEBUG);
