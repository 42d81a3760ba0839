"""`maintainer demo` from its first line to its last, as a process of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.demo_place import Place, act, command, fresh, number, section
from tests.parts import need
from tests.servers import account

ROOT = Path(__file__).parents[2]
FEW = ("--rows", "2000")
MANY = ("--rows", "400000")
SOME = ("--rows", "60000")
PURGED = {"public.audit_logs", "public.performance_analytics", "public.usage_tracking"}


@pytest.fixture
def place() -> Iterator[Place]:
    """A temporary folder for one demo."""
    yield from fresh()


@pytest.fixture(scope="module")
def shared_place() -> Iterator[Place]:
    """The same for several tests."""
    yield from fresh()


@pytest.fixture(scope="module")
def played(shared_place: Place) -> subprocess.CompletedProcess[str]:
    """One small demo, played once for the tests that only read what it printed."""
    return shared_place.play(*FEW)


def test_all_goes_well(played):
    """Exit code 0, and where nobody watches the log has nothing to say."""
    assert (played.returncode, played.stderr) == (0, "")


def test_nothing_is_left(played, shared_place):
    """Neither a server nor a folder."""
    assert shared_place.left() == []


def test_the_dry_run_refuses_what_the_run_is_approved_to_do(played):
    """The fingerprint that one prints is the one the other is given."""
    preview = act(played.stdout, "What would be done, and why")
    run = act(played.stdout, "The run")
    (token,) = re.findall(r"^    maintainer run --approve (\S+)$", preview, re.MULTILINE)

    assert {row[2] for row in section(preview, "REFUSED")} == PURGED
    assert f"--approve {token} --ignore-window --reason" in run
    assert "refused" not in run


def test_what_was_announced_is_what_was_purged(played):
    """The rows of the preview, of the report, of the tables and of the archive are the same."""
    out = played.stdout
    announced = {row[2]: number(row[3]) for row in section(out, "REFUSED")}
    purged = re.findall(r"^done +purge +(\S+) +([\d,]+) ", act(out, "The run"), re.MULTILINE)
    balances = {row[0]: row for row in section(out, "ROWS")}
    archived = {row[0].split("/")[1]: number(row[2]) for row in section(out, "ARCHIVE")}

    assert announced == {name: number(rows) for name, rows in purged}
    assert announced == archived
    assert announced == {name: number(balances[name][2]) for name in PURGED}
    assert announced == {name: number(balances[name][3]) for name in PURGED}


def test_rows_before_and_after_differ_by_what_was_deleted(played):
    """Where nothing is purged nothing is missing; audit_logs has grown by the run's own rows."""
    balances = section(played.stdout, "ROWS")
    (own,) = re.findall(r"Each of the (\d+) rows says who", played.stdout)

    for name, before, deleted, archived, after, *_ in balances:
        assert number(deleted) == number(archived)
        added = int(own) if name == "public.audit_logs" else 0
        assert number(before) + added - number(deleted) == number(after)
    assert {name for name, _, deleted, *_ in balances if deleted != "0"} == PURGED


def test_the_record_tells_of_every_step(played):
    """Two overrides, three purges with their rows, and every vacuum, analyze and reindex."""
    record = section(played.stdout, "ON THE RECORD, IN AUDIT_LOGS")
    times = {row[0]: int(row[2]) for row in record if "purge" not in row[0]}
    plan = re.findall(r"3 purges of [\d,]+ rows, 2 vacuums, (\d+) analyzes, (\d+)", played.stdout)

    assert [row[1] for row in record if row[0].endswith("overridden")] == ["critical"] * 2
    assert {row[3] for row in record if row[0] == "maintainer.purge.done"} == PURGED
    done = str(times["maintainer.analyze.done"]), str(times["maintainer.reindex.done"])
    assert plan[-1] == done
    assert times["maintainer.run.started"] == times["maintainer.run.finished"] == 1


def test_the_monthly_rows_stand_for_all_usage(played):
    """As many rows of usage as there were before the run; some of them are shown."""
    balances = {row[0]: row for row in section(played.stdout, "ROWS")}

    assert f"add up {balances['public.usage_tracking'][1]} rows of usage" in played.stdout
    assert 1 <= len(section(played.stdout, "USAGE BY MONTH, SUCH AS")) <= 5


def test_many_statements_of_one_kind_are_one_row(played):
    """The plan is short, and the numbers of its steps go on without a gap."""
    rows = section(played.stdout, "TO DO")
    spans = [[int(end) for end in row[0].split("-")] for row in rows]

    assert [row[1] for row in rows] == ["vacuum", "vacuum", "analyze", "reindex", "reindex"]
    assert rows[-1][2] == "9 indexes of public.audit_logs"
    assert [span[0] for span in spans[1:]] == [span[-1] + 1 for span in spans[:-1]]


def test_the_next_run_has_nothing_to_do(played):
    """And says so instead of doing it again."""
    assert "Nothing to do: " in act(played.stdout, "The next run")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_it_writes_the_rows_cleans_up(number, place):
    """The server is stopped and its folder removed, long before all rows are written."""
    playing = _signalled(place.begin(*MANY), number, at="objects made")

    assert playing.returncode == 128 + number
    assert place.left() == []


def test_a_signal_while_the_server_starts_cleans_up(place):
    """What was half made is removed."""
    playing = place.begin(*FEW)
    while not place.left():
        assert playing.poll() is None
    playing.send_signal(signal.SIGTERM)
    playing.communicate()

    assert playing.returncode == 128 + signal.SIGTERM
    assert place.left() == []


def test_a_signal_while_it_purges_ends_the_run_cleanly(place):
    """The run stops between two segments and reports; then all is removed."""
    playing = _signalled(place.begin(*SOME), signal.SIGTERM, at=": 3 purges of")

    assert playing.returncode == 128 + signal.SIGTERM
    assert "Stopped early: " in act(playing.stdout, "The run")
    assert "=== What it left behind" not in playing.stdout
    assert place.left() == []


def test_a_reader_who_goes_away_ends_it(place):
    """As in `maintainer demo | head`: nothing is left behind."""
    with place.begin(*FEW) as playing:
        playing.stdout.readline()
        playing.stdout.close()

    assert playing.returncode == 1
    assert place.left() == []


def test_what_is_kept_answers_to_the_printed_commands(place):
    """Copied into a shell, the five commands work, and the last line stops and removes it all."""
    kept = place.play(*FEW, "--keep")
    lines = [line.strip() for line in act(kept.stdout, "The end").splitlines()]
    exports = [line for line in lines if line.startswith("export ")]
    five = [line for line in lines if line.startswith("maintainer ")]
    (end,) = [line for line in lines if line.startswith("kill ")]

    try:
        assert (kept.returncode, len(exports), len(five)) == (0, 3, 5)
        for one in five:
            assert _typed(place, *exports, one).returncode == 0
        assert "public.performance_analytics  90 days" in _typed(place, *exports, five[0]).stdout
        assert _typed(place, end).returncode == 0
        assert place.left() == []
    finally:
        place.end()


def test_it_plays_for_an_ordinary_user_too(place):
    """Without root's rights; the tests themselves may run as root."""
    need(account.name() is not None, "root, to become somebody else")
    python = _python_for_all()
    need(python, "a Python that other users may run")
    user = pwd.getpwnam(account.name())
    os.chown(place.folder, user.pw_uid, user.pw_gid)
    path = f"{ROOT}:{sysconfig.get_path('purelib')}"

    answer = subprocess.run(
        [python, *command(*FEW)[1:]],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={"TMPDIR": str(place.folder), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
    )

    assert (answer.returncode, answer.stderr) == (0, "")
    assert "Nothing to do: " in act(answer.stdout, "The next run")
    assert place.left() == []


def test_the_surroundings_do_not_lead_it_elsewhere(place):
    """Whatever the environment says of databases and policies, the demo keeps to its own."""
    strange = {
        "DATABASE_URL": "postgresql://nowhere.invalid/x",
        "MAINTAINER_DSN": "postgresql://nowhere.invalid/y",
        "MAINTAINER_POLICY": "/nonexistent",
        "MAINTAINER_ARCHIVE": "file:/nonexistent/archive",
        "PGHOST": "nowhere.invalid",
        "PGPORT": "1",
        "PGUSER": "somebody",
        "PGOPTIONS": "-c nonsense",
    }

    answer = place.play(*FEW, env={**place.environ, **strange})

    assert (answer.returncode, answer.stderr) == (0, "")
    assert place.left() == []


def test_it_plays_with_pg8000_as_well(place):
    """The other driver does the same job."""
    answer = place.play(*FEW, env={**place.environ, "MAINTAINER_DRIVER": "pg8000"})

    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_person_at_a_terminal_sees_something_move(place):
    """A spinner while rows are written, a bar while they are purged, no line wider than the screen."""
    import pty

    ours, theirs = pty.openpty()
    environ = {**place.environ, "TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}
    with place.begin(*FEW, stdout=theirs, stderr=theirs, env=environ) as playing:
        os.close(theirs)
        seen = _read(ours)

    assert playing.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen)
    assert re.search(r"Writing 2,000 rows 0:00:\d\d", plain)
    assert re.search(r"1/\d+ purge public\.audit_logs", plain)
    assert max(len(line) for line in plain.splitlines() if "export" not in line) <= 100


@pytest.mark.parametrize(
    "words", [("--dsn", "postgresql://a/b"), ("--policy", "policies"), ("-o", "json")]
)
def test_what_the_demo_cannot_mean_is_refused(words, place):
    """Nobody shall believe that it works on a database of his own."""
    answer = subprocess.run(
        [sys.executable, "-m", "maintainer", *words, "demo"],
        check=False,
        capture_output=True,
        text=True,
        env=place.environ,
    )

    assert answer.returncode == 2
    assert f"leave out {words[0]}" in answer.stderr
    assert place.left() == []


def _signalled(
    playing: subprocess.Popen[str], number: int, at: str
) -> subprocess.CompletedProcess[str]:
    """Send the signal when a line has been printed, and wait for the end."""
    before = ""
    while at not in before:
        before += playing.stdout.readline() or pytest.fail(f"{at!r} never came")
    playing.send_signal(number)
    out, err = playing.communicate()
    return subprocess.CompletedProcess(playing.args, playing.returncode, before + out, err)


def _read(terminal: int) -> str:
    seen = b""
    with contextlib.suppress(OSError):  # the other side is gone
        while piece := os.read(terminal, 1 << 16):
            seen += piece
    os.close(terminal)
    return seen.decode()


def _typed(place: Place, *lines: str) -> subprocess.CompletedProcess[str]:
    """The lines as typed into a shell in which this interpreter's commands are found."""
    path = f"{Path(sys.executable).parent}:{place.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", "\n".join(lines)],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={**place.environ, "PATH": path},
    )


def _python_for_all() -> str | None:
    """This interpreter, or the machine's own of the same version."""
    for path in (sys.executable, shutil.which("python3", path="/usr/bin:/usr/local/bin")):
        if path and account.may("-x", Path(path)) and account.may("-r", ROOT / "README.md"):
            asked = [path, "-c", "import sys; print(sys.version_info[:2])"]
            version = subprocess.run(asked, check=False, capture_output=True, text=True).stdout
            if version.strip() == str(sys.version_info[:2]):
                return path
    return None
