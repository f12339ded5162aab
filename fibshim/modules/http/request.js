// HttpRequest (spec/http.md §6).
//
// A request of a server begins as the text of its head; every part is computed when somebody asks for it.
'use strict';

const { fail, glue, members } = internal;
const { nativeClass } = members;
const { recordOf, replaceGetters, reset, valueOf } = require('mq/message');
const { requests } = require('mq/routing');
const { BEHAVIOUR, HttpMessageImpl, HttpRecord, clear, storeOf } = require('./message');
const { CollectionImpl } = require('./collection');
const { ResponseImpl } = require('./response');
const { uncurry } = glue;
const indexOf = uncurry(String.prototype.indexOf);
const substring = uncurry(String.prototype.substring);
const startsWith = uncurry(String.prototype.startsWith);

/** The state of a request. */
class RequestRecord extends HttpRecord {
    behaviour = REQUEST;
    /** the ResponseImpl; made when first asked for */
    response = null;
    /** the head while its first line is not parsed */
    line = null;
    method = 'GET';
    address = '/';
    queryString = '';
    /** collections computed from the above */
    cookies = null;
    query = null;
    form = null;
    /** whether any of these is there */
    derived = false;
}

/** What the path for routing is: of a target `http://host/path` the path. */
function pathOf(record) {
    if (record.line !== null) {
        parseLine(record);
        record.isPlain = true; // a server refuses other targets
    }
    const { address } = record;
    if (!startsWith(address, 'http://')) return address;
    const slash = indexOf(address, '/', 7);
    return slash < 0 ? '' : substring(address, slash);
}

const REQUEST = {
    ...BEHAVIOUR,
    __proto__: null,
    value: pathOf,
    ended: (record) => record.ended || (record.response !== null && recordOf(record.response).ended),
    clear(record) {
        clear(record);
        if (record.response !== null) record.response.clear();
        record.line = null;
        record.method = 'GET';
        record.address = '/';
        record.queryString = '';
        record.cookies = record.query = record.form = null;
    },
    sendTo: (record, stream) => require('./wire').sendRequest(record, stream),
    readFrom: (record, stream) => require('./wire').readRequest(record, stream),
};

/** Begin anew with the head of a request. */
function begin(record, head, protocol, keepAlive, hasBody) {
    reset(record, undefined, hasBody);
    record.head = record.line = head;
    record.opened = false;
    record.protocol = protocol;
    record.keepAlive = keepAlive;
    record.upgrade = undefined;
    record.cookies = record.query = record.form = null;
}

/** The first line: method and target. */
function parseLine(record) {
    const head = record.line;
    record.line = null;
    const space = indexOf(head, ' ');
    record.method = substring(head, 0, space);
    let start = space + 1;
    while (head[start] === ' ') start++;
    setTarget(record, substring(head, start, indexOf(head, ' ', start)));
}

function setTarget(record, target) {
    const mark = indexOf(target, '?');
    if (mark < 0) {
        record.address = target;
        record.queryString = '';
    } else {
        record.address = substring(target, 0, mark);
        record.queryString = substring(target, mark + 1);
    }
}

/** The record with its first line parsed. */
function parsed(request) {
    const record = recordOf(request);
    if (record.line !== null) parseLine(record);
    return record;
}

const responseOf = (record) => (record.response ??= new ResponseImpl());

class RequestImpl extends HttpMessageImpl {
    constructor() {
        super(new RequestRecord());
    }

    get response() {
        return responseOf(recordOf(this));
    }

    get method() {
        return parsed(this).method;
    }

    set method(text) {
        parsed(this).method = text;
    }

    get address() {
        return parsed(this).address;
    }

    set address(text) {
        const record = parsed(this);
        valueOf(record); // does not change with the address
        record.address = text;
    }

    get queryString() {
        return parsed(this).queryString;
    }

    set queryString(text) {
        parsed(this).queryString = text;
    }

    get cookies() {
        const record = recordOf(this);
        record.derived = true;
        return (record.cookies ??= new CollectionImpl(
            require('./form').cookieStore(storeOf(record).find('cookie') ?? ''),
        ));
    }

    get query() {
        const record = parsed(this);
        record.derived = true;
        return (record.query ??= new CollectionImpl(require('./form').queryStore(record.queryString)));
    }

    get form() {
        const record = recordOf(this);
        record.derived = true;
        return (record.form ??= require('./form').formOf(record));
    }
}

requests.is = (record) => record instanceof RequestRecord;
requests.method = (record) => {
    if (record.line !== null) parseLine(record);
    return record.method;
};
requests.host = (record) => storeOf(record).find('host');

const Request = nativeClass('HttpRequest', RequestImpl);
const requestRecord = (request) => {
    const record = recordOf(request);
    if (record.line === undefined) throw fail(100008);
    if (record.line !== null) parseLine(record);
    return record;
};
replaceGetters(RequestImpl.prototype, {
    get response() {
        const { response } = recordOf(this);
        if (response === undefined) throw fail(100008);
        return response !== null ? response : responseOf(recordOf(this));
    },
    get method() {
        return requestRecord(this).method;
    },
    get address() {
        return requestRecord(this).address;
    },
});

const isRequest = (value) => value instanceof RequestImpl;

module.exports = { Request, RequestImpl, RequestRecord, begin, isRequest, responseOf, setTarget };
