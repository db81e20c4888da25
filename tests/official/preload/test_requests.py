"""What is sent: inputs, the key, a profile's headers, with all of Node's ways to send requests."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, quote

import pytest

from tests.standin import StandIn

from ...conftest import Result
from ...network import Proxy, Tls
from ...shells import ROOT
from .conftest import Shim

Node = Callable[..., Result]

HEADERS = {"CF-Access-Client-Id": "the-id", "Authorization": "Basic c2VjcmV0"}
NAMES = tuple(name.lower() for name in HEADERS)


@pytest.fixture
def node(shim: Shim, panel: StandIn) -> Node:
    """Run the lines of an ES module in Node with the preload, as the shim has the CLI run."""
    preload = ROOT / "shell" / "preload.cjs"

    def run(*lines: str, env: dict[str, str | None] | None = None) -> Result:
        file = shim.home / "program.mjs"
        file.write_text("\n".join(lines))
        environ = shim.environ(
            {
                "DOKPLOY_PROFILE": "prod",
                "DOKPLOY_URL": panel.url,
                "DOKPLOY_API_KEY": panel.key_of("Acme"),
                "NODE_OPTIONS": f'--require "{preload}"',
                "NODE_NO_WARNINGS": "1",
                "_DCTX_HEADERS": json.dumps(HEADERS),
                **(env or {}),
            }
        )
        done = subprocess.run(
            ["node", str(file)], env=environ, cwd=shim.home, capture_output=True, text=True
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def elsewhere() -> Iterator[StandIn]:
    """Another origin: the same host, another port."""
    with StandIn.seeded() as panel:
        yield panel


def inputs(panel: StandIn) -> list[str]:
    """Return the input of each request that the panel got, "" for none."""
    queries = [parse_qs(seen.path.partition("?")[2], True) for seen in panel.requests]
    return ["".join(query.get("input", [])) for query in queries]


# The forms of a call.

FORMS = {
    "options": "http.request({ host, port, path, headers }, done).end();",
    "hostname, method": "http.request({ hostname: host, port, path, headers, method: 'get' }, done)"
    ".end();",
    "url, options, callback": "http.request(url, { headers }, done).end();",
    "URL, options, callback": "http.request(new URL(url), { headers }, done).end();",
    "get with options": "http.get({ host, port, path, headers }, done);",
    "get of a url": "http.get(url, { headers }, done);",
    "event": "http.get(url, { headers }).on('response', done);",
    "old url": "http.get({ ...legacy.parse(url), headers }, done);",
    "flat array": "http.get(url, { headers: ['x-api-key', key] }, done);",
    "list of pairs": "http.get(url, { headers: [['X-Api-Key', key]] }, done);",
    "set afterwards": "const r = http.request(url, done); r.setHeader('x-api-key', key); r.end();",
    "named import": "request(url, { headers }, done).end();",
    "namespace": "all.get(url, { headers }, done);",
    "required": "createRequire(import.meta.url)('http').get(url, { headers }, done);",
    "fetch": "await fetch(url, { headers }).then((r) => r.text());",
    "fetch of a Request": "await fetch(new Request(url, { headers })).then((r) => r.text());",
}
PROLOGUE = """
import http, { request } from "node:http";
import * as all from "http";
import https from "node:https";
import legacy from "node:url";
import { createRequire } from "node:module";
const key = process.env.DOKPLOY_API_KEY;
const headers = { "x-api-key": key };
const done = (answer) => answer.resume();
const send = (text) => {
    const { hostname: host, port, pathname, search } = new URL(text);
    return { url: text, host, port, path: pathname + search };
};
"""


def program(form: str, url: str) -> str:
    """Return the lines that ask `url` in this form."""
    return (
        f"{PROLOGUE}const {{ url, host, port, path }} = send({json.dumps(url)});\n{FORMS[form]}\n"
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_call(form: str, node: Node, panel: StandIn, elsewhere: StandIn) -> None:
    target = "/api/trpc/project.one?input=" + quote('{"projectId":"x"}')
    ran = node(program(form, panel.url + target))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    (seen,) = panel.requests
    assert inputs(panel) == ['{"json":{"projectId":"x"}}']
    assert seen.key == panel.key_of("Acme")
    assert {name: seen.headers.get(name.lower()) for name in HEADERS} == HEADERS
    ran = node(program(form, elsewhere.url + target))
    said = f"dctx: {panel.url} redirects to {elsewhere.url}, which does not get prod's key."
    assert ran.err == f"{said} Did it move? Run: dctx auth prod -u {elsewhere.url}\n"
    (seen,) = elsewhere.requests
    assert inputs(elsewhere) == ['{"projectId":"x"}']  # not of the panel, so left alone
    assert not {"x-api-key", *NAMES} & {*seen.headers}


def test_a_callback_alone_and_what_is_no_url_are_nodes_to_answer(node: Node) -> None:
    ran = node(
        PROLOGUE,
        "try { http.get('no url') } catch (e) { console.log(e.code) }",
        "try { http.get('http://a', 5).on('error', () => {}) } catch (e) { console.log(e.code) }",
        "http.get('http://127.0.0.1:9', { headers }).on('error', (e) => console.log(e.code));",
    )
    assert ran.out.splitlines()[0] == "ERR_INVALID_URL"
    assert ran.out.splitlines()[-1] == "ECONNREFUSED"


# Inputs.

WHOLE = [
    ('{"projectId":"é&=+%"}', '{"json":{"projectId":"é&=+%"}}'),
    ("{}", '{"json":{}}'),
    ('{"n":12345678901234567890}', '{"json":{"n":12345678901234567890}}'),
    ('"text"', '{"json":"text"}'),
    ("null", '{"json":null}'),
    ("[1]", '{"json":[1]}'),
    ('{"json":{"a":1}}', '{"json":{"a":1}}'),
    ('{"json":null,"meta":{"values":["undefined"]}}',) * 2,
    ("no json", "no json"),
    ("", ""),
]
BATCHES = [
    ('{"0":{"a":1},"1":{"b":2}}', '{"0":{"json":{"a":1}},"1":{"json":{"b":2}}}'),
    ('{"0":{"json":{"a":1}},"1":{"b":2}}', '{"0":{"json":{"a":1}},"1":{"json":{"b":2}}}'),
    ('{"0": {"json": {"a":1}}}',) * 2,
    ("{}", "{}"),
    ('{"x":{"a":1}}',) * 2,
    ("[]", "[]"),
    ("5", "5"),
]


@pytest.mark.parametrize("prefix", ["", "/prefix", "/prefix/deep"])
def test_inputs_are_completed_once(prefix: str, node: Node, panel: StandIn) -> None:
    """Below the path of DOKPLOY_URL, on its own origin, in GETs of tRPC."""
    base = f"{panel.url}{prefix}/api/trpc/x"
    urls = [f"{base}?input={quote(given)}" for given, _ in WHOLE]
    urls += [f"{base},y?batch=1&input={quote(given)}" for given, _ in BATCHES]
    urls += [f"{base},y?input={quote(given)}&batch=1" for given, _ in BATCHES]
    expected = [whole for _, whole in [*WHOLE, *BATCHES, *BATCHES]]
    lines = [f"await fetch({json.dumps(url)});" for url in urls]
    ran = node(*lines, env={"DOKPLOY_URL": panel.url + prefix + "/"})
    assert (ran.code, ran.err) == (0, "")
    assert inputs(panel) == expected


def test_what_is_no_read_of_the_panel_stays_as_it_is(node: Node, panel: StandIn) -> None:
    bare, whole = quote('{"a":1}'), quote('{"json":1}')
    ways = [
        ("GET", f"/prefix/api/x?input={bare}"),
        ("GET", f"/api/trpc/x?input={bare}"),  # not below DOKPLOY_URL
        ("GET", f"/prefixed/api/trpc/x?input={bare}"),
        ("POST", f"/prefix/api/trpc/x?input={bare}"),
        ("GET", f"/prefix/api/trpc/x?other={bare}&inputs={bare}"),
        ("GET", "/prefix/api/trpc/x?input=%E0%A4%A"),
        ("GET", "/prefix/api/trpc/x"),
        ("GET", f"/prefix/api/trpc/x?a=%2f&input={whole}&b=+"),
    ]
    lines = [
        f"await fetch({json.dumps(panel.url + path)}, {{ method: '{method}' }});"
        for method, path in ways
    ]
    ran = node(*lines, env={"DOKPLOY_URL": f"{panel.url}/prefix"})
    assert (ran.code, ran.err) == (0, "")
    assert [(seen.method, seen.path) for seen in panel.requests] == ways


# Redirects.


def moved(panel: StandIn, url: str) -> str:
    """Return what is said where the panel redirects to `url`."""
    said = f"dctx: {panel.url} redirects to {url}, which does not get prod's key."
    return f"{said} Did it move? Run: dctx auth prod -u {url}\n"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "words", [("organization", "active"), ("project", "create", "--name", "x")], ids=["get", "post"]
)
def test_a_redirect_to_another_origin_gets_no_key(
    status: int, words: tuple[str, ...], shim: Shim, panel: StandIn, elsewhere: StandIn
) -> None:
    panel.redirect_to, panel.redirect_status = elsewhere.url, status
    ran = shim.run(*words)
    assert ran.code == 1
    assert ran.err.startswith(moved(panel, elsewhere.url))
    assert [seen.key for seen in panel.requests] == [panel.key_of("Acme")]
    assert [seen.key for seen in elsewhere.requests] == [""]
    assert panel.key_of("Acme") not in repr([seen.headers for seen in elsewhere.requests])


def test_without_the_preload_it_does_get_it(shim: Shim, panel: StandIn, elsewhere: StandIn) -> None:
    """This shows that the test above can fail."""
    panel.redirect_to = elsewhere.url
    shim.run("organization", "active", env={"DCTX_PRELOAD": "0"})
    assert [seen.key for seen in elsewhere.requests] == [panel.key_of("Acme")]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1."])
def test_another_name_of_the_same_host_is_another_origin(
    host: str, shim: Shim, panel: StandIn, elsewhere: StandIn
) -> None:
    port = panel.url.rpartition(":")[2]
    elsewhere.redirect_to = f"http://{host}:{port}"
    shim.run(
        "organization",
        "active",
        env={"DOKPLOY_URL": elsewhere.url, "DOKPLOY_API_KEY": panel.key_of("Acme")},
    )
    assert [seen.key for seen in panel.requests if seen.key] == []


def test_an_upgrade_to_https_is_another_origin(shim: Shim, panel: StandIn, tls: Tls) -> None:
    panel.redirect_to = tls.url
    with StandIn.seeded() as behind:
        tls.panel = behind
        ran = shim.run("organization", "active", env={"NODE_EXTRA_CA_CERTS": str(tls.authority)})
        assert ran.err == moved(panel, tls.url) + "Request failed with status code 401\n"
        assert [seen.key for seen in behind.requests] == [""]


def test_a_redirect_within_the_origin_keeps_key_and_headers(
    node: Node, shim: Shim, panel: StandIn
) -> None:
    """The panel itself sends `//api` on to `/api`, which a URL with a slash at its end leads to."""
    cli = os.path.realpath(shim.cli / "dokploy")
    target = panel.projects[0].id
    script = (
        f"process.argv.push('project', 'one', '--projectId', {json.dumps(target)});"
        f"await import({json.dumps(cli)});"
    )
    ran = node(script, env={"DOKPLOY_URL": panel.url + "/"})
    assert (ran.code, ran.err) == (0, "")
    assert len(panel.requests) == 2
    for seen in panel.requests:
        assert seen.key == panel.key_of("Acme")
        assert {name: seen.headers.get(name.lower()) for name in HEADERS} == HEADERS
    assert inputs(panel)[1] == json.dumps({"json": {"projectId": target}}, separators=(",", ":"))


@pytest.mark.parametrize("way", ["fetch", "axios"])
def test_redirects_of_fetch_and_axios_get_no_header(
    way: str, node: Node, shim: Shim, panel: StandIn, elsewhere: StandIn
) -> None:
    panel.redirect_to = elsewhere.url
    url = json.dumps(f"{panel.url}/api/trpc/organization.active")
    axios = json.dumps(str(shim.cli.parent / "axios" / "index.js"))
    how = "fetch" if way == "fetch" else f"(await import({axios})).default.get"
    own = '{ headers: { "X-API-Key": process.env.DOKPLOY_API_KEY, other: "stays" } }'
    ran = node(f"await {how}({url}, {own}).catch((e) => e);")
    assert (ran.code, ran.err) == (0, moved(panel, elsewhere.url))
    (first,), (second,) = panel.requests, elsewhere.requests
    assert {*NAMES, "x-api-key"} <= {*first.headers}
    assert not {*NAMES, "x-api-key"} & {*second.headers}
    assert second.headers["other"] == "stays"


# A profile's headers.


@pytest.mark.parametrize(
    "given",
    [
        {"X-API-Key": "other", "x-api-key": "other", "X-Mine": "1"},
        {"host": "evil", "Content-Length": "5", "Connection": "close", "X-Mine": "1"},
    ],
)
def test_a_profiles_headers_never_replace_the_key_or_break_the_request(
    given: dict[str, str], node: Node, panel: StandIn
) -> None:
    ran = node(
        program("options", f"{panel.url}/api/trpc/user.get"),
        env={"_DCTX_HEADERS": json.dumps(given)},
    )
    assert (ran.code, ran.err) == (0, "")
    (seen,) = panel.requests
    assert (seen.key, seen.headers["x-mine"]) == (panel.key_of("Acme"), "1")
    assert seen.headers["host"] == panel.url.removeprefix("http://")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "5", '{"a": 5}', '"x"'])
def test_headers_that_are_none_are_no_reason_to_fail(text: str, node: Node, panel: StandIn) -> None:
    ran = node(program("options", f"{panel.url}/x"), env={"_DCTX_HEADERS": text})
    assert (ran.code, ran.err, len(panel.requests)) == (0, "", 1)


def test_headers_are_in_no_environment(node: Node) -> None:
    ran = node(
        "import { execFileSync } from 'node:child_process';",
        "const child = execFileSync('env', { encoding: 'utf8' });",
        "console.log(child.includes('_DCTX_HEADERS'), '_DCTX_HEADERS' in process.env);",
    )
    assert ran.out == "false false\n"


def test_a_proxy_gets_headers_in_absolute_form_and_none_in_connect(
    node: Node, shim: Shim, panel: StandIn, proxy: Proxy, tls: Tls
) -> None:
    axios = json.dumps(str(shim.cli.parent / "axios" / "index.js"))
    env: dict[str, str | None] = {"http_proxy": proxy.url, "https_proxy": proxy.url}
    for url in (panel.url, tls.url):
        env |= {"DOKPLOY_URL": url, "NODE_EXTRA_CA_CERTS": str(tls.authority)}
        ask = f"{url}/api/trpc/project.one?input=%7B%7D"
        ran = node(f"await (await import({axios})).default.get('{ask}').catch((e) => e);", env=env)
        assert (ran.code, ran.err) == (0, "")
    assert [seen.headers["cf-access-client-id"] for seen in panel.requests] == ["the-id"] * 2
    assert inputs(panel) == ['{"json":{}}'] * 2
    assert bytes(proxy.seen).count(b"the-id") == 1


@pytest.mark.parametrize("native", ["", "1"], ids=["axios", "NODE_USE_ENV_PROXY"])
def test_a_redirect_by_way_of_the_users_proxy_gets_no_key_either(
    native: str, shim: Shim, panel: StandIn, elsewhere: StandIn, proxy: Proxy
) -> None:
    env: dict[str, str | None] = {"http_proxy": proxy.url, "NODE_USE_ENV_PROXY": native}
    project = panel.projects[0].id
    ran = shim.run("project", "one", "--projectId", project, env=env)
    assert (ran.code, ran.err) == (0, "")
    panel.redirect_to = elsewhere.url
    ran = shim.run("organization", "active", env=env)
    assert ran.err == moved(panel, elsewhere.url) + "Request failed with status code 401\n"
    assert len(proxy.first_lines) == 3
    assert [seen.key for seen in elsewhere.requests] == [""]
    assert bytes(proxy.seen).count(panel.key_of("Acme").encode()) == 2
