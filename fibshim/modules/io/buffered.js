// BufferedStream (spec/io-and-net.md §3.4).
'use strict';

const { fail, members } = internal;
const { nativeClass } = members;
const { concat, copyOf, decode, encode, lengthOf, part, set, subarray, utf8Encode } = require('buffer/bytes');
const { lockMembers } = require('./lock');
const { StreamImpl, readFrom } = require('./stream');

const NativeUint8Array = Uint8Array;
const findByte = internal.glue.uncurry(Uint8Array.prototype.indexOf);
const { max, min } = Math;
const EMPTY = new Uint8Array(0);

class BufferedStreamImpl extends StreamImpl {
    #stream;
    #charset = 'utf-8';
    #eol = '\n';
    #eolBytes = utf8Encode('\n');
    // What was read and not yet used is #data from #start to #end.
    #data = EMPTY;
    #start = 0;
    #end = 0;

    constructor(stream) {
        super();
        this.#stream = stream;
    }

    /** Read one piece more from the wrapped stream; false at its end. */
    #fetch() {
        const data = readFrom(this.#stream, -1);
        if (data === null) return false;
        const have = this.#end - this.#start;
        const more = lengthOf(data);
        if (have === 0) {
            // A script's stream may use its memory again.
            this.#data = this.#stream instanceof StreamImpl ? data : copyOf(data);
            this.#start = 0;
            this.#end = more;
            return true;
        }
        if (this.#end + more > lengthOf(this.#data)) {
            const room = new NativeUint8Array(max(have + more, 2 * have));
            set(room, subarray(this.#data, this.#start, this.#end));
            this.#data = room;
            this.#start = 0;
            this.#end = have;
        }
        set(this.#data, data, this.#end);
        this.#end += more;
        return true;
    }

    /** Take bytes out of what is there. */
    #take(count) {
        const start = this.#start;
        this.#start += count;
        return subarray(this.#data, start, start + count);
    }

    /** The position of a marker at or after `from`, relative to the start; -1 if it is not there. */
    #find(marker, from) {
        const size = lengthOf(marker);
        const last = this.#end - size;
        for (let at = this.#start + from; at <= last; at++) {
            at = findByte(this.#data, marker[0], at);
            if (at < 0 || at > last) return -1;
            let i = 1;
            while (i < size && this.#data[at + i] === marker[i]) i++;
            if (i === size) return at - this.#start;
        }
        return -1;
    }

    /** Text up to a marker, which is taken too; null at the end. */
    #until(marker, limit) {
        const size = lengthOf(marker);
        let from = 0;
        for (;;) {
            const found = this.#find(marker, from);
            const have = this.#end - this.#start;
            if (found >= 0) {
                if (limit > 0 && found > limit) throw fail(100011);
                const line = this.#decode(this.#take(found));
                this.#start += size;
                return line;
            }
            if (limit > 0 && have >= limit + size) throw fail(100011);
            // The marker may begin in what is there and end in the next piece.
            from = max(0, have - size + 1);
            if (this.#fetch()) continue;
            if (have === 0) return null;
            if (limit > 0 && have > limit) throw fail(100011);
            return this.#decode(this.#take(have));
        }
    }

    #decode(bytes) {
        return decode(bytes, this.#charset, true);
    }

    read(bytes) {
        if (bytes === 0) return null;
        if (bytes < 0) {
            if (this.#start === this.#end) return readFrom(this.#stream, -1);
            return copyOf(this.#take(this.#end - this.#start));
        }
        while (this.#end - this.#start < bytes && this.#fetch());
        const count = min(bytes, this.#end - this.#start);
        return count === 0 ? null : copyOf(this.#take(count));
    }

    write(data) {
        this.#stream.write(data);
    }

    /** Nothing is held back, so there is nothing to flush. */
    flush() {}

    close() {
        this.#stream.close();
    }

    readText(size) {
        if (size < 0) throw fail(100004);
        while (this.#end - this.#start < size && this.#fetch());
        const text = this.#decode(this.#take(min(size, this.#end - this.#start)));
        return text === '' ? null : text;
    }

    readLine(limit) {
        return this.#until(this.#eolBytes, limit);
    }

    readLines(most) {
        const lines = [];
        while (most < 0 || lines.length < most) {
            const line = this.#until(this.#eolBytes, -1);
            if (line === null) break;
            lines.push(line);
        }
        return lines;
    }

    readUntil(marker, limit) {
        return this.#until(marker === '' ? new NativeUint8Array(1) : utf8Encode(marker), limit);
    }

    writeText(text) {
        this.#stream.write(part(encode(text, this.#charset, true), 0));
    }

    writeLine(text) {
        this.#stream.write(concat([encode(text, this.#charset, true), this.#eolBytes]));
    }

    get stream() {
        return this.#stream;
    }

    get charset() {
        return this.#charset;
    }

    set charset(name) {
        this.#charset = name;
    }

    get EOL() {
        return this.#eol;
    }

    set EOL(text) {
        if (text.startsWith('\r\n')) text = '\r\n';
        else if (text !== '\n' && text !== '\r') throw fail(100004);
        this.#eol = text;
        this.#eolBytes = utf8Encode(text);
    }
}
const BufferedStream = nativeClass('BufferedStream', lockMembers(BufferedStreamImpl));

module.exports = { BufferedStream, BufferedStreamImpl };
