"""A candidate over real HTTP: signs in, starts, saves, finishes, and remembers every save that was acknowledged.

Standard library only, and as stubborn as the interview page: what is not acknowledged is sent again.
"""

import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from http.cookiejar import CookieJar

RETRY_SECONDS = 0.3


@dataclass
class Reply:
    status: int
    url: str
    text: str

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.text)
        assert match, f"no {pattern!r} in {self.url} ({self.status}):\n{self.text[:2000]}"
        return match[1]


@dataclass
class Candidate:
    """One browser. `acknowledged` maps a question's id to the last words the server said it has."""

    base: str
    patience_seconds: float = 60.0
    acknowledged: dict[str, str] = field(default_factory=dict)
    refusals: int = 0

    def __post_init__(self) -> None:
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.client_id = str(uuid.uuid4())
        self.sequence = 0

    # --- HTTP -----------------------------------------------------------------------------------------------

    def once(self, path: str, data: dict[str, str] | None = None) -> Reply:
        """Send one request; raises OSError when no answer comes."""
        url = urllib.parse.urljoin(self.base, path)
        body = None
        if data is not None:
            body = urllib.parse.urlencode(data | {"csrfmiddlewaretoken": self.token()}).encode()
        request = urllib.request.Request(url, body, headers={"Referer": self.base})
        try:
            with self.opener.open(request, timeout=10) as response:
                return Reply(response.status, response.url, response.read().decode())
        except urllib.error.HTTPError as error:
            return Reply(error.code, url, error.read().decode(errors="replace"))

    def request(self, path: str, data: dict[str, str] | None = None) -> Reply:
        """Send a request until it is answered, by whichever process is alive by then."""
        give_up = time.monotonic() + self.patience_seconds
        while True:
            try:
                reply = self.once(path, data)
                if reply.status < 500:
                    return reply
                problem = f"{reply.status} for {path}"
            except OSError as error:
                problem = f"{error} for {path}"
            self.refusals += 1
            assert time.monotonic() < give_up, f"no answer within {self.patience_seconds} s: {problem}"
            time.sleep(RETRY_SECONDS)

    def token(self) -> str:
        return next(cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken")

    # --- What a candidate does ----------------------------------------------------------------------------

    def begin_sample(self) -> str:
        """Start the sample interview as a guest; returns the path of the interview."""
        self.request("/accounts/login/")
        start = self.request("/sample/", {})
        interview = self.request(urllib.parse.urlsplit(start.url).path, {"time_factor": "2.00"})
        assert "/interviews/" in interview.url, interview.url
        return urllib.parse.urlsplit(interview.url).path

    def take_lease(self, interview: str) -> None:
        """Make this the tab that may write."""
        reply = self.request(f"{interview}lease/", {"client_id": self.client_id, "seen": ""})
        assert reply.status == 200, f"{reply.status}: {reply.text}"

    def current(self, interview: str) -> tuple[str, int, str]:
        """Return the current question's path, the revision of its answer and its answer format."""
        page = self.request(interview)
        draft = page.found(r'data-draft-url="([^"]+)"')
        revision = int(page.found(r'name="base_revision" value="(\d+)"'))
        return draft.removesuffix("draft/"), revision, page.found(r'name="answer_format" value="(\w+)"')

    def save(self, question: str, body: str, *, revision: int, answer_format: str) -> int:
        """Save words until they are acknowledged; returns the new revision."""
        self.sequence += 1
        words = {"choice": body} if answer_format == "choices" else {"body": body}
        fields = {
            "answer_format": answer_format,
            "base_revision": str(revision),
            "client_id": self.client_id,
            "sequence": str(self.sequence),
        }
        reply = self.request(f"{question}draft/", fields | words)
        assert reply.status == 200, f"{reply.status}: {reply.text}"
        self.acknowledged[question.rstrip("/").rsplit("/", 1)[1]] = body
        return int(reply.found(r'data-revision="(\d+)"'))
