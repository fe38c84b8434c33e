"""The real application in the real stack: what a person gets who types `make run` and `make manage`."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from interviewprep.embedded.paths import REPOSITORY

from .driving import embedded, environment, eventually, free_port


def test_the_application_answers_with_its_demo_and_export_prints_the_bank_and_nothing_else(data: Path) -> None:
    port = free_port()
    output = data.with_name("output")
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "interviewprep.embedded", "run"],
            env=environment(data, PORT=str(port)),
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        running = eventually(lambda: "is running" in output.read_text() or process.poll() is not None, seconds=90)
        assert running, output.read_text()
        assert process.poll() is None, output.read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as landing:
            assert landing.status == 200
        assert eventually(lambda: "candidate@example.com  password practice" in output.read_text())
        exported = embedded("manage", "export_bank --format json", data=data)
        assert exported.returncode == 0, exported.stderr
        assert exported.stderr == ""
        assert len(json.loads(exported.stdout)) >= 80
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def test_on_a_new_folder_a_management_command_finds_the_bank_loaded(data: Path) -> None:
    exported = embedded("manage", "export_bank --format json", data=data)
    assert exported.returncode == 0, exported.stderr
    assert len(json.loads(exported.stdout)) >= 80
    assert "Migrating the database" in exported.stderr
    again = embedded("manage", "export_bank --format json", data=data)
    assert again.stdout == exported.stdout
    assert again.stderr == ""
