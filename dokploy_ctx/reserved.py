"""The table of commands: what `dctx` runs, its first screen shows, and Tab describes."""

from __future__ import annotations

# name → (module in commands/, function, help in at most 28 columns). Modules are imported when
# needed: a terminal waits for some of these commands.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "switch": ("switch", "switch", "the same as dctx NAME"),
    "off": ("switch", "off", "take the profile out again"),
    "list": ("list_", "list_profiles", "all of them; * is in force"),
    "current": ("current", "current", "print the one in force"),
    "auth": ("auth", "auth", "save a panel's URL and key"),
    "use": ("use", "use", "make one the default"),
    "rename": ("rename", "rename", "give one another name"),
    "remove": ("remove", "remove", "take out of the file"),
    "orgs": ("orgs", "orgs", "list; add or sync profiles"),
    "verify": ("verify", "verify", "do the keys work, whose are"),
    "rotate": ("rotate", "rotate", "a new key for the old one"),
    "protect": ("protect", "protect", "ask before changes"),
    "unprotect": ("protect", "unprotect", "ask no more"),
    "export": ("export", "export", "print them without keys"),
    "import": ("import_", "import_profiles", "from a file, or the old CLI"),
    "exec": ("exec_", "exec_profile", "run a command as a profile"),
    "env": ("env", "env", "print variables, for eval"),
    "find": ("find", "find", "list what a panel has"),
    "install": ("install", "install", "set up this shell"),
    "uninstall": ("install", "uninstall", "take all of that out again"),
    "doctor": ("doctor", "doctor", "what is wrong, what to do"),
    "init": ("init", "init", "the line for rc files and CI"),
    "sync": ("sync", "sync", "refresh prompts and Tab"),
    "profiles": ("profiles", "profiles", "the official CLI's words"),
    "help": ("help_", "help_", "this, or a command's help"),
}
# What hooks and shim call: no words of the user's.
HIDDEN = {
    "_run": ("run", "run_for_shim"),
    "_hook": ("hook_", "hook"),
    "_pick": ("pick", "pick"),
    "_ids": ("ids", "ids_for_tab"),
}

ALIASES = {"ls": "list", "rm": "remove"}

# Words that people try and that are none of ours, so that profiles may have these names: where to
# look instead.
GUESSED = {
    "login": "auth --help",
    "add": "auth --help",
    "new": "auth --help",
    "create": "auth --help",
    "delete": "remove --help",
    "del": "remove --help",
    "status": "current --help",
    "whoami": "current --help",
    "logout": "off --help",
    "version": "--version",
}

# What `dctx --help` shows, grouped by what people do, two to a line: with the command line above it
# and the prompt below it, it fits one 80x24 screen.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("This terminal, and the default", ("list", "current", "off", "use")),
    (
        "Profiles, organizations, keys",
        (
            "auth",
            "orgs",
            "rename",
            "remove",
            "verify",
            "rotate",
            "export",
            "import",
            "protect",
            "unprotect",
        ),
    ),
    ("Scripts, CI, setting up", ("exec", "env", "install", "uninstall", "doctor", "init")),
)


def instead(word: str, label: str = "Nearest") -> str:
    """Return what to say where `word` is no command: the one that was meant, or ""."""
    from .model.profile import nearest

    guessed = GUESSED.get(word.lower())
    if guessed:
        return f"See: dctx {guessed}"
    close = ", ".join(nearest(word, list(COMMANDS)) or nearest(word, list(ALIASES)))
    return f"{label}: {close}." if close else ""
