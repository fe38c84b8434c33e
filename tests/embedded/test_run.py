import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from interviewprep.embedded.identity import choose
from interviewprep.embedded.paths import REPOSITORY, Layout
from interviewprep.embedded.run import Address, web_programs
from interviewprep.embedded.signals import Signals
from interviewprep.embedded.stack import Stack

from .driving import StandIn, command_line, descendants, embedded, environment, eventually, free_port, parents

Start = Callable[..., StandIn]


def answers(port: int) -> bool:
    try:
        return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).status == 200)
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    return [child for child, parent in parents().items() if parent == pid]


def kill_and_expect_no_orphan(stack: StandIn, words: str) -> None:
    parent = stack.child(words)
    assert eventually(lambda: len(children_of(parent)) == 2)
    orphans = set(children_of(parent))
    os.kill(parent, signal.SIGKILL)
    assert eventually(lambda: not orphans & set(parents()), seconds=3)
    assert eventually(lambda: stack.children(words) not in ([], [parent]))


def test_ctrl_c_ends_every_process_within_ten_seconds_and_the_next_run_keeps_the_data(data: Path, start: Start) -> None:
    first = start(data)
    assert answers(first.port)
    everyone = descendants(first.process.pid)
    assert len(everyone) > 5
    (data / "mails" / "a-mail").write_text("kept")
    secret = (data / "secret_key").read_text()

    asked_at = time.monotonic()
    assert first.stop(signal.SIGINT) == 0
    assert time.monotonic() - asked_at < 10
    assert not everyone & set(parents())
    assert "database system is shut down" in (data / "log" / "postgres.log").read_text()

    second = start(data)
    assert answers(second.port)
    assert (data / "mails" / "a-mail").read_text() == "kept"
    assert (data / "secret_key").read_text() == secret


def test_the_terminal_says_where_everything_is(data: Path, start: Start) -> None:
    stack = start(data)
    assert eventually(lambda: "make reset" in stack.output), stack.output  # the last line of the block
    for words in (f"http://127.0.0.1:{stack.port}", str(data / "mails"), str(data / "log"), "Ctrl-C"):
        assert words in stack.output


def test_links_in_mails_lead_where_the_terminal_says_the_site_is(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    layout = Layout(data, choose())
    layout.create()
    with Signals() as signals:
        programs = web_programs(Stack(layout, signals), Address("127.0.0.1", 8123))
    assert {program.environment["SITE_URL"] for program in programs} == {"http://127.0.0.1:8123"}


def test_a_second_run_on_the_same_folder_says_who_runs_and_where(data: Path, start: Start) -> None:
    first = start(data)
    second = embedded("run", data=data, PORT=str(free_port()))
    assert second.returncode == 1
    assert str(first.process.pid) in second.stderr
    assert f"http://127.0.0.1:{first.port}" in second.stderr
    assert answers(first.port)


def test_two_folders_run_beside_each_other(tmp_path: Path, start: Start) -> None:
    one, two = start(tmp_path / "one"), start(tmp_path / "two")
    assert answers(one.port)
    assert answers(two.port)


def test_a_port_in_use_is_named_together_with_a_free_one(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = embedded("run", data=data, PORT=str(port))
    assert answer.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in answer.stderr
    assert "make run PORT=" in answer.stderr
    assert not (data / "postgres").exists()


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused_with_an_example(data: Path, port: str) -> None:
    answer = embedded("run", data=data, PORT=port)
    assert answer.returncode == 1
    assert "PORT must be a number from 1 to 65535" in answer.stderr


def test_a_host_that_is_not_ours_is_refused(data: Path) -> None:
    answer = embedded("run", data=data, HOST="192.0.2.1", PORT=str(free_port()))
    assert answer.returncode == 1
    assert "HOST=192.0.2.1 is not an address of this machine" in answer.stderr


def test_every_killed_child_is_started_again(data: Path, start: Start) -> None:
    stack = start(data)
    for words in ("serve_forever", "sleep 1001", "sleep 1002", "valkey-server", "postgres -D"):
        killed = stack.child(words)
        os.kill(killed, signal.SIGKILL)

        def is_back(words: str = words, killed: int = killed) -> bool:
            return any(pid != killed for pid in stack.children(words))

        assert eventually(is_back), f"{words}\n{stack.output}"
    assert "postgres (pid" in stack.output
    assert str(data / "log" / "postgres.log") in stack.output
    assert eventually(lambda: answers(stack.port))
    asked = embedded("exec", "--", "true", data=data)
    assert asked.returncode == 0, asked.stderr


def test_kill_nine_of_the_supervisor_leaves_no_process_and_the_next_run_starts(data: Path, start: Start) -> None:
    stack = start(data, "real")
    master = stack.child("gunicorn")
    worker = stack.child("celery -A tests.embedded.stand_in worker")
    assert eventually(lambda: len(children_of(master)) == 2)
    assert eventually(lambda: len(children_of(worker)) == 2)
    assert eventually(lambda: (data / "log" / "worker.log").read_text().count("keep_busy[") == 2)
    everyone = descendants(stack.process.pid)

    stack.process.kill()
    stack.process.wait()
    again = StandIn(data, port=stack.port).wait_until_running()
    try:
        left = {pid: command_line(pid) for pid in everyone & set(parents())}
        assert not left
    finally:
        again.stop()


def test_kill_nine_of_the_web_or_worker_process_leaves_none_of_its_own_children(data: Path, start: Start) -> None:
    stack = start(data, "real")
    for words in ("gunicorn", "celery -A tests.embedded.stand_in worker"):
        kill_and_expect_no_orphan(stack, words)
    assert eventually(lambda: answers(stack.port))


def test_a_web_process_that_cannot_start_ends_the_run_with_its_last_words(data: Path) -> None:
    stack = StandIn(data, "broken")
    assert stack.process.wait(timeout=30) == 1
    assert "the reason is this" in stack.output
    assert str(data / "log" / "web.log") in stack.output
    assert embedded("exec", "--", "true", data=data).returncode == 0


def test_kill_nine_of_make_ends_what_it_started(data: Path) -> None:
    makefile = data.with_name("Makefile")
    makefile.write_text(f"up:\n\t@exec {sys.executable} -m interviewprep.embedded exec -- sleep 1003\n")
    make = subprocess.Popen(["make", "-f", str(makefile), "up"], env=environment(data), cwd=REPOSITORY)
    assert eventually(lambda: any(command_line(pid) == "sleep 1003" for pid in descendants(make.pid)))
    everyone = descendants(make.pid)
    make.kill()
    make.wait()
    assert eventually(lambda: not everyone & set(parents()))


def test_a_second_stop_signal_kills_what_takes_its_time(data: Path, start: Start) -> None:
    stack = start(data)
    web = stack.child("serve_forever")
    os.kill(web, signal.SIGSTOP)
    stack.process.send_signal(signal.SIGINT)
    assert eventually(lambda: "Stopping" in stack.output)
    asked_at = time.monotonic()
    stack.process.send_signal(signal.SIGINT)
    stack.process.wait(timeout=10)
    assert time.monotonic() - asked_at < 2
    assert web not in parents()
