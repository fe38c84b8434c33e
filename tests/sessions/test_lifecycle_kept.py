"""What is acknowledged stays, also where what is merely kept has to give way."""

import pytest

from sessions.lifecycle import SaveStatus, drafts
from sessions.models import KeptDraft
from tests.factories import OTHER_CLIENT, answer, make_session, questions_of

pytestmark = pytest.mark.django_db


def test_words_that_lost_take_no_place_of_words_that_were_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MAX_KEPT_DRAFTS_PER_ANSWER", 2)
    question = questions_of(make_session())[0]
    answer(question, "The newest", sequence=9)
    assert answer(question, "Overtaken", sequence=4).status is SaveStatus.OVERTAKEN
    for base in range(5, 9):
        refused = answer(question, f"Stale {base}", client_id=OTHER_CLIENT, base_revision=base)
        assert refused.status is SaveStatus.STALE
    kept = set(KeptDraft.objects.values_list("body", flat=True))
    assert kept == {"Overtaken", "Stale 5", "Stale 8"}


def test_beyond_the_bound_overtaken_words_are_not_called_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MAX_OVERTAKEN_PER_ANSWER", 2)
    question = questions_of(make_session())[0]
    answer(question, "The newest", sequence=9)
    results = [answer(question, f"Older {number}", sequence=number) for number in (1, 2, 3)]
    assert [result.status for result in results] == [SaveStatus.OVERTAKEN, SaveStatus.OVERTAKEN, SaveStatus.STALE]
    assert KeptDraft.objects.count() == 3
