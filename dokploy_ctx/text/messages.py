"""Every sentence that the hooks, the shim and `dctx _hook` say, so that all shells say the same.

scripts.py writes SHELL into the header of each script (`__dctx_m_NAME`), where printf fills in
each `%s`. The message of a switch is stored in the index, ready to print. Pure text.
"""

from __future__ import annotations

from .. import OLD_PYTHON
from .foreign import width
from .terminal import USUAL

# Where a panel has a page for its API keys.
KEYS_PAGE = "Settings > Profile > API/CLI Keys"

# ---- Said by the core, and finished in the index ----


def switched(segment: str, url: str) -> str:
    """Return what a switch says; the organization goes first where it is long: the prompt has it.

    A shell prints this as it stands, so it has to fit a window of the usual width by itself.
    """
    name = segment.partition(":")[0]
    return _first_that_fits(
        f"Switched to {segment} ({url})",
        f"Switched to {name} ({url})",
        f"Switched to {segment}",
        f"Switched to {name}",
    )


def back_on(level: int, segment: str) -> str:
    """Return what `off` says: what is active now."""
    if level == 4 and segment:
        name = segment.partition(":")[0]
        start = "Back on the default"
        return _first_that_fits(f"{start}: {segment}", f"{start}: {name}", f"Back on {name}")
    if segment in ("", "?"):
        return "The session has ended. No profile is active in this terminal"
    return f"Back on {segment}"


def _first_that_fits(*texts: str) -> str:
    fits = (text for text in texts if sum(map(width, text)) <= USUAL)
    return next(fits, texts[-1])


NO_PROFILE = "no profile is active, and there is no default. Run: dctx NAME, or: dctx use NAME"
NOT_SWITCHED = "This terminal is not in a session, so there is nothing to end"
NO_PREVIOUS = "this terminal has no previous profile. Switch to one with: dctx NAME"


def not_ours(unset: str, whole: bool) -> str:
    """Return what `off` says where the profile came from outside; `unset` is the command.

    `whole`: URL and key are there, too, as in a shell that `dctx exec` started.
    """
    if whole:
        return (
            "The active profile was set outside this terminal, for example by dctx exec. "
            f"To leave it, run: exit, or: {unset}"
        )
    return f"DOKPLOY_PROFILE was set outside this terminal. To unset it, run: {unset}"


def default_changed(shown: str, now: str, again: str) -> str:
    """Return the refusal under a prompt that shows another default; `again` is a command."""
    if shown:
        return (
            f'the default changed from "{shown}" to "{now}" since your prompt was drawn. '
            f"Run it again, or: {again}"
        )
    return f'"{now}" became the default since your prompt was drawn. Run it again, or: {again}'


# ---- Said by the shells themselves ----

SHELL = {
    "readonly": "dctx: %s is read-only in this shell. Nothing was changed.",
    # `command`: the shell's own `dctx` is a function, which looks for the program that is gone.
    "no_core": "dctx: the program %s does not exist. "
    "Install dctx again, then run: command dctx install. "
    "Or remove the line that loads dctx from your shell's start-up file",
    "no_python": "dctx: the Python interpreter %s does not exist. "
    "Install dctx again, then run: command dctx install. "
    "Or remove the line that loads dctx from your shell's start-up file",
    "old_python": OLD_PYTHON,
    "no_answer": "dctx: %s failed. Run: dctx doctor",
    "no_file": "dctx: the file %s does not exist. "
    "Install dctx again, then run: command dctx install. "
    "Or remove the line that loads dctx from your shell's start-up file",
    "uninstalled": "dctx was uninstalled, so it has left this terminal",
    "session_over": "dctx was uninstalled, so the session in this terminal has ended",
    "subshell": "dctx: this is a subshell, so the terminal was not switched. "
    "Run dctx without a pipe, $(...) or &, or use: dctx exec NAME -- COMMAND",
    "wrong_shell": "dctx: this file is for %s. Run: dctx install",
    "about": "Switch this terminal to another Dokploy profile",
    "tab_profile": "run as this profile",
    "cancelled": "dctx: cancelled.",
    "flag": "dctx: --profile needs a name. See: dctx list",
    "direnv": "dctx: NAME is required. Write: use dokploy NAME",
    "no_cli": "dctx: no dokploy command is on PATH. Run: npm install -g @dokploy/cli",
}

# What the shim adds to the official CLI's own help.
CLI_HELP = """
Profiles (dctx):
  --profile NAME         run any command as the profile NAME
  auth --profile NAME    save a panel's URL and API key under a name
  profiles               list, use NAME, current, remove NAME
  dctx NAME              point this terminal at a profile; see dctx --help
"""
