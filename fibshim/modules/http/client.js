// HttpClient and the functions of the module on the global client (spec/http.md §15).
'use strict';

const { fail, members, ops } = internal;
const { NativeObject, isPlain, nativeClass } = members;
const { recordOf, setBytes } = require('mq/message');
const { requests } = require('mq/routing');
const { lengthOf } = require('buffer/bytes');
const { BufferedStream } = require('io/buffered');
const { hasExpired } = require('./cookie');
const { storeOf } = require('./message');
const { bodyOf, has, headersOf, lineText, resolve, target } = require('./outgoing');
const { ResponseImpl, takeCookies } = require('./response');
const native = ops('http');

const MB = 1 << 20;
const AGENT = 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/54.0.2840.98 Safari/537.36';
const OPTIONS = ['query', 'headers', 'body', 'json'];
const KEEP = 1;
const UPGRADE = 2;
const BODY = 4;
/** Methods that may be sent again when a connection turns out to be closed. */
const REPEATABLE = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'];
const EMPTY = new Uint8Array(0);

/** A client connection as the source of a response. */
class ClientSource {
    #number;
    #stream = null;
    #socket = null;

    constructor(number) {
        this.#number = number;
    }

    get socket() {
        return (this.#socket ??= require('net/socket').socketOf(this.#number));
    }

    get stream() {
        if (this.#stream === null) {
            this.#stream = new BufferedStream(this.socket);
            this.#stream.EOL = '\r\n';
        }
        return this.#stream;
    }
}

// -- the client ------------------------------------------------------------------------------------------------

/** Send one request with exactly these header lines; the record of the response. */
let forward;
/** What the handshake of a WebSocket takes from a client; see `static` below. */
let handshake;

class ClientImpl extends NativeObject {
    #cookies = [];
    #timeout = 0;
    #enableCookie = true;
    #autoRedirect = true;
    #enableEncoding = true;
    #maxBodySize = -1;
    #userAgent = AGENT;
    #poolSize = 128;
    #poolTimeout = 10000;
    #keepAlive = true;
    #proxyText = '';
    #proxy = null;
    #verification = null;
    #certificate = '';
    #key = '';
    /** idle connections, oldest first: { key, number, since } */
    #pool = [];

    get cookies() {
        return [...this.#cookies];
    }

    get timeout() {
        return this.#timeout;
    }

    set timeout(ms) {
        this.#timeout = ms;
    }

    get enableCookie() {
        return this.#enableCookie;
    }

    set enableCookie(on) {
        this.#enableCookie = on;
    }

    get autoRedirect() {
        return this.#autoRedirect;
    }

    set autoRedirect(on) {
        this.#autoRedirect = on;
    }

    get enableEncoding() {
        return this.#enableEncoding;
    }

    set enableEncoding(on) {
        this.#enableEncoding = on;
    }

    get maxBodySize() {
        return this.#maxBodySize;
    }

    set maxBodySize(size) {
        this.#maxBodySize = size;
    }

    get userAgent() {
        return this.#userAgent;
    }

    set userAgent(text) {
        this.#userAgent = text;
    }

    get poolSize() {
        return this.#poolSize;
    }

    set poolSize(size) {
        this.#poolSize = size;
    }

    get poolTimeout() {
        return this.#poolTimeout;
    }

    set poolTimeout(ms) {
        this.#poolTimeout = ms;
    }

    get keepAlive() {
        return this.#keepAlive;
    }

    set keepAlive(on) {
        this.#keepAlive = on;
    }

    get proxyAgent() {
        return this.#proxyText;
    }

    set proxyAgent(text) {
        this.#proxy = text === '' ? null : target(text);
        this.#proxyText = text;
        for (const { number } of this.#pool) native.clientClose(number);
        this.#pool = [];
    }

    get sslVerification() {
        return this.#verification;
    }

    set sslVerification(value) {
        if (value < 0 || value > 2) throw fail(100004);
        this.#verification = value;
    }

    setClientCert(certificate, key) {
        const { certificateText, keyText } = require('./pem');
        this.#certificate = certificateText(certificate);
        this.#key = keyText(key);
    }

    get(url, options) {
        return this.#request('GET', url, options);
    }

    post(url, options) {
        return this.#request('POST', url, options);
    }

    put(url, options) {
        return this.#request('PUT', url, options);
    }

    patch(url, options) {
        return this.#request('PATCH', url, options);
    }

    del(url, options) {
        return this.#request('DELETE', url, options);
    }

    head(url, options) {
        return this.#request('HEAD', url, options);
    }

    static {
        this.prototype.request = [
            function (stream, req) {
                return this.#over(stream, req);
            },
            function (method, url, options) {
                return this.#request(method, url, options);
            },
        ];
    }

    static {
        forward = (client, method, url, lines, bytes) => recordOf(client.#send(method, target(url), lines, bytes));
        handshake = {
            /** Settings for a request to this URL. */
            settings(client, url) {
                const to = target(url);
                return {
                    userAgent: client.#userAgent,
                    encoding: client.#enableEncoding,
                    redirect: client.#autoRedirect,
                    timeout: client.#timeout,
                    cookie: client.#enableCookie ? client.#cookiesFor(to) : '',
                    proxy:
                        client.#proxy === null
                            ? null
                            : [client.#proxy.host, client.#proxy.port, client.#proxy.isSecure],
                    tls: to.isSecure || client.#proxy?.isSecure ? client.#tls() : null,
                };
            },
            /** Store the cookies of an answer from this URL. @param {string[]} texts of its `Set-Cookie` headers */
            keepCookies(client, url, texts) {
                const record = recordOf(new ResponseImpl());
                for (const text of texts) storeOf(record).push('Set-Cookie', text);
                client.#keepCookies(record, target(url));
            },
        };
    }

    // -- one request with everything ---------------------------------------------------------------------

    #request(method, url, options) {
        for (const name in options) if (!OPTIONS.includes(name)) throw fail(`unknown option '${name}'.`);
        if (isPlain(options.query)) url = `${url}?${require('querystring/pairs').stringify(options.query)}`;
        const { bytes, type } = bodyOf(options);
        const lines = headersOf(options.headers, type);
        const seen = new Set();
        for (;;) {
            const to = target(url);
            const res = this.#send(method, to, lines, bytes);
            const record = recordOf(res);
            this.#keepCookies(record, to);
            if (!this.#autoRedirect || (record.statusCode !== 301 && record.statusCode !== 302)) return res;
            seen.add(url);
            const location = storeOf(record).find('location');
            if (location === null) throw fail('HttpClient: redirect cycle');
            url = resolve(url, location);
            if (seen.has(url)) throw fail('HttpClient: redirect cycle');
        }
    }

    /** The text of the head of a request. */
    #head(method, to, lines, bytes) {
        const proxied = this.#proxy !== null && !to.isSecure;
        const path = proxied ? `http://${to.hostText}${to.path}` : to.path;
        const start = `${method} ${path} HTTP/1.1`;
        if (/[\r\n\0]/.test(start)) throw fail('HttpMessage: bad header: line breaks and NUL are not allowed.');
        let text = `${start}\r\n`;
        if (this.#enableEncoding) text += 'Accept-Encoding: gzip,deflate\r\n';
        const cookies = this.#enableCookie ? this.#cookiesFor(to) : '';
        if (cookies !== '') text += lineText('Cookie', cookies);
        for (const [name, value] of lines) text += lineText(name, value);
        if (this.#userAgent !== '' && !has(lines, 'user-agent')) text += lineText('User-Agent', this.#userAgent);
        if (!has(lines, 'host')) text += lineText('Host', to.hostText);
        text += `Connection: ${this.#keepAlive ? 'keep-alive' : 'close'}\r\n`;
        if (bytes !== null && lengthOf(bytes) > 0) text += `Content-Length: ${lengthOf(bytes)}\r\n`;
        return `${text}\r\n`;
    }

    #send(method, to, lines, bytes) {
        const head = this.#head(method, to, lines, bytes);
        const noBody = method.toUpperCase() === 'HEAD';
        const most = this.#maxBodySize < 0 ? -1 : this.#maxBodySize * MB;
        for (;;) {
            const taken = this.#take(to);
            const number = taken ?? this.#open(to);
            const answer = native.clientExchange(number, head, bytes ?? EMPTY, noBody, most);
            if (Array.isArray(answer)) return this.#response(answer, number, to);
            // The server closed an idle connection.  A request that it may have seen is sent again only if that does no harm.
            if (taken === undefined || (answer !== false && !REPEATABLE.includes(method.toUpperCase())))
                throw fail('HttpResponse: bad protocol: ');
        }
    }

    /** The response of an answer; the connection goes back to the pool. */
    #response([head, flags], number, to) {
        const res = new ResponseImpl();
        const record = fillHead(recordOf(res), head);
        record.keepAlive = (flags & KEEP) !== 0;
        record.upgrade = (flags & UPGRADE) !== 0;
        record.source = new ClientSource(number);
        if ((flags & BODY) !== 0) setBytes(record, native.clientBody(number));
        if (!record.upgrade) {
            if (record.keepAlive && this.#keepAlive) this.#give(to, number);
            else native.clientClose(number);
        }
        this.#decode(record);
        return res;
    }

    #decode(record) {
        if (!this.#enableEncoding) return;
        const store = storeOf(record);
        const coding = store.find('content-encoding');
        if (coding === null) return;
        store.remove('Content-Encoding');
        if (coding !== 'gzip' && coding !== 'deflate') return;
        if (record.bytes !== null) setBytes(record, native.decompress(coding, record.bytes, this.#maxBodySize));
    }

    // -- connections ---------------------------------------------------------------------------------------

    #keyOf(to) {
        if (this.#proxy !== null && !to.isSecure) return 'proxy';
        return `${to.isSecure ? 's' : ''}:${to.host}:${to.port}`;
    }

    /** Drop what is too old or too many. */
    #clean() {
        const limit = Date.now() - this.#poolTimeout;
        while (this.#pool.length > 0 && (this.#pool.length > this.#poolSize || this.#pool[0].since <= limit))
            native.clientClose(this.#pool.shift().number);
    }

    #take(to, key = this.#keyOf(to)) {
        this.#clean();
        const at = this.#pool.findIndex((idle) => idle.key === key);
        return at < 0 ? undefined : this.#pool.splice(at, 1)[0].number;
    }

    #give(to, number) {
        if (this.#poolSize <= 0 || this.#poolTimeout <= 0) {
            native.clientClose(number);
            return;
        }
        native.clientRest(number, this.#poolTimeout);
        this.#pool.push({ key: this.#keyOf(to), number, since: Date.now() });
        this.#clean();
    }

    #open(to) {
        const proxy = this.#proxy;
        if (proxy === null) return native.clientOpen(to.host, to.port, this.#timeout, to.isSecure ? this.#tls() : null);
        if (!to.isSecure) return this.#openProxy();
        const number = this.#take(to, 'proxy') ?? this.#openProxy();
        const name = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
        let head = `CONNECT ${name} HTTP/1.1\r\n${lineText('Host', name)}`;
        if (this.#userAgent !== '') head += lineText('User-Agent', this.#userAgent);
        const answer = native.clientExchange(number, `${head}\r\n`, EMPTY, true, 0);
        if (!Array.isArray(answer)) throw fail('HttpResponse: bad protocol: ');
        const record = fillHead(recordOf(new ResponseImpl()), answer[0]);
        if (record.statusCode !== 200) {
            native.clientClose(number);
            throw fail(`HttpClient: ${record.statusMessage}`);
        }
        native.clientSecure(number, to.host, this.#tls());
        return number;
    }

    #openProxy() {
        const { host, port, isSecure } = this.#proxy;
        return native.clientOpen(host, port, this.#timeout, isSecure ? this.#tls() : null);
    }

    /** The arguments of `client_context` in `secure.py`. */
    #tls() {
        let verification = this.#verification;
        let ca = '';
        if (members.classes.X509Cert !== undefined) {
            const ssl = require('ssl');
            verification ??= ssl.verification;
            ca = require('./pem').certificateText(ssl.ca);
        }
        return [verification ?? 2, ca, this.#certificate, this.#key];
    }

    // -- cookies -------------------------------------------------------------------------------------------

    #cookiesFor(to) {
        const now = Date.now();
        const found = this.#cookies.filter(
            (c) => !hasExpired(c, now) && (!c.secure || to.isSecure) && c.match(to.text),
        );
        return found.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
    }

    #keepCookies(record, to) {
        if (!this.#enableCookie) return;
        for (const cookie of takeCookies(record)) {
            if (!cookie.match(to.text)) continue;
            if (cookie.domain === '') cookie.domain = to.host;
            const old = this.#cookies.find(
                (c) =>
                    c.name === cookie.name &&
                    c.path === cookie.path &&
                    c.domain === cookie.domain &&
                    c.secure === cookie.secure &&
                    c.httpOnly === cookie.httpOnly,
            );
            if (old === undefined) this.#cookies.push(cookie);
            else {
                old.value = cookie.value;
                if (isSet(old.expires) && isSet(cookie.expires)) old.expires = cookie.expires;
            }
        }
    }

    // -- over a stream -------------------------------------------------------------------------------------

    #over(stream, req) {
        const { readResponse, sendRequest } = require('./wire');
        const record = recordOf(req);
        sendRequest(record, stream);
        const buffered = new BufferedStream(stream);
        buffered.EOL = '\r\n';
        const res = new ResponseImpl();
        const answer = recordOf(res);
        answer.maxBodySize = this.#maxBodySize;
        readResponse(answer, buffered, requests.method(record).toUpperCase() === 'HEAD');
        this.#decode(answer);
        return res;
    }
}

const isSet = (date) => !Number.isNaN(date.getTime());

/** Fill a response with the head of an answer. */
function fillHead(record, head) {
    const end = head.indexOf('\r\n');
    record.head = head;
    record.opened = false;
    record.protocol = head.slice(0, 8);
    record.statusCode = Number(head.slice(9, 12));
    record.statusMessage = head.slice(13, end);
    return record;
}

const Client = nativeClass('HttpClient', ClientImpl, { later: ['keepAlive', 'head'] });

let made = null;
/** The client behind the functions of the module. */
const globalClient = () => (made ??= new ClientImpl());

module.exports = { Client, ClientImpl, forward, globalClient, handshake, resolve };
