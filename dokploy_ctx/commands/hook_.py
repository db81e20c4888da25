"""`dctx _hook`: what a terminal's hook asks, one process for all that it needs to know.

    dctx _hook --shell SHELL [--prev NAME] [--gone] ACTION [NAME ...]

    prompt           what the prompt shows, and what keeps the session true
    switch NAME      dctx NAME
    off              dctx off
    back             dctx -
    rename OLD NEW   after `dctx rename`: this terminal follows
    folder           whether the config folder may be used; nothing else is answered

`--prev` is the previous profile of this terminal, `--gone` says that the shim is not there. It sees
what every child of the shell sees: exported variables, the working directory, its `.env`. It prints
one assignment for each of constants.ANSWER_FIELDS, to `__dctx_a_NAME`, quoted for the shell and
meant for eval; `done` is the last. It answers with status 0 whatever the answer is; `rc` is what
the command shall return. Messages are in `say`; stderr stays empty, but for what a vault's program
says while it is asked for a key.
"""

from __future__ import annotations

import os
import sys
import time
from typing import IO, TYPE_CHECKING

import click

from ..constants import ANSWER_FIELDS, BROKER
from ..errors import Busy, ConfigError, DctxError
from ..files import keys, paths, store
from ..files.index import Index
from ..files.lock import PROMPT_SECONDS
from ..model.resolve import Config
from ..model.segment import as_line
from ..shells import rows
from ..shells.hook_answer import Question, answer
from ..text.terminal import window
from .shared import context

if TYPE_CHECKING:
    from ..broker.mark import Mark

_RAW = {"allow_interspersed_args": False}
ACTIONS = ("prompt", "switch", "off", "back", "rename", "folder")


class _Configuration:
    """config.json, read once; and the index brought up to date, if that can be done at once."""

    def __init__(self) -> None:
        self.folder = ""
        self.gen = ""
        self.say = ""
        self.config: Config | None = None
        self.error: ConfigError | None = None
        self.index: Index | None = None

    def prepare(self, *, compiles: bool) -> None:
        """Find the folder, compile what is stale, read config.json. Never raises.

        `compiles` is false where what stays after an uninstall asks: it leaves no index behind.
        """
        try:
            self.folder = context.folder()
            self.index = Index(paths.index_dir(self.folder))
            if compiles:
                self._compile()
            document = store.read(self.folder)
            self.config = document.config
            self.say = self.say or "".join(f"dctx: {notice}\n" for notice in document.notices)
        except ConfigError as error:
            self.error, self.say = error, ""
        # A damaged file is compiled, too: until it changes, every reader knows.
        if self.index and os.path.exists(paths.config_file(self.folder)):
            self.gen = self.index.gen if store.is_fresh(self.folder) else ""

    def _compile(self) -> None:
        try:
            if not store.is_fresh(self.folder):
                store.sync(self.folder, seconds=PROMPT_SECONDS)
        except Busy:
            pass  # config.json itself is read without the lock
        except DctxError as error:
            self.say = as_line(error)

    def refresh(self, name: str, now: int) -> None:
        """Compile anew where the profile's record does not say yet that its key expires soon."""
        if self.index and self.gen and name and self.index.is_due(name, now):
            try:
                store.sync(self.folder, full=True, seconds=PROMPT_SECONDS)
            except DctxError:
                return
            self.gen = self.index.gen

    def load(self) -> Config:
        """Return the configuration. Raises ConfigError (exit 4)."""
        if self.error:
            raise self.error
        assert self.config is not None
        return self.config


@click.command(name="_hook", hidden=True, context_settings=_RAW)
@click.option("--shell", type=click.Choice(rows.HOOKED), required=True)
@click.option("--prev", default="")
@click.option("--gone", is_flag=True)
@click.argument("action", type=click.Choice(ACTIONS))
@click.argument("names", nargs=-1, type=click.UNPROCESSED)
def hook(shell: str, prev: str, gone: bool, action: str, names: tuple[str, ...]) -> None:
    """Answer a hook's question; for the hooks alone."""
    names = names[1:] if names[:1] == ("--",) else names
    configuration = _Configuration()
    configuration.prepare(compiles=not gone)
    now = int(time.time())
    if action == "folder":
        found = dict.fromkeys(ANSWER_FIELDS, "") | {"rc": "0"}
        if configuration.error:
            found |= {"rc": "4", "say": _laid_out(as_line(configuration.error), sys.stderr)}
    else:
        mark = _mark()
        question = Question(
            action,
            os.environ,
            configuration.load,
            now,
            name=names[-1] if names else "",
            old=names[0] if names else "",
            prev=prev,
            gone=gone,
            dotenv=context.dotenv_text(),
            fetch=keys.fetch,
            shell=shell,
            brokered=mark.segment if mark else "",
            refusal=mark.refusal() if mark else None,
        )
        found = answer(question)
        configuration.refresh(found["name"], now)
        said = "\n".join(filter(None, (configuration.say.rstrip("\n"), found["say"])))
        found["say"] = _laid_out(said, sys.stdin if action == "prompt" else sys.stderr)
    found |= {"dir": configuration.folder, "gen": configuration.gen, "done": "1"}
    sys.stdout.write(assignments(found, shell))


def _mark() -> Mark | None:
    if BROKER not in os.environ:
        return None
    from ..broker.mark import of

    return of(os.environ)


def _laid_out(said: str, stream: IO[str]) -> str:
    """Return what the hook says as it stands in the terminal of `stream`.

    A hook writes it where our own stderr leads. At a prompt that is silenced, so stdin is looked
    at: no prompt is drawn where that is no terminal.
    """
    columns = window(stream)
    if not columns:
        return "\n".join(said.splitlines())
    from ..text.wrapping import message

    return "\n".join(line for text in said.splitlines() for line in message(text, columns))


def assignments(values: dict[str, str], shell: str) -> str:
    """Return the answer as text for `shell` to evaluate."""
    how = rows.spelling(shell)
    return "".join(how.assign(f"__dctx_a_{name}", values[name]) for name in ANSWER_FIELDS)
