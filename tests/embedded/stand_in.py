"""`make run` with small stand-ins for the application: `python -m tests.embedded.stand_in [light|real|broken]`.

`light` runs three idle processes, the first of which answers /healthz; `real` runs gunicorn and a Celery worker with
their real options around an empty application; `broken` has a web process that fails at once. No management command
is run.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from celery import Celery
from celery.signals import worker_ready

from interviewprep.embedded.errors import StackError
from interviewprep.embedded.run import Address, run, web_programs
from interviewprep.embedded.stack import Stack
from interviewprep.embedded.supervisor import Program

HEALTHY_SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""

app = Celery("stand_in", broker=os.environ.get("REDIS_URL", "").replace("unix://", "redis+socket://"))


@app.task
def keep_busy() -> None:
    """Hold a pool process in a call that no closed pipe interrupts."""
    time.sleep(600)


@worker_ready.connect
def give_both_pool_processes_work(**_: Any) -> None:
    keep_busy.delay()
    keep_busy.delay()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


def light_programs(stack: Stack, address: Address) -> list[Program]:
    commands = {
        "web": [sys.executable, "-c", HEALTHY_SERVER, address.host, str(address.port)],
        "beat": ["sleep", "1001"],
        "worker": ["sleep", "1002"],
    }
    return [replace(program, command=commands[program.name]) for program in web_programs(stack, address)]


def broken_programs(stack: Stack, address: Address) -> list[Program]:
    web, *others = light_programs(stack, address)
    return [replace(web, command=[sys.executable, "-c", "raise SystemExit('the reason is this')"]), *others]


def real_programs(stack: Stack, address: Address) -> list[Program]:
    def ours(word: str) -> str:
        return {"interviewprep": __spec__.name, "interviewprep.wsgi": f"{__spec__.name}:application"}.get(word, word)

    # Celery would load the real settings, and with them the application.
    environment = {name: value for name, value in stack.environment().items() if name != "DJANGO_SETTINGS_MODULE"}
    programs = web_programs(stack, address)
    return [
        replace(program, command=[ours(word) for word in program.command], environment=environment)
        for program in programs
    ]


KINDS = {"light": light_programs, "real": real_programs, "broken": broken_programs}

if __name__ == "__main__":
    try:
        sys.exit(run(KINDS[sys.argv[1]], []))
    except StackError as error:
        sys.exit(str(error))
