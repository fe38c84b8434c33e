"""A candidate with one browser and one or two tabs, who sits interviews one after another until the time is up.

As stubborn as the interview page: what is not acknowledged is sent again. And as careless as people and networks are:
twice, in the wrong order, too late, from two tabs, in pieces, over connections that end in the middle.
"""

import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.chaos.ledger import CLICK, KEPT, SAVED, Ledger, Save
from tests.chaos.typist import Typist
from tests.chaos.wire import Cookies, Manner, Reply, Unanswered, Wire

PATIENCE_SECONDS = 45.0
RETRY_SECONDS = (0.2, 1.0)
LOG_IN = "/accounts/login/"
# Beyond the grace and a sweep: what nobody closes by then, nobody will.
SWEEP_SECONDS = 34.0


class GaveUp(Exception):
    """No answer for longer than anybody waits."""


class Over(Exception):
    """The interview is over, or the page leads somewhere else."""


@dataclass(frozen=True)
class Plan:
    """A plan on offer, and what one can do in it."""

    id: str
    pauses: bool = False
    forward: bool = False


@dataclass
class Tab:
    """One tab of the browser: the writer it is to the server, and what its page says."""

    wire: Wire
    client_id: str
    session_path: str
    sequence: int = 0
    question: str = ""
    revision: int = 0
    others: Sequence[str] = ()
    typists: dict[str, Typist] = field(default_factory=dict)
    over_at: float = 0.0

    @property
    def session_id(self) -> str:
        return self.session_path.strip("/").split("/")[1]

    @property
    def question_path(self) -> str:
        return f"{self.session_path}questions/{self.question}/"

    def rebase(self, remaining_ms: str) -> None:
        self.over_at = time.monotonic() + int(remaining_ms) / 1000


@dataclass
class Habits:
    """What this interview will be like."""

    ending: str  # by hand, expire, walk away
    two_tabs: bool
    careless: float  # share of saves that go wrong in some way
    hand_in_after: float

    @classmethod
    def drawn(cls, rng: random.Random) -> "Habits":
        return cls(
            ending=rng.choices(["by hand", "expire", "walk away"], [5, 3, 4])[0],
            two_tabs=rng.random() < 0.35,
            careless=rng.choice([0.0, 0.15, 0.4]),
            hand_in_after=rng.uniform(5, 60),
        )


class Candidate(threading.Thread):
    """Sits interviews until `stop_at` (monotonic); everything learned goes into the ledger."""

    def __init__(
        self, *, number: int, email: str, password: str, port: int, plans: Sequence[Plan], ledger: Ledger, seed: int
    ) -> None:
        super().__init__(name=email, daemon=True)
        self.number, self.email, self.password, self.port = number, email, password, port
        self.plans, self.ledger = plans, ledger
        self.rng = random.Random(f"{seed}/{number}")
        self.cookies = Cookies()
        self.address = f"127.0.{1 + number // 250}.{1 + number % 250}"
        self.stop_at = float("inf")
        self.interviews = 0
        self.tabs: list[Tab] = []
        self.holder = ""  # the tab that held the lease when we last heard of it

    # --- From log-in to the last interview ------------------------------------------------------------------------

    def run(self) -> None:
        while time.monotonic() < self.stop_at:
            try:
                self.sit()
            except GaveUp as error:
                self.ledger.count("interviews given up for want of an answer")
                self.ledger.trouble(f"{self.email}: {error}")
            except Over:
                self.ledger.count("interviews over before the tab knew")

    def log_in(self) -> None:
        """Sign in as people do. Every tab shares what comes of it."""
        wire = self.new_wire()
        self.ask(wire, LOG_IN)
        reply = self.ask(wire, LOG_IN, {"login": self.email, "password": self.password}, signing_in=True)
        if not reply.is_redirect or reply.location == LOG_IN:
            raise GaveUp(f"could not sign in: {reply.status} {reply.location}\n{reply.text[:500]}")
        self.ledger.count("log-ins")
        wire.hang_up()

    def sit(self) -> None:
        tab = self.begin()
        habits = Habits.drawn(self.rng)
        tabs = self.tabs = [tab]
        if habits.two_tabs:
            tabs.append(self.new_tab(tab.session_path))
        plan = self.plan
        began = time.monotonic()
        hand_in_at = min(began + habits.hand_in_after, self.stop_at)
        try:
            self.claim(tab)
            while True:
                active = self.rng.choice(tabs) if self.rng.random() < 0.12 else tabs[0]
                if time.monotonic() >= active.over_at:
                    break
                if time.monotonic() > (hand_in_at if habits.ending == "by hand" else self.stop_at):
                    break
                self.act(active, plan, habits)
                time.sleep(self.rng.uniform(0.1, 1.0))
        except Over:
            self.ledger.count("interviews over before the tab knew")
        self.end(tabs[0], habits)
        for each in tabs:
            each.wire.hang_up()

    def begin(self) -> Tab:
        """Start an interview of a plan drawn by chance, or go on with the one that still runs."""
        self.holder = ""
        self.plan = self.rng.choice(self.plans)
        self.interviews += 1
        wire = self.new_wire()
        page = self.ask(wire, f"/plans/{self.plan.id}/")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        chosen = re.search(r'name="time_factor" value="([^"]+)"', page.text)
        fields["time_factor"] = chosen[1] if chosen else "1.00"
        reply = self.ask(wire, f"/plans/{self.plan.id}/", fields)
        if not reply.is_redirect or not reply.location.startswith("/interviews/"):
            raise GaveUp(f"could not start: {reply.status} {reply.location}\n{reply.text[:800]}")
        wire.hang_up()
        tab = self.new_tab(reply.location)
        self.ledger.began(tab.session_id)
        return tab

    def new_wire(self) -> Wire:
        return Wire(self.port, self.address, self.cookies, self.rng)

    def new_tab(self, session_path: str) -> Tab:
        tab = Tab(self.new_wire(), str(uuid.UUID(int=self.rng.getrandbits(128), version=4)), session_path)
        self.load(tab)
        return tab

    # --- Requests -------------------------------------------------------------------------------------------------

    def ask(
        self,
        wire: Wire,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        manner: Manner = Manner.PLAIN,
        htmx: bool = False,
        signing_in: bool = False,
    ) -> Reply:
        """Send a request until it is answered; a manner other than plain goes wrong once only."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.ledger.count("requests sent")
                reply = wire.send(path, form, manner=manner, htmx=htmx)
            except Unanswered:
                self.ledger.count("requests without an answer")
            else:
                if reply.status < 500 and not self._signed_out(reply, signing_in):
                    return reply
                self.ledger.count(f"answers {reply.status}")
            manner = Manner.PLAIN
            if time.monotonic() > give_up:
                raise GaveUp(f"no answer within {PATIENCE_SECONDS:.0f} s for {path}")
            time.sleep(self.rng.uniform(*RETRY_SECONDS))

    def _signed_out(self, reply: Reply, signing_in: bool) -> bool:
        """Whether the server does not know us any more; then sign in again, and the request is repeated."""
        if signing_in or not (reply.status in {401, 403} or (reply.is_redirect and reply.location == LOG_IN)):
            return False
        self.ledger.count("signed out unexpectedly")
        self.log_in()
        return True

    def load(self, tab: Tab) -> None:
        """Load the interview page into a tab; raises Over when it leads to the report."""
        page = self.ask(tab.wire, tab.session_path)
        if page.is_redirect:
            raise Over
        found = re.search(r"/questions/([0-9a-f-]{36})/draft/", page.text)
        if found is None:
            raise GaveUp(f"no draft address on the page ({page.status}):\n{page.text[:1500]}")
        tab.question = found[1]
        revision = re.search(r'name="base_revision" value="(\d+)"', page.text)
        tab.revision = int(revision[1]) if revision else -1  # -1: nothing to write in, the answer is closed
        tab.others = sorted(set(re.findall(r'name="to" value="([0-9a-f-]{36})"', page.text)))
        if left := re.search(r'data-remaining-ms="(\d+)"', page.text):
            tab.rebase(left[1])

    def claim(self, tab: Tab) -> bool:
        """Take the lease for a tab, from whoever holds it."""
        seen = self.holder
        for _ in range(3):
            reply = self.ask(tab.wire, f"{tab.session_path}lease/", {"client_id": tab.client_id, "seen": seen})
            if reply.status == 200:
                self.ledger.count("leases taken")
                self.holder = tab.client_id
                return True
            holder = re.search(r'"holder": ?"([^"]*)"', reply.text)
            if reply.status != 409 or holder is None:
                return False
            seen = self.holder = holder[1]
        return False

    # --- Saving -----------------------------------------------------------------------------------------------------

    def form(self, tab: Tab) -> dict[str, str]:
        """Return the next save of this tab: more words, the next number."""
        tab.sequence += 1
        name = f"c{self.number}.{self.interviews}.{tab.client_id[:4]}.{tab.question[:4]}"
        typist = tab.typists.setdefault(tab.question, Typist(self.rng, name))
        return {
            "body": typist.more(),
            "answer_format": "text",
            "base_revision": str(tab.revision),
            "client_id": tab.client_id,
            "sequence": str(tab.sequence),
        }

    def save(self, tab: Tab, *, manner: Manner = Manner.PLAIN, form: dict[str, str] | None = None) -> str:
        """Save until it is answered, and take the answer in; returns how it was answered."""
        form = form or self.form(tab)
        self.ledger.count("saves sent")
        reply = self.ask(tab.wire, f"{tab.question_path}draft/", form, manner=manner, htmx=True)
        status, revision = self.record(tab, form, reply)
        if status == SAVED:
            tab.revision = max(tab.revision, revision or 0)
        if left := re.search(r'data-remaining-ms="(\d+)"', reply.text):
            tab.rebase(left[1])
        return status

    def record(self, tab: Tab, form: Mapping[str, str], reply: Reply) -> tuple[str, int | None]:
        """Note in the ledger what the server said about these words."""
        said = re.search(r'data-status="(\w+)"', reply.text)
        number = re.search(r'data-(?:revision|conflict)="(\d+)"', reply.text)
        revision = int(number[1]) if number else None
        status = said[1] if said else f"answered {reply.status}"
        if status == SAVED or status in KEPT:
            self.acknowledged(tab, form, status, revision)
        else:
            self.ledger.count(f"saves refused with {reply.status}")
            self.ledger.trouble(f"{self.email}: a save was answered {reply.status}: {reply.text[:300]!r}")
        return status, revision

    def acknowledged(self, tab: Tab, form: Mapping[str, str], status: str, revision: int | None) -> None:
        self.ledger.acknowledge(
            Save(
                session_id=tab.session_id,
                question_id=tab.question,
                client_id=tab.client_id,
                sequence=int(form["sequence"]),
                base_revision=int(form["base_revision"]),
                text=form["body"],
                status=status,
                revision=revision if status == SAVED else None,
                at=datetime.now(UTC),
            )
        )

    def react(self, tab: Tab, status: str) -> None:
        """Do what the page does when words did not become the answer."""
        if status == "stale" or (status == "lease" and self.rng.random() < 0.5):
            if status == "lease":
                self.claim(tab)
            self.load(tab)
        elif status in {"closed", "late"}:
            self.load(tab)

    # --- What one does in an interview -------------------------------------------------------------------------------

    def act(self, tab: Tab, plan: Plan, habits: Habits) -> None:
        if tab.revision < 0:
            self.move_on(tab)
            return
        if self.holder != tab.client_id and self.rng.random() < 0.5:
            self.duel(tab)
            return
        chance = self.rng.random()
        if chance < 0.72:
            self.react(tab, self.careless_save(tab, habits))
        elif chance < 0.78:
            self.click(tab, "submit")
        elif chance < 0.82:
            self.click(tab, "skip")
        elif chance < 0.86:
            self.click(tab, "flag", {"flagged": self.rng.choice("01")})
        elif chance < 0.92 and tab.others and not plan.forward:
            self.click(tab, "go", {"to": self.rng.choice(tab.others)})
        elif chance < 0.95 and plan.pauses:
            self.pause(tab)
        elif chance < 0.97:
            self.ask(tab.wire, f"{tab.session_path}clock/?client_id={tab.client_id}")
        else:
            self.load(tab)

    def careless_save(self, tab: Tab, habits: Habits) -> str:
        if self.rng.random() >= habits.careless:
            return self.save(tab)
        ways: list[Callable[[], str]] = [
            lambda: self.save(tab, manner=Manner.DROPPED),
            lambda: self.save(tab, manner=Manner.CUT),
            lambda: self.save(tab, manner=Manner.TRICKLED),
            lambda: self.save_twice(tab),
            lambda: self.save_in_the_wrong_order(tab),
            lambda: self.save_while_claiming(tab),
        ]
        return self.rng.choice(ways)()

    def save_twice(self, tab: Tab) -> str:
        """The same save again, after the first or beside it."""
        form = self.form(tab)
        self.ledger.count("saves repeated")
        if self.rng.random() < 0.5:
            self.save(tab, form=form)
            return self.save(tab, form=form)
        return self.at_once([(tab.wire, form), (self.new_wire(), form)], tab)

    def save_in_the_wrong_order(self, tab: Tab) -> str:
        """Two saves of one tab; the newer one arrives first, or both at the same moment."""
        older, newer = self.form(tab), self.form(tab)
        self.ledger.count("saves reordered")
        if self.rng.random() < 0.5:
            self.save(tab, form=newer)
            return self.save(tab, form=older)
        return self.at_once([(self.new_wire(), newer), (tab.wire, older)], tab)

    def save_while_claiming(self, tab: Tab) -> str:
        """A save and the claim that allows it, at the same moment: whoever comes first, no word may get lost."""
        self.ledger.count("saves beside a claim")
        other = Tab(self.new_wire(), tab.client_id, tab.session_path)
        claiming = threading.Thread(target=self._claim_quietly, args=[other], daemon=True)
        claiming.start()
        time.sleep(self.rng.uniform(0.0, 0.01))
        status = self.save(tab)
        claiming.join()
        other.wire.hang_up()
        return status

    def duel(self, tab: Tab) -> None:
        """Let the tabs take the lease from one another, each saving at the very moment."""
        for _ in range(self.rng.randint(1, 4)):
            for each in [tab, *(other for other in self.tabs if other is not tab)]:
                self.load(each)
                if each.revision >= 0:
                    self.react(each, self.save_while_claiming(each))

    def _claim_quietly(self, tab: Tab) -> None:
        try:
            self.claim(tab)
        except GaveUp as error:
            self.ledger.trouble(f"{self.email}: {error}")

    def at_once(self, sends: Sequence[tuple[Wire, dict[str, str]]], tab: Tab) -> str:
        """Send saves at the same moment and record every answer; returns the last one's status."""
        path, statuses = f"{tab.question_path}draft/", []

        def send(wire: Wire, form: dict[str, str]) -> None:
            try:
                self.ledger.count("saves sent")
                status, revision = self.record(tab, form, self.ask(wire, path, form, htmx=True))
            except GaveUp as error:
                self.ledger.trouble(f"{self.email}: {error}")
                return
            statuses.append(status)
            if status == SAVED:
                tab.revision = max(tab.revision, revision or 0)

        threads = [threading.Thread(target=send, args=each, daemon=True) for each in sends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for wire, _ in sends:
            if wire is not tab.wire:
                wire.hang_up()
        return statuses[-1] if statuses else ""

    def click(self, tab: Tab, action: str, more: Mapping[str, str] | None = None) -> None:
        """Press a button of the form and look at the page it leads to."""
        reply = self.press(tab, action, more)
        if action == "submit" and reply.is_redirect and self.rng.random() < 0.3:
            self.ledger.count("saves after the submission")
            self.save(tab)
        if reply.is_redirect and reply.location == f"{tab.session_path}finish/":
            self.ask(tab.wire, reply.location)
        self.load(tab)

    def press(self, tab: Tab, action: str, more: Mapping[str, str] | None = None) -> Reply:
        """Press a button of the form; the words go along. Raises Over when it leads to the report."""
        form = self.form(tab)
        self.ledger.count("clicks")
        reply = self.ask(tab.wire, f"{tab.question_path}{action}/", {**form, **(more or {})})
        if reply.is_redirect:
            self.acknowledged(tab, form, CLICK, None)
        elif reply.status == 409:
            self.ledger.count("clicks on a stale text")
            self.acknowledged(tab, form, "stale", None)
        elif reply.status not in {200, 422}:
            self.ledger.trouble(f"{self.email}: {action} was answered {reply.status}: {reply.text[:300]!r}")
        if reply.is_redirect and reply.location.endswith("/report/"):
            raise Over
        return reply

    def move_on(self, tab: Tab) -> None:
        """Leave an answer that is closed, as its page offers to."""
        reply = self.ask(tab.wire, f"{tab.question_path}skip/", {"client_id": tab.client_id})
        if reply.is_redirect and reply.location == f"{tab.session_path}finish/":
            time.sleep(self.rng.uniform(0.5, 2.0))
            self.hand_in(tab)
            raise Over
        self.load(tab)

    def pause(self, tab: Tab) -> None:
        self.ledger.count("pauses")
        self.press(tab, "pause")
        time.sleep(self.rng.uniform(0.5, 6.0))
        if self.rng.random() < 0.5:
            self.save(tab)  # it was under way when the button was pressed
        self.ask(tab.wire, f"{tab.session_path}resume/", {"client_id": tab.client_id})
        self.load(tab)

    # --- The end ---------------------------------------------------------------------------------------------------

    def end(self, tab: Tab, habits: Habits) -> None:
        left = tab.over_at - time.monotonic()
        if habits.ending == "by hand" or left > max(20.0, self.stop_at - time.monotonic()):
            self.hand_in(tab)
            return
        time.sleep(max(0.0, left) + self.rng.uniform(0.0, 0.5))
        if habits.ending == "expire" and tab.revision >= 0:
            self.expire(tab)
            if self.rng.random() < 0.5:
                self.save_too_late(tab)
        elif self.rng.random() < 0.4 and tab.revision >= 0:
            self.save_too_late(tab)
        elif time.monotonic() < self.stop_at:
            # Nobody asks for this interview any more: only the sweep can close it.
            time.sleep(min(15.0 + SWEEP_SECONDS, max(0.0, self.stop_at - time.monotonic())))

    def hand_in(self, tab: Tab) -> None:
        reply = self.ask(tab.wire, f"{tab.session_path}finish/", {"client_id": tab.client_id})
        self.ledger.count("finished by hand")
        if reply.is_redirect:
            self.ask(tab.wire, reply.location)

    def expire(self, tab: Tab) -> None:
        """The page's clock reached zero: the last words go along with the question whether the time is up."""
        form = self.form(tab)
        reply = self.ask(tab.wire, f"{tab.question_path}expire/", form, htmx=True)
        self.ledger.count("expired in the page")
        if reply.status == 200 and 'data-status="' not in reply.text:
            self.acknowledged(tab, form, CLICK, None)
        elif reply.status in {200, 409}:
            self.record(tab, form, reply)

    def save_too_late(self, tab: Tab) -> None:
        """Words that were under way when the time ended: within the grace, at its end, and after it."""
        self.ledger.count("interviews with late words")
        for pause in (self.rng.uniform(0.5, 4.0), self.rng.uniform(3.0, 9.0), self.rng.uniform(4.0, 9.0)):
            if time.monotonic() > self.stop_at:
                return
            time.sleep(pause)
            self.save(tab)
