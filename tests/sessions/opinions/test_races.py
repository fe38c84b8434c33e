"""Workers, sweeps and a withdrawal at the same moment, each on a connection of its own."""

from functools import partial

import pytest
from pytest_django import Settings

from interviewprep.accounts.consent import set_consent
from interviewprep.accounts.models import User
from sessions import opinions
from sessions.models import Opinion, TokenCount
from sessions.opinions import keeping, spending
from sessions.opinions.keeping import Outcome, Work
from tests.factories import NOW
from tests.sessions.engine import in_parallel
from tests.sessions.sitting import LATER, compiled, sit

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = 4


@pytest.fixture
def ordered(ada: User) -> User:
    """Ada, with opinions asked for on each of her answers, by two sweeps at once."""
    compiled(sit(*[("open", "Accuracy is useless with imbalanced classes.")] * ANSWERS, candidate=ada))
    in_parallel(*[partial(opinions.order, now=LATER)] * 3)
    assert Opinion.objects.count() == ANSWERS
    return ada


def test_reservations_together_never_exceed_a_limit(ada: User, settings: Settings) -> None:
    settings.OPINION_DAILY_TOKENS, settings.OPINION_DAILY_TOKENS_PER_USER = 1_000, 100
    reserve = partial(spending.reserve, user_id=ada.pk, day=NOW.date(), tokens=30)
    outcomes = in_parallel(*[reserve] * 8)
    assert sum(outcome is None for outcome in outcomes) == 3
    assert sum(isinstance(outcome, spending.OverspentError) for outcome in outcomes) == 5
    assert list(TokenCount.objects.values_list("tokens", flat=True)) == [90, 90]


@pytest.mark.parametrize("at_once", [1, 3])
def test_workers_together_take_up_no_more_than_may_run_and_none_twice(
    ordered: User, settings: Settings, at_once: int
) -> None:
    settings.OPINION_AT_ONCE = at_once
    taken = [work for work in in_parallel(*[partial(keeping.claim, now=LATER)] * 6) if work is not None]
    assert all(isinstance(work, Work) for work in taken)
    assert len({work.opinion_id for work in taken}) == len(taken) == at_once


def test_results_that_come_together_are_counted_together(ordered: User, settings: Settings) -> None:
    settings.OPINION_AT_ONCE = ANSWERS
    taken = [keeping.claim(now=LATER) for _ in range(ANSWERS)]
    result = Outcome(Opinion.State.READY, 10, data={"points": []})
    kept = in_parallel(*[partial(keeping.settle, work, result, now=LATER) for work in taken if work])
    assert kept == [True] * ANSWERS
    assert set(TokenCount.objects.values_list("tokens", flat=True)) == {10 * ANSWERS}


def test_whoever_takes_consent_back_meanwhile_gets_no_opinion(ordered: User) -> None:
    def withdraw() -> None:
        set_consent(ordered, wanted=False, now=LATER)
        ordered.save()

    work, _ = in_parallel(partial(keeping.claim, now=LATER), withdraw)
    if work is not None:
        assert isinstance(work, Work)
        keeping.settle(work, Outcome(Opinion.State.READY, 10, data={"points": []}), now=LATER)
    assert keeping.claim(now=LATER) is None
    assert set(Opinion.objects.values_list("state", flat=True)) == {Opinion.State.SKIPPED}


def test_deleting_while_a_result_arrives_leaves_nothing(ordered: User) -> None:
    work = keeping.claim(now=LATER)
    assert work is not None
    result = Outcome(Opinion.State.READY, 10, data={"points": []})
    outcomes = in_parallel(
        partial(keeping.settle, work, result, now=LATER),
        partial(opinions.delete_opinions, candidate=ordered, now=LATER),
    )
    assert not any(isinstance(outcome, Exception) for outcome in outcomes)
    assert not Opinion.objects.exists()
