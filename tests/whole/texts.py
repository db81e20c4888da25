"""Every text that JSON can hold, and profiles that are made of such texts."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

# Batches per test: `make matrix` asks for many.
BATCHES = int(os.environ.get("DCTX_BATCHES", "2"))
SETTINGS = settings(
    max_examples=BATCHES,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a failure names its text; making it smaller would take minutes
    suppress_health_check=list(HealthCheck),
)
# What shells, terminals, JSON, Node, GitHub and our own separators make something of.
PIECES = st.sampled_from(
    [
        "'", '"', "\\", "`", "$", "$(touch pwned)", "${IFS}", "!x", "!", "~", "*", "?", "[",
        "{key}", "%25", "%", "%s", "%n", "%0A", ";", "&", "|", "<", ">", "#", "=", "EOF",
        "::add-mask::", "-", "--", "-n", " ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\0",
        "\x01", "\x1b[31m", "\x1c", "\x1f", "\x7f", "\x80", "\x85", "\x9b", "\xa0", "\xad", "\xff",
        "\u0141", "\u00e9", "\u200b", "\u2028", "\u2029", "\u202e", "\u2066", "\u3000", "\ufeff",
        "\ufdd0", "\uf600", "\uf6ff", "\uffff", "\ud800", "\udc80", "\udfff", "\U0001f692",
        "\U0010ffff", "a", "key", "e\u0301", "x" * 64, "x" * 70, "x" * 300, "y" * 5000,
    ]
)  # fmt: skip
ANY = st.text(st.characters(exclude_categories=()), max_size=6)
TEXT = st.one_of(ANY, st.lists(PIECES, max_size=4).map("".join))
# A name, or a value of a header, that nobody types, but that is allowed.
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80)


def mostly(usual: str, texts: st.SearchStrategy[str] = TEXT) -> st.SearchStrategy[str]:
    """Return a strategy of the usual text and, half of the time, of any."""
    return st.one_of(st.just(usual), texts)


URLS = st.one_of(
    st.sampled_from(["https://a.example", "HTTPS://B.example:8443/x//", "http://localhost:3000"]),
    TEXT.map(lambda text: f"https://h.example/{text}"),
    TEXT,
)
# Half of the keys can stand in a record.
KEYS = st.one_of(PRINTABLE, TEXT)
HEADERS = st.dictionaries(
    st.one_of(st.sampled_from(["CF-Access-Client-Id", "X-A"]), TEXT),
    st.one_of(PRINTABLE, TEXT), max_size=2,
)  # fmt: skip
ENTRIES = st.fixed_dictionaries(
    {
        "url": URLS,
        "token": KEYS,
        "organization": st.fixed_dictionaries({"id": mostly("-o1"), "name": mostly("Acme")}),
    },
    optional={"headers": HEADERS},
)
# The name and the entry of each of a batch's profiles.
BATCH = st.lists(st.tuples(mostly(""), ENTRIES), min_size=8, max_size=8)


def profiles(batch: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return the entries by name; one without a name is called by its place."""
    return {name or f"p{number}": entry for number, (name, entry) in enumerate(batch)}
