"""The table of commands, which `dctx` runs, the first screen lists, and Tab describes."""

from __future__ import annotations

# name → (module in commands/, function, help in at most 28 columns). Modules are imported only when
# needed, since a terminal waits for some of these commands.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "switch": ("switch", "switch", "Switch this terminal"),
    "off": ("switch", "off", "End this terminal's session"),
    "list": ("list_", "list_profiles", "List profiles"),
    "current": ("current", "current", "Print the active profile"),
    "auth": ("auth", "auth", "Save a profile"),
    "use": ("use", "use", "Make a profile the default"),
    "rename": ("rename", "rename", "Rename a profile"),
    "remove": ("remove", "remove", "Remove profiles"),
    "orgs": ("orgs", "orgs", "List and add organizations"),
    "verify": ("verify", "verify", "Check that keys work"),
    "rotate": ("rotate", "rotate", "Replace a key with a new one"),
    "protect": ("protect", "protect", "Require confirmation"),
    "unprotect": ("protect", "unprotect", "Remove the protection"),
    "export": ("export", "export", "Print profiles without keys"),
    "import": ("import_", "import_profiles", "Add profiles from a file"),
    "exec": ("exec_", "exec_profile", "Run a command with a profile"),
    "env": ("env", "env", "Print variables, also for CI"),
    "open": ("open_", "open_panel", "Open a panel in the browser"),
    "find": ("find", "find", "Find things on a panel"),
    "install": ("install", "install", "Load dctx in new terminals"),
    "uninstall": ("install", "uninstall", "Undo dctx install"),
    "doctor": ("doctor", "doctor", "Diagnose problems"),
    "init": ("init", "init", "Print the line for rc files"),
    "sync": ("sync", "sync", "Refresh prompts and Tab"),
    "profiles": ("profiles", "profiles", "Use the official CLI's words"),
    "help": ("help_", "help_", "Show the help of a command"),
}
# Commands for hooks and shim, not for users.
HIDDEN = {
    "_run": ("run", "run_for_shim"),
    "_hook": ("hook_", "hook"),
    "_pick": ("pick", "pick"),
    "_ids": ("ids", "ids_for_tab"),
}

ALIASES = {"ls": "list", "rm": "remove"}

# Words that people try → what to look at instead. They are not commands, so profiles may have these
# names.
GUESSED = {
    "add": "auth --help",
    "new": "auth --help",
    "create": "auth --help",
    "delete": "remove --help",
    "del": "remove --help",
    "logout": "off --help",
    "version": "--version",
}

# The groups of commands in `dctx --help`, two commands to a line. The help has to fit in a terminal
# of 80x24, with the command line above it and the prompt below it.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Terminals", ("list", "current", "use", "off")),
    (
        "Profiles, organizations, keys",
        (
            *("auth", "orgs", "rename", "remove", "verify"),
            *("rotate", "protect", "unprotect", "export", "import"),
        ),
    ),
    (
        "Scripts, panels, set-up",
        ("exec", "env", "open", "find", "install", "uninstall", "doctor", "init"),
    ),
)


def instead(word: str) -> str:
    """Return a sentence with the command that may be meant by `word`, or ""."""
    from .model.profile import nearest

    guessed = GUESSED.get(word.lower())
    if guessed:
        return f"See: dctx {guessed}"
    close = nearest(word, list(COMMANDS)) or nearest(word, list(ALIASES))
    return f"Did you mean: {' or '.join(f'dctx {name}' for name in close)}?" if close else ""
