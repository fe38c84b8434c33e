import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from interviewprep.embedded import commands
from interviewprep.embedded.identity import Identity
from interviewprep.embedded.paths import REPOSITORY, Layout
from interviewprep.embedded.prepare import FIRST_FAILURE
from interviewprep.embedded.stack import application_environment

from .driving import StandIn, embedded, environment, eventually

Start = Callable[..., StandIn]
SHOW = """
import json, os
print(json.dumps({name: os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL", "DEMO_ACCOUNTS")}))
"""
SHOWING_TEST = """
import os
def test_it():
    print(os.environ["DATA_DIR"])
    assert os.environ["REDIS_URL"]
"""
ENDLESS_TEST = """
import pathlib, time
def test_it():
    pathlib.Path(__file__).with_name("on").touch()
    time.sleep(60)
"""


def test_a_command_gets_servers_and_only_its_own_words_reach_standard_output(data: Path) -> None:
    answer = embedded("exec", "--", sys.executable, "-c", SHOW, data=data)
    assert answer.returncode == 0, answer.stderr
    seen = json.loads(answer.stdout)
    assert seen["DATABASE_URL"].startswith("postgres://postgres@%2F")
    assert seen["REDIS_URL"].startswith("unix:///")
    assert seen["DEMO_ACCOUNTS"] == "1"


def test_a_command_uses_the_servers_of_a_running_stack_and_leaves_them_up(data: Path, start: Start) -> None:
    stack = start(data)
    before = stack.children("postgres -D")
    answer = embedded("exec", "--", sys.executable, "-c", SHOW, data=data)
    assert json.loads(answer.stdout)["REDIS_URL"] == f"unix://{Layout(data, Identity.SELF).sockets}/valkey.sock"
    assert stack.children("postgres -D") == before


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -TERM $$", 128 + signal.SIGTERM)])
def test_the_exit_code_of_a_command_is_passed_on(data: Path, script: str, code: int) -> None:
    assert embedded("exec", "--", "sh", "-c", script, data=data).returncode == code


def test_a_command_that_does_not_exist_says_so(data: Path) -> None:
    answer = embedded("exec", "--", "no-such-command", data=data)
    assert answer.returncode == 127
    assert "no-such-command" in answer.stderr


def test_commands_at_the_same_time_wait_for_each_other(data: Path) -> None:
    command = [sys.executable, "-m", "interviewprep.embedded", "exec", "--", "sh", "-c", "sleep 0.3; echo done"]
    both = [subprocess.Popen(command, env=environment(data), cwd=REPOSITORY, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=60)[0] for process in both] == [b"done\n", b"done\n"]


def test_a_database_of_ones_own_wins_and_gets_no_demo_accounts(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://other.example/db")
    monkeypatch.setenv("DEMO_ACCOUNTS", "1")
    layout = Layout(data, Identity.SELF)
    layout.create()
    seen = application_environment(layout, {"REDIS_URL": "unix:///ours"})
    assert seen["DATABASE_URL"] == "postgres://other.example/db"
    assert seen["REDIS_URL"] == "unix:///ours"
    assert seen["DEMO_ACCOUNTS"] == "0"


def test_libpq_variables_do_not_lead_away_from_our_database(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    layout = Layout(data, Identity.SELF)
    layout.create()
    assert "PGPORT" not in application_environment(layout, {"DATABASE_URL": "postgres:///ours"})


def test_nothing_is_started_when_both_servers_are_given(data: Path) -> None:
    answer = embedded("exec", "--", sys.executable, "-c", SHOW, data=data, DATABASE_URL="a://b", REDIS_URL="c://d")
    assert json.loads(answer.stdout) == {"DATABASE_URL": "a://b", "REDIS_URL": "c://d", "DEMO_ACCOUNTS": "0"}
    assert not (data / "postgres").exists()


# Preparing


def test_each_steps_words_go_to_its_log_and_the_step_that_fails_is_told_by_the_exit_code(data: Path) -> None:
    steps = [("First", ["check"]), ("Second", ["no_such_command"]), ("Third", ["diffsettings"])]
    command = [sys.executable, "-m", "interviewprep.embedded.prepare", json.dumps(steps), str(data / "log")]
    answer = embedded("exec", "--", *command, data=data)
    assert answer.returncode == FIRST_FAILURE + 1, answer.stderr
    assert "First … " in answer.stdout
    assert "no issues" not in answer.stdout
    assert "no issues" in (data / "log" / "check.log").read_text()
    assert "no_such_command" in (data / "log" / "no_such_command.log").read_text()
    assert not (data / "log" / "diffsettings.log").exists()


# Tests


def test_a_test_run_leaves_nothing_behind(tmp_path: Path) -> None:
    inner = tmp_path / "test_inner.py"
    inner.write_text(SHOWING_TEST)
    answer = embedded("test", "-n", "0", "-s", str(inner), data=tmp_path / "unused", TMPDIR=str(tmp_path))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "1 passed" in answer.stdout
    assert f"{tmp_path}/{commands.TEST_FOLDER_PREFIX}" in answer.stdout
    assert not list(tmp_path.glob(f"{commands.TEST_FOLDER_PREFIX}*"))
    assert not (tmp_path / "unused").exists()


def test_an_interrupted_test_run_leaves_nothing_behind(tmp_path: Path) -> None:
    inner = tmp_path / "test_inner.py"
    inner.write_text(ENDLESS_TEST)
    process = subprocess.Popen(
        [sys.executable, "-m", "interviewprep.embedded", "test", "-n", "0", str(inner)],
        env=environment(tmp_path / "unused", TMPDIR=str(tmp_path)),
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert eventually((tmp_path / "on").exists, seconds=30)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) != 0
    assert not list(tmp_path.glob(f"{commands.TEST_FOLDER_PREFIX}*"))


def test_what_a_killed_test_run_left_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    abandoned = tmp_path / f"{commands.TEST_FOLDER_PREFIX}abandoned"
    (abandoned / "postgres").mkdir(parents=True)
    fresh = tmp_path / f"{commands.TEST_FOLDER_PREFIX}fresh"
    fresh.mkdir()
    long_ago = time.time() - 2 * commands.ABANDONED_AFTER_SECONDS
    os.utime(abandoned, (long_ago, long_ago))
    commands.remove_abandoned(tmp_path)
    assert not abandoned.exists()
    assert fresh.exists()


# Reset


def test_reset_is_refused_while_the_stack_runs(data: Path, start: Start) -> None:
    stack = start(data)
    answer = embedded("reset", data=data, YES="1")
    assert answer.returncode == 1
    assert str(stack.process.pid) in answer.stderr
    assert (data / "postgres" / "PG_VERSION").exists()


def test_reset_asks_first_and_deletes_only_what_the_stack_made(data: Path) -> None:
    assert embedded("exec", "--", "true", data=data).returncode == 0
    (data / "somebody-elses").write_text("keep")

    unconfirmed = embedded("reset", data=data)
    assert unconfirmed.returncode == 1
    assert str(data / "postgres") in unconfirmed.stderr
    assert (data / "postgres").exists()

    assert embedded("reset", data=data, YES="1").returncode == 0
    assert sorted(path.name for path in data.iterdir()) == ["lock", "somebody-elses"]
    assert embedded("reset", data=data, YES="1").returncode == 0
