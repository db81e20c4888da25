"""Messages in a window: broken at blanks alone, commands whole, the same words as in a pipe."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from dokploy_ctx.text.messages import back_on, switched
from dokploy_ctx.text.terminal import width
from dokploy_ctx.text.wrapping import _units, message, wrapped

LONG = "https://panel.a-long-name.example.com/behind/a/prefix/of/some/length/and/more"


def test_without_a_window_a_message_is_one_line() -> None:
    assert message("word " * 100, 0) == ["word " * 100]


def test_lines_break_at_blanks_and_stand_behind_the_first() -> None:
    lines = wrapped("one two three https://a-long-word.example.com/path four", 20, 4)
    assert lines == ["one two three", "https://a-long-word.example.com/path", "    four"]
    assert message("dctx: one two three four", 14) == ["dctx: one two", "  three four"]
    assert message("  prod   Acme, new", 14) == ["  prod   Acme,", "    new"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "dctx: the key of prod expired. Run: dctx auth prod -u https://panel.example.com",
            ["dctx: the key of prod expired.", "  Run:",
             "dctx auth prod -u https://panel.example.com"],
        ),
        (
            "dctx: no profile is active. Run: dctx NAME, or: dctx use NAME",
            ["dctx: no profile is active. Run:", "  dctx NAME,", "  or: dctx use NAME"],
        ),
        (
            "dctx: profile x has no key. Run: dctx auth x -t 'a b. c' -k. It is saved then.",
            ["dctx: profile x has no key. Run:", "  dctx auth x -t 'a b. c' -k.",
             "  It is saved then."],
        ),
        (
            "dctx: NAME is required. Run: dctx use NAME (profiles: a, b)",
            ["dctx: NAME is required. Run:", "  dctx use NAME", "  (profiles: a, b)"],
        ),
        (
            "dctx: Tab needs it. Add this line to ~/.zshrc: autoload -U x; x && y (z)",
            ["dctx: Tab needs it. Add this line", "  to ~/.zshrc:", "  autoload -U x; x && y (z)"],
        ),
    ],
)  # fmt: skip
def test_command_is_never_broken(text: str, lines: list[str]) -> None:
    assert message(text, 34) == lines


def test_sentence_that_begins_with_the_name_of_the_program_is_no_command() -> None:
    text = "dctx: warning: dctx made 2 keys on http://127.0.0.1:7101 that nobody knows"
    assert message(text, 60) == [
        "dctx: warning: dctx made 2 keys on http://127.0.0.1:7101",
        "  that nobody knows",
    ]


def test_words_stay_the_same_and_lines_fit() -> None:
    """Whatever is said: nothing is lost, nothing is wider but what cannot be broken."""
    chance = random.Random(15)
    words = ["dctx:", "prod", "Run:", "or:", "dctx", "use", "日本語支社", "é", "(a", "b)", "it's",
             "'x y'", "...", "-t", "end.", "and,", LONG]  # fmt: skip
    for _ in range(2000):
        text = " ".join(chance.choices(words, k=chance.randint(1, 40)))
        columns = chance.choice((20, 40, 80))
        lines = message(text, columns)
        assert " ".join(" ".join(lines).split()) == text
        whole = {unit for _, unit, _ in _units(text)}
        assert [line for line in lines if width(line) > columns and line not in whole] == [], text


def test_width_of_wide_characters_counts() -> None:
    lines = message("組織 " * 30, 80)
    assert all(60 < width(line) <= 80 for line in lines[:-1])


@pytest.mark.parametrize("organization", ["", ":Acme", ":" + "W" * 24, ":" + "組" * 12])
@pytest.mark.parametrize("name", ["a", "n" * 40, "n" * 64])
@pytest.mark.parametrize("url", ["https://a.example.com", LONG])
def test_what_a_shell_prints_as_it_stands_fits(name: str, organization: str, url: str) -> None:
    for said in (switched(name + organization, url), back_on(4, name + organization)):
        assert name in said
        assert width(said) <= 80


def test_what_fits_is_said_whole() -> None:
    url = "https://panel.example.com"
    assert switched("staging:Acme", url) == f"Switched to staging:Acme ({url})"
    assert back_on(4, "prod:Acme") == "Back on the default: prod:Acme"
    name = "client-acme"
    url = "https://dokploy.client-acme.example.com"
    assert switched(f"{name}:Acme Corporation Ltd.", url) == f"Switched to {name} ({url})"


def test_ascii_imports_no_wcwidth() -> None:
    code = (
        "import sys\n"
        "from dokploy_ctx.text.wrapping import message\n"
        "assert len(message('word ' * 40, 80)) == 3\n"
        "assert 'wcwidth' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
