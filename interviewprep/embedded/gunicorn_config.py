"""How gunicorn serves the application in the local stack. Only gunicorn reads this, as its configuration file."""

import signal
from pathlib import Path
from typing import Any

from interviewprep.embedded.launch import die_with_parent

worker_class = "gthread"
workers = 2
threads = 8
timeout = 60
graceful_timeout = 3
keepalive = 5
accesslog = "-"
# The control socket's default path is one for all of a user's servers.
control_socket_disable = True
# On a slow disk the heartbeat file would hold the workers up.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # gunicorn makes its own name there


def post_fork(server: Any, worker: Any) -> None:
    """Let a worker end with its master, even when that is killed."""
    die_with_parent(worker.ppid, signal.SIGKILL)
