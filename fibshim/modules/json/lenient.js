// The original's parser, for texts that `JSON.parse` refuses: it stops after the first value, allows raw control characters in
// strings and names the character that it did not expect (spec/buffer-and-encoding.md §5.7).
'use strict';

const { fail } = internal;
const { hexDigit } = require('buffer/text');

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\r\n\0]*/y;
const ESCAPES = { __proto__: null, '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const WORDS = { __proto__: null, t: ['true', true], f: ['false', false], n: ['null', null] };

class Parser {
    #text;
    #at = 0;

    constructor(text) {
        this.#text = text;
    }

    #unexpected() {
        return fail(`Unexpected token ${this.#text[this.#at] ?? '\0'}`);
    }

    #match(pattern) {
        pattern.lastIndex = this.#at;
        const found = pattern.exec(this.#text);
        if (found === null) throw this.#unexpected();
        this.#at += found[0].length;
        return found[0];
    }

    /** The next character that is no white space. */
    #peek() {
        this.#match(SPACE);
        return this.#text[this.#at];
    }

    #expect(char) {
        if (this.#peek() !== char) throw this.#unexpected();
        this.#at++;
    }

    value() {
        const char = this.#peek();
        if (char === '{') return this.#object();
        if (char === '[') return this.#array();
        if (char === '"') return this.#string();
        if (char in WORDS) {
            const [word, value] = WORDS[char];
            for (let i = 0; i < word.length; i++, this.#at++)
                if (this.#text[this.#at] !== word[i]) throw this.#unexpected();
            return value;
        }
        if (char !== '-' && !(char >= '0' && char <= '9')) throw this.#unexpected();
        const start = this.#at;
        NUMBER.lastIndex = start;
        if (!NUMBER.test(this.#text)) {
            // A minus sign without digits.
            this.#at++;
            throw this.#unexpected();
        }
        return Number(this.#match(NUMBER));
    }

    #object() {
        const out = {};
        this.#at++;
        if (this.#peek() === '}') {
            this.#at++;
            return out;
        }
        for (;;) {
            if (this.#peek() !== '"') throw this.#unexpected();
            const key = this.#string();
            this.#expect(':');
            const value = this.value();
            // `__proto__` becomes an ordinary property.
            Reflect.defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true });
            if (this.#peek() === '}') break;
            this.#expect(',');
        }
        this.#at++;
        return out;
    }

    #array() {
        const out = [];
        this.#at++;
        if (this.#peek() === ']') {
            this.#at++;
            return out;
        }
        for (;;) {
            out.push(this.value());
            if (this.#peek() === ']') break;
            this.#expect(',');
        }
        this.#at++;
        return out;
    }

    #string() {
        let out = '';
        this.#at++;
        for (;;) {
            out += this.#match(PLAIN);
            const char = this.#text[this.#at];
            if (char === '"') break;
            if (char !== '\\') throw this.#unexpected();
            this.#at++;
            const next = this.#text[this.#at];
            if (next === 'u') {
                this.#at++;
                let unit = 0;
                for (let i = 0; i < 4; i++, this.#at++) {
                    const digit = this.#at < this.#text.length ? hexDigit(this.#text.charCodeAt(this.#at)) : -1;
                    if (digit < 0) throw this.#unexpected();
                    unit = unit * 16 + digit;
                }
                out += String.fromCharCode(unit);
                continue;
            }
            if (next === undefined || ESCAPES[next] === undefined) throw this.#unexpected();
            out += ESCAPES[next];
            this.#at++;
        }
        this.#at++;
        return out;
    }
}

module.exports = { parse: (text) => new Parser(text).value() };
