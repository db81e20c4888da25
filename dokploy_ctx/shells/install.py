"""Which shell the user has, which of its files gets our line, and the plan for both ways.

The only importer of shellingham.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import DctxError
from ..files import ownership
from ..files.home import home as home_folder
from ..model.profile import quoted
from . import hook_files
from .emit import SHELLS, quote_fish
from .rc_file import (
    OURS,
    Edit,
    missing_folders,
    obstacle,
    read,
    shown_path,
    with_line,
    without_line,
)

CHOICES = ("bash", "zsh", "fish")
# Which of them a bash login shell reads: the first that is there.
LOGIN = (".bash_profile", ".bash_login", ".profile")

_BY_HAND = re.compile(
    rb"^[^#\n]*\bdctx[\"']?\s+init\s+[\"']?(?:bash|zsh|fish)\b[^\n]*", re.MULTILINE
)

# What stands in a .zshrc that runs compinit, by itself or by what manages its plugins; and a line
# that reads another file.
_COMPINIT = re.compile(
    rb"\b(?:compinit|oh-my-zsh|ohmyzsh|z?prezto|zinit|zplug|zgen|zgenom|antigen|antidote|antibody"
    rb"|zim|zimfw|zim_home|sheldon|znap|zcomet|z4h|zsh-autocomplete)\b",
    re.IGNORECASE,
)
_READS = re.compile(rb"(?:^|[\s;&|{])(?:source|\.)[ \t]+[\"']?([^\s\"';&|]+)", re.MULTILINE)


# Which shell.


def _running_shell() -> str:
    import shellingham  # type: ignore[import-untyped]

    try:
        return str(shellingham.detect_shell()[0])
    except (shellingham.ShellDetectionFailure, OSError):
        return ""


def user_shell() -> str:
    """Return the shell that runs us: bash, zsh, fish, or sh for any other."""
    name = _running_shell() or os.path.basename(os.environ.get("SHELL", ""))
    return name if name in SHELLS else "sh"


def detect() -> str | None:
    """Return the shell to install for: the one that runs us, else $SHELL; None for neither."""
    for name in (_running_shell(), os.path.basename(os.environ.get("SHELL", ""))):
        if name in CHOICES:
            return name
    return None


# Which file.


def _folder(environ: Mapping[str, str], variable: str, otherwise: str) -> str:
    value = environ.get(variable, "")
    return value if os.path.isabs(value) else otherwise


def _zdotdir(environ: Mapping[str, str], home: str) -> str:
    """Return zsh's folder; zsh is asked where only its start-up file can have set it."""
    if environ.get("ZDOTDIR"):
        return _folder(environ, "ZDOTDIR", home)
    if not any(
        b"ZDOTDIR" in (read(file) or b"")
        for file in (os.path.join(home, ".zshenv"), "/etc/zshenv", "/etc/zsh/zshenv")
    ):
        return home
    import subprocess

    command = ["zsh", "-c", 'printf "\\n%s" "${ZDOTDIR-}"']
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        asked = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, env=dict(environ)
        )
        answer = os.fsdecode(asked.stdout).rpartition("\n")[2]
        if os.path.isabs(answer):
            return answer
    return home


def _fish_folder(environ: Mapping[str, str], home: str) -> str:
    return os.path.join(_folder(environ, "XDG_CONFIG_HOME", os.path.join(home, ".config")), "fish")


def _reaches_bashrc(home: str, name: str) -> bool:
    text = _code(read(os.path.join(home, name)))
    if b"bashrc" in text:
        return True
    return name != ".profile" and b".profile" in text and _reaches_bashrc(home, ".profile")


def _code(data: bytes | None) -> bytes:
    """Return the lines that are no comments and not ours."""
    data = OURS.sub(b"", data or b"")
    return b"\n".join(line for line in data.split(b"\n") if not line.lstrip().startswith(b"#"))


def rc_files(shell: str, environ: Mapping[str, str], platform: str) -> list[str]:
    """Return the files that get the line for `shell`. `platform` is sys.platform."""
    home = home_folder(environ)
    if shell == "zsh":
        return [os.path.join(_zdotdir(environ, home), ".zshrc")]
    if shell == "fish":
        return [os.path.join(_fish_folder(environ, home), "conf.d", "dctx.fish")]
    files = [os.path.join(home, ".bashrc")]
    login = next((n for n in LOGIN if os.path.exists(os.path.join(home, n))), None)
    if login is None and platform == "darwin":  # its Terminal starts login shells
        login = LOGIN[0]
    if login is not None and not _reaches_bashrc(home, login):
        files.append(os.path.join(home, login))
    return files


def _all_rc_files(environ: Mapping[str, str]) -> list[str]:
    """Return every file that may have a line of ours."""
    home = home_folder(environ)
    found = [os.path.join(home, name) for name in (".bashrc", *LOGIN, ".zshrc")]
    found.append(os.path.join(_zdotdir(environ, home), ".zshrc"))
    fish = (_fish_folder(environ, home), os.path.join(home, ".config", "fish"))
    found += [os.path.join(folder, "conf.d", "dctx.fish") for folder in fish]
    return list({os.path.realpath(path): path for path in found}.values())


def _manual_files(shell: str, environ: Mapping[str, str]) -> list[str]:
    """Return the files in which somebody may load the hook for `shell` by hand."""
    home = home_folder(environ)
    if shell == "bash":
        return [os.path.join(home, name) for name in (".bashrc", *LOGIN)]
    if shell == "zsh":
        folder = _zdotdir(environ, home)
        return [os.path.join(folder, name) for name in (".zshrc", ".zshenv", ".zprofile")]
    folder = _fish_folder(environ, home)
    with contextlib.suppress(OSError):
        more = sorted(os.listdir(os.path.join(folder, "conf.d")))
        paths = [os.path.join(folder, "conf.d", n) for n in more if n.endswith(".fish")]
        return [os.path.join(folder, "config.fish"), *paths]
    return [os.path.join(folder, "config.fish")]


def _all_users_zshrc(path: str) -> bytes:
    """Return what it runs. Debian's is Ubuntu's, where alone it runs compinit."""
    text = _code(read(path))
    elsewhere = not re.search(rb"^ID.*ubuntu", read("/etc/os-release") or b"", re.MULTILINE)
    return b"" if b"ubuntu" in text and elsewhere else text


def tab_in(shell: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what Tab still needs in `shell` and what to do about it, or None."""
    path = without_compinit(environ) if shell == "zsh" else None
    if path is None:
        return None
    what = f"Tab needs compinit, which {shown_path(path)} does not run"
    return what, "Add this line to it: autoload -Uz compinit && compinit"


def place_in_theme(shell: str, environ: Mapping[str, str]) -> str:
    """Return how to move the segment in powerlevel10k, "" where .zshrc does not load that theme."""
    path = os.path.join(_zdotdir(environ, home_folder(environ)), ".zshrc")
    if shell != "zsh" or not re.search(rb"powerlevel10k|\bp10k\b", _code(read(path))):
        return ""
    return (
        "powerlevel10k shows the profile as its first element; to move it, put dctx into "
        "POWERLEVEL9K_LEFT_PROMPT_ELEMENTS or POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS"
    )


def without_compinit(environ: Mapping[str, str]) -> str | None:
    """Return zsh's start-up file where nothing in it runs compinit, else None.

    Looks into the files that it reads, too, where their names are plain.
    """
    home = home_folder(environ)
    folder = _zdotdir(environ, home)
    path = os.path.join(folder, ".zshrc")
    texts = [_code(read(path))]
    if b"skip_global_compinit" not in (read(os.path.join(folder, ".zshenv")) or b""):
        texts += map(_all_users_zshrc, ("/etc/zshrc", "/etc/zsh/zshrc"))
    for name in map(os.fsdecode, _READS.findall(texts[0])):
        for start, place in (("~/", home), ("$HOME/", home), ("$ZDOTDIR/", folder), ("/", "/")):
            if name.startswith(start):
                texts.append(_code(read(os.path.join(place, name.removeprefix(start)))))
    return None if any(map(_COMPINIT.search, texts)) else path


@dataclass(frozen=True)
class Found:
    """A line in a file."""

    path: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{shown_path(self.path)}, line {self.number}: {self.text}"


def by_hand(shell: str, environ: Mapping[str, str], folder: str) -> Found | None:
    """Return the first line of the user's own that loads the hook for `shell`, or None."""
    word = os.fsencode(hook_files.source_line(shell, folder).removeprefix("source "))
    for path in _manual_files(shell, environ):
        data = OURS.sub(b"\n", read(path) or b"")
        match = _BY_HAND.search(data)
        start = match.start() if match else data.find(word)
        if start < 0:
            continue
        number = data.count(b"\n", 0, start) + 1
        line = data.split(b"\n")[number - 1].strip()
        if not line.startswith(b"#"):
            return Found(path, number, line.decode("utf-8", "replace"))
    return None


# The line.


def hook_line(shell: str, folder: str) -> str:
    """Return the line for an rc file of `shell`: silent where the data folder is gone.

    Any sh may read .profile, and .bashrc through it: it cannot take the hook for bash.
    """
    file = hook_files.hook_path(shell, folder)
    if "\n" in file:
        raise DctxError(f"the folder {quoted(folder)} has a newline in its name. Move HOME.")
    if shell == "fish":
        return f"if test -r {quote_fish(file)}; source {quote_fish(file)}; end"
    word = shlex.quote(file)
    only = '[ -n "${BASH_VERSION-}" ] && ' if shell == "bash" else ""
    return f"if {only}[ -r {word} ]; then . {word}; fi"


# Both ways.


def plan(shell: str, environ: Mapping[str, str], folder: str) -> list[Edit]:
    """Return what install changes; an edit with before == after is in place already.

    Raises DctxError (exit 1) where a file cannot be written, Refused (exit 6) where this user may
    not write it: nothing was changed.
    """
    edits = []
    for path in rc_files(shell, environ, sys.platform):
        line = hook_line(shell, folder)
        real = os.path.realpath(path)
        before = read(real)
        folders = len(missing_folders(real))
        after = with_line(before, line, folders)
        ownership.owner_for(os.path.join(folder, "hook.bash"))
        why = ""
        if after != before:
            ownership.owner_for(path)
            why = obstacle(real)
        why = why or obstacle(os.path.join(folder, "hook.bash"))
        if why:
            raise DctxError(
                f"{why}. Nothing was changed. To be added by hand to {shown_path(path)}: "
                f"{hook_files.load_line(shell)}"
            )
        edits.append(Edit(path, line, before, after, folders))
    return edits


def apply(edits: list[Edit], folder: str) -> None:
    """Write the static files, then the rc files; all or nothing. Raises DctxError (exit 1)."""
    was_there = os.path.isdir(folder)
    done: list[Edit] = []
    where = folder
    try:
        hook_files.write_static(folder)
        for edit in edits:
            where = edit.path
            if edit.before != edit.after:
                edit.apply()
                done.append(edit)
    except OSError as error:
        for edit in reversed(done):
            edit.undo()
        if not was_there:
            hook_files.remove_static(folder)
        why = error.strerror or str(error)
        raise DctxError(f"{shown_path(where)}: {why}. Nothing was changed.") from None


def removals(environ: Mapping[str, str]) -> list[Edit]:
    """Return the edits that take our lines out again.

    Raises DctxError (exit 1) where a file cannot be written, Refused (exit 6) where this user may
    not write it: nothing was changed.
    """
    edits = []
    for path in _all_rc_files(environ):
        real = os.path.realpath(path)
        before = read(real)
        match = OURS.search(before or b"")
        if before is None or match is None:
            continue
        after, folders = without_line(before)
        line = os.fsdecode(match[0].rstrip(b"\r\n"))
        edit = Edit(path, line, before, after, folders)
        ownership.owner_for(path)
        why = obstacle(real, remove=after is None)
        if why:
            raise DctxError(
                f"{why}. Nothing was changed. Make it writable, or take line {edit.number} of "
                f"{shown_path(path)} out by hand."
            )
        edits.append(edit)
    return edits


def loader(shell: str, environ: Mapping[str, str], folder: str) -> str | None:
    """Return the start-up file that loads the hook for `shell`, or None."""
    wanted = os.fsencode(hook_files.hook_path(shell, folder).rsplit("'", 1)[-1])
    for path in rc_files(shell, environ, sys.platform):
        match = OURS.search(read(path) or b"")
        if match and wanted in match[0]:
            return path
    found = by_hand(shell, environ, folder)
    return found.path if found else None


def leftovers(environ: Mapping[str, str], folder: str) -> Iterator[Found]:
    """Yield the lines of the user's own that would bring the hook back."""
    for shell in CHOICES:
        found = by_hand(shell, environ, folder)
        if found:
            yield found
