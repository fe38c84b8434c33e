"""The health page: who may read it, when it judges, and what it says to mend first."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from questions import publishing
from questions.models import Flag, ItemStatistics, Question
from sessions.item_health import concerns
from tests.factories import NOW, make_content, make_curator, make_flag, make_mentor, make_question, make_user

pytestmark = pytest.mark.django_db


def counted(question: Question, **figures: Any) -> ItemStatistics:
    version = question.current_version
    assert version is not None
    fields: dict[str, Any] = {
        "seen": 40, "attempts": 40, "skipped": 0, "facility": 0.6, "facility_se": 0.05, "discrimination": 0.4,
        "discrimination_se": 0.1, "discrimination_count": 40, "time_q1_ms": 50_000, "time_median_ms": 90_000,
        "time_q3_ms": 120_000, "group_size": 11, "options": [], "flags": 0, "computed_at": NOW,
    }  # fmt: skip
    return ItemStatistics.objects.create(version=version, **fields | figures)


def reasons(question: Question, *, open_flags: int = 0, **figures: Any) -> str:
    row = counted(question, **figures)
    return " ".join(concern.text for concern in concerns(row, row.version, open_flags=open_flags))


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(make_curator())
    return client


@pytest.mark.parametrize("maker", [make_user, make_mentor])
def test_only_those_who_read_the_bank_see_its_health(client: Client, maker: object) -> None:
    client.force_login(maker())  # type: ignore[operator]  # one of two functions that make a user
    assert client.get(reverse("bank_health")).status_code == 403


def test_whoever_is_not_signed_in_is_sent_to_the_log_in(client: Client) -> None:
    assert client.get(reverse("bank_health")).status_code == 302


def test_an_empty_bank_says_what_would_be_here(curator: Client) -> None:
    page = curator.get(reverse("bank_health")).content.decode()
    assert "Nothing was counted yet" in page and "too few attempts" not in page
    assert "Nothing to mend" in page


def test_a_sound_question_has_no_concern() -> None:
    assert reasons(make_question()) == ""


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"discrimination": -0.4, "discrimination_se": 0.1}, "does worse here (discrimination −0.40 ± 0.10)"),
        ({"discrimination": 0.02, "discrimination_se": 0.05}, "hardly tells stronger candidates"),
        ({"facility": 0.08, "facility_se": 0.03}, "Hardly anybody gets it (8 %"),
        ({"facility": 0.99, "facility_se": 0.01}, "Nearly everybody gets it (99 %"),
        ({"time_median_ms": 400_000}, "more than 400 s; it allows 180 s"),
        ({"skipped": 16}, "40 % skip it"),
    ],
)
def test_a_figure_that_speaks_against_a_question_is_named(figures: dict[str, Any], words: str) -> None:
    assert words in reasons(make_question(), **figures)


@pytest.mark.parametrize(
    "figures",
    [{"attempts": 14, "seen": 14, "facility": 0.0}, {"discrimination": -0.1, "discrimination_se": 0.2}],
)
def test_too_little_evidence_accuses_nobody(figures: dict[str, Any]) -> None:
    assert reasons(make_question(), **figures) == ""


def test_options_that_mislead_the_strong_or_nobody_are_named() -> None:
    options = [
        {"key": "a", "chosen": 20, "by_strong": 4, "by_weak": 8},
        {"key": "b", "chosen": 20, "by_strong": 7, "by_weak": 1},
    ]
    assert "wrong option “b” more often" in reasons(make_question(kind="single"), options=options)
    chance = [{"key": "b", "chosen": 20, "by_strong": 7, "by_weak": 3}]
    assert "more often" not in reasons(make_question(kind="single"), options=chance)
    unused = [
        {"key": "a", "chosen": 40, "by_strong": 11, "by_weak": 11},
        {"key": "b", "chosen": 0, "by_strong": 0, "by_weak": 0},
    ]
    assert "Nobody chose the option “b”" in reasons(make_question(kind="single"), options=unused)


def test_the_worst_comes_first_and_open_flags_count_at_once(curator: Client) -> None:
    easy, reversed_, flagged = (make_question(title=title) for title in ("Easy one", "Reversed one", "Flagged one"))
    counted(easy, facility=0.99, facility_se=0.01)
    counted(reversed_, discrimination=-0.5, discrimination_se=0.1)
    row = counted(flagged, attempts=3, seen=3)
    Flag.objects.create(
        version=row.version, sender=make_user(), role="candidate", reason="unclear", created_at=NOW, changed_at=NOW
    )
    page = curator.get(reverse("bank_health")).content.decode()
    first = page[: page.index("All figures")]
    assert first.index("Reversed one") < first.index("Flagged one") < first.index("Easy one")
    assert "1 open flag waits" in page
    assert "3 attempts: too early to say" in page
    assert 'role="img"' in page


def test_a_flag_counts_before_the_first_count_and_whichever_version_it_is_about(curator: Client) -> None:
    question = make_question(title="Flagged before the night")
    make_flag(question.versions.get())
    newer = publishing.add_version(question=question, content=make_content(title="Newer words"), author=None)
    publishing.publish(question=question, version=newer, now=NOW)
    retired = make_question("retired", title="Retired one")
    make_flag(retired.versions.get())
    publishing.retire(question=retired)
    page = curator.get(reverse("bank_health")).content.decode()
    assert "Nothing to mend" not in page and "Newer words" in page and "1 open flag waits" in page
    assert "0 attempts: too early to say" in page and "Retired one" not in page


def test_the_page_takes_the_same_statements_for_many_questions(curator: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            curator.get(reverse("bank_health"))
        return len(captured)

    counted(make_question())
    few = statements()
    for _ in range(12):
        counted(make_question(), facility=0.01, facility_se=0.01)
    assert statements() == few
