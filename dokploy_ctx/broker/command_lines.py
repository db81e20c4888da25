"""Secrets on command lines: options such as --password, and options of single programs.

Pure. In each pattern the second group is the secret.
"""

from __future__ import annotations

import re

from .secret_words import NAME

# --password value; -u user:password
OPTIONS = (
    re.compile(rf"((?<!\S)--?{NAME}[ \t]+)(?!-)(\"[^\"\n]*\"|'[^'\n]*'|\S+)", re.I),
    re.compile(r"(\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8})(\S{1,512})"),  # .netrc
)
_ANY = r"[^\n]{0,256}?"
_PASSWORD = re.compile(
    rf"(\b(?:sshpass|(?:docker|podman)\s+login\b{_ANY}|mongo[a-z]{{0,8}}\b{_ANY}"
    rf"|(?:mysql|mariadb)[a-z-]{{0,16}}\b{_ANY})\s+-p\s{{0,4}})(\S{{1,512}})"
)
_PIPED = re.compile(
    r"(\b(?:echo|printf)[ \t]{1,4})((?!\[masked-by-)[^\n|]{1,512}?)"
    r"(?=[ \t]{0,4}\|[^\n|]{0,128}(?:--password-stdin|\bchpasswd|\bsudo\b[^\n|]{0,32}-S))"
)
_USER = re.compile(r"((?<!\S)(?:-u|--user)[ =]{1,4}['\"]?[^\s:'\"]{1,128}:)([^\s'\"]{1,512})")


def _behind(text: str) -> re.Pattern[str]:
    return re.compile(rf"(\b{text})(\S{{1,512}})")


# Each pattern has a word that a text in lower case must contain for the pattern to match.
COMMANDS = (
    *(("-u", _USER), ("sshpass", _PASSWORD), ("docker", _PASSWORD), ("podman", _PASSWORD)),
    *(("mongo", _PASSWORD), ("mysql", _PASSWORD), ("mariadb", _PASSWORD)),
    *(("password-stdin", _PIPED), ("chpasswd", _PIPED), ("sudo", _PIPED)),
    ("7z", _behind(rf"7z[ar]?\b{_ANY}\s-p")),
    ("zip", _behind(rf"zip\b{_ANY}\s-P\s{{0,4}}")),
    ("redis-cli", _behind(rf"redis-cli\b{_ANY}\s-a\s{{1,4}}")),
    ("ldap", _behind(rf"ldap[a-z]{{3,10}}\b{_ANY}\s-w\s{{0,4}}")),
    ("openssl", _behind(rf"openssl\b{_ANY}\s-(?:k|K|pass(?:in|out)?)\s{{1,4}}")),
    (
        "htpasswd",
        _behind(r"htpasswd[ \t]+-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}(?:[ \t]+\S{1,256}){2}[ \t]+"),
    ),
    ("lftp", _behind(r"lftp\b[^\n]{0,64}?-u\s{1,4}[^\s,]{1,128},")),
    ("smbclient", _behind(r"smbclient\b[^\n]{0,64}?-U\s{1,4}[^\s%]{1,128}%")),
)
