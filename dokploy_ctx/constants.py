"""Lists, numbers and words that the shells and the core share.

shells/scripts.py puts them into the scripts that it writes, so that nothing in shell/ repeats them.
Pure data without imports, so every module may import it.
"""

from __future__ import annotations

# ---- The index: a record for each profile, in one line, which every shell reads ----

FORMAT = "4"
SEPARATOR = "\x1f"  # none of our texts contains it, and shells keep empty fields between two
# All decisions are made when a record is compiled. A reader only compares and copies fields.
FIELDS = (
    "format",  # FORMAT; a reader of another format asks the core
    "name",  # the profile's name, since a case-insensitive disk may find another profile's file
    "url",  # no slash at the end
    "session_key",  # what a session exports: the key, or SENTINEL; "" = ask the core
    "org_id",  # cleaned; "" if it is too long to be an id
    "org",  # the organization's name, cleaned, of bounded length
    "segment",  # the prompt's text without brackets: "staging:Acme"
    "state",  # session | protected; in .current: default | protected
    "shown",  # the complete prompt text: "(staging:Acme) ", "((prod:Acme)) ", "~(prod:Acme) "
    "says",  # the complete message of a switch; in .current, that of `off`
    "due",  # seconds since 1970 from which the prompt warns of the expiry; "" = never, or past
    "expires",  # seconds since 1970 at which the key expires, or ""
    "ask",  # "1": only the core can get the key (tokenCommand, keyring, unfit for a line)
    "protected",  # "1": changes need confirmation
    "key",  # the key itself, for the shim alone, since no hook keeps it; "" if `ask` is set
    # The headers, for the shim alone: {"Name":"value"}, "" for none, "ask" to ask the core.
    "headers",
)
CURRENT_FIELDS = (
    *FIELDS,  # the default's; if it has no record, the format and the name alone
    "current_state",  # ok | none (no profiles) | unset | ask (no record) | gone | damaged
    "by",  # the pid of the shell whose command set the default, or ""
)

# ---- The session: the variables that a switch sets in a terminal ----

# role → environment variable. `off` restores each of them.
OWNED_BY_ROLE = {
    "profile": "DOKPLOY_PROFILE",
    "url": "DOKPLOY_URL",
    "key": "DOKPLOY_API_KEY",
    "token": "DOKPLOY_AUTH_TOKEN",
    "org": "DCTX_ORG",
    "org_id": "DCTX_ORG_ID",
}
OWNED = tuple(OWNED_BY_ROLE.values())
# Remembers name, URL and key as our switch exported them, to notice later changes.
MEMORY = "_DCTX_SESSION"
# SAVED + name has a variable's old value. It exists if and only if the variable was set before the
# first switch. (A mark inside the value could not be removed in fish without changing newlines.)
SAVED = "_DCTX_S_"
# The shell's pid and the default that its prompt shows, so that no command uses another one.
SHOWN = "_DCTX_SHOWN"
SEGMENT = "DCTX_SEGMENT"
SEGMENT_STATE = "DCTX_SEGMENT_STATE"
# Passes the profile's name that was typed as confirmation from `exec` to the shim.
ANSWERED = "_DCTX_YES"
# Passes a profile's headers to the preload of the official CLI, which deletes the variable.
HEADERS = "_DCTX_HEADERS"
# Passes the words before the one that Tab completes to the core.
TYPED = "_DCTX_TYPED"
# Marks a command that runs through the broker: there the shim and the hooks ask the core.
BROKER = "_DCTX_BROKER"
# What the shim and `dctx exec` remove from the environment of programs.
SCRUBBED = (MEMORY, SHOWN, ANSWERED, *(SAVED + name for name in OWNED), SEGMENT, SEGMENT_STATE)
# The value of DOKPLOY_API_KEY in a session that does not get the key. It must not be unset or
# empty: the official CLI would then ignore the URL, too, and use its own file.
SENTINEL = "protected-by-dctx"

# ---- The fingerprint: a hook finds the segment anew when one of these has changed ----

# By role (dialects.py) or name. Of WATCHED it counts whether a child of the shell sees them, too.
WATCHED = ("profile", "url", "key", "token", "session", "broker", "DOKPLOY_CONFIG_DIR")
# The values: those that a session remembers, and the others that decide; last what is only shown.
COMPARED = ("profile", "url", "key")
COMPARED_TOO = ("token", "session", "DOKPLOY_CONFIG_DIR")
COMPARED_LAST = ("HOME", "NO_COLOR", "TERM", "DCTX_EXPORT_KEY", "org", "org_id")

# ---- Names, and which foreign texts may be shown ----

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
NAME_MORE = "._@+-"  # besides LETTERS, after the first character of a profile's name
NAME_MAX = 64
SHOWN_MORE = "._:@+-"  # besides LETTERS, in a foreign text that a prompt may show
SHOWN_MAX = 64
# The names of commands, which no new profile may have, since `dctx NAME` could not switch to it.
# Each word here is one that users cannot use.
RESERVED = frozenset(
    (
        *("switch", "off", "auth", "list", "ls", "current", "use"),
        *("remove", "rm", "rename", "import", "export", "env", "exec", "find", "open"),
        *("init", "install", "uninstall", "sync", "doctor", "verify", "help"),
        *("orgs", "rotate", "protect", "unprotect", "profiles"),
    )
)

# Commands that were added when profiles with these names could exist. Such a profile keeps its name
# and its record, and the word alone switches to it.
YIELDING = frozenset(("find", "open"))

# Words of other programs that people try → the command that runs instead. They are not reserved, so
# a profile with such a name comes first.
TRIED = {"login": "auth", "status": "current", "whoami": "current"}

# ---- The prompt ----

# state → the SGR number of its colour, the same in every shell. A profile with a colour of its own
# has that colour's name as its state.
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
RETRY_SECONDS = 30  # a hook asks the core again this long after a failure
DOTENV_MAX = 1 << 20  # how much of a `.env` a hook compares

# ---- The answer of `dctx _hook` (hook_answer.py): shell variables __dctx_a_NAME ----

ANSWER_FIELDS = (
    "rc",  # what the command returns
    "say",  # complete lines for stderr; "" = none
    "session",  # "" leave it | set | end | rest (see hook_answer.py)
    "save",  # "1": this is the first switch, so save what it replaces
    "restore",  # the variables of OWNED to restore from their copies, separated by blanks
    "profile",
    "url",
    "key",
    "org",
    "org_id",
    "memory",  # the new value of MEMORY, for `set` and `rest`
    "level",  # 2 to 5, the level that the prompt now shows
    "name",  # the profile at levels 2 and 4, in the form for SHOWN; "" = unknown
    "segment",
    "state",  # one of COLOURS, or ""
    "shown",
    "until",  # seconds since 1970 until which this answer is valid; "" = until something changes
    "prev",  # the previous profile of this terminal, after this action
    "dir",  # the config folder, "" if it must not be used
    "gen",  # the index's generation, "" = there is no index
    "done",  # "1"; it comes last, so an answer without it is incomplete
)
