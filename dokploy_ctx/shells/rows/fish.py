"""The row of fish."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence

from ...files.home import home as home_folder
from .row import KEY, Row, folder_of


class Fish(Row):
    """fish, from 3.6 on."""

    name = "fish"
    kind = "fish"
    nothing = "true;\n"
    pieces = (
        ("core", ("prompt.fish", "tab-first.fish", "core.fish")),
        ("session", ("session.fish", "copy.fish", "ask.fish")),
        ("tab", ("tab.fish", "tab-dokploy.fish")),
    )
    leaving = ("copy.fish", "leave.fish")
    init = "dctx init fish | source"
    line = "if test -r {file}; source {file}; end"

    # Each line ends in ";" so that `eval (dctx env …)`, which joins lines by blanks, works, too.

    def quote(self, value: str) -> str:
        # Only the quote and the backslash mean anything between quotes.
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def adapted(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        from .. import dialects

        return dialects.of_fish(texts)

    def copy(self, before: str, name: str) -> str:
        return f'{self.quote(before) if before else ""}"${name}"'

    def assign(self, name: str, value: str) -> str:
        return f"set -g {name} {self.quote(value)};\n"

    def export(self, name: str, word: str) -> str:
        return f"set -gx {name} {word};\n"

    def unset(self, name: str) -> str:
        # A universal variable of the user's stays, as the switch only ever sets globals.
        return f"set -eg {name};\n"

    def typed_unset(self, names: Iterable[str]) -> str:
        return f"set -e {' '.join(names)}"

    def evaluated(self, changes: str, fetch: Sequence[str]) -> str:
        changes += "true;\n"
        if fetch:
            command = " ".join(map(self.quote, fetch))
            get = f"set -l {KEY} ({command} | string collect -N);\nand begin;\n"
            changes = f"{get}{changes}end;\n"
        return f"begin;\nset -l fish_trace;\n{changes}end;\n"

    def fetched(self, key: str) -> str:
        return key

    def rc_files(self, environ: Mapping[str, str], _platform: str) -> list[str]:
        return [os.path.join(self._folder(environ), "conf.d", "dctx.fish")]

    def every_rc_file(self, environ: Mapping[str, str], platform: str) -> list[str]:
        usual = os.path.join(home_folder(environ), ".config", "fish", "conf.d", "dctx.fish")
        return [*self.rc_files(environ, platform), usual]

    def manual_files(self, environ: Mapping[str, str]) -> list[str]:
        folder = self._folder(environ)
        files = [os.path.join(folder, "config.fish")]
        with contextlib.suppress(OSError):
            more = sorted(os.listdir(os.path.join(folder, "conf.d")))
            files += [os.path.join(folder, "conf.d", n) for n in more if n.endswith(".fish")]
        return files

    def _folder(self, environ: Mapping[str, str]) -> str:
        config = os.path.join(home_folder(environ), ".config")
        return os.path.join(folder_of(environ, "XDG_CONFIG_HOME", config), "fish")


ROW = Fish()
