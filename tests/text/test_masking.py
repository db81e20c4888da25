"""What looks like a key is not shown, whatever it was typed in place of; a key that comes back is
masked in every spelling; of a command line only the first words are shown, and no secret."""

from __future__ import annotations

import ast
import base64
import itertools
import json
import random
import string
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from dokploy_ctx import reserved
from dokploy_ctx.model import profile_names
from dokploy_ctx.model.profile import command
from dokploy_ctx.text import masking
from tests.standin import StandIn

from ..alone import alone
from ..conftest import Result
from ..repository.test_package import PACKAGE
from ..shells import Shell

Dctx = Callable[..., Result]
Config = Callable[..., Path]

KEY = "".join(random.Random(7).choices(string.ascii_letters, k=64))
# The other kind of key that people have at hand: no part of it has 32 letters without a break.
WEB_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PASTED = [KEY, f"team_{KEY}", f"x-api-key: {KEY}", f"X-API-KEY:{KEY[:20]}", f"Bearer {KEY[:24]}",
          f"DOKPLOY_API_KEY={KEY[:20]}", f'"{KEY}"', KEY[:40], "k" * 64]  # fmt: skip


@pytest.mark.parametrize("text", PASTED)
def test_key_is_known_by_its_form(text: str) -> None:
    assert masking.looks_like_key(text)
    assert KEY[:16] not in masking.without_keys(f"there is no {text} here")


@pytest.mark.parametrize("form", ["{}", "Authorization: {}", "x={}", '"{}"', "https://h/?t={}"])
def test_web_token_is_known_by_its_form(form: str) -> None:
    for token in (WEB_TOKEN, WEB_TOKEN.rpartition(".")[0] + "."):
        text = form.format(token)
        assert masking.looks_like_key(text)
        assert token[:20] not in masking.without_keys(text)
        assert token[-12:] not in masking.without_keys(text)
        assert token[:20] not in masking.first_words(["sh", text])


@pytest.mark.parametrize(
    "text",
    [
        "prod",
        "eyJ.example",
        "eyjafjallajokull.prod.example.com",
        "my-very-long-profile-name-for-production-in-eu-west-1-of-acme-1",
        "a" * 40,
        "-PsWSzzTGFZDrqN3qKMtA",
        "de305d54-75b4-431b-adb2-eb6b9e546014",
        "https://panel.example.com/tokens",
        "bearer",
        "token",
        "/home/user/Documents/tokens/team.json",
        "",
    ],
)
def test_name_id_and_path_are_no_keys(text: str) -> None:
    assert not masking.looks_like_key(text)
    assert masking.without_keys(text) == text


# A key in the place of whatever a command takes.

PLACES = [
    "K",
    "K x",
    "prod K",
    "switch K",
    "use K",
    "env K",
    "env --shell K",
    "exec K -- true",
    "exec --match K -- true",
    "exec prod -- K",
    "exec safe -- K",
    "exec safe -- sh K",
    "exec --all -- K",
    "verify K",
    "rotate K",
    "rotate prod --profile K",
    "rotate prod --expires K",
    "rotate --expiring K",
    "remove K",
    "rename K x",
    "rename prod K",
    "protect K",
    "unprotect K",
    "export K",
    "import K",
    "import --as K",
    "help K",
    "init K",
    "install K",
    "K --help",
    "--K",
    "list K",
    "list --K",
    "auth K",
    "auth K -u https://h -t - --no-check",
    "auth x -u K",
    "auth -p K -u https://h -t - --no-check",
    "auth x K",
    "auth x -u https://h/?K -t - --no-check",
    "auth x -u https://h --token-command K",
    "orgs add K",
    "orgs add --org=K",
    "orgs add Globex --as K",
    "orgs add Globex --expires K",
    "orgs --profile K",
    "orgs K",
    "orgs list K",
    "orgs sync --profile K",
    "profiles use K",
    "profiles remove K",
    "profiles K",
    "_run --profile K -- dokploy",
    "off K",
    "sync K",
    "doctor --K",
    "_pick K",
]


@pytest.mark.parametrize("line", PLACES)
@pytest.mark.parametrize("key", [KEY, f"x-api-key: {KEY}", WEB_TOKEN], ids=["key", "header", "web"])
def test_key_typed_in_place_of_anything_is_neither_shown_nor_saved(
    dctx: Dctx, config: Config, panel: StandIn, line: str, key: str
) -> None:
    mine = {"url": panel.url, "token": panel.key_of("Acme")}
    file = config(prod=mine, safe={**mine, "protected": True}, current="prod")
    ran = dctx(*(word.replace("K", key) for word in line.split()), stdin="k" * 64)
    assert KEY not in ran.out + ran.err
    assert WEB_TOKEN[-20:] not in ran.out + ran.err
    assert ran.err.count("\n") < 20
    saved = json.loads(file.read_text("utf-8"))
    assert list(saved["profiles"]) in (["prod", "safe"], ["prod", "safe", "x"])


@pytest.mark.parametrize("name", ["DOKPLOY_PROFILE", "DOKPLOY_CONFIG_DIR", "GITHUB_ENV"])
def test_key_in_a_variable_of_ours_is_not_shown(
    any_shell: Shell, config: Config, name: str
) -> None:
    config("prod", "staging")
    ran = any_shell.run(
        any_shell.export(name, KEY),
        "dctx current",
        "dctx env prod --shell github",
        "dctx use staging",
        "dctx init sh >/dev/null",
        "dctx doctor --offline",
    )
    assert KEY not in ran.out.replace(f"/{KEY}", "") + ran.err


def test_key_given_to_the_shim_as_a_name_is_not_shown(any_shell: Shell, config: Config) -> None:
    config("prod")
    shims = Path.home() / ".local/share/dctx/shims"
    assert alone("dctx", "init", "sh").code == 0
    for line in (
        f"{shims}/dokploy --profile {KEY} project all",
        f"{shims}/dokploy --profile={KEY}",
    ):
        ran = any_shell.run(line)
        assert KEY not in ran.out + ran.err
    ran = any_shell.run(any_shell.export("DOKPLOY_PROFILE", KEY), f"{shims}/dokploy project all")
    assert ran.code == 3
    assert KEY not in ran.out + ran.err


def test_organization_called_like_a_key_gets_another_name() -> None:
    assert profile_names.suggest("a1b2c3d4" * 5, []) == "organization"


# A command line.


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (["./deploy.sh"], "./deploy.sh"),
        (["TOKEN=s3cret", "cmd"], "TOKEN=... cmd"),
        (["TOKEN=s3cret", "PASS=s3cret", "cmd", "arg"], "TOKEN=... PASS=... cmd ..."),
        (["env", "TOKEN=s3cret", "cmd"], "env TOKEN=... cmd"),
        (["sh", "-c", "curl -H 'x-api-key: s3cret'"], "sh ..."),
        (["curl", "-H", "x-api-key: s3cret"], "curl ..."),
        (["curl", "https://u:s3cret@h/"], "curl ..."),
        (["psql", "postgres://u:s3cret@h/db"], "psql ..."),
        (["login", "admin", "s3cret"], "login admin ..."),
        (["mysql", "-ps3cret"], "mysql ..."),
        (["dokploy", "application", "delete", "--id", "x"], "dokploy application delete ..."),
        (["dokploy", "settings", "read-traefik-env"], "dokploy settings read-traefik-env"),
        (["dokploy", "--token=s3cret"], "dokploy ..."),
        (["/opt/bin/tool", "run"], "/opt/bin/tool run"),
        ([KEY, "x"], "..."),
        (["tool", KEY], "tool ..."),
        (["echo", "s3cret"], "echo ..."),
        (["$(echo s3cret)"], "..."),
        (["a\x1b[2J"], "..."),
        ([""], "..."),
        (["x" * 41], "..."),
    ],
)  # fmt: skip
def test_first_words_of_a_command_line_hold_no_secret(
    dctx: Dctx, config: Config, line: list[str], shown: str
) -> None:
    assert masking.first_words(line) == shown
    config(prod={"protected": True})
    ran = dctx("exec", "prod", "--", *line)
    assert (ran.code, ran.out) == (6, "")
    assert f"To run: {shown}, set DCTX_YES=prod" in ran.err
    ran = dctx("prod", *line)
    assert f"dctx exec prod -- {shown}\n" in ran.err or len(line) == 1
    config("prod")
    for start in (["exec", "prod"], ["exec", "--all"]):
        ran = dctx(*start, "--", "no-such-program=s3cret" if line[0] == "echo" else line[0] or "=")
        assert "s3cret" not in ran.err or ran.code == 0


# Messages with commands.


def test_each_command_with_a_name_in_a_message_is_made_by_one_function() -> None:
    """No text but that of command() has `dctx VERB` right before a value."""
    made: list[tuple[str, str]] = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [getattr(part, "value", None) for part in node.values]
                for text, after in itertools.pairwise(parts):
                    if not isinstance(text, str) or isinstance(after, str):
                        continue
                    _, dctx, verb = text.rpartition("dctx ")
                    if dctx and _is_verb(verb):
                        made.append((path.stem, text))
    assert {where for where, _ in made} <= {
        "profile",
        "check_setup",
        "hook_files",
        "exec_",
        "other_programs",
    }, made
    # In exec_ and other_programs NAME stands there as such; elsewhere a shell's name.
    assert all(
        text.rstrip().endswith(("install", "init"))
        for where, text in made
        if where not in ("profile", "exec_", "other_programs")
    )


def _is_verb(text: str) -> bool:
    verbs = text.split()
    plain = all(verb.isalpha() or verb == "--" for verb in verbs)
    return text.endswith(" ") and plain and verbs[:1] != [] and verbs[0] in reserved.COMMANDS


@pytest.mark.parametrize("name", ["-x y", "--all", "-", "--", "it's", "a b"])
def test_exec_of_any_name_can_be_typed(any_shell: Shell, config: Config, name: str) -> None:
    config("other", **{name: {}})
    ran = any_shell.run(f"{command('exec', name)} -- env")
    assert ran.code == 0, ran.err
    assert f"DOKPLOY_PROFILE={name}\n" in ran.out


# What comes back.


FORMS = {
    "plain": KEY,
    "in a header": f"x-api-key: {KEY}",
    "in small letters": KEY.lower(),
    "in JSON": json.dumps({"k": KEY}),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 behind a user": base64.b64encode(b"u:" + KEY.encode()).decode(),
    "base64 behind a longer user": base64.b64encode(b"me:" + KEY.encode() + b"!").decode(),
    "hexadecimal": KEY.encode().hex(),
    "in a URL": f"https://h/?k={KEY}",
    "with a zero-width space": KEY[:9] + "\u200b" + KEY[9:],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_key_that_comes_back_is_masked(form: str) -> None:
    text = masking.foreign(f"wrong key {form}!", [KEY])
    assert text.startswith("wrong key ")
    whole = form.replace("\u200b", "")
    assert not any(whole[at : at + 24] in text for at in range(0, len(whole) - 24, 6))


@pytest.mark.parametrize("key", ['pre fix"\\/+&=%s3cret', "a/b+c==d&e<f>g", "ключ-ключ"])
def test_odd_key_is_masked_in_each_spelling(key: str) -> None:
    for form in (key, quote(key), quote(key, safe=""), quote(key, safe="").lower(), json.dumps(key),
                 base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")):  # fmt: skip
        assert "..." in masking.foreign(f"x {form} y", [key])
        assert form.strip('"') not in masking.foreign(f"x {form} y", [key])


def test_key_is_masked_without_its_prefix() -> None:
    assert masking.foreign(f"no {KEY}", [f"team_{KEY}"]) == "no ..."


def test_what_is_long_is_cut_after_it_is_masked() -> None:
    text = masking.foreign("a" * 290 + KEY + "b" * 5_000_000, [KEY])
    assert len(text) == 300
    assert KEY[:8] not in text
    assert masking.foreign("a\x1b[2J\nb\u202ec https://u:p@h", []) == "a[2J bc https://...@h"
    assert masking.foreign("no user in it", ["", "user"]) == "no user in it"
