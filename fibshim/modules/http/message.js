// HttpMessage, what requests and responses have in common (spec/http.md §5).
'use strict';

const { fail, glue, members } = internal;
const { nativeClass } = members;
const { MessageImpl, PLAIN, Record, recordOf, replaceGetters } = require('mq/message');
const { CollectionImpl, Store } = require('./collection');
const { uncurry } = glue;
const toLowerCase = uncurry(String.prototype.toLowerCase);
const indexOf = uncurry(String.prototype.indexOf);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const substring = uncurry(String.prototype.substring);

const ZERO = 48;
const isDigit = (code) => code >= ZERO && code <= ZERO + 9;

/** Whether a text is `HTTP/` digit `.` digit. */
const isProtocol = (text) =>
    text.length === 8 &&
    substring(text, 0, 5) === 'HTTP/' &&
    text[6] === '.' &&
    isDigit(charCodeAt(text, 5)) &&
    isDigit(charCodeAt(text, 7));

/** The state of an HTTP message, on top of that of a message. */
class HttpRecord extends Record {
    /** use `storeOf` */
    store = null;
    /** whether the store is up to date with `head` and `first` */
    opened = true;
    /** the head it was received with, as text */
    head = null;
    /** the header that comes before all others: [name, name in lower case, value] or null */
    first = null;
    /** the collection that scripts see of the store */
    headers = null;
    protocol = 'HTTP/1.1';
    keepAlive = true;
    /** undefined: to be found out from the head */
    upgrade = false;
    maxHeadersCount = 128;
    maxBodySize = 64;
    /** what it was read from: has `stream`, `socket` and `fetch()` */
    source = null;
}

/** The headers of a record. */
function storeOf(record) {
    if (!record.opened) {
        record.opened = true;
        (record.store ??= new Store()).reset(record.head, record.first);
    }
    return (record.store ??= new Store());
}

/** What `clear()` resets. */
function clear(record) {
    record.opened = false;
    record.head = record.first = record.source = null;
    record.protocol = 'HTTP/1.1';
    record.keepAlive = true;
    record.upgrade = false;
}

/** Whether the Connection header asks for an upgrade (it is in no collection, so it is looked for in the head). */
function isUpgrade(record) {
    if (record.upgrade === undefined) {
        const lower = toLowerCase(record.head);
        const at = indexOf(lower, '\r\nconnection:');
        const end = at < 0 ? 0 : indexOf(lower, '\r\n', at + 2);
        record.upgrade = at >= 0 && indexOf(substring(lower, at, end), 'upgrade') >= 0;
    }
    return record.upgrade;
}

function setProtocol(record, text) {
    if (!isProtocol(text)) throw fail('HttpMessage: bad protocol version.');
    record.protocol = text;
    record.keepAlive = text[5] > '1' || (text[5] === '1' && text[7] > '0');
}

class HttpMessageImpl extends MessageImpl {
    get protocol() {
        return recordOf(this).protocol;
    }

    set protocol(text) {
        setProtocol(recordOf(this), text);
    }

    get headers() {
        const record = recordOf(this);
        return (record.headers ??= new CollectionImpl(() => storeOf(record)));
    }

    get keepAlive() {
        return recordOf(this).keepAlive;
    }

    set keepAlive(value) {
        recordOf(this).keepAlive = value;
    }

    get upgrade() {
        return isUpgrade(recordOf(this));
    }

    set upgrade(value) {
        recordOf(this).upgrade = value;
    }

    get maxHeadersCount() {
        return recordOf(this).maxHeadersCount;
    }

    set maxHeadersCount(value) {
        if (value < 0) throw fail(100006);
        recordOf(this).maxHeadersCount = value;
    }

    get maxBodySize() {
        return recordOf(this).maxBodySize;
    }

    set maxBodySize(value) {
        recordOf(this).maxBodySize = value;
    }

    get socket() {
        const { source } = recordOf(this);
        return source === null ? null : source.socket;
    }

    hasHeader(name) {
        return storeOf(recordOf(this)).has(name);
    }

    firstHeader(name) {
        return storeOf(recordOf(this)).first(name);
    }

    /** All values of a header, or all headers as an object. */
    allHeader(name) {
        const store = storeOf(recordOf(this));
        return name === '' ? store.toObject() : store.allOf(name);
    }

    removeHeader(name) {
        storeOf(recordOf(this)).remove(name);
    }
}

// One function for each overload: a map, an array of values, one value.
HttpMessageImpl.prototype.addHeader = [
    function (map) {
        storeOf(recordOf(this)).addMap(map);
    },
    function (name, values) {
        storeOf(recordOf(this)).addAll(name, values);
    },
    function (name, value) {
        storeOf(recordOf(this)).push(name, value);
    },
];
HttpMessageImpl.prototype.setHeader = [
    function (map) {
        storeOf(recordOf(this)).setMap(map);
    },
    function (name, values) {
        const store = storeOf(recordOf(this));
        store.remove(name);
        store.addAll(name, values);
    },
    function (name, value) {
        const store = storeOf(recordOf(this));
        store.remove(name);
        store.push(name, value);
    },
];

const HttpMessage = nativeClass('HttpMessage', HttpMessageImpl, { constructible: false });
replaceGetters(HttpMessageImpl.prototype, {
    get headers() {
        const record = recordOf(this);
        if (record.headers === undefined) throw fail(100008);
        return record.headers !== null ? record.headers : (record.headers = new CollectionImpl(() => storeOf(record)));
    },
});

/** What a message does in its own way (`mq/message.js`), as far as requests and responses agree. */
const BEHAVIOUR = {
    ...PLAIN,
    __proto__: null,
    fetch: (record) => record.source.fetch(),
    clear,
    stream: (record) => (record.source === null ? null : record.source.stream),
    json(record, writing) {
        const store = storeOf(record);
        if (writing) {
            store.remove('Content-Type');
            store.push('Content-Type', 'application/json');
            return;
        }
        const type = store.find('content-type');
        if (type === null) throw fail('HttpRequest: Content-Type is missing.');
        const semicolon = indexOf(type, ';');
        if ((semicolon < 0 ? type : substring(type, 0, semicolon)) !== 'application/json')
            throw fail('HttpMessage: Invalid content type.');
    },
};

module.exports = {
    BEHAVIOUR,
    HttpMessage,
    HttpMessageImpl,
    HttpRecord,
    clear,
    isProtocol,
    isUpgrade,
    setProtocol,
    storeOf,
};
