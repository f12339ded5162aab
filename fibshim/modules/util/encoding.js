// `util.TextEncoder` and `util.TextDecoder` (later than 0.31), on top of Buffer's codecs.
'use strict';

const { fail, members } = internal;
const { NativeObject, nativeClass } = members;
const Buffer = require('buffer');

class TextEncoderImpl extends NativeObject {
    #codec;

    constructor(codec) {
        super();
        this.#codec = codec;
        Buffer.from('', codec); // refuses an unknown one
    }

    /** A Buffer with the text in the encoder's codec. */
    encode(data) {
        return Buffer.from(data, this.#codec);
    }

    get encoding() {
        return this.#codec;
    }
}

class TextDecoderImpl extends NativeObject {
    #codec;
    #fatal;
    /** What keeps the start of a character for the next call, while `stream` is given. */
    #decoder = null;

    constructor(codec, options) {
        super();
        this.#codec = codec;
        this.#fatal = !!options.fatal;
        Buffer.from('', codec);
    }

    /** The text of bytes; with `stream` a character may go on in the next call. */
    decode(data, options) {
        const more = options !== undefined && !!options.stream;
        if (!more && this.#decoder === null)
            return this.#check(data, data === undefined ? '' : data.toString(this.#codec));
        this.#decoder ??= new (require('string_decoder').StringDecoder)(this.#codec);
        const decoder = this.#decoder;
        if (!more) this.#decoder = null;
        if (more) return decoder.write(data);
        return data === undefined ? decoder.end() : decoder.end(data);
    }

    #check(data, text) {
        if (this.#fatal && data !== undefined && !Buffer.from(text, this.#codec).equals(data)) throw fail(100011);
        return text;
    }

    get encoding() {
        return this.#codec;
    }
}

module.exports = {
    TextDecoder: nativeClass('TextDecoder', TextDecoderImpl, { later: ['TextDecoder', 'decode', 'encoding'] }),
    TextEncoder: nativeClass('TextEncoder', TextEncoderImpl, { later: ['TextEncoder', 'encode', 'encoding'] }),
};
