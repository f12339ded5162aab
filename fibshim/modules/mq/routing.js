// Routing: which handler a message goes to (spec/mq-and-events.md §1.7).
'use strict';

const { fail, glue, members } = internal;
const { nativeClass } = members;
const { HandlerImpl, INSIDE, ROUTING, kindOf, toHandler } = require('./handler');
const { addParams, isMessage, recordOf, valueOf } = require('./message');
const { Pattern, isPlain } = require('./pattern');
const uncurry = glue.uncurry;
const indexOf = uncurry(String.prototype.indexOf);
const substring = uncurry(String.prototype.substring);
const toLowerCase = uncurry(String.prototype.toLowerCase);
const toUpperCase = uncurry(String.prototype.toUpperCase);

/** What a routing needs to know of the records of HTTP requests; `http/request.js` fills it in. */
const requests = {
    is: () => false,
    method: () => '',
    host: () => null,
};

/** A pattern for a method and where it leads. */
class Rule {
    /**
     * @param {string} method `*`: all; `HOST`: the pattern is one for host names
     * @param {string} pattern
     * @param {HandlerImpl} handler
     */
    constructor(method, pattern, handler) {
        this.method = toUpperCase(method);
        this.isHost = this.method === 'HOST';
        this.handler = handler;
        const prefix = !this.isHost && kindOf(handler) === ROUTING;
        this.pattern = new Pattern(pattern, this.isHost, prefix);
    }
}

/** The rules of a routing. */
class Rules {
    list = [];

    /** The handler for a message, whose `value` and `params` are rewritten by the match. */
    select(v) {
        if (!isMessage(v)) throw fail(100003);
        const record = recordOf(v);
        const value = valueOf(record);
        const isRequest = requests.is(record);
        const plain = record.isPlain || isPlain(value);
        const lower = plain ? toLowerCase(value) : '';
        const { list } = this;
        let method;
        let host;
        for (let i = 0; i < list.length; i++) {
            const rule = list[i];
            if (isRequest) {
                if (rule.isHost) {
                    host ??= hostOf(record);
                    const params = rule.pattern.hostMatch(host);
                    if (params === null) continue;
                    if (params.length > 0) addParams(record, params);
                    return rule.handler;
                }
                if (rule.method !== '*') {
                    method ??= toUpperCase(requests.method(record));
                    if (rule.method !== method) continue;
                }
            }
            if (plain ? rule.pattern.matchPlain(value, lower, record) : rule.pattern.match(value, record))
                return rule.handler;
        }
        throw fail(`Routing: unknown routing: ${value}`);
    }
}

/** The host name of a request without its port; `*` if it has none. */
function hostOf(record) {
    const host = requests.host(record);
    if (host === null) return '*';
    const colon = indexOf(host, ':');
    return colon < 0 ? host : substring(host, 0, colon);
}

class RoutingImpl extends HandlerImpl {
    #rules;

    constructor(method, map) {
        const rules = new Rules();
        super(INSIDE, ROUTING, rules);
        this.#rules = rules;
        if (map === undefined) this.#addMap('*', method);
        else this.#addMap(method, map);
    }

    /** Rules of a map whose patterns do not compile are dropped. */
    #addMap(method, map) {
        for (const pattern in map) {
            const handler = toHandler(map[pattern]);
            let rule;
            try {
                rule = new Rule(method, pattern, handler);
            } catch {
                continue;
            }
            this.#rules.list.push(rule);
        }
        return this;
    }

    #add(method, pattern, handler) {
        this.#rules.list.push(new Rule(method, pattern, handler));
        return this;
    }

    static {
        this.prototype.append = [
            function (other) {
                const rules = other.#rules.list;
                other.#rules.list = [];
                this.#rules.list.push(...rules);
                return this;
            },
            function (map) {
                return this.#addMap('*', map);
            },
            function (pattern, handler) {
                return this.#add('*', pattern, handler);
            },
            function (method, pattern, handler) {
                return this.#add(method, pattern, handler);
            },
        ];
        for (const [name, method] of [
            ['host', 'host'],
            ['all', '*'],
            ['get', 'GET'],
            ['post', 'POST'],
            ['del', 'DELETE'],
            ['put', 'PUT'],
            ['patch', 'PATCH'],
            ['find', 'FIND'],
        ])
            this.prototype[name] = [
                function (map) {
                    return this.#addMap(method, map);
                },
                function (pattern, handler) {
                    return this.#add(method, pattern, handler);
                },
            ];
    }
}

const Routing = nativeClass('Routing', RoutingImpl);

module.exports = { Routing, RoutingImpl, requests };
