"""Keys outside of the file: printed by a program, or in the system's keyring."""

from __future__ import annotations

import base64
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import SENTINEL
from dokploy_ctx.errors import ConfigError, PanelError
from dokploy_ctx.files import key_program, keys, system_keyring
from dokploy_ctx.model.profile import Profile
from tests.standin import StandIn

from ..alone import alone
from ..shells import BASH, ROOT, Ran, Shell
from ..terminal import ENTER, TAB, Terminal

KEY = "k" * 64
CLOSES = f"echo {KEY}; exec >&- 2>&-; sleep 1"


def fetch(*command: str) -> str:
    return keys.fetch(Profile("vault", {"url": "http://x", "tokenCommand": list(command)}))


def refused(*command: str) -> str:
    with pytest.raises(PanelError) as caught:
        fetch(*command)
    assert "\n" not in str(caught.value)
    assert caught.value.code == 5
    return str(caught.value)


# A program.


def test_command_gives_its_first_line() -> None:
    assert fetch("printf", f"  {KEY} \\nurl: https://x\\nnotes\\n") == KEY


@pytest.mark.parametrize("word", ["a\0b", "\ud800"], ids=ascii)
def test_command_that_no_command_line_can_hold(word: str) -> None:
    for words in (("echo", word), (word,)):
        with pytest.raises(
            ConfigError, match="contains a character that no command line can have"
        ) as e:
            fetch(*words)
        assert e.value.code == 4
        assert str(e.value).isprintable()


def test_command_is_run_without_a_shell(home: Path) -> None:
    assert fetch("printf", "%s", "$(touch,here);`id`") == "$(touch,here);`id`"
    assert list(home.iterdir()) == []


def test_command_that_fails_is_one_line_with_its_code() -> None:
    assert refused("sh", "-c", "echo half; exit 3") == (
        'tokenCommand of "vault" ("sh") failed with exit code 3. '
        "Unlock the vault, or correct the command."
    )
    assert "was killed by signal 9" in refused("sh", "-c", "kill -9 $$")


def test_command_that_closed_its_output_is_waited_for_without_work(tmp_path: Path) -> None:
    """Linux: strace counts how often it looks."""
    ask = f"from tests.files.test_keys import fetch; print(len(fetch('sh', '-c', {CLOSES!r})))"
    log = tmp_path / "log"
    command = ["strace", "-o", str(log), "-e", "trace=wait4", sys.executable, "-c", ask]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (ran.stdout, ran.returncode) == (f"{len(KEY)}\n", 0), ran.stderr
    assert log.read_text().count("wait4(") < 100


def test_command_that_does_not_exist_says_so() -> None:
    assert refused("no-such-vault", "x") == (
        'tokenCommand of "vault" ("no-such-vault") cannot be run: No such file or directory.'
    )


@pytest.mark.parametrize("text", ["", "\\n", "  \\n" + KEY, "\\n" + KEY])
def test_command_that_prints_nothing_gives_no_key(text: str) -> None:
    assert "printed no key" in refused("printf", text)


@pytest.mark.parametrize("text", ["Vault is locked.", "a\\tb", "\\033[1mkey", "k\\000k"])
def test_command_that_prints_other_words_gives_no_key(text: str) -> None:
    message = refused("printf", text)
    assert "cannot be an API key" in message
    assert "locked." not in message


def test_command_that_never_stops_printing_is_ended() -> None:
    assert "printed more than 65536 bytes" in refused("yes")


@pytest.mark.parametrize("more", [0, 1])
def test_command_that_prints_as_much_as_is_allowed(more: int) -> None:
    command = ("sh", "-c", f"echo key; yes '' | head -c {65532 + more}")
    if more:
        assert "printed more than 65536 bytes" in refused(*command)
    else:
        assert fetch(*command) == "key"


def test_command_over_its_time_is_killed_with_all_that_it_started(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_program, "VAULT_SECONDS", 0.5)
    script = "sleep 1000 & echo $! >child; trap '' TERM; wait; sleep 1000"
    began = time.monotonic()
    assert "took over 0 s. Is the vault locked?" in refused("sh", "-c", script)
    assert time.monotonic() - began < 20
    child = int((home / "child").read_text("utf-8"))
    for _ in range(500):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{child}/stat").is_file() and (
            Path(f"/proc/{child}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
        ):
            return  # killed; init has not looked yet
        time.sleep(0.01)
    pytest.fail("the program's own child lives")


def test_command_that_leaves_a_daemon_with_its_stdout_is_not_waited_for(home: Path) -> None:
    began = time.monotonic()
    assert fetch("sh", "-c", f"sleep 30 & echo $! >child; echo {KEY}") == KEY
    assert time.monotonic() - began < 20
    os.kill(int((home / "child").read_text("utf-8")), 9)


def test_key_in_the_file_is_given_and_none_is_an_error() -> None:
    assert keys.fetch(Profile("plain", {"token": KEY})) == KEY
    with pytest.raises(ConfigError, match='profile "plain" has no key'):
        keys.fetch(Profile("plain", {"url": "http://x"}))


def test_command_is_run_in_a_thread_too() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda n: fetch("echo", f"key-{n}"), range(20))) == [
            f"key-{n}" for n in range(20)
        ]


def test_keyring_has_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        @staticmethod
        def get_password(*_: str) -> str:
            time.sleep(60)
            return KEY

    monkeypatch.setitem(sys.modules, "keyring", Slow)
    monkeypatch.setattr(system_keyring, "VAULT_SECONDS", 0.2)
    profile = Profile("slow", {"url": "http://x", "keyring": "slow-1"})
    with pytest.raises(PanelError, match="did not answer within 0 s"):
        keys.fetch(profile)
    Slow.get_password = staticmethod(lambda *_: KEY)  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(keys.fetch, [profile] * 2)) == [KEY] * 2
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_command_does_not_read_the_stdin_of_what_it_is_for(
    config: Callable[..., Path], home: Path
) -> None:
    script = f"cat >{home}/eaten; echo {KEY}"
    config(vault={"token": None, "tokenCommand": ["sh", "-c", script]})
    ran = alone("dctx", "exec", "vault", "--", "cat", stdin="for the command")
    assert (ran.code, ran.out) == (0, "for the command")
    assert (home / "eaten").read_text("utf-8") == ""


def test_stderr_of_the_command_is_passed_on(config: Callable[..., Path]) -> None:
    config(vault={"token": None, "tokenCommand": ["sh", "-c", "echo gpg: no pinentry >&2; exit 2"]})
    ran = alone("dctx", "exec", "vault", "--", "true")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        'dctx: tokenCommand of "vault" ("sh") says: gpg: no pinentry\n'
        'dctx: tokenCommand of "vault" ("sh") failed with exit code 2. '
        "Unlock the vault, or correct the command.\n"
    )


@pytest.mark.parametrize(
    "says",
    [
        'echo "+ echo $K" >&2; echo $K',
        "echo $K >&2; exit 1",
        "printf '\\033[2J%s\\n' $K >&2; echo $K",
        "printf %s $K | base64 -w0 >&2; echo $K",
        "set -x; echo $K",
        "(yes $K | head -c 3000000) >&2; echo $K",
        "(yes $K | head -c 3000000) >&2 & echo $K; wait",
    ],
)
def test_log_does_not_get_the_key_from_a_program_that_echoes_it(
    config: Callable[..., Path], says: str
) -> None:
    key = "Qw3rTz" * 9 + "uI"
    config(vault={"token": None, "tokenCommand": ["sh", "-c", f"K={key}; {says}"]})
    ran = alone("dctx", "exec", "vault", "--", "true")
    assert ran.code == (5 if "exit 1" in says else 0)
    assert key not in ran.err
    assert base64.b64encode(key.encode()).decode()[:40] not in ran.err
    assert len(ran.err) < 700
    assert ran.err.replace("\n", "").isprintable()


def test_program_on_a_terminal_has_that_for_its_questions(
    config: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    ask = "printf 'Unlock? ' >&2; read answer </dev/tty; echo k-$answer"
    config(vault={"token": None, "tokenCommand": ["sh", "-c", ask]})
    term = terminal(BASH)
    term.type("dctx exec vault -- env | grep API_KEY" + ENTER)
    term.wait(lambda: "Unlock?" in term.screen, "the question")
    term.key("open" + ENTER)
    assert "DOKPLOY_API_KEY=k-open" in term.screen


def test_vault_sees_neither_the_answer_nor_what_a_session_keeps(
    config: Callable[..., Path], home: Path
) -> None:
    dump = home / "seen"
    vault = {"token": None, "tokenCommand": ["sh", "-c", f"env >>{dump}; echo k"]}
    config("staging", prod={**vault, "protected": True}, plain=vault)
    ran = BASH.run(
        BASH.hook,
        "export MINE=1 DCTX_YES=prod _DCTX_YES=prod",
        "dctx staging",
        "dctx plain",
        "dctx exec prod -- true",
        "dokploy --profile prod application delete",
        "dokploy --profile prod project all",
        "dctx env prod --shell json",
        "dctx verify prod plain",
    )
    seen = dump.read_text("utf-8").splitlines()
    assert seen.count("MINE=1") >= 6, ran.err
    assert not [line for line in seen if line.startswith(("_DCTX", "DCTX_YES", "DCTX_SEG"))]
    assert "key-of-staging" not in "".join(line for line in seen if "DOKPLOY_API_KEY" not in line)


def test_keyring_sees_neither_the_answer_nor_what_a_session_keeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, str] = {}

    class Backend:
        @staticmethod
        def get_password(*_: str) -> str:
            seen.update(os.environ)
            return "k"

    monkeypatch.setitem(sys.modules, "keyring", Backend)
    private = ("DCTX_YES", "_DCTX_YES", "_DCTX_SESSION", "_DCTX_S_DOKPLOY_API_KEY", "DCTX_SEGMENT")
    for name in (*private, "MINE"):
        monkeypatch.setenv(name, "x")
    assert keys.fetch(Profile("p", {"keyring": "p-1"})) == "k"
    assert seen.keys() & {*private, "MINE"} == {"MINE"}
    assert os.environ.keys() >= {*private, "MINE"}


LOCKED = (
    'dctx: tokenCommand of "vault" ("sh") failed with exit code 1. '
    "Unlock the vault, or correct the command."
)

# In a terminal: fetched at the switch or at use, never at a prompt or at Tab.


@pytest.fixture
def vault(panel: StandIn, config: Callable[..., Path], home: Path) -> Path:
    """Return a file with a line for each time that the vault was asked; `locked` locks it."""
    asked = home / "asked"
    asked.touch()
    (home / "outside").write_text(panel.key_of("Acme"), "utf-8")
    script = f"echo x >>{asked}; [ ! -e {home}/locked ] && cat {home}/outside"
    config(
        plain={"url": panel.url, "token": panel.key_of("Globex")},
        vault={"url": panel.url, "token": None, "tokenCommand": ["sh", "-c", script]},
    )
    return asked


def times(asked: Path) -> int:
    return asked.read_text("utf-8").count("x")


def test_vault_is_asked_at_the_switch_and_not_at_prompt_or_tab(
    vault: Path, panel: StandIn, terminal: Callable[..., Terminal], shell: Shell
) -> None:
    term = terminal(shell, rc=list(shell.for_tab))
    assert times(vault) == 0
    term.line("dctx vault")
    assert times(vault) == 1
    assert term.line("echo $DOKPLOY_API_KEY") == panel.key_of("Acme")
    term.line("cd /")
    term.type("dctx va" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx vault", "the name")
    term.key("\x15\r")  # Ctrl-U: away with it
    term.line("dctx list >/dev/null")
    assert times(vault) == 1
    term.line("dctx off")
    assert term.line("echo $DOKPLOY_API_KEY") == ""
    assert times(vault) == 1


@pytest.mark.parametrize("age", ["just written", "old"])
def test_session_uses_the_key_that_it_holds_and_others_ask(
    vault: Path, panel: StandIn, home: Path, age: str
) -> None:
    """The shim itself says so of an old config.json; in the second of a change the core does."""
    if age == "just written":
        (home / ".dokploy" / "config.json").touch()
    ran = BASH.run(
        BASH.hook,
        "dctx vault",
        "touch locked",
        "dokploy organization active >/dev/null",
        "dokploy --profile vault organization active",
    )
    assert ran.code == 5
    assert times(vault) == 2
    assert [seen.key for seen in panel.requests] == [panel.key_of("Acme")]


def test_session_of_another_profile_does_not_lend_its_key(vault: Path, panel: StandIn) -> None:
    lines = ["dctx plain", "DOKPLOY_PROFILE=vault dokploy organization active >/dev/null"]
    assert BASH.run(BASH.hook, *lines).code == 0
    assert times(vault) == 1
    assert [seen.key for seen in panel.requests] == [panel.key_of("Acme")]


def test_key_that_was_replaced_in_the_file_counts_before_the_next_prompt(
    panel: StandIn, config: Callable[..., Path], official_cli: Path
) -> None:
    """A script has no prompt that would renew the session."""
    old, new = panel.key_of("Globex"), panel.key_of("Acme")
    path = config(plain={"url": panel.url, "token": old})
    edit = f"sed s/{old}/{new}/ {path} >{path}.new && mv {path}.new {path} && chmod 600 {path}"
    assert BASH.run(BASH.hook, "dctx plain", edit, "dokploy organization active").code == 0
    assert [seen.key for seen in panel.requests] == [new]


@pytest.mark.parametrize("before", ["none", "plain"])
def test_switch_to_a_locked_vault_leaves_the_session_as_it_was(
    vault: Path, home: Path, shell: Shell, before: str
) -> None:
    (home / "locked").touch()
    first = ["dctx plain"] if before == "plain" else []
    ran = shell.run(
        shell.hook,
        *first,
        shell.environ,
        "dctx vault",
        shell.show("?"),
        shell.environ,
    )
    assert ran.vars["?"] == "5"
    assert times(vault) == 1
    noise = {"_", "SHLVL"}
    then, now = ({k: v for k, v in e.items() if k not in noise} for e in ran.environs)
    assert then == now
    assert ran.err.splitlines()[len(first) :] == [LOCKED]


def test_no_session_gets_the_key_with_export_key_0(vault: Path, shell: Shell) -> None:
    export = shell.export("DCTX_EXPORT_KEY", "0")
    ran = shell.run(export, shell.hook, "dctx vault", shell.environ)
    assert ran.env["DOKPLOY_API_KEY"] == SENTINEL
    assert times(vault) == 0
    ran = alone("dctx", "env", "vault", "--shell", "sh", env={"DCTX_EXPORT_KEY": "0"})
    assert f"export DOKPLOY_API_KEY={SENTINEL}\n" in ran.out
    assert times(vault) == 0


def test_index_holds_no_key_of_a_vault(vault: Path, panel: StandIn, home: Path) -> None:
    assert alone("dctx", "exec", "vault", "--", "true").code == 0
    assert times(vault) == 1
    for file in (home / ".dokploy").rglob("*"):
        if file.is_file():
            assert panel.key_of("Acme").encode() not in file.read_bytes()


def test_command_may_ask_on_the_terminal(
    config: Callable[..., Path], panel: StandIn, terminal: Callable[..., Terminal]
) -> None:
    script = 'printf "PIN: " >/dev/tty; read -r pin </dev/tty; [ "$pin" = 1234 ] && echo "$0"'
    command = ["sh", "-c", script, panel.key_of("Acme")]
    config(vault={"url": panel.url, "token": None, "tokenCommand": command})
    term = terminal(BASH)
    term.type("dctx vault\r")
    term.wait(lambda: "PIN:" in term.screen, "the question")
    term.key("1234\r")
    assert term.line("echo $DOKPLOY_API_KEY") == panel.key_of("Acme")
    term.line("dctx off")
    term.type("dctx vault\r")
    term.wait(lambda: term.raw.count(b"PIN:") == 2 and bool(term.screen), "the question")
    term.key("\x03")
    assert term.line("echo $?.$DOKPLOY_API_KEY") == "130."


# pass, with a throw-away GPG key.


@pytest.fixture
def password_store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A `pass` store of its own. GNUPGHOME is short: a socket's path has 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="dctx-gpg-", dir="/tmp") as gnupg:
        monkeypatch.setenv("GNUPGHOME", gnupg)
        monkeypatch.setenv("PASSWORD_STORE_DIR", str(home / "store"))
        who = "dctx test <test@example.test>"
        quick = ["--quick-generate-key", who, "default", "default", "never"]
        try:
            done = alone("gpg", "--batch", "--passphrase", "", *quick)
            assert done.code == 0, done.err
            done = alone("pass", "init", "test@example.test")
            assert done.code == 0, done.err
            yield home / "store"
        finally:
            subprocess.run(["gpgconf", "--homedir", gnupg, "--kill", "all"], capture_output=True)


def test_pass_gives_the_key(
    password_store: Path, panel: StandIn, config: Callable[..., Path]
) -> None:
    text = f"{panel.key_of('Acme')}\nurl: {panel.url}\n"
    assert alone("pass", "insert", "-m", "dokploy/prod", stdin=text).code == 0
    assert (password_store / "dokploy" / "prod.gpg").is_file()
    command = ["pass", "show", "dokploy/prod"]
    config(prod={"url": panel.url, "token": None, "tokenCommand": command})
    ran = BASH.run(
        BASH.hook,
        "dctx prod",
        BASH.show("DOKPLOY_API_KEY"),
        "dokploy organization active",
    )
    assert ran.code == 0, ran.err
    assert ran.vars == {"DOKPLOY_API_KEY": panel.key_of("Acme")}
    assert '"name": "Acme"' in ran.out


def test_pass_without_the_entry_is_one_line_of_ours(
    password_store: Path, config: Callable[..., Path]
) -> None:
    config(prod={"token": None, "tokenCommand": ["pass", "show", "dokploy/prod"]})
    assert password_store.is_dir()
    ran = BASH.run(BASH.hook, "dctx prod", BASH.environ)
    assert "DOKPLOY_API_KEY" not in ran.env
    ran = BASH.run(BASH.hook, "dctx prod")
    assert ran.code == 5
    assert ran.err == (
        'dctx: tokenCommand of "prod" ("pass") says: '
        "Error: dokploy/prod is not in the password store.\n"
        'dctx: tokenCommand of "prod" ("pass") failed with exit code 1. '
        "Unlock the vault, or correct the command.\n"
    )


# gnome-keyring, on a D-Bus of its own and without a desktop.

KEYRING = r"""
set -e
log=$HOME/keyring.log
printf pw | gnome-keyring-daemon --foreground --unlock --components=secrets >"$log" 2>&1 &
daemon=$!
trap 'kill $daemon; wait $daemon 2>/dev/null || :' EXIT
# Asked of the bus itself: a call of the service would make the bus start another, locked one.
ready() {
    dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus \
        org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true
}
i=0
until ready; do
    i=$((i + 1))
    [ $i -lt 400 ] || { cat "$log" >&2; exit 99; }
    sleep 0.05
done
"""
LOCK = shlex.join(
    [
        sys.executable,
        "-c",
        "import secretstorage as s; s.get_default_collection(s.dbus_init()).lock()",
    ]
)


@pytest.fixture
def keyring(home: Path, tmp_path: Path) -> Callable[..., Ran]:
    """Return a function that runs lines of bash where an unlocked keyring is; it lives as long."""
    if sys.platform != "linux":
        pytest.skip("gnome-keyring is Linux's")
    run = tmp_path / "run"
    run.mkdir(0o700)

    def with_keyring(*lines: str) -> Ran:
        script = home / "with-keyring"
        script.write_text(KEYRING + "\n".join(lines), "utf-8")
        bin_folder = str(Path(sys.executable).parent)
        env = {"XDG_RUNTIME_DIR": str(run), "PATH": f"{bin_folder}:{os.environ['PATH']}"}
        return alone("dbus-run-session", "--", "bash", str(script), env=env)

    return with_keyring


def test_keyring_stores_gives_and_deletes(keyring: Callable[..., Ran], home: Path) -> None:
    program = home / "program.py"
    program.write_text(
        "import sys\n"
        "from dokploy_ctx.files import keys\n"
        "from dokploy_ctx.model.profile import Profile\n"
        "first, second = keys.store('prod', 'one' * 20), keys.store('prod', 'two' * 20)\n"
        "fetch = lambda user: keys.fetch(Profile('prod', {'keyring': user}))\n"
        "print(first != second, fetch(first) == 'one' * 20, fetch(second) == 'two' * 20)\n"
        "keys.delete(first)\n"
        "keys.delete(first)\n"
        "print(fetch(second) == 'two' * 20)\n"
        "fetch(first)\n",
        "utf-8",
    )
    ran = keyring(shlex.join([sys.executable, str(program)]))
    assert ran.out == "True True True\nTrue\n"
    assert ran.err.splitlines()[-1] == (
        'dokploy_ctx.errors.PanelError: the keyring\'s key for "prod" is missing. '
        "Run: dctx auth prod --keyring -t -"
    )


def test_keyring_that_is_not_there_is_one_line(config: Callable[..., Path]) -> None:
    config(prod={"token": None, "keyring": "prod-1"})
    env = {
        "DBUS_SESSION_BUS_ADDRESS": None,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    program = Path(sys.executable).with_name("dctx")
    ran = alone(program, "exec", "prod", "--", "true", env=env)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        'dctx: the keyring\'s key for "prod" cannot be read: '
        "this system has no keyring that Python's keyring can use. Run a program for the key with "
        "--token-command.\n"
    )


@pytest.mark.parametrize("place", [{"keyring": "prod-1"}, {"tokenCommand": ["false"]}], ids=str)
def test_env_for_a_shell_leaves_the_vault_to_its_text(
    config: Callable[..., Path], place: dict[str, Any]
) -> None:
    """A vault is asked once, when the text is evaluated: one that is locked does no harm here."""
    config(prod={"token": None, **place})
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    program = Path(sys.executable).with_name("dctx")
    ran = alone(program, "env", "prod", "--shell", "sh", env=env)
    assert (ran.code, ran.err) == (0, "")
    assert "--key-for=" in ran.out


LOCKED_KEYRING = (
    'dctx: the keyring\'s key for "prod" cannot be read: the keyring is '
    "locked. Unlock it, then run it again."
)


def test_auth_keyring_moves_a_plain_key_and_leaves_none(
    keyring: Callable[..., Ran], config: Callable[..., Path], panel: StandIn
) -> None:
    key = panel.key_of("Acme")
    file = config(prod={"url": panel.url, "token": key, "keyId": "id", "theme": 1})
    assert alone("dctx", "sync").code == 0
    ran = keyring(
        "dctx auth prod --keyring",
        f"grep -rl {key} $HOME/.dokploy && exit 9",
        BASH.hook,
        "dctx prod; echo $DOKPLOY_API_KEY; dctx off",
        "dokploy --profile prod organization active | grep name",
        "dctx rename prod live; dctx exec live -- sh -c 'echo $DOKPLOY_API_KEY'",
        "secret-tool search --all service dokploy_ctx 2>&1 | grep -c '^secret ='",
        "dctx remove live",
        "secret-tool search --all service dokploy_ctx 2>&1 | grep -c '^secret =' || :",
    )
    assert ran.code == 0, ran.err
    assert ran.out == f'{key}\n  "name": "Acme",\n{key}\n1\n0\n'
    assert "Saved profile prod (" in ran.err
    assert json.loads(file.read_text("utf-8"))["profiles"] == {}


def test_auth_keyring_keeps_what_is_the_profiles_own(
    keyring: Callable[..., Ran], config: Callable[..., Path], panel: StandIn
) -> None:
    own = {"keyId": "id", "expiresAt": "2099-01-01T00:00:00Z", "protected": True, "theme": 1}
    file = config(prod={"url": panel.url, "token": panel.key_of("Acme"), **own})
    ran = keyring("DCTX_YES=prod dctx auth prod --keyring --no-check")
    assert ran.code == 0, ran.err
    entry = json.loads(file.read_text("utf-8"))["profiles"]["prod"]
    assert entry.pop("keyring").startswith("prod-")
    assert entry == {"url": panel.url, **own}


def test_auth_replaces_a_key_in_the_keyring_and_leaves_one(
    keyring: Callable[..., Ran], panel: StandIn
) -> None:
    auth = f"dctx auth prod -u {panel.url} -t -"
    count = "secret-tool search --all service dokploy_ctx 2>&1 | grep -c '^secret =' || :"
    ran = keyring(
        f"{auth} --keyring <<<{panel.key_of('Acme')}; {count}",
        f"{auth} --keyring <<<{panel.key_of('Globex')}; {count}",
        "dctx exec prod -- sh -c 'echo $DOKPLOY_API_KEY'",
        f"{auth} <<<{panel.key_of('Acme')}; {count}",
    )
    assert ran.code == 0, ran.err
    assert ran.out == f"1\n1\n{panel.key_of('Globex')}\n0\n"


def test_auth_keyring_with_another_url_does_not_take_the_old_key(
    keyring: Callable[..., Ran], config: Callable[..., Path], panel: StandIn
) -> None:
    with StandIn.seeded() as other:
        file = config(prod={"url": panel.url, "token": panel.key_of("Acme")})
        before = file.read_bytes()
        ran = keyring(f"dctx auth prod -u {other.url} --keyring </dev/null")
        assert ran.code == 2
        assert "an API key is required" in ran.err
        assert other.requests == ()
        assert file.read_bytes() == before


def test_locked_keyring_is_one_line_and_leaves_the_session_as_it_was(
    keyring: Callable[..., Ran], config: Callable[..., Path], panel: StandIn
) -> None:
    config(
        prod={"url": panel.url, "token": panel.key_of("Acme")},
        plain={"url": panel.url, "token": panel.key_of("Globex")},
    )
    ran = keyring(
        "dctx auth prod --keyring",
        f"{LOCK}",
        BASH.hook,
        "dctx plain; dctx prod || echo code $?",
        'echo "$DOKPLOY_PROFILE $DOKPLOY_API_KEY"',
        "dctx remove prod",
    )
    assert ran.code == 0, ran.err
    assert ran.out == f"code 5\nplain {panel.key_of('Globex')}\n"
    assert LOCKED_KEYRING in ran.err.splitlines()
    assert "Removed profile prod" in ran.err
    assert (
        "stays in the keyring: the key in the keyring cannot be read: the keyring is locked."
        in ran.err
    )


def test_secret_tool_gives_the_key_as_a_program(
    keyring: Callable[..., Ran], panel: StandIn
) -> None:
    ran = keyring(
        f"secret-tool store --label=x service dokploy profile prod <<<{panel.key_of('Acme')}",
        f"dctx auth prod -u {panel.url} --token-command "
        "'secret-tool lookup service dokploy profile prod'",
        "dctx exec prod -- sh -c 'echo $DOKPLOY_API_KEY'",
    )
    assert ran.code == 0, ran.err
    assert ran.out == panel.key_of("Acme") + "\n"


# dctx auth --token-command.


def test_auth_token_command_checks_the_key_and_saves_the_words(
    panel: StandIn, home: Path, config: Callable[..., Path]
) -> None:
    file = config(prod={"url": panel.url, "token": panel.key_of("Acme"), "theme": 1})
    (home / "my key").write_text(panel.key_of("Globex"), "utf-8")
    ran = alone("dctx", "auth", "prod", "--token-command", f"cat '{home}/my key'")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"Replaced the API key of prod ({panel.url}, organization Globex).\n"
    entry = json.loads(file.read_text("utf-8"))["profiles"]["prod"]
    organization = panel.organization("Globex")
    assert entry == {
        "url": panel.url,
        "theme": 1,
        "tokenCommand": ["cat", f"{home}/my key"],
        "organization": {"id": organization.id, "name": "Globex"},
    }


@pytest.mark.parametrize(
    ("argv", "code", "err"),
    [
        (["--token-command", ""], 2, "--token-command is empty."),
        (["--token-command", "  "], 2, "--token-command is empty."),
        (
            ["--token-command", "a 'b"],
            2,
            "cannot be split into words: No closing quotation. Check its quotes.",
        ),
        (["--token-command", "x", "--keyring"], 2, "exclude each other. Use one of them."),
        (["--token-command", "x", "-t", "k"], 2, "exclude each other. Use one of them."),
        (["--token-command", "false"], 5, "failed with exit code 1."),
        (["--token-command", "echo not-a-key"], 5, "dctx: "),
    ],
)
def test_auth_token_command_that_gives_no_key_saves_nothing(
    panel: StandIn, home: Path, argv: list[str], code: int, err: str
) -> None:
    ran = alone("dctx", "auth", "prod", "-u", panel.url, *argv)
    assert (ran.code, ran.out) == (code, "")
    assert err in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (home / ".dokploy" / "config.json").exists()


def test_auth_no_check_does_not_run_the_program(panel: StandIn, home: Path) -> None:
    command = f"touch {home}/ran"
    ran = alone("dctx", "auth", "x", "-u", panel.url, "--no-check", "--token-command", command)
    assert ran.code == 0
    assert not (home / "ran").exists()
    assert panel.requests == ()


def test_auth_protect_and_over_a_protected_profile(panel: StandIn, home: Path) -> None:
    argv = ["dctx", "auth", "prod", "-u", panel.url, "-t", "-", "--protect"]
    assert alone(*argv, stdin=panel.key_of("Acme")).code == 0
    file = home / ".dokploy" / "config.json"
    before = file.read_bytes()
    assert json.loads(before)["profiles"]["prod"]["protected"] is True
    ran = alone(*argv[:-1], stdin=panel.key_of("Globex"))
    assert ran.code == 6
    assert "To replace its key, set DCTX_YES=prod" in ran.err
    ran = alone("dctx", "remove", "prod")
    assert ran.code == 6
    assert "To remove it, set DCTX_YES=prod" in ran.err
    assert file.read_bytes() == before
    assert alone(*argv[:-1], stdin=panel.key_of("Globex"), env={"DCTX_YES": "prod"}).code == 0
    assert json.loads(file.read_text("utf-8"))["profiles"]["prod"]["protected"] is True
