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

# What may follow a command, a subcommand, and (NAME=) an option that takes a value: for Tab. In
# capitals what the shell looks up: a profile's NAME, NAMES, COMMAND, FILE; of other words one. An
# option that ends in = takes a value; every command has --help besides.
TAKES: dict[str, str] = {
    "--": "NAME",
    "--profile=": "NAME",
    "--shell=": "bash zsh sh fish json dotenv github",
    "--get=": "url key org org-id",
    "switch": "NAME",
    "off": "",
    "list": "--json --quiet",
    "current": "--json",
    "auth": "NAME --profile= -p= --url= -u= --token= -t= --token-command= --keyring "
    "--header= --headers-command= --protect --no-check",
    "use": "NAME",
    "rename": "NAME",
    "remove": "NAMES --revoke --unused --profile= --yes",
    "orgs": "list add sync --profile= --json",
    "orgs list": "--profile= --json",
    "orgs add": "--org= --as= --expires= --keyring --profile=",
    "orgs sync": "--expires= --keyring --yes --profile=",
    "verify": "NAMES --all --json",
    "rotate": "NAMES --expiring= --expires= --profile=",
    "protect": "NAMES --read-only",
    "unprotect": "NAME",
    "export": "NAMES",
    "import": "FILE --as= --check --yes",
    "exec": "NAME --match= --all -j= -e= --read-only --allow= --for= --log= --show-secrets",
    "env": "NAME --shell= --get= --off",
    "find": "--all --profile= --json",
    "install": "bash zsh fish",
    "uninstall": "",
    "doctor": "--offline",
    "init": "bash zsh fish sh",
    "sync": "",
    "profiles": "list use current remove",
    "profiles list": "--json --quiet",
    "profiles use": "NAME",
    "profiles current": "--json",
    "profiles remove": "NAMES --revoke --unused --profile= --yes",
    "help": "COMMAND",
}
TAKES.update((alias, TAKES[name]) for alias, name in ALIASES.items())

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
