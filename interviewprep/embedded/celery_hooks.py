"""What the local stack adds to a Celery worker (by `--include`): its pool ends with it, even when it is killed."""

import os
import signal
from typing import Any

from celery.signals import worker_process_init

from interviewprep.embedded.launch import die_with_parent

# Imported before the pool is forked, so this is the parent of every pool process.
_parent_pid = os.getpid()


@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    die_with_parent(_parent_pid, signal.SIGKILL)
