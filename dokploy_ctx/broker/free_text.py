"""Secrets in free text, found by how people and programs write them down.

Pure. Every repetition is bounded, so that no text of the server's makes a search take long.
"""

from __future__ import annotations

import re

from .forms import MASK, looks_random
from .pieces import SIZE, pieces

# scheme://user:password@host, also with what people forget to encode in a password. A slash may be
# in one, but not behind a port.
_USERINFO = re.compile(
    r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}:(?:\\?/){2})([^\s/?#@\"'<>:]{0,256})"
    r"(:[^\s\"'<>/]{0,512}|:(?!\d{1,5}(?:[/?#]|\\/))[^\s\"'<>@]{0,512}|)@",
    re.I,
)
_ORACLE = re.compile(r"(\bjdbc:oracle:[a-z]{1,8}:[^\s/@]{1,64}/)([^\s@]{1,256})(?=@)", re.I)
# user:password@tcp(host:3306) and user:password@host:5432; not name:tag@sha256:123….
_BARE_USERINFO = re.compile(
    r"((?<![^\s\"'=,;(])[A-Za-z0-9_.-]{1,64}:)([^\s:@/\"']{1,256})"
    r"(?=@(?!sha\d)(?:[a-z]{2,5}\(|[A-Za-z0-9.-]{1,253}:\d{2,5}\b))"
)
_PGPASS = re.compile(
    r"^([^\s:]{1,253}:(?:\d{2,5}|\*):[A-Za-z_*][^\s:]{0,64}:[A-Za-z_*][^\s:]{0,64}:)(\S{1,512})$",
    re.M,
)

# Words that name a secret; a short one only where it is a word of its own.
_LONG = (
    r"(?:password|passwd|passphrase|secret|token|credential|"
    r"(?:api|access|account|shared|private|signing|encryption|secret)[_-]?key(?:[_-]?id)?|"
    r"key[_-]?data|connection[_-]?string)s?"
)
_SHORT = r"(?:pass|pwd|auth|dsn|jwt)"
_NAME = (
    rf"(?:[A-Za-z0-9_.-]{{0,64}}{_LONG}"
    rf"|(?:[A-Za-z0-9_.-]{{0,64}}[_.-]|db|user|root|admin)?{_SHORT})"
)
_QUERY = re.compile(
    rf"([?&;#](?:[a-z0-9_.-]{{0,64}}(?:{_LONG}|signature)|key|sig|auth|code)=)([^&#\s\"'<>;]+)",
    re.I,
)
# NAME=value, "name": "value", name => 'value', "name: value"; a value in quotes to its end, a block
# of YAML to its last line.
_ASSIGNED = re.compile(
    rf"""((?<![A-Za-z0-9_.])(?=[A-Za-z_])(?:{_NAME}|(?<=["'])auth)(?:\\{{0,3}}["'])?[ \t]{{0,8}}
         (?:=>|=|:(?=[\s"'\\])|:(?!//)(?=[^\s:/]))[ \t]{{0,8}})
       (?!\[masked-by-)
       (?: (?P<quote>\\{{0,3}}["'`])(?P<quoted>(?:(?!(?P=quote))[^\n]){{0,4096}})
         | (?P<block>[|>][+-]?\d?[ \t]*\n(?:[ \t]+[^\n]*(?:\n|\Z)|[ \t]*\n)+)
         | (?P<bare>(?:(?:bearer|basic)\s{{1,8}})?[^\s"']+)
       )""",
    re.I | re.X,
)
_XML = re.compile(rf"(<{_NAME}>)([^<]{{1,4096}})", re.I)
# --password value, -u user:password, and the programs whose -p is a password.
_OPTION = re.compile(rf"((?<!\S)--{_NAME}[ \t]+)(?!-)(\"[^\"\n]*\"|'[^'\n]*'|\S+)", re.I)
_USER_OPTION = re.compile(
    r"((?<!\S)(?:-u|--user)[ =]{1,4}['\"]?[^\s:'\"]{1,128}:)([^\s'\"]{1,512})"
)
_PASSWORD_OPTION = re.compile(
    r"(\b(?:sshpass|(?:docker|podman)\s+login\b[^\n]{0,256}?"
    r"|(?:mysql|mariadb)[a-z-]{0,16}\b[^\n]{0,256}?)\s+-p\s{0,4})(\S{1,512})"
)
_REDIS_OPTION = re.compile(r"(\bredis-cli\b[^\n]{0,256}?\s-a\s{1,4})(\S{1,512})")
_NETRC = re.compile(r"(\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8})(\S{1,512})")
_COOKIE = re.compile(r"(\b(?:set-)?cookie:[ \t]*)([^\r\n=]{1,256}=[^\r\n]{0,8192})", re.I)
_AUTHORIZATION = re.compile(r"(\b(?:bearer|basic)\s{1,8})([A-Za-z0-9._~+/=-]{8,})", re.I)
# "fix token: refresh": in the title of a commit a word behind a colon is a word.
_PROSE = re.compile(r"[A-Za-z]{1,32}[.,;!?)]{0,3}\Z")

# Keys whose maker gave them a form of their own.
_KNOWN = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      gh[pousr]_[A-Za-z0-9]{20,} | github_pat_[A-Za-z0-9_]{20,} | gl[a-z]{2,5}-[A-Za-z0-9_-]{16,}
    | xox[abeoprs]-[A-Za-z0-9-]{10,} | xapp-[A-Za-z0-9-]{10,} | (?:AKIA|ASIA)[A-Z0-9]{16}
    | AIza[A-Za-z0-9_-]{30,} | sk-[A-Za-z0-9_-]{20,} | shp[a-z]{2}_[A-Fa-f0-9]{20,}
    | (?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,} | dckr_pat_[A-Za-z0-9_-]{16,}
    | npm_[A-Za-z0-9]{30,} | pypi-[A-Za-z0-9_-]{30,} | dop_v1_[a-f0-9]{40,}
    | hvs\.[A-Za-z0-9_-]{20,} | ya29\.[A-Za-z0-9_-]{20,} | sbp_[a-f0-9]{20,}
    | SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,} | SWMTKN-1-[a-z0-9-]{20,}
    | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
    | (?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{30,} | \$2[abxy]\$\d\d\$[./A-Za-z0-9]{40,}
    | \$(?:apr1|5|6|argon2id?|y)\$[^\s"']{16,} | \{SHA\}[A-Za-z0-9+/=]{20,}
    | otpauth://[^\s"']+ | AGE-SECRET-KEY-1[A-Z0-9]{20,}
    | LS0tLS1CRUdJTi(?!BDRVJU|BQVUJM)[A-Za-z0-9+/=]{20,}
    | [A-Za-z]{64} | [A-Za-z0-9_-]{1,32}_[A-Za-z]{64}
    )(?![A-Za-z0-9])""",
    re.X,
)
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,64}-----|\Z)"
    r"|\bPrivate-Lines: \d{1,4}\s.*",
    re.S,
)
_WEBHOOK = re.compile(
    r"(https?://(?:hooks\.slack\.com|(?:\w{1,16}\.)?discord(?:app)?\.com/api/webhooks"
    r"|[\w.-]{1,128}\.webhook\.office\.com|open\.(?:larksuite|feishu)\.(?:com|cn)/open-apis/bot))"
    r"(/[^\s\"'<>]+)",
    re.I,
)
_URL = re.compile(r"([a-z][a-z0-9+.-]{0,30}://[^/?#\s]*)(.*)", re.I | re.S)
# What makes a text worth a closer look; most texts have none of it.
_WORTH = re.compile(
    r"://|[=@]|BEGIN |Private-Lines|[A-Za-z0-9_+/$.-]{20}|:\d{2,5}:|:\*:|-[uap]\S*\s|\s-p|--user\b"
    r"|pass|pwd|secret|token|key|credential|auth|jwt|dsn|connection|cookie|bearer\s|basic\s|\{SHA\}",
    re.I,
)


def mask_text(text: str, *, prose: bool = False) -> str:
    """Return free text without passwords of URLs, assigned secrets, private keys and known keys.

    `prose`: a title, in which "token: refresh" is two words.
    """
    if "PRIVATE KEY" in text or "Private-Lines" in text:
        text = _PEM.sub(MASK, text)
    if len(text) <= SIZE:
        return _mask_piece(text, prose=prose)
    return "".join([_mask_piece(piece, prose=prose) for piece in pieces(text)])


def _mask_piece(text: str, *, prose: bool) -> str:
    if not _WORTH.search(text):
        return text
    if "://" in text or ":\\/\\/" in text:
        text = _WEBHOOK.sub(lambda found: f"{found[1]}/{MASK}", text)
        text = _USERINFO.sub(_userinfo, text)
        text = _QUERY.sub(_keep_first, text)
    text = _ASSIGNED.sub(_title if prose else _assigned, text)
    for pattern in _OTHERS:
        text = pattern.sub(_keep_first, text)
    return _KNOWN.sub(MASK, text)


_OTHERS = (
    *(_BARE_USERINFO, _PGPASS, _ORACLE, _XML, _OPTION, _USER_OPTION, _PASSWORD_OPTION),
    *(_REDIS_OPTION, _NETRC, _COOKIE, _AUTHORIZATION),
)


def mask_hook(text: str) -> str:
    """Return the URL `text` as scheme and host; what is no URL is masked whole."""
    found = _URL.match(text)
    if found is None:
        return MASK if text else text
    host = mask_text(found[1])
    return host + ("/" + MASK if found[2].strip("/") else found[2])


def _keep_first(found: re.Match[str]) -> str:
    """Return the first group and the mask: quicker than a template, which is parsed each time."""
    return found[0] if found[2].startswith(MASK) else f"{found[1]}{MASK}"


def _assigned(found: re.Match[str]) -> str:
    quote = found["quote"]
    if quote is not None:
        return f"{found[1]}{quote}{MASK}" if found["quoted"] else found[0]
    block = found["block"]
    if block is not None:
        return f"{found[1]}{MASK}" + ("\n" if block.endswith("\n") else "")
    return f"{found[1]}{MASK}"


def _title(found: re.Match[str]) -> str:
    is_word = found["bare"] and _PROSE.match(found["bare"]) and "=" not in found[1]
    return found[0] if is_word else _assigned(found)


def _userinfo(found: re.Match[str]) -> str:
    scheme, user, password = found.groups()
    if len(password) > 1:
        return f"{scheme}{user}:{MASK}@"
    if len(user) >= 16 and looks_random(user):  # https://TOKEN@github.com
        return f"{scheme}{MASK}@"
    return found[0]
