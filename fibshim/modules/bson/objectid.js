// MongoID: the object ids of BSON (spec/crypto-db-xml.md; spec/buffer-and-encoding.md §5.9).
'use strict';

const { fail, members } = internal;
const { NativeObject, nativeClass } = members;
const { hexDecode, toHex } = require('buffer/text');

let bytesOf;

class MongoIDImpl extends NativeObject {
    #bytes;

    static {
        bytesOf = (id) => id.#bytes;
    }

    /** @param {string|Uint8Array} id 24 hex digits or 12 bytes */
    constructor(id) {
        super();
        if (typeof id === 'string') {
            if (!/^[0-9a-fA-F]{24}$/.test(id)) throw fail(100004);
            id = hexDecode(id);
        }
        this.#bytes = new Uint8Array(id);
    }

    toString() {
        return toHex(this.#bytes);
    }

    toJSON() {
        return toHex(this.#bytes);
    }
}
const MongoID = nativeClass('MongoID', MongoIDImpl, { constructible: false });

module.exports = { MongoID, MongoIDImpl, bytesOf };
