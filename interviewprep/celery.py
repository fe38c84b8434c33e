"""The Celery application. Workers only carry out what the database says is due; see sessions/tasks.py."""

import os
from typing import Any

from celery import Celery, Task
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")

app = Celery("interviewprep")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def enqueue_after_commit(task: "Task[Any, Any]", *args: str) -> None:
    """Send `task` once the current transaction is committed, without failing the request if the broker is away.

    `robust` logs a publishing error instead of raising it: by then the work is already visible in the tables,
    and the sweep sends again whatever was lost.
    """
    transaction.on_commit(lambda: task.delay(*args), robust=True)
