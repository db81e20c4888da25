"""The picker: let a person choose a profile with fzf, if a command is given no NAME."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from itertools import count

from ...errors import Cancelled, DctxError, UsageError
from ...model.profile import Profile, shown
from ...model.resolve import Config
from ...text.foreign import clean
from ...text.table import View
from . import ask, context, listing

# Each input line has a profile's number, its line in the list, and the lines of its preview. The
# list shows the second alone. Lines do not scroll sideways, so that names stay visible.
_STRUCTURE = ("--delimiter=\t", "--with-nth=2", "--no-multi", "--no-hscroll")
_PREVIEW = (
    "--preview=printf '%s\\n' {3} {4} {5} {6} {7}",
    "--preview-window=right:36%:wrap",
)
_ROOM = 70  # columns that the window needs to have room for the preview
_NAMED = 6  # how many profiles a message names
# Options of FZF_DEFAULT_OPTS that only change looks are kept. Others, such as --preview, --read0,
# --filter, --tac or a key that runs a program, are meant for other lists and would break this one.
_LOOKS = ("--height=40%", "--layout=reverse")
_ALONE = frozenset(
    (
        *("-e", "--exact", "-i", "+i", "--literal", "--cycle", "--reverse", "--border"),
        *(
            "--no-border",
            "--no-mouse",
            "--no-bold",
            "--bold",
            "--black",
            "--no-color",
            "--no-unicode",
        ),
        *("--no-scrollbar", "--no-separator", "--inline-info", "--no-info", "--sync"),
    )
)
_VALUED = frozenset(
    (
        *("--color", "--layout", "--height", "--min-height", "--border", "--border-label"),
        *("--margin", "--padding", "--info", "--pointer", "--marker", "--scrollbar", "--separator"),
        *("--scheme", "--tiebreak", "--algo", "--scroll-off", "--tabstop", "--ellipsis", "--style"),
    )
)
_NO_SEPARATE = frozenset(
    ("--border", "--scrollbar")
)  # their value needs =, so a word after them is another option


def kept(options: str) -> list[str]:
    """Return the options of FZF_DEFAULT_OPTS that only change looks."""
    try:
        words = shlex.split(options)
    except ValueError:
        return []
    found: list[str] = []
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name == "--bind" and not equals and words:
            value = words.pop(0)
        if name == "--bind":
            # `enter` must choose the profile, and an action with brackets may run a program.
            if "(" not in value and "enter" not in value:
                found.append(f"--bind={value}")
        elif word in _ALONE:
            found.append(word)
        elif name in _VALUED:
            if not equals and name not in _NO_SEPARATE and words:
                word = f"{name}={words.pop(0)}"
            found.append(word)
    return found


def pick_name(config: Config, verb: str, rest: str = "") -> str:
    """Return the profile's name that a person chooses for `dctx VERB`, which was run without one.

    `rest` is what the command line needs after the name. Raises UsageError (exit 2) without a
    terminal, without fzf, or with DCTX_NO_FZF; Cancelled (exit 130) for Esc and Ctrl-C.
    """
    if not config.profiles:
        raise UsageError(context.NO_PROFILES)
    if os.environ.get("DCTX_NO_FZF") or not ask.is_possible() or not shutil.which("fzf"):
        names = list(map(shown, config.names[:_NAMED]))
        more = ", ..." if len(config.profiles) > _NAMED else ""
        raise UsageError(
            f"NAME is required. Run: dctx {verb} NAME{rest} (profiles: {', '.join(names)}{more})"
        )
    return choose(config, prompt=f"{verb}> ")


def choose(config: Config, *, first: str = "", prompt: str = "dctx> ") -> str:
    """Return the name that a person chooses with fzf; `first` is at the top of the list.

    Raises Cancelled (exit 130) if no name is chosen.
    """
    import subprocess

    profiles = sorted(config.profiles.values(), key=lambda profile: profile.name != first)
    printed = listing.lines(profiles, config, View())
    rows = zip(count(), printed, profiles, strict=False)
    text = "".join("\t".join((str(n), line, *_about(p))) + "\n" for n, line, p in rows)
    looks = kept(os.environ.get("FZF_DEFAULT_OPTS", ""))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FZF_")}
    environ["SHELL"] = "/bin/sh"  # it runs the preview command, which fzf quotes for a POSIX shell
    preview = _PREVIEW if _columns() >= _ROOM else ()
    try:
        done = subprocess.run(
            ["fzf", *_LOOKS, *looks, *_STRUCTURE, *preview, f"--prompt={prompt}"],
            input=text.encode("utf-8", "backslashreplace"),
            stdout=subprocess.PIPE,
            env=environ,
            check=False,
        )
    except OSError as error:
        raise DctxError(f"cannot run fzf: {error.strerror}. Run: dctx list") from None
    chosen = done.stdout.partition(b"\t")[0].strip()
    if done.returncode or not chosen.isdigit() or int(chosen) >= len(profiles):
        raise Cancelled("cancelled.")
    return profiles[int(chosen)].name


def _about(profile: Profile) -> list[str]:
    """Return the lines of a profile's preview, always the same number, since fzf counts them."""
    key = "the key does not expire"
    if not profile.has_key:
        key = "no key is saved"
    elif profile.expires_at:
        key = f"the key {listing.expiry(profile).replace('expired', 'expired on')}"
        key = key.replace("expires", "expires on")
    access = {"": "not protected", "read-only": "read-only: no changes"}[profile.access]
    if profile.protected and not profile.access:
        access = "protected: changes need confirmation"
    lines = [shown(profile.name), clean(profile.organization) or "organization not known"]
    return [_plain(line) for line in (*lines, profile.shown_url, key, access)]


def _plain(text: str) -> str:
    return text.replace("\t", " ")


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 0
