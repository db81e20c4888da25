"""No script in shell/ repeats what constants.py and messages.py say: hook.py puts it in.

A copy would drift unseen: two fields swapped in one reader, 65 for 64, a variable missing from one
list. So the scripts are read, without their comments, and a literal copy fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dokploy_ctx import constants, messages

from .shells import ROOT

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


def copies(text: str) -> Iterator[str]:
    """Say which constants the text of a script repeats."""
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("#")]
    code = "\n".join(lines)
    for name, number in NUMBERS.items():
        if re.search(rf"(?<![\w.]){number}(?![\w.])", code):
            yield name
    for name in OUR_NAMES:
        if re.search(rf"(?<![A-Za-z]){name}(?![A-Z_])", code):
            yield name
    if constants.SAVED in code:
        yield "SAVED"
    if constants.SENTINEL in code:
        yield "SENTINEL"
    if any_order(constants.OWNED, 3).search(code):
        yield "OWNED"
    for prefix in ("", "__dctx_r_", "__dctx_a_"):
        for what, fields in (
            ("FIELDS", constants.CURRENT_FIELDS),
            ("ANSWER_FIELDS", constants.ANSWER_FIELDS),
        ):
            if in_order(tuple(prefix + field for field in fields), 3).search(code):
                yield what
    if any_order(tuple(constants.RESERVED), 4).search(code):
        yield "RESERVED"
    if any_order(tuple(constants.COLOURS), 4).search(code):
        yield "COLOURS"
    for number in constants.COLOURS.values():
        if re.search(rf"(?:\\e|\\033|\\x1b|\\E)\[(?:\d+;)*{number}m", code):
            yield "COLOURS"
    if re.search(rf"\bset_color (?:-\S+ )*(?:{'|'.join(COLOUR_WORDS)})\b", code):
        yield "COLOURS"
    if constants.LETTERS[:26] in code or re.search(r"A-Za-z0-9|a-zA-Z0-9", code):
        yield "LETTERS"
    if any(fixed(message) in code for message in messages.SHELL.values()):
        yield "messages"
    if re.search(r"""['"]dctx: [a-z]""", code):
        yield "messages"


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
