"""Measure shells, shim and core side by side: `make bench` (ARGS="--rounds 3" for a quick look).

All figures of a row are taken in turn, in one run on one machine: least of the rounds, and the
median after it. What happens inside a shell is a loop, above the same loop with nothing in it, in
processor time, so that other programs on the machine disturb it less; whole processes are measured
by the clock. It prints; it asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dokploy_ctx.official import preload
from tests.shells import HOOKED, ROOT, Shell
from tests.terminal import ENTER, Terminal

DCTX = str(Path(sys.executable).with_name("dctx"))

# COUNT times BODY.
LOOP = {
    "bash": "for ((i = 0; i < {count}; i++)); do {body}; done",
    "zsh": "repeat {count}; do {body}; done",
    "fish": "for i in (string repeat -n {count} 'i ' | string split ' '); {body}; end",
}
# Read one record and export four variables: what a switch cannot do without.
FLOOR = {
    "bash": "IFS=$__dctx_us read -r a b c d e <$R; "
    'export DOKPLOY_PROFILE="$b" DOKPLOY_URL="$c" DOKPLOY_API_KEY="$d" X="$e"',
    "zsh": 'p=("${(@ps:\\x1f:)$(<$R)}"); '
    "export DOKPLOY_PROFILE=$p[2] DOKPLOY_URL=$p[3] DOKPLOY_API_KEY=$p[4] X=$p[5]",
    "fish": "read -d $__dctx_us a b c d e <$R; set -gx DOKPLOY_PROFILE $b; "
    "set -gx DOKPLOY_URL $c; set -gx DOKPLOY_API_KEY $d; set -gx X $e",
}
# In fish all that comes before fish_prompt: the event's handler and what draws the segment.
PROMPT = {
    "bash": "__dctx_prompt",
    "zsh": "__dctx_precmd",
    "fish": "__dctx_check; fish_mode_prompt >/dev/null",
}
# As Tab calls them, without a terminal: zsh's own `compadd` exists only inside its line editor.
TAB = {
    "bash": "COMP_LINE='dctx TYPED' COMP_POINT=${#COMP_LINE} COMP_CWORD=1 COMP_WORDS=(dctx TYPED); "
    "__dctx_complete dctx TYPED dctx",
    "zsh": "PREFIX=TYPED; __dctx_names",
    "fish": "set names (__dctx_offer __dctx_names TYPED)",
}
TAB_SETUP = {
    "bash": "__dctx_load ask; __dctx_prompt",
    "zsh": "__dctx_load tab; __dctx_precmd; compadd() { seen=${(P)#@[-1]} }; "
    '_wanted() { shift ${@[(i)compadd]}-1; "$@" }',
    "fish": "__dctx_prompt",
}
# Lines after a loop: they say so where it did not do what the row names.
TAB_CHECK = {
    "bash": "[[ ${#COMPREPLY[@]} == COUNT ]] || echo ${#COMPREPLY[@]} names >&2",
    "zsh": "(( seen == COUNT )) || echo $seen names >&2",
    "fish": "test (count $names) = COUNT; or echo (count $names) names >&2",
}
CHECK = {
    "bash": '[[ "${DOKPLOY_PROFILE-}" == "NAME" ]] || echo "not on NAME" >&2',
    "zsh": '[[ "${DOKPLOY_PROFILE-}" == "NAME" ]] || echo "not on NAME" >&2',
    "fish": 'test "$DOKPLOY_PROFILE" = "NAME"; or echo "not on NAME" >&2',
}
DIRENV = {
    "bash": 'eval "$(direnv hook bash)"',
    "zsh": 'eval "$(direnv hook zsh)"',
    "fish": "direnv hook fish | source",
}
DIRENV_PROMPT = {"bash": "_direnv_hook", "zsh": "_direnv_hook", "fish": "__direnv_export_eval"}
QUIET = " 2>/dev/null"

# Goals in µs, in the order bash, bash-3.2, zsh, fish (docs/internals.md, "Speed").
SHELL_NAMES = ("bash", "bash-3.2", "zsh", "fish")
# The shells that have their lines in the tables above.
MEASURED = [shell for shell in HOOKED if shell.name in SHELL_NAMES]
START = (1000, 1200, 800, 2000)
FIRST_SWITCH = (1000, 2000, 1000, 1500)
AT_PROMPT = (60, 120, 80, 200)
AFTER_CD = tuple(2 * goal for goal in AT_PROMPT)
BESIDE_ENV = (120, 600, 160, 400)
BESIDE_BIG_ENV = (50_000,) * 4
SWITCH = (150, 350, 150, 400)
SWITCH_AND_PROMPT = (300, 700, 250, 650)
TAB_SMALL, TAB_10_000 = (1000, 2000, 1000, 1500), (4000, 12_000, 4000, 4000)
NO_GOAL = (0,) * 4

# Keeps the names of 3,000 services for the profile p1, as a Tab a moment ago would have.
KEEP = """
import json, sys
from dokploy_ctx.model.profile import Profile
from dokploy_ctx.official import remembered
from dokploy_ctx.official.things import Thing
found = [Thing("application", f"id-{n:018}", (f"project-{n % 30}", "production", f"service-{n}"))
         for n in range(3000)]
raw = json.load(open(sys.argv[1]))["profiles"]["p1"]
remembered.keep(Profile("p1", raw), {"application": found})
"""

Run = Callable[[], float]
Figures = dict[str, list[float]]


def environ(home: Path, path: str | None = None) -> dict[str, str]:
    """Return a clean environment with this HOME."""
    path = path or os.environ["PATH"]
    return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "TERM": "dumb"}


def write_profiles(home: Path, count: int) -> None:
    """Write `count` profiles and have them compiled."""
    folder = home / ".dokploy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(0o700)
    rows = {
        f"p{number}": {
            "url": f"https://p{number}.example.com",
            "token": "k" * 64,
            "organization": {"id": "AcmeOrgId-00000000001", "name": "Acme"},
        }
        for number in range(count)
    }
    path = folder / "config.json"
    path.write_text(json.dumps({"currentProfile": "p0", "profiles": rows}))
    path.chmod(0o600)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    subprocess.run([DCTX, "sync"], check=True, env=environ(home))


def clocked(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> float:
    """Return the seconds that a process took by the clock."""
    start = time.perf_counter()
    subprocess.run(
        argv,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def worked(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> float:
    """Return the seconds of processor time that a process and its children took."""
    child = subprocess.Popen(
        argv,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert child.stderr is not None
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if said or child.returncode:
        said = said.partition(b"\n")[0]
        print(f"! {argv[0]} ended with {child.returncode}: {said.decode()}", file=sys.stderr)
    return used.ru_utime + used.ru_stime


def both_times(once: Run, into: list[float]) -> float:
    """Return the clock's figure of a run and note its processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    figure = once()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    into.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return figure


def in_turn(runs: Mapping[str, Run], rounds: int) -> Figures:
    """Return the figures of each run, taken in turn."""
    taken: Figures = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return taken


def filled(lines: Mapping[str, str], word: str, value: str, dialect: str) -> str:
    """Return the dialect's line with `value` for `word`."""
    return lines[dialect].replace(word, value)


def row(*cells: str) -> None:
    """Print one row of a table."""
    print("| " + " | ".join(cells) + " |", flush=True)


class Shells:
    """What one line costs in each shell, in one HOME."""

    def __init__(self, home: Path, rounds: int) -> None:
        self.home, self.rounds = home, rounds
        self.shells: list[Shell] = [shell for shell in MEASURED if shell.program]
        self.floor = [0.0] * len(self.shells)

    def script(self, shell: Shell, *lines: str) -> list[str]:
        """Return the command that runs these lines."""
        number = len(list(self.home.glob("script-*")))
        path = self.home / f"script-{number}"
        path.write_text("\n".join([*lines, ""]))
        return shell.argv(path)

    def loop(
        self, shell: Shell, body: str, count: int, *setup: str, check: str = "", hook: bool = True
    ) -> Run:
        """Return a run of `count` times `body` after `setup` and before `check`."""
        file = self.home / ".local/share/dctx" / f"hook.{shell.dialect}"
        head = [shell.source(file)] if hook else []
        # fish looks at the first text of fish_prompt, and nothing here draws one.
        head += ["functions -e fish_prompt"] if shell.dialect == "fish" else []
        record = shell.set("R", str(self.home / ".dokploy/index/p0"))
        text = LOOP[shell.dialect].format(count=count, body=body)
        argv = self.script(shell, *head, record, *setup, text, check)
        return lambda: worked(argv, environ(self.home), self.home / "work")

    def measure(
        self,
        what: str,
        goals: Sequence[int],
        body: Callable[[str], str],
        count: int,
        *setup: Callable[[str], str],
        per: int = 1,
        hook: bool = True,
        less: Sequence[float] = (),
        check: Callable[[str], str] = lambda _: "",
        above: str = "",
    ) -> list[float]:
        """Print and return the µs of one `body`; it does `per` times what the row names.

        `above` is what the empty loop does, too: its cost is not the row's.
        """
        runs: dict[str, Run] = {}
        for shell in self.shells:
            dialect = shell.dialect
            before = [line(dialect) for line in setup]
            nothing = above or ("true" if dialect == "fish" else ":")
            runs[f"{shell} empty"] = self.loop(shell, nothing, count, *before, hook=hook)
            runs[f"{shell} body"] = self.loop(
                shell, body(dialect), count, *before, check=check(dialect), hook=hook
            )
        taken = in_turn(runs, self.rounds)
        cells, least = [], []
        for at, shell in enumerate(self.shells):
            pair = (taken[f"{shell} empty"], taken[f"{shell} body"])
            below = less[at] if less else 0.0
            low, mid = (
                (figure(pair[1]) - figure(pair[0])) / count / per * 1e6 - below
                for figure in (min, statistics.median)
            )
            least.append(low)
            cells.append(self.cell(shell, low, mid, goals))
        row(what, *cells)
        return least

    def cell(self, shell: Shell, low: float, mid: float, goals: Sequence[int]) -> str:
        """Return the text of one figure with its goal, and "!" where that is missed."""
        goal = goals[SHELL_NAMES.index(shell.name)]
        times = self.floor[[str(each) for each in self.shells].index(shell.name)]
        text = f"{low:,.0f} ({mid:,.0f})"
        if times:
            text += f", {low / times:.1f}x"
        if goal:
            text += f", goal {goal:,}{' !' if low > goal else ''}"
        return text

    def once(
        self, what: str, goals: Sequence[int], before: str, line: str, *, hook: bool = True
    ) -> None:
        """Print what a line costs that a shell runs once: start-up, first prompt, first switch."""
        runs: dict[str, Run] = {}
        for shell in self.shells:
            file = self.home / ".local/share/dctx" / f"hook.{shell.dialect}"
            load = shell.source(file)
            first = [load] if hook else []
            lines = tuple(
                each.replace("PROMPT", PROMPT[shell.dialect])
                for each in (before, line.replace("LOAD", load))
            )
            for kind, ends in (("empty", lines[:1]), ("line", lines)):
                argv = self.script(shell, *first, *ends)
                runs[f"{shell} {kind}"] = partial(
                    worked, argv, environ(self.home), self.home / "work"
                )
        taken = in_turn(runs, self.rounds * 5)
        cells = []
        for shell in self.shells:
            low, mid = (
                (figure(taken[f"{shell} line"]) - figure(taken[f"{shell} empty"])) * 1e6
                for figure in (min, statistics.median)
            )
            cells.append(self.cell(shell, low, mid, goals))
        row(what, *cells)

    def table(self) -> None:
        """Print the whole table."""
        row("µs: least (median), times the floor, goal", *(str(shell) for shell in self.shells))
        row(*["---"] * (len(self.shells) + 1))
        write_profiles(self.home, 10)
        floor = "floor: read one record, export four variables"
        self.floor = self.measure(floor, NO_GOAL, FLOOR.__getitem__, 1000)
        self.once("hook at shell start-up", START, "", "LOAD", hook=False)
        self.once("first prompt", NO_GOAL, "", "PROMPT")
        self.once("first switch", FIRST_SWITCH, "PROMPT", f"dctx p1{QUIET}")
        self.prompts()
        if shutil.which("direnv"):
            modern = Shells(self.home, self.rounds)
            modern.floor = self.floor
            modern.measure(
                "peer: one prompt of direnv", NO_GOAL, DIRENV_PROMPT.__getitem__, 10,
                DIRENV.__getitem__, hook=False,
            )  # fmt: skip
        for count, typed in ((10, "p"), (1000, "p12"), (10_000, "p123")):
            write_profiles(self.home, count)
            self.switches(count)
            self.tab(count, typed)

    def prompts(self) -> None:
        """Print what a prompt costs in the ordinary states, after `cd`, beside a `.env`."""
        session = lambda _: "dctx p1" + QUIET  # noqa: E731
        prompt = PROMPT.__getitem__
        self.measure("prompt, default", AT_PROMPT, prompt, 500)
        self.measure("prompt, session", AT_PROMPT, prompt, 500, session)
        (self.home / "work2").mkdir(exist_ok=True)
        folders = (self.home / "work", self.home / "work2")
        there, back = (f"cd {folder}" for folder in folders)
        self.measure(
            "prompt after cd, default", AFTER_CD,
            lambda dialect: f"{there}; {prompt(dialect)}; {back}; {prompt(dialect)}", 200,
            per=2, above=f"{there}; {back}",
        )  # fmt: skip
        dotenv = self.home / "work" / ".env"
        for size, goals, count in ((1, BESIDE_ENV, 500), (64, BESIDE_BIG_ENV, 20)):
            dotenv.write_text(("NODE_ENV=development\nPORT=3000\n" * 40 * size)[: 1024 * size])
            what = f"beside a .env of {size} KiB without DOKPLOY_"
            self.measure(f"prompt, default, {what}", goals, prompt, count)
            self.measure(f"prompt, session, {what}", goals, prompt, count, session)
        dotenv.unlink()

    def switches(self, count: int) -> None:
        """Print what a switch and an off cost, alone and with the prompt after it."""
        there = partial(filled, CHECK, "NAME", "p2")
        back = partial(filled, CHECK, "NAME", "")
        both, pair = f"dctx p1{QUIET}; dctx p2{QUIET}", f"dctx p1{QUIET}; dctx off{QUIET}"
        what = f"switch, {count:,} profiles"
        half = self.measure(what, SWITCH, lambda _: both, 100, per=2, check=there)
        what = f"off, {count:,} profiles"
        self.measure(what, SWITCH, lambda _: pair, 100, less=half, check=back)
        self.measure(
            f"switch and the prompt after it, {count:,} profiles", SWITCH_AND_PROMPT,
            lambda dialect: both.replace(";", f"; {PROMPT[dialect]};") + f"; {PROMPT[dialect]}",
            100, per=2, check=there,
        )  # fmt: skip

    def tab(self, count: int, typed: str) -> None:
        """Print what Tab costs where some ten names match."""
        match = 10 if count == 10 else 11
        self.measure(
            f"Tab, {match} of {count:,} names match",
            TAB_SMALL if count <= 1000 else TAB_10_000,
            partial(filled, TAB, "TYPED", typed),
            50,
            TAB_SETUP.__getitem__,
            check=lambda dialect: filled(TAB_CHECK, "COUNT", str(match), dialect).replace(
                "TYPED", typed
            ),
        )


class Typed:
    """What a person waits for: Enter to the next prompt, in a terminal, by the clock."""

    def __init__(self, home: Path, rounds: int) -> None:
        self.home, self.rounds = home, rounds

    def seconds(self, term: Terminal, line: str) -> float:
        """Return the seconds from Enter to the prompt."""
        term.type(line)
        term.wait(lambda: term.typed == line)
        start = time.perf_counter()
        term.key(ENTER)
        return time.perf_counter() - start

    def table(self) -> None:
        """Print the table, with and without the hook."""
        print()
        row("Enter to prompt, ms: least (median)", "hook", *map(str, MEASURED))
        row(*["---"] * (len(MEASURED) + 2))
        lines = {"true": "true", "cd": "cd ../work2", "a switch": "dctx p1"}
        found: dict[tuple[str, bool], list[str]] = {}
        for shell in MEASURED:
            for hook in (False, True):
                file = self.home / ".local/share/dctx" / f"hook.{shell.dialect}"
                term = Terminal(
                    shell, hook=False, env=environ(self.home) | {"TERM": "xterm"},
                    rc=[f"source {file}"] if hook else [], cwd=self.home / "work",
                )  # fmt: skip
                term.environ = environ(self.home) | {"TERM": "xterm"}
                try:
                    term.start()
                    for what, line in lines.items():
                        if what == "a switch" and not hook:
                            continue
                        taken = [self.seconds(term, line) for _ in range(self.rounds * 5)]
                        low, mid = min(taken) * 1e3, statistics.median(taken) * 1e3
                        found.setdefault((what, hook), []).append(f"{low:.1f} ({mid:.1f})")
                finally:
                    term.close()
        for (what, hook), cells in sorted(found.items()):
            row(what, "yes" if hook else "no", *cells)


def in_all(home: Path, rounds: int, run: Callable[..., Run]) -> None:
    """Print what `exec --all` costs beside `xargs -P` for the same jobs."""
    write_profiles(home, 40)
    job = home / "bin" / "job"
    job.write_text("#!/bin/sh\nsleep 0.05\necho done\n")
    job.chmod(0o755)
    names = home / "names"
    names.write_text("".join(f"p{number}\n" for number in range(40)))
    taken = in_turn(
        {
            "xargs": run("xargs", "-a", str(names), "-P", "4", "-n", "1", str(job)),
            "all": run(DCTX, "exec", "--all", "-j", "4", "--", str(job)),
        },
        max(3, rounds // 2),
    )
    low = {name: min(figures) for name, figures in taken.items()}
    times = low["all"] / low["xargs"]
    row(
        "exec --all -j 4, 40 jobs of 50 ms, times xargs -P 4", "1.2x",
        f"{times:.2f}x{' !' if times > 1.2 else ''}", f"{low['all'] * 1e3:.0f}",
    )  # fmt: skip
    write_profiles(home, 10)


def processes(home: Path, rounds: int) -> None:
    """Print what processes cost: shim, core and the peers."""
    write_profiles(home, 10)
    bare = home / "bin" / "dokploy"
    bare.parent.mkdir()
    bare.write_text("#!/bin/true\n")
    bare.chmod(0o755)
    as_sh = bare.with_name("sh-is-bash") / "sh"
    as_sh.parent.mkdir()
    as_sh.symlink_to(shutil.which("bash") or "/bin/bash")
    shims = home / ".local/share/dctx/shims"
    env = environ(home, f"{shims}:{bare.parent}:{os.environ['PATH']}")
    print()
    row("whole process: median (least)", "goal", "figure", "ms")
    row(*["---"] * 4)

    def run(*argv: str) -> Run:
        return lambda: clocked(argv, env, home / "work")

    taken = in_turn(
        {
            "bare": run(str(bare), "app", "one"),
            **{
                f"{name}{' '.join(['', *words])}": run(
                    *program, str(shims / "dokploy"), *words, "app"
                )
                for name, program in (("dash", ["dash"]), ("bash as sh", [str(as_sh)]))
                for words in ((), ("--profile", "p1"))
            },
        },
        rounds * 10,
    )
    row("bare CLI (/bin/true)", "", "", f"{statistics.median(taken['bare']) * 1e3:.2f}")
    for name, figures in taken.items():
        if name == "bare":
            continue
        mid = (statistics.median(figures) - statistics.median(taken["bare"])) * 1e3
        low = (min(figures) - min(taken["bare"])) * 1e3
        goal = 1 if name.startswith("dash") else 2
        missed = " !" if low > goal else ""
        row(f"shim under {name}", f"{goal} ms", f"{mid:+.2f} ms ({low:+.2f}){missed}", "")
    names(home, rounds, run)
    in_all(home, rounds, run)
    official_cli(home, rounds)
    commands = {
        "env": (("env", "p1", "--shell", "bash"), 1.25),
        "list": (("list",), 1.25),
        "current": (("current",), 1.25),
        "sync": (("sync",), 1.4),
        "use": (("use", "p1"), 1.4),
        "_hook, a hook's question": (("_hook", "--shell", "bash", "prompt"), 1.4),
    }
    runs = {
        "click": run(sys.executable, "-c", "import click"),
        "python": run(sys.executable, "-c", ""),
    }
    runs |= {name: run(DCTX, *argv) for name, (argv, _) in commands.items()}
    peers = {
        "kubectx": ("kubectx",),
        "starship prompt": (str(ROOT / ".build/bin/starship"), "prompt"),
    }
    peers = {name: argv for name, argv in peers.items() if shutil.which(argv[0])}
    runs |= {name: run(*argv) for name, argv in peers.items()}
    # The processor time of the same runs, which a busy machine disturbs less.
    worked_for: Figures = {name: [] for name in runs}
    for name, once in runs.items():
        runs[name] = partial(both_times, once, worked_for[name])
    taken = in_turn(runs, max(11, rounds * 3))
    click, click_work = statistics.median(taken["click"]), statistics.median(worked_for["click"])
    goals = {f"dctx {name}": goal for name, (_, goal) in commands.items()}
    labels = {"click": "`python -c 'import click'`", "python": "`python -c ''`"}
    print()
    row(
        "whole process, times click",
        "goal",
        "by the clock",
        "by processor time",
        "ms: median (least)",
    )
    row(*["---"] * 5)
    for name, figures in taken.items():
        label = labels.get(name, f"dctx {name}" if name in commands else f"peer: {name}")
        most = goals.get(label)
        work = statistics.median(worked_for[name]) / click_work
        missed = " !" if most and work > most else ""
        row(
            label,
            f"{most}x" if most else "",
            f"{statistics.median(figures) / click:.2f}x",
            f"{work:.2f}x{missed}",
            f"{statistics.median(figures) * 1e3:.0f} ({min(figures) * 1e3:.0f})",
        )


def names(home: Path, rounds: int, run: Callable[..., Run]) -> None:
    """Print what names instead of ids cost: an argument without an @, and Tab on an id."""
    text = (home / ".local/share/dctx/shims/dokploy").read_text("utf-8")
    (look,) = (line.strip() for line in text.splitlines() if "__dctx_names=1" in line)
    count, env = 100_000, environ(home)
    loop = f"__dctx_arg=--option=value n={count}; while [ $n -gt 0 ]; do n=$((n-1)); LOOK; done"
    keep = [sys.executable, "-c", KEEP, str(home / ".dokploy/config.json")]

    def looks(what: str) -> Run:
        return partial(worked, ["dash", "-c", loop.replace("LOOK", what)], env, home / "work")

    def tab() -> float:  # what is kept is good for a minute
        subprocess.run(keep, check=True, env=env, cwd=ROOT)
        return run(DCTX, "_ids", "--profile", "p1", "--", "--applicationId", "@service-7")()

    click = run(sys.executable, "-c", "import click")
    runs = {"with": looks(look), "without": looks(":"), "click": click, "tab": tab}
    taken = in_turn(runs, rounds * 2)
    each = (min(taken["with"]) - min(taken["without"])) / count * 1e6
    row("shim: the look for an @, each argument, in dash", "", f"{each:+.2f} µs", "")
    times = statistics.median(taken["tab"]) / statistics.median(taken["click"])
    least = min(taken["tab"]) * 1e3
    row("Tab on an id, 3,000 services kept, times click", "", f"{times:.2f}x", f"({least:.0f})")


def official_cli(home: Path, rounds: int) -> None:
    """Print what the preload costs the official CLI, which loads all of its libraries for this."""
    program = str(ROOT / ".build/bin/dokploy")
    env = environ(home, f"{ROOT / '.build/bin'}:{os.environ['PATH']}")
    loaded = {
        **env,
        "NODE_OPTIONS": preload.option(str(home / ".local/share/dctx/shims" / preload.FILE)),
    }
    pair = {"DOKPLOY_URL": "https://p0.example.com", "DOKPLOY_API_KEY": "k" * 64}
    argv = (program, "--version")
    work: Figures = {"bare": [], "preload": []}
    runs: dict[str, Run] = {
        name: partial(both_times, partial(clocked, argv, each | pair, home / "work"), work[name])
        for name, each in (("bare", env), ("preload", loaded))
    }
    taken = in_turn(runs, rounds * 5)
    mid, low = (f(taken["bare"]) * 1e3 for f in (statistics.median, min))
    row("official CLI", "", "", f"{mid:.0f} ({low:.0f})")
    for how, figures in (("the clock", taken), ("processor time", work)):
        mid, low = (
            (f(figures["preload"]) - f(figures["bare"])) * 1e3 for f in (statistics.median, min)
        )
        row(f"preload, above it, by {how}", "13 ms", f"{mid:+.1f} ms ({low:+.1f})", "")


def main() -> None:
    """Measure all of it in a HOME of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=("shells", "typed", "processes"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dctx-bench-") as folder:
        home = Path(folder)
        (home / "work").mkdir()
        # Else fish's first prompt in a HOME reads all manual pages in the background.
        (home / ".local/share/fish/generated_completions").mkdir(parents=True)
        subprocess.run(
            [DCTX, "init", "sh"], env=environ(home), check=True, stdout=subprocess.DEVNULL
        )
        (home / "work2").mkdir()
        if options.only in (None, "shells"):
            Shells(home, options.rounds).table()
        if options.only in (None, "typed"):
            write_profiles(home, 10)
            Typed(home, options.rounds).table()
        if options.only in (None, "processes"):
            processes(home, options.rounds)


if __name__ == "__main__":
    main()
