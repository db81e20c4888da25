"""A long text is masked in pieces, with the same result."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from dokploy_ctx.broker import free_text
from dokploy_ctx.broker.forms import MASK
from dokploy_ctx.broker.pieces import SIZE, pieces

# Texts before and after a line's end that may together be one secret.
WORDS = st.sampled_from(
    ["\n", "\n", "\n", "\r\n", " ", "  ", "\t", "password: |", "token: >-", "password", "login",
     "machine h", "docker", "podman", "sshpass", "mysql", "redis-cli", "-p", "-a", "-u a:b",
     "--token", "bearer", "Basic", "Authorization:", "Cookie: a=b", "<password>", "</password>",
     "<b>", "hunter2pw", "PASSWORD=", "x", "user:hunter2pw@tcp(h)", "https://u:hunter2pw@h/",
     "h:5432:db:u:hunter2pw", "'", '"', "=", ":", ",", "abcdefgh12", "h:*:*:u:",
     '"""', "<<EOT", "EOT", "<![CDATA[", "value: hunter2pw",
     "name: DB_PASSWORD", "- ", "authorization", "htpasswd -b", "zip", "-P", "openssl", "echo",
     "| chpasswd", "token", "password is", "</key>", "<string>", ">password", "ENV"]
)  # fmt: skip


def whole(text: str) -> str:
    return free_text._mask_piece(text, prose=False)


def in_pieces(text: str) -> str:
    return "".join(free_text._mask_piece(piece, prose=False) for piece in pieces(text, 1))


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS, max_size=24).map("".join))
def test_pieces_mask_what_the_whole_does(text: str) -> None:
    assert "".join(pieces(text, 1)) == text
    assert in_pieces(text) == whole(text)


def test_a_secret_that_begins_lines_before_is_found() -> None:
    for text in (
        "password: |\n  hunter2pw\n\n  hunter2pw\nb: c\n",
        "<token>\n" + "a\n" * 2000 + "hunter2pw\n</token>\n",
        "machine h\nlogin\nme\npassword\nhunter2pw\nx\n",
        "docker\nlogin -u me\n-p\nhunter2pw\nx\n",
        "authorization:\nbearer\n\nhunter2pwx\nx\n",
    ):
        assert "hunter2pw" not in whole(text)
        assert in_pieces(text) == whole(text)


def test_an_ordinary_log_is_cut_near_the_size_that_is_wanted() -> None:
    line = '2026-11-26T14:24:47Z INFO GET /api/users?page=1 200 "agent" password=hunter2pw\n'
    text = line * 5000
    lengths = [len(piece) for piece in pieces(text)]
    assert len(lengths) == len(text) // (SIZE + len(line)) + 1
    assert max(lengths) <= SIZE + len(line)
    assert free_text.mask_text(text) == re.sub("hunter2pw", MASK, text)


def test_a_private_key_longer_than_a_piece_is_masked_whole() -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" + "hunter2pw\n" * 9000 + "-----END PRIVATE KEY-----"
    assert free_text.mask_text(f"a\n{key}\nb\n") == f"a\n{MASK}\nb\n"


def test_no_piece_is_empty() -> None:
    assert list(pieces("12345678\n", 8)) == ["12345678\n"]
