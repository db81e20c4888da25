"""The row of zsh."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Mapping, Sequence

from ...files.home import home as home_folder
from ...files.home import shown_path
from .posix import Posix
from .row import Row, folder_of, read

# What a user's function may be called. Declarations are words of zsh's grammar, which no function
# replaces.
_BUILTINS = (
    r"\.|:|command|source|set|shift|return|unset|eval|read|false|printf|test|trap|print|zle"
    r"|emulate|setopt|zmodload|sysread"
)
# What stands in a .zshrc that runs compinit, by itself or by what manages its plugins; and a line
# that reads another file.
_COMPINIT = (
    rb"\b(?:compinit|oh-my-zsh|ohmyzsh|z?prezto|zinit|zplug|zgen|zgenom|antigen|antidote|antibody"
    rb"|zim|zimfw|zim_home|sheldon|znap|zcomet|z4h|zsh-autocomplete)\b"
)
_READS = rb"(?:^|[\s;&|{])(?:source|\.)[ \t]+[\"']?([^\s\"';&|]+)"


class Zsh(Posix, Row):
    """zsh."""

    name = "zsh"
    pieces = (
        ("core", ("core.sh", "core.zsh", "prompt.sh", "prompt.zsh", "tab-first.zsh")),
        ("session", ("session.sh",)),
        ("ask", ("copy.sh", "copy.zsh", "ask.sh", "ask.zsh")),
        ("tab", ("tab.zsh", "tab-dokploy.zsh")),
    )
    leaving = ("copy.sh", "copy.zsh", "leave.sh", "leave.zsh")
    init = 'eval "$(dctx init zsh)"'
    line = "if [ -r {file} ]; then . {file}; fi"
    runs = ("zsh", "-c")

    def loads(self, core: str) -> Sequence[str]:
        # Sticky: its functions never see the user's options. fish refuses a built-in that it does
        # not know, hence the `eval`.
        source = f"builtin . {shlex.quote(core)}"
        load = f"builtin emulate zsh -o no_aliases -c {shlex.quote(source)}"
        # Not sticky: it asks for an option of the user's.
        percent = """__dctx_percent() { 'builtin' test "${options[prompt_percent]}" = on; }"""
        return [f"'builtin' eval {shlex.quote(text)}" for text in (load, percent)]

    def adapted(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        from .. import dialects

        return dialects.of_zsh(texts, _BUILTINS)

    def rc_files(self, environ: Mapping[str, str], _platform: str) -> list[str]:
        return [os.path.join(self._folder(environ), ".zshrc")]

    def every_rc_file(self, environ: Mapping[str, str], platform: str) -> list[str]:
        home = os.path.join(home_folder(environ), ".zshrc")
        return [home, *self.rc_files(environ, platform)]

    def manual_files(self, environ: Mapping[str, str]) -> list[str]:
        folder = self._folder(environ)
        return [os.path.join(folder, name) for name in (".zshrc", ".zshenv", ".zprofile")]

    def tab_needs(self, environ: Mapping[str, str]) -> tuple[str, str] | None:
        path = self._without_compinit(environ)
        if path is None:
            return None
        what = f"Tab needs compinit, which {shown_path(path)} does not run"
        return what, "Add this line to it: autoload -Uz compinit && compinit"

    def place_in_theme(self, environ: Mapping[str, str]) -> str:
        path = os.path.join(self._folder(environ), ".zshrc")
        if not re.search(rb"powerlevel10k|\bp10k\b", self.code(path)):
            return ""
        return (
            "powerlevel10k shows the profile as its first element; to move it, put dctx into "
            "POWERLEVEL9K_LEFT_PROMPT_ELEMENTS or POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS"
        )

    def path_file(self, environ: Mapping[str, str]) -> str:
        return os.path.join(environ.get("HOME", ""), ".zshenv")

    def _folder(self, environ: Mapping[str, str]) -> str:
        """Return zsh's folder; zsh is asked where only its start-up file can have set it."""
        home = home_folder(environ)
        if environ.get("ZDOTDIR"):
            return folder_of(environ, "ZDOTDIR", home)
        if not any(
            b"ZDOTDIR" in (read(file) or b"")
            for file in (os.path.join(home, ".zshenv"), "/etc/zshenv", "/etc/zsh/zshenv")
        ):
            return home
        import subprocess

        command = ["zsh", "-c", 'printf "\\n%s" "${ZDOTDIR-}"']
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            asked = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=10,
                env=dict(environ),
            )
            answer = os.fsdecode(asked.stdout).rpartition("\n")[2]
            if os.path.isabs(answer):
                return answer
        return home

    def _without_compinit(self, environ: Mapping[str, str]) -> str | None:
        """Return .zshrc where nothing in it runs compinit, else None.

        Looks into the files that it reads, too, where their names are plain.
        """
        home, folder = home_folder(environ), self._folder(environ)
        path = os.path.join(folder, ".zshrc")
        texts = [self.code(path)]
        if b"skip_global_compinit" not in (read(os.path.join(folder, ".zshenv")) or b""):
            texts += map(self._all_users_zshrc, ("/etc/zshrc", "/etc/zsh/zshrc"))
        for name in map(os.fsdecode, re.findall(_READS, texts[0], re.MULTILINE)):
            for start, place in (("~/", home), ("$HOME/", home), ("$ZDOTDIR/", folder), ("/", "/")):
                if name.startswith(start):
                    file = os.path.join(place, name.removeprefix(start))
                    texts.append(self.code(file))
        return None if any(re.search(_COMPINIT, text, re.IGNORECASE) for text in texts) else path

    def _all_users_zshrc(self, path: str) -> bytes:
        """Return what it runs. Debian's is Ubuntu's, where alone it runs compinit."""
        text = self.code(path)
        system = read("/etc/os-release") or b""
        elsewhere = not re.search(rb"^ID.*ubuntu", system, re.MULTILINE)
        return b"" if b"ubuntu" in text and elsewhere else text


ROW = Zsh()
