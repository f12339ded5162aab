// The `http` module (spec/http.md §2).
'use strict';

const { members } = internal;
const client = () => require('./client').globalClient();

const impl = {
    get Request() {
        return require('./request').Request;
    },
    get Response() {
        return require('./response').Response;
    },
    get Cookie() {
        return require('./cookie').Cookie;
    },
    get Server() {
        return require('./server').HttpServer;
    },
    get HttpsServer() {
        return require('./secure').HttpsServer;
    },
    get Client() {
        return require('./client').Client;
    },
    get Handler() {
        return require('./handler').HttpHandler;
    },
    get Repeater() {
        return require('./repeater').Repeater;
    },
    get STATUS_CODES() {
        return require('./status').statusCodes();
    },
    fileHandler: (root, mimes, autoIndex) => require('./files').fileHandler(root, mimes, autoIndex),
};

// The functions and properties of the global client.
for (const name of ['request', 'get', 'post', 'del', 'put', 'patch', 'head'])
    impl[name] = (...args) => Reflect.apply(client()[name], client(), args);
impl.setClientCert = (certificate, key) => client().setClientCert(certificate, key);
for (const name of [
    'cookies',
    'timeout',
    'enableCookie',
    'autoRedirect',
    'enableEncoding',
    'maxBodySize',
    'userAgent',
    'poolSize',
    'poolTimeout',
    'proxyAgent',
    'keepAlive',
])
    Object.defineProperty(impl, name, {
        get: () => client()[name],
        set(value) {
            client()[name] = value;
        },
        enumerable: true,
    });

const http = (module.exports = members.module('http', impl, { later: ['keepAlive', 'head'] }));

// `new http.fileHandler(…)` is often written.
const makeHandler = http.fileHandler;
const fileHandler = function (...args) {
    return Reflect.apply(makeHandler, undefined, args);
};
Object.defineProperty(fileHandler, 'name', { value: 'http' });
http.fileHandler = fileHandler;
