"""Which shell the user has, and which of its start-up files count: for install, and for doctor.

The only importer of shellingham.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping

from ..constants import HOOKED
from ..files.home import home as home_folder
from .emit import SHELLS
from .rc_file import OURS, read, shown_path

# Which of them a bash login shell reads: the first that is there.
LOGIN = (".bash_profile", ".bash_login", ".profile")


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
        if name in HOOKED:
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
    """Return the lines that are neither comments nor ours."""
    data = OURS.sub(b"", data or b"")
    return b"\n".join(line for line in data.split(b"\n") if not line.lstrip().startswith(b"#"))


def bash_files(environ: Mapping[str, str], platform: str) -> list[str]:
    """Return the files that get bash's line. `platform` is sys.platform."""
    home = home_folder(environ)
    files = [os.path.join(home, ".bashrc")]
    login = next((n for n in LOGIN if os.path.exists(os.path.join(home, n))), None)
    if login is None and platform == "darwin":  # its Terminal starts login shells
        login = LOGIN[0]
    if login is not None and not _reaches_bashrc(home, login):
        files.append(os.path.join(home, login))
    return files


def zsh_files(environ: Mapping[str, str], _platform: str) -> list[str]:
    """Return the file that gets zsh's line."""
    return [os.path.join(_zdotdir(environ, home_folder(environ)), ".zshrc")]


def fish_files(environ: Mapping[str, str], _platform: str) -> list[str]:
    """Return the file that gets fish's line."""
    return [os.path.join(_fish_folder(environ, home_folder(environ)), "conf.d", "dctx.fish")]


def all_rc_files(environ: Mapping[str, str]) -> list[str]:
    """Return every file that may have a line of ours."""
    home = home_folder(environ)
    found = [os.path.join(home, name) for name in (".bashrc", *LOGIN, ".zshrc")]
    found.append(os.path.join(_zdotdir(environ, home), ".zshrc"))
    fish = (_fish_folder(environ, home), os.path.join(home, ".config", "fish"))
    found += [os.path.join(folder, "conf.d", "dctx.fish") for folder in fish]
    return list({os.path.realpath(path): path for path in found}.values())


def bash_manual(environ: Mapping[str, str]) -> list[str]:
    """Return the files in which somebody may load the hook for bash by hand."""
    return [os.path.join(home_folder(environ), name) for name in (".bashrc", *LOGIN)]


def zsh_manual(environ: Mapping[str, str]) -> list[str]:
    """Return the same for zsh."""
    folder = _zdotdir(environ, home_folder(environ))
    return [os.path.join(folder, name) for name in (".zshrc", ".zshenv", ".zprofile")]


def fish_manual(environ: Mapping[str, str]) -> list[str]:
    """Return the same for fish."""
    folder = _fish_folder(environ, home_folder(environ))
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
