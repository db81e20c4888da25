"""Mask secrets in free text, found by the ways in which people and programs write them.

Pure. Every repetition in a pattern is bounded, so that no text makes a search take long.
"""

from __future__ import annotations

import re

from .coded_text import mask_coded
from .command_lines import COMMANDS, OPTIONS
from .forms import MASK, looks_random
from .pieces import SIZE, pieces
from .secret_words import BLANK, DECORATION, HINTS, LONG, NAME, QUOTE, WORD

# scheme://user:password@host, also with characters in the password that should be encoded. The
# password may contain a slash, but not after what looks like a port.
_USERINFO = re.compile(
    r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}:(?:\\?/){2})([^\s/?#@\"'<>:]{0,256})"
    r"(:[^\s\"'<>/]{0,512}|:(?!\d{1,5}(?:[/?#]|\\/))[^\s\"'<>@]{0,512}|)@",
    re.I,
)
_ORACLE = re.compile(r"(\bjdbc:oracle:[a-z]{1,8}:[^\s/@]{1,64}/)([^\s@]{1,256})(?=@)", re.I)
# user:password@tcp(host:3306) and user:password@host:5432, but not name:tag@sha256:123.
_BARE_USERINFO = re.compile(
    r"((?<![^\s\"'=,;(])[A-Za-z0-9_.-]{1,64}:)([^\s:@/\"']{1,256})"
    r"(?=@(?!sha\d)(?:[a-z]{2,5}\(|[A-Za-z0-9.-]{1,253}:\d{2,5}\b))"
)
# The same with a URL's escapes.
_CODED_USERINFO = re.compile(
    r"(%3A%2F%2F[^\s%]{0,256}%3A)((?:[^\s&%]|%(?!40)..){1,512})(?=%40)", re.I
)
_PGPASS = re.compile(
    r"^([^\s:]{1,253}:(?:\d{2,5}|\*):[A-Za-z_*][^\s:]{0,64}:[A-Za-z_*][^\s:]{0,64}:)(\S{1,512})$",
    re.M,
)

_QUERY = re.compile(
    rf"([?&;#](?:[a-z0-9_.-]{{0,64}}(?:{LONG}|signature|[_-]key)|key|sig|auth|code|jwt|pwd?|pass)=)"
    r"([^&#\s\"'<>;]+)",
    re.I,
)
# NAME=value, "name": "value", name => 'value', "name: value". The value may be in quotes, a YAML
# block, indented lines below the name, or lines between two marks.
_ASSIGNED = re.compile(
    rf"""({WORD}
         (?:{QUOTE}|{DECORATION})?{BLANK}{{0,8}}
         (?::?=>?|%3D|:(?=[\s"'\\&*<\x1b%\u00a0])|[\uff1a]|%3A|:(?!//)(?=[^\s:/]))
         (?:{DECORATION}|{BLANK}){{0,40}}(?:(?:&[\w-]{{1,64}}|!{{1,2}}\w{{1,16}})[ \t]{{1,8}})?)
       (?!\[masked-by-)
       (?: (?P<marks>\"{{3}}|'{{3}}|<<[-~]?[\"']?(?P<word>\w{{1,32}})[\"']?(?=\n))
             (?:(?!(?P=marks)).){{0,4096}}?(?:(?P=marks)|\n[ \t]*(?P=word)\b)
         | (?P<quote>{QUOTE})(?P<quoted>(?:(?!(?P=quote))[^\n]){{0,4096}})
         | (?P<block>(?:[|>][+-]?\d?)?[ \t\r]*\n(?:[ \t]*\n){{0,4}}
             (?:(?:[ \t]+|-[ \t])[^\s][^\n]*(?:\n|\Z)|(?<=\n)[ \t]*\n)+)
         | (?P<bare>(?:(?:bearer|basic|token)\s{{1,8}})?[^\s"']+)
       )""",
    re.I | re.X | re.S,
)
# <password>x</password>, <key>password</key><string>x</string>
_XML = re.compile(
    rf"(<{NAME}>\s{{0,8}}(?:<!\[CDATA\[)?|>{NAME}</key>\s{{0,8}}<string>)([^\s<\]][^<\]]{{0,4096}})",
    re.I,
)
# define('DB_PASSWORD', 'x'), ["--password", "x"]
_LISTED = re.compile(
    rf"([\"'](?:--?)?{NAME}[\"'][ \t]{{0,8}},[ \t]{{0,8}}[\"'])([^\"'\n]{{1,4096}})", re.I
)
# {"name": "DB_PASSWORD", "value": "x"}, in YAML and XML too; variable "password" { default = "x"
_NAMED = re.compile(
    rf"""(\b(?:name|key|id|variable)["']?[ \t]{{0,4}}[:=]?[ \t]{{0,4}}["']?{NAME}["']?
         [\s,;{{]{{1,40}}["']?(?:value|default)["']?[ \t]{{0,4}}[:=][ \t]{{0,4}})
         ("[^"\n]*"|'[^'\n]*'|[^\s,;"'}}]+)""",
    re.I | re.X,
)
# "The password is hunter2", | password | hunter2 |: only values with a digit.
_SAID = re.compile(
    rf"({WORD}(?:[ \t]{{1,4}}(?:is|was)[: \t]{{1,4}}"
    r"|\t|[ \t]{0,8}\|[ \t]{0,8}))"
    r"((?=[^\s|]{0,256}\d)[^\s|]{6,512})",
    re.I,
)
_SET = re.compile(
    rf"(\b(?:ENV|set(?:x|env)?(?:[ \t]+-\w{{1,4}}){{0,3}}|config)[ \t]+(?:[^\n]{{0,128}}[ \t])?"
    rf"{NAME}[ \t]+)"
    r"([^\s=]\S{0,512})",
    re.I,
)
_COOKIE = re.compile(r"(\b(?:set-)?cookie:[ \t]*)([^\r\n=]{1,256}=[^\r\n]{0,8192})", re.I)
_HEADER = re.compile(
    r"(\bauthorization[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?:[A-Za-z-]{1,16}[ \t]{1,4})?)"
    r"([^\s\"']{4,})",
    re.I,
)
_AUTHORIZATION = re.compile(r"(\b(?:bearer|basic)\s{1,8})([A-Za-z0-9._~+/=-]{8,})", re.I)
# In the title of a commit, "fix token: refresh", the word after the colon is not a secret.
_PROSE = re.compile(r"[A-Za-z]{1,32}[.,;!?)]{0,3}\Z")

# Keys of services that give them a recognizable form.
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
# The end of a private key, with which the lines of a log may begin.
_REST_OF_PEM = re.compile(
    r"(?:^[A-Za-z0-9+/=]{1,76}\r?\n){1,200}-----END (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY-----", re.M
)
_WEBHOOK = re.compile(
    r"(https?://(?:hooks\.(?:slack|zapier)\.com|maker\.ifttt\.com"
    r"|(?:\w{1,16}\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks"
    r"|[\w.-]{1,128}\.webhook\.office\.com|open\.(?:larksuite|feishu)\.(?:com|cn)/open-apis/bot))"
    r"(/[^\s\"'<>]+)",
    re.I,
)
# A URL with a path such as /webhook/, and a part with a digit after it.
_HOOK_PATH = re.compile(
    r"(https?://[^\s/\"'<>]{1,256}/(?:[\w.-]{1,64}/){0,4}?(?:webhooks?(?:-test)?|hooks?|api/deploy))"
    r"(/(?=[^\s\"'<>]{0,512}\d)[^\s\"'<>]{8,})",
    re.I,
)
_URL = re.compile(r"([a-z][a-z0-9+.-]{0,30}://[^/?#\s]*)(.*)", re.I | re.S)
# A text without any of these contains no secret that we find. Most texts are skipped by this.
_WORTH = re.compile(
    r"://|[=@]|BEGIN |Private-Lines|[A-Za-z0-9_+/$.-]{20}|:\d{2,5}:|:\*:|(?<!\S)-|%[0-9A-F]{2}"
    r"|bearer\s|basic\s|cookie|authorization|chpasswd|\{SHA\}|" + "|".join(HINTS),
    re.I,
)


def mask_text(text: str, *, prose: bool = False) -> str:
    """Return free text without passwords of URLs, assigned secrets, private keys and known keys.

    `prose` is for a title, in which "token: refresh" is ordinary text.
    """
    if "PRIVATE KEY" in text or "Private-Lines" in text:
        text = _REST_OF_PEM.sub(MASK, _PEM.sub(MASK, text))
    if len(text) <= SIZE:
        return _mask_piece(text, prose=prose)
    return "".join([_mask_piece(piece, prose=prose) for piece in pieces(text)])


def _mask_piece(text: str, *, prose: bool) -> str:
    if not _WORTH.search(text):
        return text
    if "://" in text or ":\\/\\/" in text:
        text = _WEBHOOK.sub(lambda found: f"{found[1]}/{MASK}", text)
        text = _HOOK_PATH.sub(lambda found: f"{found[1]}/{MASK}", text)
        text = _USERINFO.sub(_userinfo, text)
    small = text.lower()
    if any(word in small for word in HINTS):
        text = _QUERY.sub(_keep_first, text)
        text = _LISTED.sub(_keep_first, text)
        text = _NAMED.sub(_keep_first, text)
        text = _ASSIGNED.sub(_title if prose else _assigned, text)
        for pattern in (_XML, _SAID, _SET, *OPTIONS):
            text = pattern.sub(_keep_first, text)
    for hint, pattern in (*_OTHERS, *COMMANDS):
        if hint in small:
            text = pattern.sub(_keep_first, text)
    text = _KNOWN.sub(MASK, text)
    return mask_coded(text, lambda inner: _mask_piece(inner, prose=False))


# Each pattern has a word that a text in lower case must contain for the pattern to match.
_OTHERS = (
    *(("@", _BARE_USERINFO), ("%40", _CODED_USERINFO), (":", _PGPASS), ("jdbc:", _ORACLE)),
    *(("cookie", _COOKIE), ("authorization", _HEADER), ("bearer", _AUTHORIZATION)),
    ("basic", _AUTHORIZATION),
)


def mask_hook(text: str) -> str:
    """Return scheme and host of the URL `text`; mask the rest, or all of any other text."""
    found = _URL.match(text)
    if found is None:
        return MASK if text else text
    host = mask_text(found[1])
    return host + ("/" + MASK if found[2].strip("/") else found[2])


def _keep_first(found: re.Match[str]) -> str:
    """Return the first group and the mask. A function is faster than a template of re.sub()."""
    secret = found[2].lstrip("\"'")
    return found[0] if secret.startswith(MASK) else f"{found[1]}{MASK}"


def _assigned(found: re.Match[str]) -> str:
    quote = found["quote"]
    if quote is not None:
        return f"{found[1]}{quote}{MASK}" if found["quoted"] else found[0]
    block = found["block"]
    if block is not None:
        if MASK in block:  # it is masked already
            return found[0]
        return f"{found[1]}{MASK}" + ("\n" if block.endswith("\n") else "")
    return f"{found[1]}{MASK}"


def _title(found: re.Match[str]) -> str:
    is_word = found["bare"] and _PROSE.match(found["bare"]) and "=" not in found[1]
    return found[0] if is_word else _assigned(found)


def _userinfo(found: re.Match[str]) -> str:
    scheme, user, password = found.groups()
    if len(password) > 1:
        return f"{scheme}{user}:{MASK}@"
    if looks_random(user):  # https://TOKEN@github.com
        return f"{scheme}{MASK}@"
    return found[0]
