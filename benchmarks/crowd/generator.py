"""The load itself: a process of its own that sends each candidate's saves when they are due and times the answers.

A save is due every so many seconds, whether or not the one before was answered, and its time counts from when it was
due: a server that falls behind cannot look fast by being asked less. Of several that are due only the newest is sent,
as the interview page does it; the others are counted. Reads one job from standard input and writes one result.
"""

import asyncio
import json
import random
import resource
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

TIMEOUT_SECONDS = 30.0
WORDS = (
    "First I would ask what the model is for and what a wrong answer costs. The training error is low and the error on "
    "held-out data is high, so the variance dominates: the model has learned noise of the sample. I would check for "
    "leakage between the splits, then look at the learning curve. If the gap closes with more data, more data helps; "
    "if it does not, I would regularise, use a smaller model or stop earlier, and choose by cross-validation rather "
    "than by the test set. With rare positives accuracy says little, so I would look at precision and recall, choose "
    "the threshold from the costs and check the calibration. At last I would compare with a simple baseline, because "
    "a complicated model that is not better is only more expensive to run."
)
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Result:
    """`latencies_ms` of what was answered 200; `errors` by kind; `skipped` saves gave way to newer ones."""

    latencies_ms: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    connections: int = 0
    cpu_ms: float = 0.0


class Crowd:
    """All candidates of one process."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job, self.result = job, Result()
        self.idle: list[Connection] = []
        self.begin = time.monotonic()
        self.measured_from = self.begin + job["warm_up"]
        self.end = self.measured_from + job["seconds"]

    async def sit(self, seat: dict[str, str], first: float) -> None:
        """Save from `first` on, every so many seconds, until the end."""
        every, number, due = self.job["every"], self.job["first_sequence"], first
        own: list[Connection] = [] if self.job["own_connections"] else self.idle
        while due < self.end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            number += 1
            error = await self._save(seat, number, own)
            counted = due >= self.measured_from
            if counted and error:
                self.result.errors[error] += 1
            elif counted:
                self.result.latencies_ms.append((time.monotonic() - due) * 1000)
            due += every
            while due + every < time.monotonic():
                due += every
                self.result.skipped += counted
        if own is not self.idle:
            _close(own)

    async def _save(self, seat: dict[str, str], number: int, idle: list[Connection]) -> str:
        """Send one save; return what went wrong, or "". A connection that was closed meanwhile is replaced once."""
        request = self._request(seat, number)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while idle:
                    connection = idle.pop()
                    try:
                        return await self._exchange(connection, request, idle)
                    except (OSError, asyncio.IncompleteReadError):
                        connection[1].close()
                return await self._exchange(await self._connect(), request, idle)
        except TimeoutError:
            return "no answer in time"
        except (OSError, asyncio.IncompleteReadError) as error:
            return type(error).__name__

    def _request(self, seat: dict[str, str], number: int) -> bytes:
        form = {
            "csrfmiddlewaretoken": seat["token"],
            "body": f"{WORDS} {number}",
            "answer_format": "text",
            "base_revision": "0",
            "client_id": seat["client_id"],
            "sequence": str(number),
        }
        body = urlencode(form).encode()
        origin = f"http://127.0.0.1:{self.job['port']}"
        head = [
            f"POST {seat['draft_path']} HTTP/1.1",
            f"Host: 127.0.0.1:{self.job['port']}",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
            "Accept: */*",
            "Accept-Encoding: gzip, deflate, br",
            "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            *("HX-Request: true", "HX-Target: save-chip", "HX-Trigger: editor"),
            f"Origin: {origin}",
            f"Referer: {origin}/",
            f"Cookie: {seat['cookie']}",
        ]
        return "\r\n".join([*head, "", ""]).encode() + body

    async def _connect(self) -> Connection:
        self.result.connections += 1
        return await asyncio.open_connection("127.0.0.1", self.job["port"])

    async def _exchange(self, connection: Connection, request: bytes, idle: list[Connection]) -> str:
        """Send, read the whole answer and give the connection back, unless the server wants it closed."""
        reader, writer = connection
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        text = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            writer.close()
        else:
            idle.append(connection)
        status = head[0].split()[1]
        saved = status == "200" and b'data-status="saved"' in text
        return "" if saved else f"answered {status}"

    async def run(self) -> Result:
        rng = random.Random(self.job["seed"])
        every, seats = self.job["every"], self.job["seats"]
        async with asyncio.TaskGroup() as tasks:
            for seat in seats:
                tasks.create_task(self.sit(seat, self.begin + rng.uniform(0, every)))
            tasks.create_task(self._count_cpu())
        _close(self.idle)
        return self.result

    async def _count_cpu(self) -> None:
        """Count this process' CPU time over the very span that is measured."""
        await asyncio.sleep(max(0.0, self.measured_from - time.monotonic()))
        before = _cpu_ms()
        await asyncio.sleep(max(0.0, self.end - time.monotonic()))
        self.result.cpu_ms = _cpu_ms() - before


def _close(connections: list[Connection]) -> None:
    for _, writer in connections:
        writer.close()


def _cpu_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1000


if __name__ == "__main__":
    found = asyncio.run(Crowd(json.load(sys.stdin)).run())
    json.dump(asdict(found), sys.stdout)
