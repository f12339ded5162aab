// HttpResponse (spec/http.md §7).
'use strict';

const { fail, glue, members } = internal;
const { defineType, isPlain, nativeClass, refuse } = members;
const { recordOf, replaceGetters, reset } = require('mq/message');
const { BEHAVIOUR, HttpMessageImpl, HttpRecord, clear, storeOf } = require('./message');
const { phraseOf } = require('./status');
const push = glue.uncurry(Array.prototype.push);

/** The state of a response. */
class ResponseRecord extends HttpRecord {
    behaviour = RESPONSE;
    statusCode = 200;
    statusMessage = '';
    /** HttpCookie objects; null while they are headers */
    cookies = null;
    /** nothing is added to the headers of a success */
    asIs = false;
}

const RESPONSE = {
    ...BEHAVIOUR,
    __proto__: null,
    clear(record) {
        clear(record);
        record.statusCode = 200;
        record.cookies = null;
    },
    sendTo: (record, stream) => require('./wire').sendResponse(record, stream),
    readFrom: (record, stream) => require('./wire').readResponse(record, stream),
};

/** Begin anew for a request. @param {Array|null} first the header before all others */
function begin(record, first, protocol, keepAlive) {
    reset(record, '', false);
    record.head = null;
    record.first = first;
    record.opened = false;
    record.protocol = protocol;
    record.keepAlive = keepAlive;
    record.upgrade = false;
    record.statusCode = 200;
    record.cookies = null;
}

/** The cookies; the first look takes them out of the headers. */
function takeCookies(record) {
    if (record.cookies === null) {
        const { CookieImpl } = require('./cookie');
        const store = storeOf(record);
        const texts = store.allOf('set-cookie');
        const made = [];
        for (let i = 0; i < texts.length; i++) {
            const cookie = new CookieImpl();
            try {
                cookie.parse(texts[i]);
            } catch {
                continue;
            }
            push(made, cookie);
        }
        if (texts.length > 0) store.remove('set-cookie');
        record.cookies = made;
    }
    return record.cookies;
}

/** Pending cookies become headers. */
function putCookies(record) {
    const { cookies } = record;
    if (cookies === null) return;
    record.cookies = null;
    const store = storeOf(record);
    for (let i = 0; i < cookies.length; i++) store.push('Set-Cookie', `${cookies[i]}`);
}

/** The start line. */
function statusLine(record) {
    const { statusCode, statusMessage, protocol } = record;
    return `${protocol} ${statusCode} ${statusMessage === '' ? phraseOf(statusCode) : statusMessage}`;
}

class ResponseImpl extends HttpMessageImpl {
    constructor() {
        super(new ResponseRecord());
    }

    get statusCode() {
        return recordOf(this).statusCode;
    }

    set statusCode(code) {
        recordOf(this).statusCode = code;
    }

    get status() {
        return recordOf(this).statusCode;
    }

    set status(code) {
        recordOf(this).statusCode = code;
    }

    get ok() {
        const { statusCode } = recordOf(this);
        return statusCode >= 200 && statusCode < 300;
    }

    get statusMessage() {
        return recordOf(this).statusMessage;
    }

    set statusMessage(text) {
        recordOf(this).statusMessage = text;
    }

    get cookies() {
        return [...takeCookies(recordOf(this))];
    }

    addCookie(cookie) {
        push(takeCookies(recordOf(this)), cookie);
    }

    /** Answer with a redirection. */
    redirect(url) {
        const record = recordOf(this);
        record.statusCode = 302;
        const store = storeOf(record);
        store.remove('Location');
        store.push('Location', url);
    }

    /** Write status line and headers only. */
    sendHeader(stream) {
        require('./wire').sendHeader(recordOf(this), stream);
    }
}

ResponseImpl.prototype.writeHead = [
    function (code, text, headers) {
        const record = recordOf(this);
        record.statusCode = code;
        record.statusMessage = text;
        storeOf(record).addMap(headers);
    },
    function (code, headers) {
        const record = recordOf(this);
        record.statusCode = code;
        storeOf(record).addMap(headers);
    },
];

// Cookies are loaded with the first one.
const isCookie = (v) => v instanceof require('./cookie').CookieImpl;
defineType(
    'HttpCookie',
    (v, loose) => (isCookie(v) ? v : loose && isPlain(v) ? new (require('./cookie').CookieImpl)(v) : refuse(100005)),
    isCookie,
);

const Response = nativeClass('HttpResponse', ResponseImpl, { later: ['status', 'ok'] });
replaceGetters(ResponseImpl.prototype, {
    get statusCode() {
        const { statusCode } = recordOf(this);
        if (statusCode === undefined) throw fail(100008);
        return statusCode;
    },
});

module.exports = { Response, ResponseImpl, ResponseRecord, begin, putCookies, statusLine, takeCookies };
