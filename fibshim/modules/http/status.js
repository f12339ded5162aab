// Reason phrases (spec/http.md §8).
'use strict';

const TABLE = {
    100: 'Continue|Switching Protocols|Processing',
    200: 'OK|Created|Accepted|Non-Authoritative Information|No Content|Reset Content|Partial Content|Multi-Status',
    300: 'Multiple Choices|Moved Permanently|Object moved|See Other|Not Modified|Use Proxy|unused|Temporary Redirect',
    400:
        'Bad Request|Authorization Required|Payment Required|Forbidden|File Not Found|Method Not Allowed|Not Acceptable|' +
        'Proxy Authentication Required|Request Time-out|Conflict|Gone|Length Required|Precondition Failed|' +
        'Request Entity Too Large|Request-URI Too Large|Unsupported Media Type|Requested Range Not Satisfiable|' +
        'Expectation Failed|Host Not Found|unused|unused|unused|Unprocessable Entity|Locked|Failed Dependency',
    500:
        'Internal Server Error|Method Not Implemented|Bad Gateway|Service Temporarily Unavailable|Gateway Time-out|' +
        'HTTP Version Not Supported|Variant Also Negotiates|Insufficient Storage|unused|unused|Not Extended',
};

/** Phrases by code, a sparse array. */
const PHRASES = [];
for (const first in TABLE) TABLE[first].split('|').forEach((phrase, i) => (PHRASES[Number(first) + i] = phrase));

/** The phrase of a status code. */
const phraseOf = (code) => PHRASES[code] ?? 'Unknown';

/** A fresh copy for scripts. */
const statusCodes = () => {
    const out = [];
    PHRASES.forEach((phrase, code) => (out[code] = phrase));
    return out;
};

module.exports = { phraseOf, statusCodes };
