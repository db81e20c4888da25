"""`dctx protect` and `unprotect`, `dctx env` for protected profiles, and the question itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.commands.shared import confirm
from dokploy_ctx.constants import SENTINEL
from dokploy_ctx.errors import Refused
from dokploy_ctx.model.profile import Profile
from dokploy_ctx.shells import rows

from ..alone import alone
from ..shells import BASH
from ..terminal import ENTER, Terminal


def entry(file: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(file.read_text("utf-8"))["profiles"][name]
    return found


def test_protect_marks_each_and_keeps_all_else(config: Callable[..., Path]) -> None:
    acme = {"organization": {"id": "o", "name": "Acme"}}
    file = config("staging", prod={"theme": 1}, eu={**acme}, **{"a b": {}})
    ran = alone("dctx", "protect", "prod", "eu", "prod", "a b")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "prod is now protected: changes need confirmation. The prompt shows ((prod)).\n"
        "eu is now protected: changes need confirmation. The prompt shows ((eu:Acme)).\n"
        '"a b" is now protected: changes need confirmation.\n'
    )
    assert entry(file, "prod") == {
        "url": "https://prod.example.com",
        "token": "key-of-prod",
        "theme": 1,
        "protected": True,
    }
    assert entry(file, "eu")["protected"] is True
    assert "protected" not in entry(file, "staging")


def test_protect_unknown_name_changes_nothing(config: Callable[..., Path]) -> None:
    file = config("prod")
    before = file.read_bytes()
    ran = alone("dctx", "protect", "prod", "prd")
    assert (ran.code, ran.err) == (3, 'dctx: profile "prd" not found. Did you mean prod?\n')
    assert file.read_bytes() == before


def test_unprotect_with_the_name_takes_the_mark_away(config: Callable[..., Path]) -> None:
    file = config(prod={"protected": True})
    ran = alone("dctx", "unprotect", "prod", env={"DCTX_YES": "prod"})
    assert (ran.code, ran.err) == (0, "prod is no longer protected.\n")
    assert "protected" not in entry(file, "prod")
    ran = alone("dctx", "unprotect", "prod")
    assert (ran.code, ran.err) == (0, "prod is not protected.\n")


def test_unprotect_without_the_name_changes_nothing(config: Callable[..., Path]) -> None:
    file = config(prod={"protected": True})
    before = file.read_bytes()
    ran = alone("dctx", "unprotect", "prod", stdin="prod\n")
    assert ran.code == 6
    assert ran.err == (
        "dctx: prod is protected and there is no terminal to ask on, so nothing was done. "
        "To unprotect it, set DCTX_YES=prod\n"
    )
    assert file.read_bytes() == before


# The question.


def test_require_asks_nothing_where_nothing_is_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "TERMINAL", "/no/such/terminal")
    confirm.require(Profile("x", {}), "do it")
    confirm.require(Profile("x", {"protected": "yes"}), "do it")  # only true is true


@pytest.mark.parametrize(
    "said", ["", "p", "pro", "prod ", " prod", "PROD", "prod2", "1", "yes", "*"]
)
def test_dctx_yes_is_the_whole_name_and_nothing_else(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirm, "TERMINAL", "/no/such/terminal")
    monkeypatch.setenv("DCTX_YES", said)
    with pytest.raises(Refused):
        confirm.require(Profile("prod", {"protected": True}), "do it")


@pytest.mark.parametrize("name", ["my prod", "-x", "$(id)", "пром", "a'b", "", "a\nb", "\x1b[1m"])
def test_require_takes_any_name_from_dctx_yes_and_shows_it_safely(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirm, "TERMINAL", "/no/such/terminal")
    profile = Profile(name, {"protected": True})
    with pytest.raises(Refused) as caught:
        confirm.require(profile, "do\x1b[2J it")
    assert str(caught.value).isprintable()
    monkeypatch.setenv("DCTX_YES", name)
    if name:
        confirm.require(profile, "do it")
    else:
        with pytest.raises(Refused):
            confirm.require(profile, "do it")


def test_question_shows_foreign_text_without_escapes(
    config: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    config("ok", **{"a b": {"url": "http://x/\x1b]2;title\x07", "protected": True}})
    term = terminal(BASH)
    term.type("dctx unprotect 'a b'" + ENTER)
    term.wait(lambda: "unprotect it:" in term.screen, "the question")
    assert b"\x1b]2;title" not in term.raw
    term.key("a b" + ENTER)
    assert term.line("echo $?") == "0"


# A profile without a key.


@pytest.mark.parametrize("more", [{}, {"protected": True}, {"access": "read-only"}], ids=repr)
@pytest.mark.parametrize(
    "argv",
    [
        ["exec", "empty", "--", "true"],
        ["exec", "empty", "--", "dokploy", "application", "delete"],
        ["exec", "--read-only", "empty", "--", "true"],
        ["exec", "--allow", "project.create", "empty", "--", "true"],
        ["exec", "--match", "empty", "--", "true"],
        ["exec", "--match", "empty", "--show-secrets", "--", "true"],
        ["env", "empty", "--shell", "sh"],
        ["env", "empty", "--shell", "fish"],
        ["env", "empty", "--shell", "json"],
        ["env", "empty", "--shell", "dotenv"],
        ["env", "empty", "--get", "key"],
        ["_run", "--profile", "empty", "dokploy", "application", "delete"],
        ["_run", "--profile", "empty", "dokploy", "project", "all"],
    ],
    ids=" ".join,
)
def test_profile_without_a_key_is_refused_alike_protected_or_not(
    argv: list[str], more: dict[str, object], config: Callable[..., Path]
) -> None:
    """Without a key, nobody is asked to type a name in vain."""
    config(empty={"token": None, **more})
    ran = alone("dctx", *argv)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.removeprefix("empty: ") == (
        'dctx: profile "empty" has no key. Run: dctx auth empty\n'
    )


# dctx env.

FILES = ["json", "dotenv", "github"]


@pytest.fixture
def github_env(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_ENV", str(home / "github-env"))
    return home / "github-env"


@pytest.mark.parametrize("kind", FILES)
def test_env_for_a_file_hands_a_protected_key_out_only_by_name(
    kind: str, config: Callable[..., Path], github_env: Path
) -> None:
    config(prod={"protected": True})
    ran = alone("dctx", "env", "prod", "--shell", kind, stdin="prod\n")
    assert (ran.code, ran.out) == (6, "")
    assert "To print its key, set DCTX_YES=prod" in ran.err
    assert not github_env.exists()
    ran = alone("dctx", "env", "prod", "--shell", kind, env={"DCTX_YES": "prod"})
    assert (ran.code, ran.err) == (0, "")
    handed = ran.out + (github_env.read_text("utf-8") if kind == "github" else "")
    assert "key-of-prod" in handed


@pytest.mark.parametrize("kind", rows.SHELLS)
def test_env_for_a_shell_has_the_word_in_place_of_a_protected_key(
    kind: str, config: Callable[..., Path], home: Path
) -> None:
    ask = ["sh", "-c", f"touch {home}/asked; echo key"]
    config(prod={"protected": True}, vault={"protected": True, "tokenCommand": ask})
    for name in ("prod", "vault"):
        ran = alone("dctx", "env", name, "--shell", kind)
        assert ran.code == 0
        assert SENTINEL in ran.out
        assert "key-of" not in ran.out
    assert not (home / "asked").exists()


def test_env_with_export_key_0_still_writes_files(config: Callable[..., Path]) -> None:
    config("staging")
    off = {"DCTX_EXPORT_KEY": "0"}
    ran = alone("dctx", "env", "staging", "--shell", "dotenv", env=off)
    assert ran.out == "DOKPLOY_URL=https://staging.example.com\nDOKPLOY_API_KEY=key-of-staging\n"
    ran = alone("dctx", "env", "staging", "--shell", "sh", env=off)
    assert f"export DOKPLOY_API_KEY={SENTINEL}\n" in ran.out
    assert "key-of-staging" not in ran.out


def test_env_of_a_plain_profile_imports_only_click_and_what_python_has() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "sys.argv = ['dctx', 'env', 'staging', '--shell', 'sh']\n"
        "from dokploy_ctx.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "tops = {m.partition('.')[0] for m in set(sys.modules) - before}\n"
        "print(sorted(tops - set(sys.stdlib_module_names)), file=sys.stderr)\n"
        "print(sorted({'subprocess', 'asyncio', 'email', 'http'} & tops), file=sys.stderr)\n"
    )
    folder = Path.home() / ".dokploy"
    folder.mkdir(0o700)
    text = '{"profiles": {"staging": {"url": "http://127.0.0.1", "token": "k"}}}'
    (folder / "config.json").write_text(text, "utf-8")
    (folder / "config.json").chmod(0o600)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines() == ["['click', 'dokploy_ctx']", "[]"]
