"""`make demo`: a stand-in panel, three profiles, and dctx with the real official CLI on top of it.

With a terminal: your shell (bash, zsh or fish), with the hook loaded. Without one: the same tour as
a script, in an interactive bash; exit 1 if a step does not do what it should.

HOME is .build/demo/home, made anew each time; nothing outside the checkout is read or written. Node
and the official CLI are those of .build/, the panel listens on loopback and ends with the demo.
An argument names another folder than .build/demo.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
DEMO = Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "demo").resolve()
HOME = DEMO / "home"
PROFILES = {"prod": "Acme", "staging": "Globex", "client": "Initech"}
PATIENCE = 60  # seconds for the panel to start, and for each step of the tour
KEPT = ("COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "NO_COLOR", "TERM", "TMPDIR", "USER")
COLUMNS = 78  # the width of the banner, so that a narrow terminal breaks no word
INTRO = (
    "This is {shell} with dctx loaded. A stand-in panel has three organizations, each a profile: "
    "prod, staging, client. `exit` ends all of it. HOME is"
)
TRY = """\
Type:

    dctx                                  where can I go?
    dctx staging                          go there, and look at the prompt
    dokploy project all                   and the official CLI follows
    dokploy --profile prod project all    one command somewhere else
    dctx client                           on to another one
    dctx -                                back to where it was before
    dctx off                              as if nothing had been
"""


@dataclass(frozen=True)
class Step:
    """A command of the tour, and what must happen then."""

    command: str
    prompt: str  # what the next prompt shows
    says: tuple[str, ...] = ()  # what the output contains
    code: int = 0


NAMES = "dokploy project all | grep '^    \"name\"'"
TOUR = (
    Step("dctx list", "(prod:Acme)", ("* prod ", "  staging ", "  client ")),
    Step("dctx staging", "(staging:Globex)"),
    Step(NAMES, "(staging:Globex)", ('"globex-shop"',)),
    Step("dctx prod", "(prod:Acme)"),
    Step(NAMES, "(prod:Acme)", ('"acme-api"', '"acme-web"')),
    Step(NAMES.replace("dokploy", "dokploy --profile staging"), "(prod:Acme)", ('"globex-shop"',)),
    Step(f"DOKPLOY_PROFILE=client {NAMES}", "(prod:Acme)", ('"initech-mail"',)),
    Step("dokploy profiles list", "(prod:Acme)", ("* prod ", "  staging ")),
    Step("dctx -", "(staging:Globex)"),
    Step("dctx off", "(prod:Acme)"),
    Step("dctx stagng", "(prod:Acme)", ("Did you mean staging?",), code=3),
)


class DemoError(Exception):
    """A step of the demo failed; the text says which."""


def environment() -> dict[str, str]:
    """Return the demo's environment: a HOME of its own, our programs first, no other dokploy."""
    theirs = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = [str(BUILD / "bin")]
    path += [d for d in theirs if d and not os.access(Path(d, "dokploy"), os.X_OK)]
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {"TERM": "dumb", **kept, "HOME": str(HOME), "PATH": os.pathsep.join(path)}


@contextlib.contextmanager
def panel(environ: dict[str, str]) -> Iterator[dict[str, str]]:
    """Run a stand-in panel; yield its URL as "url", and each organization's key by its name."""
    ready = DEMO / "panel.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.standin", "--ready-file", str(ready)]
    with (DEMO / "panel.log").open("wb") as log:
        # A session of its own, so that Ctrl-C in the demo's shell does not reach it.
        process = subprocess.Popen(
            [*command, "--parent", str(os.getpid())],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + PATIENCE
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise DemoError(f"the stand-in panel did not start; see {DEMO}/panel.log")
            time.sleep(0.02)
        told = json.loads(ready.read_text(encoding="utf-8"))
        ready.unlink()
        yield {"url": told["url"], **{row["name"]: row["key"] for row in told["organizations"]}}
    finally:
        process.terminate()
        process.wait()


def save_profiles(panel: dict[str, str], environ: dict[str, str]) -> None:
    """Save the three profiles as a user would, with `dctx auth`; the keys go through stdin."""
    for name, organization in PROFILES.items():
        command = [str(BUILD / "bin" / "dctx"), "auth", name, "-u", panel["url"], "-t", "-"]
        done = subprocess.run(command, env=environ, input=panel[organization] + "\n", text=True)
        if done.returncode:
            raise DemoError(f"dctx auth {name} ended with {done.returncode}")


def shell_command(environ: dict[str, str]) -> tuple[str, list[str]]:
    """Write the start-up file of the user's shell; return the shell's name and the command."""
    program = Path(os.environ.get("SHELL", ""))
    name = program.name if program.name in ("bash", "zsh", "fish") else "bash"
    command = str(program) if name == program.name else shutil.which(name)
    if not command or not os.access(command, os.X_OK):
        raise DemoError(f"there is no {name}; say SHELL=/path/to/bash, zsh or fish")
    environ["SHELL"] = command
    if name == "fish":
        text = "set -g fish_greeting\nfunction fish_prompt; echo (prompt_pwd)'> '; end\n"
        write_startup(".config/fish/config.fish", text + "dctx init fish | source\n")
        # If this folder is missing, fish starts a process that reads all manual pages.
        (HOME / ".local/share/fish/generated_completions").mkdir(parents=True)
        return name, [command, "-i"]
    if name == "zsh":
        text = "PROMPT='%~ %# '\nautoload -Uz compinit && compinit -u\n"
        write_startup(".zshrc", text + 'eval "$(dctx init zsh)"\n')
        return name, [command, "-d", "-i"]
    write_startup(".bashrc", "PS1='\\w \\$ '\n" + 'eval "$(dctx init bash)"\n')
    return name, [command, "--noprofile", "--rcfile", str(HOME / ".bashrc"), "-i"]


def write_startup(name: str, text: str) -> None:
    """Write a start-up file below HOME."""
    path = HOME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def banner(shell: str, home: Path) -> str:
    """Return the text on what to try, with paths on lines of their own."""
    return f"\n{textwrap.fill(INTRO.format(shell=shell), COLUMNS)}\n{home}\n\n{TRY}"


def serve_user(environ: dict[str, str]) -> None:
    """Run the user's shell in the terminal until it ends."""
    name, command = shell_command(environ)
    print(banner(name, HOME), flush=True)
    shell = subprocess.Popen(command, cwd=HOME, env=environ)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on, Ctrl-C is for the shell
    try:
        shell.wait()
    finally:
        if shell.poll() is None:  # end the shell with us, as if its window was closed
            shell.send_signal(signal.SIGHUP)
            try:
                shell.wait(2)
            except subprocess.TimeoutExpired:  # fish ignores that while its window exists
                shell.kill()
                shell.wait()
        signal.signal(signal.SIGINT, before)


class Bash:
    """An interactive bash in a terminal of its own, whose output we print."""

    # The prompt contains the exit code in a mark that is not printed.
    MARK = re.compile(r"\x1b\]code (\d+)\x07(.*)\$ \Z", re.DOTALL)

    def __init__(self, environ: dict[str, str]) -> None:
        bash = environ["SHELL"]
        prompt = r"PS1='\e]code $?\a\w $ '"
        write_startup(".bashrc", f'{prompt}\neval "$(dctx init bash)"\n')
        command = [bash, "--noprofile", "--rcfile", str(HOME / ".bashrc"), "--noediting", "-i"]
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(HOME)
            os.execve(bash, command, environ)

    def until_prompt(self) -> tuple[str, int, str]:
        """Return what was printed, the last exit code, and the current prompt."""
        seen, end = "", time.monotonic() + PATIENCE
        while True:
            if not select.select([self.terminal], [], [], max(end - time.monotonic(), 0))[0]:
                raise DemoError(f"no prompt within {PATIENCE} seconds, but: {seen!r}")
            try:
                seen += os.read(self.terminal, 65536).decode("utf-8", "replace")
            except OSError:  # no process has the terminal open any more
                raise DemoError(f"the shell ended: {seen!r}") from None
            text = seen.replace("\r\n", "\n")
            mark = self.MARK.search(text)
            if mark:
                output = text[: mark.start()]
                before = output.rpartition("\n")
                return before[0] + before[1], int(mark[1]), before[2] + mark[2] + "$ "

    def send(self, command: str) -> None:
        """Type a line."""
        os.write(self.terminal, command.encode() + b"\n")

    def close(self) -> None:
        """End the bash as if its window was closed."""
        os.close(self.terminal)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGHUP)
        os.waitpid(self.pid, 0)


def play(environ: dict[str, str]) -> None:
    """Type the tour into a bash, show it, and raise DemoError at the first step that fails."""
    # A terminal without colours and cursor movements, and so wide that no line is broken.
    program = shutil.which("bash")
    if program is None:
        raise DemoError("there is no bash")
    bash = Bash({**environ, "TERM": "dumb", "NO_COLOR": "1", "SHELL": program})
    try:
        output, _, prompt = bash.until_prompt()
        print(output + prompt, end="", flush=True)
        for step in TOUR:
            bash.send(step.command)
            output, code, prompt = bash.until_prompt()
            print(output + prompt, end="", flush=True)
            what = shlex.quote(step.command)
            if code != step.code:
                raise DemoError(f"{what} ended with {code}, not with {step.code}")
            for text in step.says:
                if text not in output:
                    raise DemoError(f"{what} did not say {text!r}")
            if step.prompt not in prompt:
                raise DemoError(f"after {what} the prompt is {prompt!r}, without {step.prompt!r}")
        print(f"\n\ndemo: {len(TOUR)} steps, each as it should be")
    finally:
        bash.close()


def on_signal(number: int, _frame: FrameType | None) -> None:
    """End through every `finally`, so that no process is left."""
    sys.exit(128 + number)


def main() -> int:
    """Run the demo and return its exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    DEMO.mkdir(parents=True, exist_ok=True)
    with (DEMO / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("demo: it runs already, in another terminal", file=sys.stderr)
            return 1
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(0o700)
        environ = environment()
        try:
            with panel(environ) as told:
                save_profiles(told, environ)
                if sys.stdin.isatty() and sys.stdout.isatty():
                    serve_user(environ)
                else:
                    play(environ)
        except DemoError as error:
            print(f"\n\ndemo: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
