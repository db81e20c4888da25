"""The breaks that `make mutants` tries, each in one line, and the tests that should notice them."""

from __future__ import annotations

import ast
import fnmatch
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ROOT / "scripts" / "known_breaks.txt"
EQUAL = ROOT / "scripts" / "equal_breaks.txt"
TESTS = ROOT / "scripts" / "tests_of.txt"


def _files() -> dict[str, tuple[str, list[str]]]:
    """Return the content of TESTS: pattern of files → (word in the names of tests, tests)."""
    found: dict[str, tuple[str, list[str]]] = {}
    for line in TESTS.read_text("utf-8").splitlines():
        if line.startswith(" "):
            next(reversed(found.values()))[1].append(line.strip())
        elif line and not line.startswith("#"):
            pattern, _, word = line.rstrip("]").partition(" [")
            found[pattern] = (word, [])
    return found


FILES = _files()


@dataclass(frozen=True)
class Break:
    """Replace `old` at the offset `at` of `file` by `new`; run `tests` first."""

    file: str
    at: int
    old: str
    new: str
    what: str
    tests: tuple[str, ...] = ()

    def apply(self, text: str) -> str:
        """Return the broken text."""
        return text[: self.at] + self.new + text[self.at + len(self.old) :]

    def line(self, text: str) -> int:
        """Return the number of the line."""
        return text.count("\n", 0, self.at) + 1

    def key(self, text: str) -> str:
        """Return a name for the break, which stays the same as long as its line does."""
        start = text.rfind("\n", 0, self.at) + 1
        end = text.find("\n", self.at)
        what = f"{self.what} {' '.join(self.new.split())}" if self.what == "known" else self.what
        return f"{self.file} | {what} | {text[start:end].strip()} | {self.at - start}"


# ---- Operators on Python ----

_COMPARE = {
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="), ast.GtE: (">=", ">"), ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
}  # fmt: skip
# Files with lists whose order matters. In most other lists a swap changes nothing.
ORDERED = (
    "dokploy_ctx/constants.py",
    "dokploy_ctx/model/record.py",
    "dokploy_ctx/model/session.py",
)


class _Source:
    """A Python file, and the offsets of its syntax nodes in characters."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text, self.raw = file, text, text.encode()
        self.starts = [0]
        for line in self.raw.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, str]:
        """Return the offset and the text of a node."""
        first = self.starts[node.lineno - 1] + node.col_offset
        last = self.starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        return len(self.raw[:first].decode()), self.raw[first:last].decode()

    def conditions(self, node: ast.AST) -> Iterator[Break]:
        """Yield breaks that negate or remove a condition, or change a comparison."""
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            at, old = self.span(node.test)
            if old == "TYPE_CHECKING":  # matters to mypy alone
                return
            yield Break(self.file, at, old, f"(not ({old}))", "negate")
        if isinstance(node, ast.BoolOp):
            for gone, value in enumerate(node.values):
                if isinstance(value, ast.Constant):  # a default, as in `or ""`
                    continue
                at, old = self.span(value)
                neutral = str(isinstance(node.op, ast.And))
                yield Break(self.file, at, old, neutral, f"drop condition {gone}")
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            at, left = self.span(node.left)
            right, _ = self.span(node.comparators[0])
            token, other = _COMPARE[type(node.ops[0])]
            old = self.text[at + len(left) : right]
            yield Break(self.file, at + len(left), old, old.replace(token, other, 1), "compare")

    def values(self, node: ast.AST, *, ordered: bool) -> Iterator[Break]:
        """Yield breaks that change a number, swap fields, widen a pattern or drop a statement."""
        if isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 1000:
            at, old = self.span(node)
            for more in (1, -1):
                yield Break(self.file, at, old, f"({node.value + more})", f"constant {more:+}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\\Z" in node.value:
            at, old = self.span(node)
            yield Break(self.file, at, old, old.replace("\\Z", "", 1), "widen pattern")
        if isinstance(node, ast.Tuple) and ordered:
            for one, two in zip(node.elts, node.elts[1:], strict=False):
                if isinstance(one, ast.Constant) and isinstance(two, ast.Constant):
                    (at, first), (then, second) = self.span(one), self.span(two)
                    old = self.text[at : then + len(second)]
                    between = self.text[at + len(first) : then]
                    yield Break(self.file, at, old, second + between + first, "swap")
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            at, old = self.span(node)
            yield Break(self.file, at, old, "pass", "drop statement")


def of_python(file: str, text: str) -> Iterator[Break]:
    """Yield the breaks of a Python file."""
    source, tree = _Source(file, text), ast.parse(text)
    sets = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and _is_set(each)]
    in_sets = {id(node) for each in sets for node in ast.walk(each)}
    for node in ast.walk(tree):
        yield from source.conditions(node)
        yield from source.values(node, ordered=file in ORDERED and id(node) not in in_sets)


def _is_set(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in ("set", "frozenset")


# ---- Operators on shell ----

_STATEMENT = (
    r"(?m)(?<=^)[ \t]*(?:builtin |command )?(?:unset|set -e[gx]*|export|set -gx|umask|trap|"
    r"setopt|shopt|emulate) [^\n]*[^\\\n]$"
)
_SHELL = (
    ("negate", r"(?<=\[ )(?=[-\"$'])|(?<=\[\[ )(?=[-\"$'])", "! "),
    ("negate", r"(?<![-\w])-z (?=[\"$])", "-n "),
    ("negate", r"(?<![-\w])-n (?=[\"$])", "-z "),
    ("compare", r"(?<= )==? (?=[\"'$*\w])", "!= "),
    ("compare", r"(?<= )-nt ", "-ot "),
    ("compare", r"(?<= )-(?:eq|ge) ", "-gt "),
    ("drop condition", r"(?:! )?\[\[? [^\]\n]+ \]\]? && ", ""),
    ("drop condition", r" && (?:! )?\[\[? [^\]\n]+ \]\]?", ""),
    ("drop condition", r"(?:test|set -q[lgx]*) [^;|&\n]+; and ", ""),
    ("drop condition", r"; and (?:test|set -q[lgx]*) [^;|&\n]+", ""),
    ("drop statement", _STATEMENT, ":"),
    ("negate", r"(?<=\breturn )1(?=[ \n])", "0"),
    ("constant +1", r"(?<!\breturn (?=1))(?<![\w$.{\[\\-])\d{1,6}(?![\w.\]}>&])", None),
    ("widen pattern", r"(?m)(?<=[\w\"'])(?=\)[ \n])(?<!\()", "*"),
)  # fmt: skip


def of_shell(file: str, text: str) -> Iterator[Break]:
    """Yield the breaks of a shell script, but none in comments."""
    comments = [(m.start(), m.end()) for m in re.finditer(r"(?m)^\s*#.*$|\s#\s.*$", text)]
    for what, pattern, new in _SHELL:
        for found in re.finditer(pattern, text):
            if not any(start <= found.start() < end for start, end in comments):
                old = found.group()
                with_this = str(int(old) + 1) if new is None else new
                yield Break(file, found.start(), old, with_this, what)


def known() -> list[Break]:
    """Return the breaks of KNOWN. Raises SystemExit if the line of one does not exist any more."""
    breaks = []
    for block in re.split(r"\n\s*\n", KNOWN.read_text("utf-8")):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines:
            file = lines[0]
            old = "\n".join(line[2:] for line in lines[1:] if line.startswith("-"))
            new = "\n".join(line[2:] for line in lines[1:] if line.startswith("+"))
            text = (ROOT / file).read_text("utf-8")
            if text.count(old) != 1:
                raise SystemExit(f"mutants: {KNOWN.name}: {file} has {text.count(old)} x {old!r}")
            tests = tuple(line[2:] for line in lines[1:] if line.startswith("="))
            breaks.append(Break(file, text.index(old), old, new, "known", tests))
    return breaks


def tests_of(file: str) -> tuple[list[str], str]:
    """Return the tests that should notice a break of `file`, and the word in their names."""
    for pattern, (word, tests) in FILES.items():
        if fnmatch.fnmatch(file, pattern):
            return tests, word
    raise SystemExit(f"mutants: no tests are named for {file}")


def sample(seed: int, count: int, only: str) -> list[Break]:
    """Return the known breaks and `count` others, chosen by a hash of their names.

    A changed line does not change the choice of others, so after a fix the same breaks can be run.
    Raises SystemExit if EQUAL names a break of a line that no longer exists.
    """
    lines = EQUAL.read_text("utf-8").splitlines()
    equal = {line for line in lines if line and not line.startswith("#")}
    keys: dict[Break, str] = {}
    for path in sorted([*ROOT.glob("shell/*"), *ROOT.glob("dokploy_ctx/**/*.py")]):
        file = path.relative_to(ROOT).as_posix()
        if any(fnmatch.fnmatch(file, pattern) for pattern in FILES):
            text = path.read_text("utf-8")
            made = of_python(file, text) if path.suffix == ".py" else of_shell(file, text)
            keys.update({each: each.key(text) for each in made})

    for gone in sorted(equal.difference(keys.values())):
        raise SystemExit(f"mutants: {EQUAL.name}: no line has the break {gone}")

    def drawn(key: str) -> bytes:
        return hashlib.sha256(f"{seed} {key}".encode("utf-8", "surrogatepass")).digest()

    found = [each for each, key in keys.items() if key not in equal]
    chosen = sorted(found, key=lambda each: drawn(keys[each]))[:count]
    return [each for each in [*known(), *chosen] if fnmatch.fnmatch(each.file, only)]
