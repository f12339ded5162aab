// `ws.Message` (spec/ws.md §4), and the messages that a socket receives (§3.8).
//
// The record of a received message holds its socket and its content, nothing else: what a message has besides stands on
// the record's prototype until somebody changes it.
'use strict';

const { fail, glue, members, ops } = internal;
const { nativeClass } = members;
const { MessageImpl, PLAIN, REMOTE, Record, bodyOf, contentOf, isEmpty, recordOf, setBytes } = require('mq/message');
const { BufferImpl, fromBytes, toBytes, utf8Decode, utf8Encode } = require('buffer/bytes');
const native = ops('ws');
const { defineProperty, getOwnPropertyDescriptor, setPrototypeOf } = Reflect;
const { assign } = Object;
const { min } = Math;
const NativeUint8Array = Uint8Array;
const slice = glue.uncurry(ArrayBuffer.prototype.slice);
const byteLength = glue.uncurry(getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get);

const TEXT = 1;
const BINARY = 2;
/** Bytes asked of a stream at once. */
const PIECE = 65536;
const EMPTY = new Uint8Array(0);

/** What WebSocket messages do in their own way. */
const BEHAVIOUR = {
    ...PLAIN,
    __proto__: null,
    /** The bytes of what was received. */
    fetch: ({ content }) => (typeof content === 'string' ? utf8Encode(content) : new NativeUint8Array(content)),
    clear(record) {
        record.type = BINARY;
        record.lastError = '';
    },
    stream: (record) => record.stream,
    /** One frame, whatever its size (§4.2). */
    sendTo(record, stream) {
        const bytes = contentOf(record) ?? EMPTY;
        stream.write(fromBytes(native.encode(bytes, record.type, record.masked, record.compress)));
    },
    /** One message, by the lenient rules of §4.3. */
    readFrom(record, stream) {
        record.stream = stream;
        const number = native.reader(record.maxSize);
        try {
            for (let need = 2; need > 0;) {
                const data = stream.read(min(need, PIECE));
                need = native.feed(number, data === null || data === undefined ? EMPTY : toBytes(data));
            }
            const [type, masked, compressed] = native.readKind(number);
            const bytes = native.readData(number);
            record.type = type;
            record.masked = masked;
            if (compressed) record.compress = true;
            if (isEmpty(record)) setBytes(record, bytes);
            else {
                const body = bodyOf(record);
                body.write(fromBytes(bytes));
                body.rewind();
            }
        } finally {
            native.drop(number);
        }
    },
};

/** The state of a message that a script has made. */
class OwnRecord extends Record {
    behaviour = BEHAVIOUR;
    masked = true;
    compress = false;
    maxSize = 0;
    /** what it was read from */
    stream = null;
}

/** What a class of sockets says about one: `options(socket)`, `stream(socket)`. */
const sockets = { options: null, stream: null };

/** The state of a message that a socket has received, compressed or not. */
class ReceivedRecord {
    /**
     * @param {object} socket
     * @param {string|ArrayBuffer} content
     */
    constructor(socket, content) {
        this.socket = socket;
        this.content = content;
    }

    get masked() {
        return sockets.options(this.socket).server;
    }

    set masked(value) {
        put(this, 'masked', value);
    }

    get maxSize() {
        return sockets.options(this.socket).maxPayload;
    }

    set maxSize(value) {
        put(this, 'maxSize', value);
    }

    get type() {
        return typeof this.content === 'string' ? TEXT : BINARY;
    }

    set type(value) {
        put(this, 'type', value);
        this.retyped = true;
    }

    get stream() {
        return sockets.stream(this.socket);
    }

    set stream(value) {
        put(this, 'stream', value);
    }
}
const put = (record, key, value) =>
    defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
assign(ReceivedRecord.prototype, {
    behaviour: BEHAVIOUR,
    value: '',
    params: null,
    lastError: '',
    ended: false,
    compress: false,
    body: null,
    text: null,
    bytes: REMOTE,
    atEnd: false,
    /** whether `type` may say something else than the content */
    retyped: false,
});
class CompressedRecord extends ReceivedRecord {}
CompressedRecord.prototype.compress = true;

class WebSocketMessageImpl extends MessageImpl {
    constructor(type, masked, compress, maxSize) {
        const record = new OwnRecord();
        super(record);
        record.type = type;
        record.masked = masked;
        record.compress = compress && (type === TEXT || type === BINARY);
        record.maxSize = maxSize;
    }

    get masked() {
        return recordOf(this).masked;
    }

    set masked(value) {
        recordOf(this).masked = value;
    }

    get compress() {
        return recordOf(this).compress;
    }

    set compress(value) {
        recordOf(this).compress = value;
    }

    get maxSize() {
        return recordOf(this).maxSize;
    }

    set maxSize(value) {
        if (value < 0) throw fail(100006);
        recordOf(this).maxSize = value;
    }
}

const WebSocketMessage = nativeClass('WebSocketMessage', WebSocketMessageImpl);

/** Received messages: instances of the class above with a constructor that costs less. */
class ReceivedImpl extends MessageImpl {}
setPrototypeOf(ReceivedImpl.prototype, WebSocketMessageImpl.prototype);
delete ReceivedImpl.prototype.constructor;

/** The content as the type that the message has now. */
function contentAs(type, content) {
    if (type === TEXT) {
        if (typeof content === 'string') return content === '' ? null : content;
        return byteLength(content) === 0 ? null : utf8Decode(new NativeUint8Array(content));
    }
    if (typeof content === 'string') return content === '' ? null : fromBytes(utf8Encode(content));
    return byteLength(content) === 0 ? null : new BufferImpl(slice(content, 0));
}

const inherited = getOwnPropertyDescriptor(MessageImpl.prototype, 'data');
const inheritedData = glue.uncurry(inherited.get);
defineProperty(ReceivedImpl.prototype, 'data', {
    /** Text, or a new Buffer at every look; null if it is empty. */
    get() {
        const record = recordOf(this);
        if (record.bytes !== REMOTE) return inheritedData(this);
        record.atEnd = true;
        const { content } = record;
        if (!record.retyped) {
            if (typeof content !== 'string')
                return byteLength(content) === 0 ? null : new BufferImpl(slice(content, 0));
            if (content !== '') return content;
        }
        return contentAs(record.type, content);
    },
    set: inherited.set,
    enumerable: true,
    configurable: true,
});
defineProperty(ReceivedImpl.prototype, 'type', {
    ...getOwnPropertyDescriptor(MessageImpl.prototype, 'type'),
    get() {
        return recordOf(this).type;
    },
});

/** A message that a socket has received. */
const received = (socket, content, compressed) =>
    new ReceivedImpl(compressed ? new CompressedRecord(socket, content) : new ReceivedRecord(socket, content));

module.exports = { WebSocketMessage, WebSocketMessageImpl, received, sockets };
