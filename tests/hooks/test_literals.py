"""No script in shell/ repeats what constants.py and messages.py say: scripts.py puts it in.

A copy would drift unseen: two fields swapped in one reader, 65 for 64, a variable missing from one
list. So the scripts are read, without their comments, and a literal copy fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dokploy_ctx import constants
from dokploy_ctx.text import messages

from ..shells import ROOT

SCRIPTS = sorted(p for p in (ROOT / "shell").iterdir() if p.name not in ("direnv.sh", "reads.sh"))
NUMBERS = {
    "NAME_MAX": constants.NAME_MAX,
    "SHOWN_MAX": constants.SHOWN_MAX,
    "WARN_SECONDS": constants.WARN_SECONDS,
    "DOTENV_MAX": constants.DOTENV_MAX,
}
# Names that are ours to choose; those of the official CLI stand in the scripts as they are.
OUR_NAMES = (
    constants.MEMORY,
    constants.SHOWN,
    constants.ANSWERED,
    constants.BROKER,
    constants.SEGMENT,
    constants.SEGMENT_STATE,
    *(name for name in constants.OWNED if name.startswith("DCTX_")),
)
COLOUR_WORDS = ("green", "red", "cyan", "yellow", "dim", "magenta")


def in_order(words: tuple[str, ...], least: int) -> re.Pattern[str]:
    """Return the pattern of `least` of these words one after the other, apart by blanks."""
    runs = [words[at : at + least] for at in range(len(words) - least + 1)]
    return re.compile("|".join(r"[\s\\]+".join(map(re.escape, run)) for run in runs))


def any_order(words: tuple[str, ...], least: int) -> re.Pattern[str]:
    """Return the pattern of `least` of these words in any order, apart by blanks."""
    one = "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"
    return re.compile(rf"\b{one}(?:[\s\\|]+{one}\b){{{least - 1},}}")


def fixed(text: str) -> str:
    """Return the longest part of a message that is no placeholder."""
    return max(re.split(r"%s|\$\(", text), key=len).strip()


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Return for each constant how a copy of it would look."""
    for name, number in NUMBERS.items():
        yield name, re.compile(rf"(?<![\w.]){number}(?![\w.])")
    for name in OUR_NAMES:
        yield name, re.compile(rf"(?<![A-Za-z]){name}(?![A-Z_])")
    yield "SAVED", re.compile(constants.SAVED)
    yield "SENTINEL", re.compile(constants.SENTINEL)
    yield "OWNED", any_order(constants.OWNED, 3)
    for prefix in ("", "__dctx_r_", "__dctx_a_"):
        yield "FIELDS", in_order(tuple(prefix + f for f in constants.CURRENT_FIELDS), 3)
        yield "ANSWER_FIELDS", in_order(tuple(prefix + f for f in constants.ANSWER_FIELDS), 3)
    yield "RESERVED", any_order(tuple(constants.RESERVED), 4)
    yield "COLOURS", any_order(tuple(constants.COLOURS), 4)
    for code in constants.COLOURS.values():
        yield "COLOURS", re.compile(rf"(?:\\e|\\033|\\x1b|\\E)\[(?:\d+;)*{code}m")
    yield "COLOURS", re.compile(rf"\bset_color (?:-\S+ )*(?:{'|'.join(COLOUR_WORDS)})\b")
    yield "LETTERS", re.compile(rf"{constants.LETTERS[:26]}|A-Za-z0-9|a-zA-Z0-9")
    for message in messages.SHELL.values():
        yield "messages", re.compile(re.escape(fixed(message)))
    yield "messages", re.compile(r"""['"]dctx: [a-z]""")


def copies(text: str) -> Iterator[str]:
    """Say which constants the text of a script repeats."""
    code = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    for name, pattern in patterns():
        if pattern.search(code):
            yield name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_repeats_no_constant(script) -> None:  # type: ignore[no-untyped-def]
    assert sorted(set(copies(script.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    ("planted", "what"),
    [
        ("[[ ${#name} -le 64 ]]", "NAME_MAX"),
        ("date=$((due + 604800))", "WARN_SECONDS"),
        ("read -r -n 1048576 text", "DOTENV_MAX"),
        ("read -r __dctx_r_format __dctx_r_name __dctx_r_url <f", "FIELDS"),
        ("set -g __dctx_a_rc __dctx_a_say \\\n    __dctx_a_session", "ANSWER_FIELDS"),
        ("unset DOKPLOY_PROFILE DCTX_ORG_ID DOKPLOY_URL", "OWNED"),
        ("for n in DOKPLOY_URL DOKPLOY_API_KEY \\\n DOKPLOY_AUTH_TOKEN; do", "OWNED"),
        ("unset _DCTX_S_DOKPLOY_URL", "SAVED"),
        ('[ -z "${_DCTX_SESSION-}" ]', "_DCTX_SESSION"),
        ("set -gx DCTX_SEGMENT x", "DCTX_SEGMENT"),
        ("export DCTX_ORG=x", "DCTX_ORG"),
        ("case $1 in auth | list | current | use) ;; esac", "RESERVED"),
        ("printf '\\e[32m'", "COLOURS"),
        ("set_color --bold green", "COLOURS"),
        ("case $x in session|default|protected|env) ;; esac", "COLOURS"),
        ("key=protected-by-dctx", "SENTINEL"),
        ("case $1 in *[!A-Za-z0-9]*) ;; esac", "LETTERS"),
        ("printf 'dctx: no such thing'", "messages"),
        (f"x='{messages.SHELL['no_python']}'", "messages"),
    ],
)
def test_copy_is_noticed(planted: str, what: str) -> None:
    assert what in set(copies(f"# a script\n{planted}\n"))
    assert not set(copies("\n".join(f"# {line}" for line in planted.split("\n"))))


SHARED = [
    p for p in SCRIPTS if p.suffix == ".bash" or p.stem in ("core", "prompt", "session", "ask")
]


@pytest.mark.parametrize("script", SHARED, ids=lambda path: path.name)
def test_values_of_declarations_are_quoted(script) -> None:  # type: ignore[no-untyped-def]
    """With `builtin` before it bash takes `local x=$y` for a command like any other: it splits."""
    if script.suffix in (".bash", ".sh"):
        bare = r"(?m)^ *(?:local|export|declare) .*?(?<=[ A-Za-z_])=(?!\$')[^ \"'\n]*\$.*"
        assert re.findall(bare, script.read_text("utf-8")) == []
