// Encodings of HTTP text: percent-encoding as fibjs reads it, and dates.
'use strict';

const { glue } = internal;
const { uncurry } = glue;
const indexOf = uncurry(String.prototype.indexOf);
const replace = uncurry(String.prototype.replace);
const { decodeURI } = require('encoding/uri');

const PLUS = /\+/g;

/** Percent-decode; an invalid `%` stays. @param {boolean} plus whether `+` means a space */
const decode = (text, plus) => decodeURI(plus && indexOf(text, '+') >= 0 ? replace(text, PLUS, ' ') : text);

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const FORMS = [
    // Wdy, DD Mon YYYY HH:MM:SS GMT
    /^[a-z]{3,9}, +(?<day>\d{1,2}) (?<month>[a-z]{3}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d)(?<zone>.*)$/i,
    // Weekday, DD-Mon-YY HH:MM:SS GMT
    /^[a-z]{3,9}, +(?<day>\d{1,2})-(?<month>[a-z]{3})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d)(?<zone>.*)$/i,
    // Wdy Mon DD HH:MM:SS YYYY, and JavaScript's Wdy Mon DD YYYY HH:MM:SS GMT+0000
    /^[a-z]{3} (?<month>[a-z]{3}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})(?<zone>.*)$/i,
    /^[a-z]{3} (?<month>[a-z]{3}) +(?<day>\d{1,2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d)(?<zone>.*)$/i,
];

/** A date as HTTP writes it; null if it cannot be read.  A time without zone is taken as local. */
function parseDate(text) {
    text = text.trim();
    for (const form of FORMS) {
        const found = form.exec(text);
        if (found === null) continue;
        const { day, month, year, time, zone } = found.groups;
        const index = MONTHS.indexOf(month.toLowerCase());
        if (index < 0) return null;
        const [hours, minutes, seconds] = time.split(':').map(Number);
        const full = year.length === 2 ? Number(year) + (Number(year) < 70 ? 2000 : 1900) : Number(year);
        const offset = /^ *(?:GMT|UTC|UT|Z)?(?:([+-])(\d\d):?(\d\d))?/i.exec(zone);
        const isLocal = offset[0].trim() === '';
        if (isLocal) return new Date(full, index, Number(day), hours, minutes, seconds);
        const minutesOff =
            offset[1] === undefined ? 0 : (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1);
        return new Date(Date.UTC(full, index, Number(day), hours, minutes, seconds) - minutesOff * 60000);
    }
    return null;
}

module.exports = { decode, parseDate };
