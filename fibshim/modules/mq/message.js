// Message, the base of HTTP and WebSocket messages (spec/mq-and-events.md §1.6).
//
// The state of a message is a record, a plain object that the package works on directly; what scripts see is a class
// around it.  A body is a stream only for those who ask for one.  Until then it is *pending*: text that was written, or
// bytes that were received or written, which is all that most messages ever need.
'use strict';

const { fail, glue, members } = internal;
const { NativeObject, nativeClass } = members;
const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const slice = glue.uncurry(Array.prototype.slice);
const concat = glue.uncurry(Array.prototype.concat);
const NativeBigInt = BigInt;
const TEXT = 1;
const BINARY = 2;

const buffer = () => require('buffer/bytes');
const memory = () => require('io/memory');

/** In place of bytes: there is a body, to be fetched by `behaviour.fetch`. */
const REMOTE = { __proto__: null };

/** What kinds of messages do in their own way; their records have their own. */
const PLAIN = {
    __proto__: null,
    /** The value of a record whose value is undefined. */
    value: () => '',
    /** The bytes of a remote body: a Uint8Array or null. */
    fetch: () => null,
    ended: (record) => record.ended,
    /** Reset what the kind adds. */
    clear: () => {},
    stream() {
        throw fail(100009);
    },
    sendTo() {
        throw fail(100009);
    },
    readFrom() {
        throw fail(100009);
    },
    /** Before JSON is written (true) or read (false). */
    json: () => {},
};

/** The state of a message. */
class Record {
    behaviour = PLAIN;
    /** undefined: `behaviour.value` has to compute it */
    value = '';
    /** the value is known to be printable ASCII */
    isPlain = false;
    /** route parameters, null if there are none; the array is never changed */
    params = null;
    type = BINARY;
    lastError = '';
    ended = false;
    /** the body as a stream; null: it is pending as `text` or `bytes`, or there is none */
    body = null;
    text = null;
    bytes = null;
    /** whether the position of a pending body is its end (it was written) or 0 (it was received) */
    atEnd = true;
}

/** Begin anew. */
function reset(record, value, remote) {
    record.value = value;
    record.isPlain = false;
    record.params = null;
    record.ended = false;
    record.body = null;
    record.text = null;
    record.bytes = remote ? REMOTE : null;
    record.atEnd = !remote;
}

const valueOf = (record) =>
    record.value !== undefined ? record.value : (record.value = record.behaviour.value(record));

const isEnded = (record) => record.behaviour.ended(record);

function addParams(record, params) {
    record.params = record.params === null ? params : concat(record.params, params);
}

const isEmpty = (record) => record.body === null && record.text === null && record.bytes === null;

function pendingBytes(record) {
    if (record.bytes === REMOTE) {
        const bytes = record.behaviour.fetch(record);
        record.bytes = bytes === null || bytes.length === 0 ? null : bytes;
    }
    return record.bytes;
}

/** The body as a stream. */
function bodyOf(record) {
    if (record.body !== null) return record.body;
    const bytes = record.text !== null ? buffer().utf8Encode(record.text) : pendingBytes(record);
    const { MemoryStreamImpl } = memory();
    const stream = new MemoryStreamImpl(bytes ?? undefined);
    if (record.atEnd) stream.seek(0, 2);
    record.text = record.bytes = null;
    record.atEnd = true;
    return (record.body = stream);
}

/** Replace the body by bytes, with the position at 0. */
function setBytes(record, bytes) {
    record.body = record.text = null;
    record.bytes = bytes === null || bytes.length === 0 ? null : bytes;
    record.atEnd = false;
}

/** All bytes of the body from its start, or null; the position is at its end then.  They must not be changed. */
function contentOf(record) {
    const { body } = record;
    if (body !== null) {
        const { MemoryStreamImpl, content } = memory();
        if (body instanceof MemoryStreamImpl) {
            body.seek(0, 2);
            const bytes = content(body);
            return bytes.length === 0 ? null : bytes;
        }
        body.rewind();
        return body.readAll();
    }
    record.atEnd = true;
    if (record.text !== null) return record.text === '' ? null : buffer().utf8Encode(record.text);
    return pendingBytes(record);
}

let recordOf;
let isMessage;
let writeText;

class MessageImpl extends NativeObject {
    #record;

    static {
        recordOf = (message) => {
            if (typeof message !== 'object' || message === null || !(#record in message)) throw fail(100008);
            return message.#record;
        };
        // Text is gathered as text, which spares most responses a Buffer and a stream.
        writeText = function (data, callback) {
            if (typeof data === 'string' && callback === undefined && #record in this) {
                const record = this.#record;
                if (record.text !== null) {
                    record.text += data;
                    return undefined;
                }
                if (record.body === null && record.bytes === null) {
                    record.text = data;
                    return undefined;
                }
            }
            buffer(); // it says what becomes a Buffer
            return apply(matchedWrite, this, arguments);
        };
        isMessage = (value) => typeof value === 'object' && value !== null && #record in value;
    }

    /** @param {Record} [record] of a subclass */
    constructor(record = new Record()) {
        super();
        this.#record = record;
    }

    get value() {
        return valueOf(this.#record);
    }

    set value(value) {
        const record = this.#record;
        record.value = value;
        record.isPlain = false;
    }

    get params() {
        const { params } = this.#record;
        return params === null ? [] : slice(params);
    }

    get type() {
        return this.#record.type;
    }

    set type(value) {
        this.#record.type = value;
    }

    get data() {
        const record = this.#record;
        const bytes = contentOf(record);
        if (bytes === null) return null;
        return record.type === TEXT ? buffer().utf8Decode(bytes) : buffer().copyOf(bytes);
    }

    get body() {
        return bodyOf(this.#record);
    }

    set body(stream) {
        const record = this.#record;
        record.text = record.bytes = null;
        record.body = stream;
    }

    get length() {
        const record = this.#record;
        if (record.body === null && record.text === null) {
            const bytes = pendingBytes(record);
            return bytes === null ? 0n : NativeBigInt(bytes.length);
        }
        return bodyOf(record).size();
    }

    get stream() {
        const record = this.#record;
        return record.behaviour.stream(record);
    }

    get lastError() {
        return this.#record.lastError;
    }

    set lastError(text) {
        this.#record.lastError = text;
    }

    /** Read from the position of the body; null without body or at its end. */
    read(bytes) {
        const record = this.#record;
        return isEmpty(record) ? null : bodyOf(record).read(bytes);
    }

    /** The rest of the body. */
    readAll() {
        const record = this.#record;
        return isEmpty(record) ? null : bodyOf(record).readAll();
    }

    /** Write at the position of the body. */
    write(data) {
        bodyOf(this.#record).write(data);
    }

    static {
        // One function for each overload: with a value, and without.
        this.prototype.json = [
            function (value) {
                const record = this.#record;
                const text = require('json/text').stringify(value);
                record.behaviour.json(record, true);
                record.body = record.bytes = null;
                record.text = text;
                record.atEnd = true;
            },
            function () {
                const record = this.#record;
                record.behaviour.json(record, false);
                const bytes = contentOf(record);
                return bytes === null ? null : require('json/text').parse(buffer().utf8Decode(bytes));
            },
        ];
    }

    /** Mark the message as ended: a chain stops before its next element. */
    end() {
        this.#record.ended = true;
    }

    isEnded() {
        return isEnded(this.#record);
    }

    clear() {
        const record = this.#record;
        reset(record, '', false);
        record.behaviour.clear(record);
    }

    sendTo(stream) {
        const record = this.#record;
        record.behaviour.sendTo(record, stream);
    }

    readFrom(stream) {
        const record = this.#record;
        record.behaviour.readFrom(record, stream);
    }
}

const Message = nativeClass('Message', MessageImpl);
for (const [name, value] of [
    ['TEXT', TEXT],
    ['BINARY', BINARY],
])
    defineProperty(MessageImpl.prototype, name, { value, enumerable: true, configurable: true });

/**
 * Replace getters of a class by ones that do their own brand check, for properties on hot paths.
 * @param {object} prototype
 * @param {object} getters an object with the accessors
 */
function replaceGetters(prototype, getters) {
    for (const name of ownKeys(getters)) {
        const { get } = getOwnPropertyDescriptor(getters, name);
        const { set } = getOwnPropertyDescriptor(prototype, name);
        defineProperty(prototype, name, { get, set, enumerable: true, configurable: true });
    }
}
replaceGetters(MessageImpl.prototype, {
    get value() {
        const record = recordOf(this);
        return record.value !== undefined ? record.value : valueOf(record);
    },
});

const matchedWrite = MessageImpl.prototype.write;
defineProperty(writeText, 'name', { value: 'write' });
defineProperty(writeText, 'length', { value: 0 });
for (const name of ['write', 'writeSync'])
    defineProperty(MessageImpl.prototype, name, {
        value: writeText,
        writable: true,
        configurable: true,
        enumerable: true,
    });

module.exports = {
    Message,
    MessageImpl,
    PLAIN,
    REMOTE,
    Record,
    addParams,
    bodyOf,
    contentOf,
    isEmpty,
    isEnded,
    isMessage,
    pendingBytes,
    recordOf,
    replaceGetters,
    reset,
    setBytes,
    valueOf,
};
