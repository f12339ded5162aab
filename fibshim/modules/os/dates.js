// `os.time` and `os.dateAdd` (spec/fibers-and-runtime.md §13).
'use strict';

const { fail } = internal;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const INVALID = () => new Date(NaN);
const daysIn = (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Two-digit years: below the pivot in this century. */
const fullYear = (text, pivot) => {
    const year = Number(text);
    return year >= 100 ? year : year < pivot ? 2000 + year : 1900 + year;
};

/** `[hours, minutes, seconds, milliseconds]`; undefined if it is no time. */
function clock(text, strict) {
    const found = /^(\d+):(\d+)(?::(\d+)(?:\.(\d+))?)?( ?[pP][mM]| ?[aA][mM])?(.*)$/.exec(text);
    if (found === null || (strict && found[6].trim() !== '')) return undefined;
    const afternoon = /p/i.test(found[5] ?? '') ? 12 : 0;
    const fraction = `${found[4] ?? ''}000`.slice(0, 3);
    return [Number(found[1]) + afternoon, Number(found[2]), Number(found[3] ?? 0), Number(fraction)];
}

/** A Date of its parts; months and days out of range give an invalid one. */
function make(year, month, day, time, utc, shift = 0) {
    if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return INVALID();
    const date = new Date(0);
    if (utc) {
        date.setUTCFullYear(year, month - 1, day);
        date.setUTCHours(...time);
    } else {
        date.setFullYear(year, month - 1, day);
        date.setHours(...time);
    }
    return new Date(date.getTime() - shift * 60000);
}

function fromNumbers(text) {
    if (/^\d+:/.test(text)) {
        const time = clock(text, true);
        return time === undefined ? INVALID() : make(2001, 1, 1, time, false);
    }
    const found = /^(\d+)([-/])(\d+)(?:\2(\d+))?(?:([T ])(.*))?$/.exec(text);
    if (found === null) return make(fullYear(/^\d+/.exec(text)[0], 50), 1, 1, [0, 0, 0, 0], false);
    const utc = found[5] === 'T';
    const rest = (found[6] ?? '').trim();
    const time = rest === '' ? [0, 0, 0, 0] : clock(rest, !utc);
    if (time === undefined) return INVALID();
    const [a, b] = [Number(found[1]), Number(found[3])];
    const yearFirst = a > 12 && b <= 12;
    if (found[4] === undefined)
        return yearFirst ? make(fullYear(found[1], 50), b, 1, time, utc) : make(2001, a, b, time, utc);
    const c = Number(found[4]);
    if (yearFirst && c >= 1 && c <= daysIn(fullYear(found[1], 50), b))
        return make(fullYear(found[1], 50), b, c, time, utc);
    return make(fullYear(found[4], 50), a, b, time, utc);
}

const CLOCK = '(\\d\\d:\\d\\d:\\d\\d)';
const NAME = '([A-Z][a-z]{2})';
/** The forms after the word: a pattern, and where day, month, year and time stand in it. */
const FORMS = [
    [`${NAME} (\\d\\d) (\\d{4}) ${CLOCK}`, 2, 1, 3, 4],
    [`(\\d\\d) ${NAME} (\\d{4}) ${CLOCK}`, 1, 2, 3, 4],
    [`(\\d\\d)-${NAME}-(\\d\\d) ${CLOCK}`, 1, 2, 3, 4],
    [`${NAME} ([\\d ]\\d) ${CLOCK} (\\d{4})`, 2, 1, 4, 3],
].map(([pattern, ...places]) => [new RegExp(`^[A-Za-z]+,? +${pattern}(?: GMT(?:([+-])(\\d\\d)(\\d\\d))?)?`), places]);

function fromWords(text) {
    for (const [pattern, [day, month, year, time]] of FORMS) {
        const found = pattern.exec(text);
        if (found === null) continue;
        const number = MONTHS.indexOf(found[month]) + 1;
        const shift =
            found[5] === undefined ? 0 : (found[5] === '-' ? -1 : 1) * (Number(found[6]) * 60 + Number(found[7]));
        const utc = / GMT/.test(found[0]);
        return make(fullYear(found[year], 70), number, Number(found[day]), clock(found[time], true), utc, shift);
    }
    return INVALID();
}

/** Now, or what a text says. */
function time(text) {
    text = text.trim();
    if (text === '') return new Date();
    return /^\d/.test(text) ? fromNumbers(text) : fromWords(text);
}

const UNITS = { __proto__: null, day: 86400000, hour: 3600000, minute: 60000, second: 1000 };

/** A later or earlier Date; the last day of a month stays the last day. */
function dateAdd(date, count, part) {
    if (part in UNITS) return new Date(date.getTime() + count * UNITS[part]);
    if (part !== 'year' && part !== 'month') throw fail(100004);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    const months = year * 12 + month + count * (part === 'year' ? 12 : 1);
    const toYear = Math.floor(months / 12);
    const toMonth = months - toYear * 12;
    const most = daysIn(toYear, toMonth + 1);
    const isLast = day === daysIn(year, month + 1);
    const made = new Date(date.getTime());
    made.setUTCFullYear(toYear, toMonth, isLast ? most : Math.min(day, most));
    return made;
}

module.exports = { dateAdd, time };
