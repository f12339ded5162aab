// HttpServer (spec/http.md §12).
'use strict';

const { members, ops } = internal;
const { nativeClass } = members;
const { TcpServerImpl } = require('net/server');
const { HttpHandlerImpl, serviceOf, services } = require('./handler');
const native = ops('http');

let lastServer = 0;

class HttpServerImpl extends TcpServerImpl {
    #handler;

    constructor(address, port, handler, accept) {
        if (handler === undefined) {
            handler = port;
            port = address;
            address = '';
        }
        const inner = new HttpHandlerImpl(handler);
        const service = serviceOf(inner);
        super(address, port, inner, (listener) => {
            const number = ++lastServer;
            services.set(number, service);
            const site = native.site(number);
            service.changed = () => native.setLimits(site, service.maxHeadersCount, service.maxBodySize);
            service.changed();
            if (accept === undefined) native.accept(listener, site);
            else accept(listener, site);
        });
        this.#handler = inner;
    }

    enableCrossOrigin(allowHeaders) {
        this.#handler.enableCrossOrigin(allowHeaders);
    }

    get maxHeadersCount() {
        return this.#handler.maxHeadersCount;
    }

    set maxHeadersCount(value) {
        this.#handler.maxHeadersCount = value;
    }

    get maxBodySize() {
        return this.#handler.maxBodySize;
    }

    set maxBodySize(value) {
        this.#handler.maxBodySize = value;
    }

    get serverName() {
        return this.#handler.serverName;
    }

    set serverName(text) {
        this.#handler.serverName = text;
    }
}

const HttpServer = nativeClass('HttpServer', HttpServerImpl);

// The handler of an HTTP server is the one for requests, inside of the one for connections.
const { get, set } = Reflect.getOwnPropertyDescriptor(HttpHandlerImpl.prototype, 'handler');
const outer = Reflect.getOwnPropertyDescriptor(TcpServerImpl.prototype, 'handler').get;
Reflect.defineProperty(HttpServerImpl.prototype, 'handler', {
    get() {
        return Reflect.apply(get, Reflect.apply(outer, this, []), []);
    },
    set(value) {
        Reflect.apply(set, Reflect.apply(outer, this, []), [value]);
    },
    enumerable: true,
    configurable: true,
});

module.exports = { HttpServer, HttpServerImpl };
