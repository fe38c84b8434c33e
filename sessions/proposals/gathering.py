"""The nightly look at disputed answers: which sentence of each may be a phrasing. The only writer of ProposedSentence.

All of it is made anew each night, so a dispute taken back, a grader that finds the point by now and a phrasing that was
accepted meanwhile leave nothing behind.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from questions.content import Kind
from questions.models import QuestionVersion
from sessions.grading import Status
from sessions.models import Answer, InterviewSession, ProposedSentence, Score, VerdictDispute
from sessions.proposals.finding import likely_sentence, normal_words
from sessions.scoring import automatic_score, counting_score

ANSWERS_AT_ONCE = 500
# What a person can find better: a point that the grader did not read at all is no matter of wording.
_RANK: dict[str, int] = {Status.NOT_FOUND: 0, Status.PARTLY: 1, Status.FOUND: 2}
# Any number will do, as long as nothing else in this database locks the same one.
_LOCK_NUMBER = 0x94A5E
_Points = Mapping[str, Mapping[str, Any]]


@transaction.atomic
def gather_sentences() -> int:
    """Make all proposed sentences anew and return how many there are. Two at once run one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])
    ProposedSentence.objects.all().delete()
    count = 0
    answers = _disputed_answers()
    while batch := list(islice(answers, ANSWERS_AT_ONCE)):
        count += len(ProposedSentence.objects.bulk_create(_sentences(batch)))
    return count


def _disputed_answers() -> Iterator[Any]:
    """Yield disputed answers in words with their scores, as `asked` the question and as `current` its version now."""
    disputes = VerdictDispute.objects.filter(score__answer=OuterRef("pk"))
    answers = Answer.objects.filter(
        Exists(disputes), question__version__kind=Kind.OPEN, session__state=InterviewSession.State.FINISHED
    )
    asked = answers.annotate(
        asked=F("question__version__question"), current=F("question__version__question__current_version")
    )
    related = asked.filter(current__isnull=False).prefetch_related("scores__disputes").order_by("pk")
    return iter(related.only("body", "candidate").iterator(chunk_size=ANSWERS_AT_ONCE))


def _sentences(answers: list[Any]) -> list[ProposedSentence]:
    versions = QuestionVersion.objects.filter(pk__in={answer.current for answer in answers})
    points = {
        pk: {point["key"]: point for point in key_points} for pk, key_points in versions.values_list("pk", "key_points")
    }
    return [row for answer in answers for row in _sentences_of(answer, points[answer.current])]


def _sentences_of(answer: Any, points: _Points) -> Iterator[ProposedSentence]:
    scores = list(answer.scores.all())
    automatic = automatic_score(scores)
    # An objection to an older score says nothing of a verdict that came out differently since.
    disputes = {dispute.key: dispute for dispute in automatic.disputes.all()} if automatic else {}
    if automatic is None or not disputes:
        return
    own, mentors = (_statuses(scores, source) for source in (Score.Source.SELF, Score.Source.MENTOR))
    for verdict in automatic.verdicts:
        key, status = verdict["key"], verdict["status"]
        if status not in _RANK or status == Status.FOUND or key not in points:
            continue
        is_confirmed = _is_better(mentors.get(key), status)
        if key not in disputes and not is_confirmed and not _is_better(own.get(key), status):
            continue
        point = points[key]
        words = likely_sentence(answer.body, _all_words(point), taken=_evidence_for_others(automatic, key))
        if words and not _is_known(words, point):
            yield ProposedSentence(
                # A point that only a tick speaks for goes with any dispute of the same answer.
                dispute=disputes.get(key) or next(iter(disputes.values())),
                question_id=answer.asked,
                candidate_id=answer.candidate_id,
                key=key,
                proposal=proposal_id(answer.asked, key, words),
                words=words,
                is_confirmed=is_confirmed,
            )


def proposal_id(question_id: UUID, key: str, words: str) -> UUID:
    """Return the id that all sentences have which say the same about a key point, tonight and ever after."""
    return uuid5(question_id, f"{key} {normal_words(words)}")


def _statuses(scores: list[Score], source: Score.Source) -> dict[str, str]:
    newest = counting_score(score for score in scores if score.source == source)
    return {verdict["key"]: verdict["status"] for verdict in newest.verdicts} if newest else {}


def _is_better(status: str | None, than: str) -> bool:
    return _RANK.get(status or "", -1) > _RANK[than]


def _evidence_for_others(score: Score, key: str) -> list[tuple[int, int]]:
    return [
        (verdict["start"], verdict["end"])
        for verdict in score.verdicts
        if verdict["key"] != key and verdict["status"] == Status.FOUND and verdict["evidence"]
    ]


def _all_words(point: Mapping[str, Any]) -> str:
    return "\n".join([point["text"], *point.get("accepted", [])])


def _is_known(words: str, point: Mapping[str, Any]) -> bool:
    return normal_words(words) in {normal_words(known) for known in [point["text"], *point.get("accepted", [])]}
