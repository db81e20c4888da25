"""Every list, number and word that the shells share with the core: their one home.

scripts.py writes these into the scripts that it makes, so nothing in shell/ repeats them: a change
here is a change everywhere. Pure data, without imports: everything may import it.
"""

from __future__ import annotations

# ---- The index: one record per profile, one line, read by every shell ----

FORMAT = "4"
SEPARATOR = "\x1f"  # no text of ours contains it, and unlike a tab it keeps empty fields
# A record is finished when it is compiled: a reader compares and copies fields, it decides nothing.
FIELDS = (
    "format",  # FORMAT; a reader that knows another one asks the core
    "name",  # the profile's own name: on a case-insensitive disk the file may be another's
    "url",  # no slash at the end
    "session_key",  # what a session exports as the key: the key or the sentinel; "" = ask the core
    "org_id",  # cleaned; "" where it is too long to be one
    "org",  # the organization's name, cleaned, of bounded length
    "segment",  # the prompt's text without brackets: "staging:Acme"
    "state",  # session | protected; in .current: default | protected
    "shown",  # the prompt's finished text: "(staging:Acme) ", "((prod:Acme)) ", "~(prod:Acme) "
    "says",  # the finished message: of a switch, in .current of `off`
    "due",  # seconds since 1970 from which the prompt warns of the expiry; "" = never, or past
    "expires",  # seconds since 1970 at which the key expires, or ""
    "ask",  # "1": only the core can get the key (tokenCommand, keyring, or not fit for a line)
    "protected",  # "1": changes need confirmation
    "key",  # the key itself, for the shim alone: no hook keeps it; "" where `ask` is set
    # Secrets, for the shim alone: {"Name":"value"}, "" for none; "ask": only the core can tell.
    "headers",
)
CURRENT_FIELDS = (
    *FIELDS,  # those of the default; without a record the format and the name alone
    "current_state",  # ok | none (no profiles) | unset | ask (no record) | gone | damaged
    "by",  # pid of the shell whose command set the default, or ""
)

# ---- The session: what a switch owns in a terminal ----

# role → environment variable. `off` puts each of them back.
OWNED_BY_ROLE = {
    "profile": "DOKPLOY_PROFILE",
    "url": "DOKPLOY_URL",
    "key": "DOKPLOY_API_KEY",
    "token": "DOKPLOY_AUTH_TOKEN",
    "org": "DCTX_ORG",
    "org_id": "DCTX_ORG_ID",
}
OWNED = tuple(OWNED_BY_ROLE.values())
# Holds name, URL and key of the pair that is ours, each as it was exported.
MEMORY = "_DCTX_SESSION"
# A saved value stands in SAVED + name if and only if the variable was set before the first switch:
# by presence, since a marking prefix cannot be cut off in fish without touching newlines.
SAVED = "_DCTX_S_"
# The shell's pid and the default that its prompt shows: a prompt that is drawn must not lie.
SHOWN = "_DCTX_SHOWN"
SEGMENT = "DCTX_SEGMENT"
SEGMENT_STATE = "DCTX_SEGMENT_STATE"
# The profile's name, typed as the answer to our question, on its way from `exec` to the shim.
ANSWERED = "_DCTX_YES"
# A profile's own headers for the official CLI; the script that Node loads before it deletes it.
HEADERS = "_DCTX_HEADERS"
# The words of the line before the one that Tab completes, on their way to the core.
TYPED = "_DCTX_TYPED"
# Set in the environment of a command that runs through the broker: every quick road ends there.
BROKER = "_DCTX_BROKER"
# What the shim and `dctx exec` take away from the programs that they start.
SCRUBBED = (MEMORY, SHOWN, ANSWERED, *(SAVED + name for name in OWNED), SEGMENT, SEGMENT_STATE)
# What stands in DOKPLOY_API_KEY of a session whose key stays out of it. Never unset and never
# empty: the official CLI would then drop the URL, too, and use its own file.
SENTINEL = "protected-by-dctx"

# ---- Names, and what may be shown of a foreign text ----

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
NAME_MORE = "._@+-"  # besides LETTERS, behind the first character of a profile's name
NAME_MAX = 64
SHOWN_MORE = "._:@+-"  # besides LETTERS, in what a prompt shows of a foreign text
SHOWN_MAX = 64
# The published list of subcommands: no profile may be created under one of these names, since
# `dctx NAME` could not reach it. Each word here takes a name from users.
RESERVED = frozenset(
    (
        *("switch", "off", "auth", "list", "ls", "current", "use"),
        *("remove", "rm", "rename", "import", "export", "env", "exec", "find", "open"),
        *("init", "install", "uninstall", "sync", "doctor", "verify", "help"),
        *("orgs", "rotate", "protect", "unprotect", "profiles"),
    )
)

# Of these, words that came later, when a profile could be called so: it keeps its name and its
# record, and the bare word switches to it.
YIELDING = frozenset(("find", "open"))

# Words that people try who know other programs: what does it is run instead. None of them is
# reserved: a profile of that name comes first.
TRIED = {"login": "auth", "status": "current", "whoami": "current"}

# ---- The prompt ----

# state → the number of its colour (SGR); the same in every shell. The state of a profile that has a
# colour of its own is that colour's name.
COLOURS = {"session": "32", "default": "2", "protected": "31", "env": "36", "unknown": "33"}
# The colours that a profile's "color" in config.json may name, and their numbers.
COLOUR_FIELD = "color"
COLOUR_NAMES = {
    "black": "30",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "white": "37",
}

# ---- Times and sizes ----

WARN_SECONDS = 7 * 86400  # a prompt warns this long before a key expires
RETRY_SECONDS = 30  # a hook whose question failed asks again after this
DOTENV_MAX = 1 << 20  # of a larger `.env` a hook compares this much

# ---- What `dctx _hook` answers (answer.py), each as the shell variable __dctx_a_NAME ----

ANSWER_FIELDS = (
    "rc",  # what the command returns
    "say",  # lines for stderr, complete; "" = nothing
    "session",  # "" leave it | set | end | rest (see answer.py)
    "save",  # "1": a first switch, copy what it replaces
    "restore",  # names of OWNED to put back from their copies, separated by blanks
    "profile",
    "url",
    "key",
    "org",
    "org_id",
    "memory",  # the text of MEMORY afterwards, for `set` and `rest`
    "level",  # 2 to 5, what the prompt now shows
    "name",  # of the profile at levels 2 and 4, as _DCTX_SHOWN wants it; "" = unknown
    "segment",
    "state",  # one of COLOURS, or ""
    "shown",
    "until",  # seconds since 1970 until which this answer is good; "" = until something changes
    "prev",  # the previous profile of this terminal, after this action
    "dir",  # the config folder that counts, "" where it may not be used
    "gen",  # the index's generation, "" = there is no index
    "done",  # "1", and the last line: an answer that is cut off is none
)
