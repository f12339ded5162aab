"""Packages from npm: pure JavaScript, CommonJS, installed into `node_modules` and used unchanged."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from harness import fibshim, script

PACKAGES = [
    "ajv@8", "async@3", "bluebird@3", "chalk@4", "dayjs@1", "ejs@3", "handlebars@4", "immutable@4", "js-yaml@4", "lodash@4", "marked@4",
    "minimist@1", "moment@2", "ms@2", "mustache@4", "nunjucks@3", "qs@6", "ramda@0.28", "rxjs@7", "semver@7", "underscore@1", "uuid@3",
    "validator@13",
]  # fmt: skip

USES = {
    "lodash": """
        const _ = require('lodash');
        console.log(JSON.stringify(_.chunk([1, 2, 3, 4, 5], 2)), _.camelCase('foo bar-baz'), _.get({ a: [{ b: 7 }] }, 'a[0].b'));
        console.log(_.template('hi <%= name %>')({ name: 'fibs' }), _.isEqual({ a: new Map([[1, { b: 2 }]]) }, { a: new Map([[1, { b: 2 }]]) }), require('lodash/fp').map((x) => x * 2)([1, 2]).join());
        ==
        [[1,2],[3,4],[5]] fooBarBaz 7
        hi fibs true 2,4
    """,
    "uuid": """
        const v1 = require('uuid/v1'), v4 = require('uuid/v4');
        const valid = (id, version) => new RegExp('^[0-9a-f]{8}-[0-9a-f]{4}-' + version + '[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$').test(id);
        console.log(valid(v1(), 1), valid(v4(), 4), v4() !== v4(), require.resolve('uuid'));  // the built-in module of this name wins
        ==
        true true true uuid
    """,
    "ejs": """
        const ejs = require('ejs'), fs = require('fs');
        console.log(ejs.render('<% for (const x of list) { %><li><%= x %></li><% } %><%- raw %>', { list: ['a', '<b>'], raw: '<i>' }));
        fs.writeFile('part.ejs', '[<%= n %>]');
        fs.writeFile('whole.ejs', "<%- include('part', { n: 5 }) %>!");
        ejs.renderFile('whole.ejs', {}, (err, text) => console.log(err, text));
        ==
        <li>a</li><li>&lt;b&gt;</li><i>
        null [5]!
    """,
    "marked": """
        const { marked } = require('marked');
        console.log(marked('# Title *x*\\n\\n- a\\n- `b`\\n\\n| p | q |\\n|---|---|\\n| 1 | 2 |').replace(/\\n/g, ''));
        ==
        <h1 id="title-x">Title <em>x</em></h1><ul><li>a</li><li><code>b</code></li></ul><table><thead><tr><th>p</th><th>q</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>
    """,
    "ajv": """
        const Ajv = require('ajv');
        const check = new Ajv({ allErrors: true }).compile({ type: 'object', properties: { n: { type: 'integer', minimum: 3 }, s: { type: 'string', pattern: '^a+$' } }, required: ['n'], additionalProperties: false });
        console.log(check({ n: 3, s: 'aa' }), check({ n: 1, s: 'b', x: 1 }));
        console.log(check.errors.map((e) => e.keyword).sort().join());
        ==
        true false
        additionalProperties,minimum,pattern
    """,
    "handlebars": """
        const h = require('handlebars');
        h.registerHelper('up', (s) => s.toUpperCase());
        console.log(h.compile('{{#each list}}{{up this}},{{/each}}{{#if no}}x{{else}}y{{/if}} {{html}}')({ list: ['a', 'b'], html: '<' }));
        ==
        A,B,y &lt;
    """,
    "mustache": """
        console.log(require('mustache').render('{{#items}}{{name}}:{{.}} {{/items}}{{^none}}none{{/none}}', { items: [1, 2], name: 'n' }));
        ==
        n:1 n:2 none
    """,
    "nunjucks": """
        const nunjucks = require('nunjucks');
        class Loader extends nunjucks.Loader {
            getSource(name) {
                return { src: '(' + name + ')', path: name, noCache: true };
            }
        }
        const env = new nunjucks.Environment(new Loader(), { autoescape: true });
        console.log(env.renderString('{% for x in list %}{{ loop.index }}={{ x | upper }};{% endfor %}{{ html }}{% include "part" %}', { list: ['a', 'b'], html: '<' }));
        ==
        1=A;2=B;&lt;(part)
    """,
    "moment": """
        const moment = require('moment');
        console.log(moment.utc('2020-02-28T10:00:00Z').add(2, 'days').format('dddd, MMMM Do YYYY, h:mm a'), moment.duration(90, 'minutes').humanize());
        ==
        Sunday, March 1st 2020, 10:00 am 2 hours
    """,
    "dayjs": """
        const dayjs = require('dayjs');
        dayjs.extend(require('dayjs/plugin/utc'));
        console.log(dayjs.utc('2021-01-31').add(1, 'month').format('YYYY-MM-DD ddd'), dayjs('2021-01-31').diff('2020-01-31', 'day'));
        ==
        2021-02-28 Sun 366
    """,
    "semver": """
        const semver = require('semver');
        console.log(semver.satisfies('1.4.2', '^1.3 || >=3'), semver.inc('1.2.3', 'minor'), semver.sort(['2.0.0', '1.0.0-beta', '1.0.0']).join());
        ==
        true 1.3.0 1.0.0-beta,1.0.0,2.0.0
    """,
    "qs": """
        const qs = require('qs');
        console.log(JSON.stringify(qs.parse('a[b][]=1&a[b][]=2&c=%E6%97%A5')), qs.stringify({ a: { b: [1, 2] } }, { encode: false }));
        ==
        {"a":{"b":["1","2"]},"c":"日"} a[b][0]=1&a[b][1]=2
    """,
    "js-yaml": """
        const yaml = require('js-yaml');
        console.log(JSON.stringify(yaml.load('a: [1, two]\\nb: &x {c: 2020-01-01}\\nd: *x\\ne: |\\n  text\\n')));
        console.log(yaml.dump({ list: [1, 'x: y'], n: null }));
        ==
        {"a":[1,"two"],"b":{"c":"2020-01-01T00:00:00.000Z"},"d":{"c":"2020-01-01T00:00:00.000Z"},"e":"text\\n"}
        list:
          - 1
          - 'x: y'
        'n': null

    """,
    "minimist": """
        console.log(JSON.stringify(require('minimist')(['-x', '3', '--no-y', '--name=a b', 'rest'])));
        ==
        {"_":["rest"],"x":3,"y":false,"name":"a b"}
    """,
    "underscore": """
        const _ = require('underscore');
        console.log(_.chain([3, 1, 2]).sortBy().map((n) => n * n).value().join(), JSON.stringify(_.groupBy([1.3, 2.1, 2.4], Math.floor)));
        ==
        1,4,9 {"1":[1.3],"2":[2.1,2.4]}
    """,
    "immutable": """
        const { Map, List, fromJS, is } = require('immutable');
        console.log(is(fromJS({ a: [1, { b: 2 }] }).setIn(['a', 1, 'b'], 3), fromJS({ a: [1, { b: 3 }] })), List([1, 2, 3]).push(4).reverse().join(), Map({ z: 1 }).merge({ y: 2 }).size);
        ==
        true 4,3,2,1 2
    """,
    "async": """
        const async = require('async');
        async.mapLimit([30, 10, 20], 2, (n, done) => setTimeout(() => done(null, n * 2), n), (err, out) => console.log(err, out.join()));
        async.waterfall([(next) => next(null, 1), (n, next) => setImmediate(next, null, n + 1)], (err, n) => console.log('waterfall', err, n));
        ==
        waterfall null 2
        null 60,20,40
    """,
    "bluebird": """
        const Promise = require('bluebird');
        Promise.map([3, 2, 1], (n) => Promise.delay(n * 5).then(() => n), { concurrency: 2 }).then((all) => console.log(all.join()));
        Promise.reject(new RangeError('r')).catch(RangeError, (e) => console.log('caught', e.message)).finally(() => console.log('finally'));
        ==
        caught r
        finally
        3,2,1
    """,
    "chalk": """
        const chalk = new (require('chalk').Instance)({ level: 1 });
        console.log(JSON.stringify(chalk.red.bold('x')));
        ==
        "\\u001b[31m\\u001b[1mx\\u001b[22m\\u001b[39m"
    """,
    "validator": """
        const v = require('validator');
        console.log(v.isEmail('a@b.example'), v.isEmail('nope'), v.isIP('::1'), v.isURL('https://x.example/?q'), v.escape('<a>'));
        ==
        true false true true &lt;a&gt;
    """,
    "ramda": """
        const R = require('ramda');
        console.log(R.pipe(R.filter((n) => n % 2), R.map(R.multiply(3)), R.sum)([1, 2, 3]), R.path(['a', 0], { a: [9] }));
        ==
        12 9
    """,
    "rxjs": """
        const { from, interval, map, take, toArray, mergeMap, of, delay } = require('rxjs');
        interval(2).pipe(take(3), map((n) => n * n), toArray()).subscribe((all) => console.log(all.join()));
        from([1, 2]).pipe(mergeMap((n) => of(n).pipe(delay(30)))).subscribe({ next: (n) => console.log(n), complete: () => console.log('complete') });
        ==
        0,1,4
        1
        2
        complete
    """,
    "ms": """
        const ms = require('ms');
        console.log(ms('2 days'), ms(60000, { long: true }));
        ==
        172800000 1 minute
    """,
}  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all packages."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("npm")
    script(folder / "package.json", '{ "private": true }')
    words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", *PACKAGES]
    done = subprocess.run([npm, *words], cwd=folder, capture_output=True, text=True, timeout=110)
    if done.returncode:
        pytest.skip(f"the packages cannot be installed: {done.stderr[-500:]}")
    return folder


def test_every_package_is_used() -> None:
    assert sorted(name.rsplit("@", 1)[0] for name in PACKAGES) == sorted(USES)


@pytest.mark.parametrize("package", USES)
def test_package(installed: Path, package: str) -> None:
    code, _, expected = USES[package].partition("        ==\n")
    file = script(installed / f"use_{package.replace('-', '_')}.js", code)
    done = fibshim("run", file, cwd=installed)
    lines = expected.split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    assert done.stderr == ""
    assert done.stdout == "\n".join(line[indent:] for line in lines[:-1]) + os.linesep
    assert done.returncode == 0


def test_in_a_sandbox(installed: Path) -> None:
    """Packages load in a sandbox of their own realm, with what it gives them."""
    file = script(
        installed / "sandbox.js",
        """const vm = require('vm');
        const sbox = new vm.SandBox({ path: require('path'), fs: require('fs') }, { console, setTimeout, clearTimeout });
        const _ = sbox.require('lodash', __dirname);
        console.log(_ !== require('lodash'), _.isArray([]), _.map([1, 2], (n) => n + 1).join(), _.isPlainObject({}), _.chunk([1]) instanceof Array);
        console.log(sbox.require('ejs', __dirname).render('<%= 1 + 1 %>'), sbox.require('js-yaml', __dirname).load('a: [1]').a.length);""",
    )
    done = fibshim(file, cwd=installed)
    assert done.stdout == "true true 2,3 true false\n2 1\n"
