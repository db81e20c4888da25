"""A `.env` in the working directory cannot send a profile's key to a stranger's proxy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.standin import StandIn

from ...network import Proxy, Tls
from .conftest import Shim

Save = Callable[..., None]

READ = ("organization", "active")


def spellings(name: str) -> list[str]:
    """Return lower, upper and mixed case."""
    return [name.lower(), name.upper(), name.title()]


PROXIES = ("http_proxy", "https_proxy", "all_proxy")
OTHER_PROXIES = ("npm_config_http_proxy", "npm_config_https_proxy", "npm_config_proxy")
TRUST = ("NODE_TLS_REJECT_UNAUTHORIZED", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR")
MORE = (
    *("no_proxy", "ws_proxy", "ftp_proxy", "npm_config_no_proxy", "npm_config_noproxy"),
    *("NODE_OPTIONS", "NODE_USE_ENV_PROXY", "NODE_USE_SYSTEM_CA", "OPENSSL_CONF"),
    *("HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS"),
)
ALL = (*PROXIES, *OTHER_PROXIES, *TRUST, *MORE)


def line(names: str, many: bool = False) -> str:
    """Return what is said of names in `.env`."""
    are, them = ("they are", "them") if many else ("it is", "it")
    return (
        f"dctx: .env sets {names}; {are} not used with prod's key. "
        f"Export {them}, or set DCTX_ENV_PROXY=1.\n"
    )


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest, save: Save, panel: StandIn, tls: Tls, shim: Shim) -> str:
    """The panel by http, then by TLS that the user trusts."""
    if request.param == "https":
        save(url=tls.url, token=panel.key_of("Acme"))
    return str(request.param)


@pytest.fixture
def trusting(tls: Tls) -> dict[str, str | None]:
    """The environment of somebody who trusts the panel's authority."""
    return {"NODE_EXTRA_CA_CERTS": str(tls.authority)}


@pytest.mark.parametrize("off", [False, True], ids=["preload", "DCTX_PRELOAD=0"])
@pytest.mark.parametrize("name", [*PROXIES, *OTHER_PROXIES])
def test_no_spelling_reaches_the_strangers_proxy(
    name: str,
    off: bool,
    scheme: str,
    shim: Shim,
    stranger: Proxy,
    panel: StandIn,
    trusting: dict[str, str | None],
) -> None:
    for spelling in spellings(name):
        shim.dotenv(f"{spelling}={stranger.url}")
        panel.forget_requests()
        ran = shim.run(*READ, env={**trusting, **({"DCTX_PRELOAD": "0"} if off else {})})
        assert (ran.code, ran.err) == (0, "" if off else line(spelling))
        assert [seen.key for seen in panel.requests] == [panel.key_of("Acme")]
    assert stranger.seen == b""


@pytest.mark.parametrize("off", [False, True], ids=["preload", "DCTX_PRELOAD=0"])
def test_all_of_them_at_once_are_said_in_one_line(
    off: bool, scheme: str, shim: Shim, stranger: Proxy, trusting: dict[str, str | None]
) -> None:
    names = [spelling for name in PROXIES for spelling in spellings(name)]
    shim.dotenv(*(f"{name}={stranger.url}" for name in names), "no_proxy=x", "NO_PROXY=x")
    ran = shim.run(*READ, env={**trusting, **({"DCTX_PRELOAD": "0"} if off else {})})
    said = ", ".join([*names, "no_proxy"]) + " and NO_PROXY"
    assert (ran.code, ran.err) == (0, "" if off else line(said, many=True))
    assert stranger.seen == b""


@pytest.mark.parametrize("off", [False, True], ids=["preload", "DCTX_PRELOAD=0"])
@pytest.mark.parametrize("name", ["all_proxy", "ALL_PROXY", "{}_proxy", "{}_PROXY"])
def test_let_through_they_do_reach_it(
    name: str,
    off: bool,
    scheme: str,
    shim: Shim,
    stranger: Proxy,
    panel: StandIn,
    trusting: dict[str, str | None],
) -> None:
    """This shows that the tests above can fail."""
    word = name.format(scheme if name.islower() else scheme.upper())
    shim.dotenv(f"{word}={stranger.url}")
    way = {"DCTX_ENV_PROXY": "1", **({"DCTX_PRELOAD": "0"} if off else {})}
    ran = shim.run(*READ, env={**trusting, **way})
    assert ran.code == 1
    assert "dctx" not in ran.err
    assert panel.requests == ()
    assert (panel.key_of("Acme").encode() in stranger.seen) is (scheme == "http")
    assert stranger.seen != b""


@pytest.mark.parametrize("word", ["DCTX_ENV_PROXY", "DCTX_PRELOAD"])
def test_the_ways_out_are_none_in_dotenv(
    word: str, shim: Shim, stranger: Proxy, panel: StandIn
) -> None:
    value = "1" if word == "DCTX_ENV_PROXY" else "0"
    shim.dotenv(f"{word}={value}", f"http_proxy={stranger.url}")
    ran = shim.run(*READ)
    assert (ran.code, ran.err) == (0, line("http_proxy"))
    assert stranger.seen == b""


# Beside the user's own.


@pytest.mark.parametrize("off", [False, True], ids=["preload", "DCTX_PRELOAD=0"])
@pytest.mark.parametrize("own", ["{}_proxy", "{}_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_users_own_proxy_stays(
    own: str,
    off: bool,
    scheme: str,
    shim: Shim,
    stranger: Proxy,
    proxy: Proxy,
    panel: StandIn,
    trusting: dict[str, str | None],
) -> None:
    """In absolute form by http, by CONNECT for TLS."""
    name = own.format(scheme if own.islower() else scheme.upper())
    theirs = [spelling for word in (*PROXIES, *OTHER_PROXIES) for spelling in spellings(word)]
    shim.dotenv(
        *(f"{word}={stranger.url}" for word in theirs if word != name),
        "no_proxy=127.0.0.1",
        "NO_PROXY=*",
        "npm_config_no_proxy=*",
    )
    env = {**trusting, name: proxy.url, **({"DCTX_PRELOAD": "0"} if off else {})}
    ran = shim.run(*READ, env=env)
    assert ran.code == 0, ran.err
    assert stranger.seen == b""
    port = panel.url.rpartition(":")[2]
    (first,) = proxy.first_lines[:1]
    if scheme == "http":
        path = "/api/trpc/organization.active?input="
        assert first.startswith(f"GET http://127.0.0.1:{port}{path}")
    else:
        assert first.startswith("CONNECT 127.0.0.1:")
        assert panel.key_of("Acme").encode() not in proxy.seen
    assert [seen.key for seen in panel.requests] == [panel.key_of("Acme")]


@pytest.mark.parametrize("off", [False, True], ids=["preload", "DCTX_PRELOAD=0"])
@pytest.mark.parametrize("own", ["", "no_proxy", "NO_PROXY"])
def test_an_empty_proxy_of_the_user_is_none(
    own: str, off: bool, shim: Shim, stranger: Proxy, proxy: Proxy, panel: StandIn
) -> None:
    """Empty, and a proxy that the user has an exception from: no proxy at all."""
    env: dict[str, str | None] = {"http_proxy": "", "HTTP_PROXY": "", "all_proxy": ""}
    if own:
        env |= {"http_proxy": proxy.url, own: "127.0.0.1"}
    names = [spelling for word in (*PROXIES, "no_proxy") for spelling in spellings(word)]
    shim.dotenv(*(f"{word}={stranger.url}" for word in names if not env.get(word)))
    ran = shim.run(*READ, env={**env, **({"DCTX_PRELOAD": "0"} if off else {})})
    assert ran.code == 0, ran.err
    assert bytes(stranger.seen + proxy.seen) == b""
    assert len(panel.requests) == 1


def test_a_read_by_the_users_proxy_has_its_input_completed(
    shim: Shim, proxy: Proxy, panel: StandIn
) -> None:
    project = panel.projects[0].id
    ran = shim.run("project", "one", "--projectId", project, env={"http_proxy": proxy.url})
    assert (ran.code, ran.err) == (0, "")
    assert proxy.first_lines[0].startswith(f"GET {panel.url}/api/trpc/project.one?input=%7B%22json")


# Whom TLS trusts.


@pytest.mark.parametrize("off", [False, True], ids=["preload", "DCTX_PRELOAD=0"])
def test_dotenv_does_not_turn_off_tls(
    off: bool, save: Save, shim: Shim, tls: Tls, panel: StandIn
) -> None:
    save(url=tls.url, token=panel.key_of("Acme"))
    shim.dotenv("NODE_TLS_REJECT_UNAUTHORIZED=0", f"NODE_EXTRA_CA_CERTS={tls.authority}")
    way = {"DCTX_PRELOAD": "0"} if off else {}
    ran = shim.run(*READ, env=way)
    assert (ran.code, panel.requests) == (1, ())
    assert "certificate" in ran.err
    # So that this can fail; and what the user exported counts.
    for env in ({"DCTX_ENV_PROXY": "1", **way}, {"NODE_TLS_REJECT_UNAUTHORIZED": "0", **way}):
        assert shim.run(*READ, env=env).code == 0
    assert len(panel.requests) == 2


# All names, of a program that does with `.env` as the CLI does.


def test_no_name_in_any_spelling_gets_into_the_environment(shim: Shim) -> None:
    words = [word for name in ALL for word in {name, *spellings(name)}]
    shim.dotenv(*(f"{word}=from-dotenv" for word in words), "OTHER=1", "NODE_ENV=test")
    seen = shim.seen_by_cli()
    for environ in (seen.own, seen.child):
        assert [name for name, value in environ.items() if value == "from-dotenv"] == []
        assert (environ["OTHER"], environ["NODE_ENV"]) == ("1", "test")
    assert seen.err == line(", ".join(words[:-1]) + f" and {words[-1]}", many=True)
    let = shim.seen_by_cli({"DCTX_ENV_PROXY": "1"})
    assert "dctx" not in let.err
    assert {name for name, value in let.own.items() if value == "from-dotenv"} == set(words)


def test_other_ways_to_fill_the_environment_are_guarded_too(shim: Shim) -> None:
    """Those that a later CLI may take: all at once, one by one by definition, Node's own reader."""
    shim.dotenv("https_proxy=from-dotenv", "OTHER=from-dotenv")
    ways = (
        "Object.assign(process.env, { https_proxy: 'from-dotenv', OTHER: 'from-dotenv' })",
        (
            "const value = 'from-dotenv';\n"
            "const [writable, enumerable, configurable] = [true, true, true];\n"
            "const all = { value, writable, enumerable, configurable };\n"
            "for (const n of ['https_proxy', 'OTHER']) Object.defineProperty(process.env, n, all)"
        ),
        "process.loadEnvFile ? process.loadEnvFile() : process.env.OTHER = 'from-dotenv'",
        "require('process').env['https_proxy'] = 'from-dotenv'; process.env.OTHER = 'from-dotenv'",
    )
    show = "Object.keys(process.env).filter((name) => process.env[name] === 'from-dotenv')"
    for way in ways:
        shim.program(f"#!/usr/bin/env node\n{way};\nconsole.log({show}.join());\n")
        ran = shim.run("project", "all")
        assert (ran.code, ran.out) == (0, "OTHER\n"), ran.err


def test_the_environment_works_as_it_did(shim: Shim) -> None:
    shim.program(
        "#!/usr/bin/env node\n"
        "const assert = require('assert');\n"
        "const { env } = process;\n"
        "env.A = 1; assert.strictEqual(env.A, '1'); assert('A' in env && 'HOME' in env);\n"
        "assert(Object.keys(env).includes('A') && { ...env }.A === '1');\n"
        "assert.strictEqual(JSON.parse(JSON.stringify(env)).A, '1');\n"
        "assert(delete env.A); assert.strictEqual(env.A, undefined); assert(!('A' in env));\n"
        "assert(delete env.HTTPS_PROXY); assert(!('HTTPS_PROXY' in env));\n"
        "env.http_proxy = 'x'; assert.strictEqual(env.http_proxy, undefined);\n"
        "const { execFileSync } = require('child_process');\n"
        "const child = (how) => execFileSync('sh', ['-c', 'echo $B'], how).toString();\n"
        "env.B = 'b'; assert.strictEqual(child({}) + child({ env }), 'b\\nb\\n');\n"
        "assert.strictEqual(child({ env: { ...env, B: 'c' } }), 'c\\n');\n"
    )
    ran = shim.run("project", "all", env={"HTTPS_PROXY": "mine"})
    assert ran.code == 0, ran.err


def test_an_empty_line_is_not_worth_a_word(shim: Shim) -> None:
    shim.dotenv("https_proxy=", "NO_PROXY=", "HTTP_PROXY=")
    seen = shim.seen_by_cli()
    assert seen.err == ""
    assert not {"https_proxy", "NO_PROXY", "HTTP_PROXY"} & {*seen.own}


@pytest.mark.parametrize("overwrite", ["", "1"])
def test_what_the_shim_set_and_what_the_user_exported_stay(
    overwrite: str, shim: Shim, panel: StandIn
) -> None:
    """Also with a CLI that lets `.env` replace what is set."""
    shim.dotenv(
        "DOKPLOY_URL=http://127.0.0.1:9",
        "DOKPLOY_API_KEY=x",
        "DOKPLOY_PROFILE=x",
        "Https_Proxy=x",
        "NODE_OPTIONS=--no-warnings",
        "HTTPS_PROXY=x",
    )
    env: dict[str, str | None] = {
        "DOKPLOY_PROFILE": "prod",
        "HTTPS_PROXY": "mine",
        "NODE_EXTRA_CA_CERTS": "/dev/null",
        "OVERWRITE": overwrite,
    }
    seen = shim.seen_by_cli(env)
    for environ in (seen.own, seen.child):
        assert environ["DOKPLOY_URL"] == panel.url
        assert environ["DOKPLOY_API_KEY"] == panel.key_of("Acme")
        assert environ["DOKPLOY_PROFILE"] == "prod"
        assert environ["HTTPS_PROXY"] == "mine"
        assert environ["NODE_EXTRA_CA_CERTS"] == "/dev/null"
        assert not {"Https_Proxy", "NODE_OPTIONS"} & {*environ}


def test_dotenv_cannot_have_the_key_written_to_stderr(shim: Shim, panel: StandIn) -> None:
    for value in ("*", "follow-redirects", "a,follow-*"):
        shim.dotenv(f"DEBUG={value}")
        ran = shim.run(*READ)
        assert (ran.code, ran.err) == (0, "")
        assert panel.key_of("Acme") in shim.run(*READ, env={"DEBUG": value}).err


@pytest.mark.parametrize("key", ["environment", "dotenv"])
def test_a_pair_of_the_users_own(key: str, shim: Shim, stranger: Proxy, panel: StandIn) -> None:
    """Its key is kept from a `.env`, unless that `.env` brought it."""
    pair = {"DOKPLOY_URL": panel.url, "DOKPLOY_API_KEY": panel.key_of("Globex")}
    lines = [f"http_proxy={stranger.url}"]
    if key == "dotenv":
        lines += [f"{name}={value}" for name, value in pair.items()]
    shim.dotenv(*lines)
    ran = shim.run(*READ, env=None if key == "dotenv" else dict(pair))
    if key == "dotenv":
        assert panel.key_of("Globex").encode() in stranger.seen
        assert panel.requests == ()
    else:
        assert (ran.code, bytes(stranger.seen)) == (0, b"")
        assert ran.err == line("http_proxy").replace("prod's key", "the key in DOKPLOY_API_KEY")
