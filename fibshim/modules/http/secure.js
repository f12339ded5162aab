// HttpsServer (spec/http.md §12.4).
'use strict';

const { fail, members, ops } = internal;
const { isPlain, nativeClass } = members;
const { HttpServerImpl } = require('./server');
const { certificateText, keyText } = require('./pem');
const native = ops('http');

/** What `secure_context` in `secure.py` takes of `[{ name, crt, key }, …]`. */
function entriesOf(list) {
    return list.map((entry) => {
        if (!isPlain(entry)) throw fail(100005);
        const { name, crt, key } = entry;
        if (crt === undefined || key === undefined) throw fail(100002);
        return [name === undefined ? '' : `${name}`, ...pairOf(crt, key)];
    });
}

function pairOf(crt, key) {
    if (!key.isPrivate()) throw fail(100004);
    return [certificateText(crt), keyText(key)];
}

class HttpsServerImpl extends HttpServerImpl {
    #context;
    #verification = 0;
    #ca = null;

    constructor(...args) {
        const handler = args.pop();
        const port = args.pop();
        const address = typeof args[args.length - 1] === 'string' ? args.pop() : '';
        const entries = args.length === 1 ? entriesOf(args[0]) : [['', ...pairOf(args[0], args[1])]];
        const context = native.secureContext(entries);
        super(address, port, handler, (listener, site) => {
            this.#update();
            native.acceptSecure(listener, site, context);
        });
        this.#context = context;
    }

    #update() {
        native.secureVerification(
            this.#context,
            this.#verification,
            this.#ca === null ? '' : certificateText(this.#ca),
        );
    }

    get verification() {
        return this.#verification;
    }

    set verification(value) {
        if (value < 0 || value > 2) throw fail(100004);
        this.#verification = value;
        this.#update();
    }

    /** The list of certificates that sign those of clients; load into it before the server is started. */
    get ca() {
        return (this.#ca ??= new (require('crypto').X509Cert)());
    }
}

const HttpsServer = nativeClass('HttpsServer', HttpsServerImpl);

module.exports = { HttpsServer };
