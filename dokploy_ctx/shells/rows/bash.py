"""The row of bash."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from ...files.home import home as home_folder
from .posix import Posix
from .row import Row

# Which of them a login shell reads: the first that is there.
_LOGIN = (".bash_profile", ".bash_login", ".profile")

# Aliases made before the hook is sourced would hijack `export` or `local` in it.
# With allexport on, all functions and variables of the hook would go to every child.
_HEAD = """\\builtin shopt -q expand_aliases && __dctx_aliases=1 || __dctx_aliases=
\\builtin shopt -u expand_aliases
case $- in *a*) builtin set +a && __dctx_aliases=a$__dctx_aliases ;; esac
"""
# One compound command: it is parsed whole before aliases are on again.
_TAIL = """{
case $__dctx_aliases in *1) builtin shopt -s expand_aliases ;; esac
case $__dctx_aliases in
a*) builtin unset __dctx_aliases && builtin set -a ;;
*) builtin unset __dctx_aliases ;;
esac
}
"""
# What a user's function may be called, and aliases cannot be on.
_BUILTINS = (
    r"\.|:|command|source|set|shift|return|unset|eval|read|false|printf|test|trap|local"
    r"|export|declare|shopt|complete|compgen|compopt"
)


class Bash(Posix, Row):
    """bash, from 3.2 on."""

    name = "bash"
    pieces = (
        ("core", ("core.sh", "core.bash", "prompt.sh", "prompt.bash", "tab-first.bash")),
        ("session", ("session.sh",)),
        ("ask", ("copy.sh", "copy.bash", "ask.sh", "ask.bash")),
        ("tab", ("tab.bash", "tab-dokploy.bash")),
    )
    leaving = ("copy.sh", "copy.bash", "leave.sh", "leave.bash")
    init = 'eval "$(dctx init bash)"'
    # Any sh may read .profile, and .bashrc through it: it cannot take the hook for bash.
    line = 'if [ -n "${{BASH_VERSION-}}" ] && [ -r {file} ]; then . {file}; fi'
    runs = ("bash", "-lc")

    def adapted(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        from .. import dialects

        return dialects.of_bash(texts, _BUILTINS)

    def piece(self, header: Mapping[str, str], text: str) -> str:
        return f"{_HEAD}{super().piece(header, text)}{_TAIL}"

    def rc_files(self, environ: Mapping[str, str], platform: str) -> list[str]:
        home = home_folder(environ)
        files = [os.path.join(home, ".bashrc")]
        login = next((n for n in _LOGIN if os.path.exists(os.path.join(home, n))), None)
        if login is None and platform == "darwin":  # its Terminal starts login shells
            login = _LOGIN[0]
        if login is not None and not self._reaches_bashrc(home, login):
            files.append(os.path.join(home, login))
        return files

    def every_rc_file(self, environ: Mapping[str, str], _platform: str) -> list[str]:
        return self.manual_files(environ)

    def manual_files(self, environ: Mapping[str, str]) -> list[str]:
        return [os.path.join(home_folder(environ), name) for name in (".bashrc", *_LOGIN)]

    def path_file(self, environ: Mapping[str, str]) -> str:
        files: Sequence[str] = self.manual_files(environ)[1:]
        return next(filter(os.path.exists, files), files[-1])

    def _reaches_bashrc(self, home: str, name: str) -> bool:
        text = self.code(os.path.join(home, name))
        if b"bashrc" in text:
            return True
        return name != ".profile" and b".profile" in text and self._reaches_bashrc(home, ".profile")


ROW = Bash()
