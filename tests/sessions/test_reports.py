import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from questions.content import Content
from questions.models import Topic
from sessions import lifecycle, reports, reviews, scoring
from sessions.grading import Band, Grade, Status
from sessions.models import Answer, InterviewSession, KeptDraft, Report, Score, SessionEvent, SessionQuestion
from sessions.reports import REPORT_VERSION, Outcome, ReportData, keeping, words
from tests.factories import (
    NOW,
    OTHER_CLIENT,
    answer,
    make_finished_session,
    make_mentor,
    make_session,
    make_topic,
    make_user,
    questions_of,
)
from tests.sessions.records import add_follow_up, log, save_words
from tests.sessions.sitting import (
    LATER,
    compiled,
    finish,
    leave_unread,
    nth_answer,
    nth_question,
    ordered_plan,
    sit,
    start,
)

GOOD = (
    "Accuracy is useless with imbalanced classes. I would look at precision and recall of the fraud class. "
    "Then weigh the cost of false negatives against false positives."
)
ONE_POINT = "Accuracy is useless with imbalanced classes."


def report_of(session: InterviewSession) -> Report:
    return Report.objects.get(pk=session.pk)


# --- What became of each question --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_question_the_clock_cut_off_is_not_one_that_was_skipped_or_never_reached() -> None:
    session = start("open", "open", "open", "open")
    answered, skipped, cut_off, _ = questions_of(session)
    answer(answered, ONE_POINT, submit=True)
    lifecycle.skip_question(session=session, question_id=skipped.pk, now=NOW)
    lifecycle.open_question(session=session, question_id=cut_off.pk, now=NOW)
    answer(cut_off, "The first half of a sen")
    data = compiled(finish(session, by_clock=True))
    assert [question.outcome for question in data.questions] == [
        Outcome.ANSWERED,
        Outcome.SKIPPED,
        Outcome.RAN_OUT_OF_TIME,
        Outcome.NOT_REACHED,
    ]
    assert [question.is_evidence for question in data.questions] == [True, False, False, False]


@pytest.mark.django_db
def test_a_question_left_open_by_choice_counts_with_its_words_and_not_without() -> None:
    session = start("open", "open")
    with_words, without = questions_of(session)
    answer(with_words, ONE_POINT)
    lifecycle.open_question(session=session, question_id=without.pk, now=NOW)
    data = compiled(finish(session))
    assert {question.outcome for question in data.questions} == {Outcome.FINISHED_EARLY}
    assert [question.is_evidence for question in data.questions] == [True, False]


@pytest.mark.django_db
def test_submitting_nothing_is_skipping() -> None:
    session = start("open")
    lifecycle.submit_answer(session=session, question_id=nth_question(session, 1).pk, now=NOW)
    data = compiled(finish(session))
    assert data.questions[0].outcome is Outcome.SKIPPED
    assert data.overall.answered_count == 0


@pytest.mark.django_db
def test_words_of_a_skipped_question_are_cut_off_not_skipped() -> None:
    session = start("open", "open")
    question = nth_question(session, 1)
    answer(question, ONE_POINT)
    lifecycle.skip_question(session=session, question_id=question.pk, now=NOW)
    data = compiled(finish(session, by_clock=True))
    assert data.questions[0].outcome is Outcome.RAN_OUT_OF_TIME


@pytest.mark.django_db
def test_a_question_whose_own_time_ran_out_is_told_from_one_that_the_end_cut_off() -> None:
    session = start("open", "open", "open")
    InterviewSession.objects.filter(pk=session.pk).update(limits_questions=True)
    logged, unrecorded, cut_off = questions_of(session)
    for question in (logged, unrecorded, cut_off):
        answer(question, ONE_POINT)
        SessionQuestion.objects.filter(pk=question.pk).update(first_opened_at=NOW)
    Answer.objects.filter(pk=logged.pk).update(state=Answer.State.PASSED)
    log(session, SessionEvent.Kind.RAN_OUT, NOW, logged)
    SessionQuestion.objects.filter(pk=unrecorded.pk).update(time_spent_ms=unrecorded.time_limit_seconds * 1000)
    Answer.objects.filter(pk=cut_off.pk).update(deadline=NOW + timedelta(minutes=3))  # left with time to spare
    data = compiled(finish(session, by_clock=True))
    assert [question.outcome for question in data.questions] == [
        Outcome.RAN_OUT_ON_QUESTION,
        Outcome.RAN_OUT_ON_QUESTION,
        Outcome.RAN_OUT_OF_TIME,
    ]
    assert not any(question.is_evidence for question in data.questions)
    assert data.practice == ()
    assert words.summary_sentences(data)[0] == (
        "0 of 3 questions answered; 1 cut off by the clock, 2 cut off by a question's limit."
    )


@pytest.mark.django_db
def test_a_question_left_behind_counts_with_its_words_and_is_skipped_without() -> None:
    session = start("open", "open")
    with_words = nth_question(session, 1)
    answer(with_words, ONE_POINT)
    SessionQuestion.objects.filter(session=session).update(first_opened_at=NOW)
    Answer.objects.filter(session=session).update(state=Answer.State.PASSED)
    data = compiled(finish(session, by_clock=True))
    assert [question.outcome for question in data.questions] == [Outcome.FINISHED_EARLY, Outcome.SKIPPED]
    assert data.questions[0].is_evidence


# --- Follow-ups --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_follow_up_carries_no_points_and_counts_neither_as_answered_nor_as_open() -> None:
    plain = compiled(sit(("open", ONE_POINT), ("single", None)))
    session = start("open", "single")
    first, second = questions_of(session)
    answered, never_asked = add_follow_up(first), add_follow_up(session.questions.get(pk=second.pk), opened_at=None)
    answer(first, ONE_POINT, submit=True)
    save_words(answered.answer, "More data.")
    Answer.objects.filter(pk=answered.pk).update(state=Answer.State.SUBMITTED, submitted_at=NOW)
    data = compiled(finish(session))
    assert not Score.objects.filter(answer__in=[answered.pk, never_asked.pk]).exists()
    assert data.overall == plain.overall
    assert [(question.position, question.outcome) for question in data.questions] == [
        (1, Outcome.ANSWERED),
        (2, Outcome.NOT_REACHED),
    ]
    assert [(asked.question_id, asked.body, asked.outcome) for asked in data.questions[0].asked] == [
        (answered.pk, "More data.", Outcome.ANSWERED)
    ]
    assert data.questions[1].asked == ()
    assert [item.position for item in data.practice] == [1, 1]
    assert words.summary_sentences(data) == words.summary_sentences(plain)


@pytest.mark.django_db
def test_follow_ups_as_the_engine_asks_them_stand_with_their_questions_and_one_never_asked_nowhere() -> None:
    plan = ordered_plan("open", "open")
    plan.asks_follow_ups = True
    plan.save()
    session = make_session(plan=plan)
    first, follow_up, second, _never = questions_of(session)
    answer(first, ONE_POINT, submit=True)
    lifecycle.open_question(session=session, question_id=follow_up.pk, now=NOW + timedelta(minutes=1))
    lifecycle.open_question(session=session, question_id=second.pk, now=NOW + timedelta(minutes=2))
    data = compiled(finish(session))
    assert [(q.position, q.question_id, len(q.asked)) for q in data.questions] == [(1, first.pk, 1), (2, second.pk, 0)]
    assert (data.questions[0].asked[0].time_spent_ms, data.questions[0].time_spent_ms) == (60_000, 60_000)
    assert data.questions[0].asked[0].outcome is Outcome.FINISHED_EARLY
    assert data.overall.question_count == 2


# --- Points and estimates ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_points_count_every_question_and_the_estimate_only_answers() -> None:
    data = compiled(sit(("single", "a"), ("numeric", "0.25"), ("single", "b"), ("open", None)))
    assert (data.overall.points, data.overall.max_points) == (Decimal(2), Decimal(4))
    assert data.overall.estimate.count == 3
    assert data.overall.estimate.mean == pytest.approx(2 / 3)
    assert (data.overall.answered_count, data.overall.question_count) == (3, 4)


@pytest.mark.django_db
def test_topics_and_areas_come_weakest_first_and_unanswered_ones_last() -> None:
    area = make_topic().area
    session = start("single", "single", "single", area=area)
    right, wrong, _ = questions_of(session)
    answer(right, "a", submit=True)
    answer(wrong, "b", submit=True)
    data = compiled(finish(session))
    assert [topic.estimate.mean for topic in data.topics] == [0, 1, None]
    assert [(item.name, item.area, item.estimate.count) for item in data.areas] == [(str(area), "", 2)]
    assert data.areas[0].question_count == 3


@pytest.mark.django_db
def test_one_answer_in_a_topic_is_not_enough_evidence_and_the_words_say_so() -> None:
    data = compiled(sit(("single", "a")))
    assert not data.topics[0].estimate.enough
    assert words.estimate_text(data.topics[0].estimate) == "not enough evidence: 1 answer"


def ticks(**statuses: Status) -> dict[str, Status]:
    """Tick the three key points of the open question, those that are not named as not covered."""
    names = {"accuracy": "accuracy-misleads", "recall": "precision-recall", "costs": "costs"}
    return {key: statuses.get(name, Status.NOT_FOUND) for name, key in names.items()}


@pytest.mark.django_db
def test_what_the_candidate_and_a_mentor_tick_stands_beside_the_match_and_the_mentors_counts() -> None:
    session = sit(("open", ONE_POINT))
    scoring.score_session(session=session, now=LATER)
    question = nth_question(session, 1)
    assert [judged.band for judged in reports.compile_report(session).questions[0].judgements] == [Band.SOME]
    all_of_it = ticks(accuracy=Status.FOUND, recall=Status.FOUND, costs=Status.FOUND)
    scoring.tick_points(candidate=session.candidate, question_id=question.pk, ticks=all_of_it, now=LATER)
    own = reports.compile_report(session).questions[0]
    mentor = make_mentor(of=session.candidate, name="Maya")
    partly = ticks(accuracy=Status.FOUND, recall=Status.PARTLY)
    reviews.correct_points(author=mentor, question_id=question.pk, ticks=partly, now=LATER)
    judged = compiled(session).questions[0]
    assert (own.points, judged.points) == (Decimal(1), Decimal("0.5833"))
    assert [(said.source, said.author, said.band) for said in judged.judgements] == [
        ("automatic", "", Band.SOME),
        ("self", "", Band.ALL),
        ("mentor", "Maya", Band.SOME),
    ]
    assert judged.correction == judged.judgements[-1]
    assert [verdict.status for verdict in judged.verdicts] == [Status.FOUND, Status.NOT_FOUND, Status.NOT_FOUND]


@pytest.mark.django_db
def test_what_is_to_practise_follows_the_ticks_instead_of_the_match() -> None:
    session = sit(("open", ONE_POINT))
    compiled(session)
    said = ticks(recall=Status.FOUND, costs=Status.PARTLY)
    scoring.tick_points(candidate=session.candidate, question_id=nth_question(session, 1).pk, ticks=said, now=LATER)
    data = reports.compile_report(session)
    assert [(item.key, item.status, item.priority) for item in data.practice] == [
        ("accuracy-misleads", Status.NOT_FOUND, 2.0),
        ("costs", Status.PARTLY, 0.5),
    ]


@pytest.mark.django_db
def test_the_summary_says_how_many_answers_rest_on_the_candidates_own_judgement() -> None:
    session = sit(("open", ONE_POINT), ("single", "a"))
    assert "as the candidate judged" not in words.summary_sentences(compiled(session))[1]
    scoring.tick_points(candidate=session.candidate, question_id=nth_question(session, 1).pk, ticks=ticks(), now=LATER)
    sentence = words.summary_sentences(reports.compile_report(session))[1]
    assert sentence.endswith(" 1 answer counts as the candidate judged it.")


@pytest.mark.django_db
def test_an_answer_that_could_not_be_read_is_no_evidence_until_somebody_ticks_its_points() -> None:
    session = sit(("open", "print(recall)"), ("single", "a"))
    compiled(session)
    leave_unread(nth_answer(session, 1))
    unread = reports.compile_report(session)
    assert unread.questions[0].is_unread and not unread.questions[0].is_evidence
    assert unread.overall.estimate.count == 1 and unread.practice == ()
    scoring.tick_points(
        candidate=session.candidate, question_id=nth_question(session, 1).pk, ticks=ticks(costs=Status.FOUND), now=LATER
    )
    ticked = reports.compile_report(session)
    assert ticked.questions[0].is_evidence and not ticked.questions[0].is_unread
    assert ticked.overall.estimate.count == 2


@pytest.mark.django_db
def test_time_is_told_against_the_limit_for_questions_topics_and_areas() -> None:
    session = make_finished_session(count=3)
    data = compiled(session)
    assert [question.time_spent_ms for question in data.questions[:2]] == [60_000, 60_000]
    assert {question.time_limit_seconds for question in data.questions} == {180}
    assert data.areas[0].time_spent_ms == sum(question.time_spent_ms for question in data.questions)
    assert data.areas[0].time_limit_seconds == 540


# --- What to practise next ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_missed_key_points_are_ordered_by_weight_and_what_was_found_is_not_listed() -> None:
    data = compiled(sit(("open", ONE_POINT)))
    assert [item.key for item in data.practice] == ["precision-recall", "costs"]
    assert [item.priority for item in data.practice] == sorted((i.priority for i in data.practice), reverse=True)


@pytest.mark.django_db
def test_a_wrong_choice_is_one_thing_to_practise_and_a_right_one_none() -> None:
    data = compiled(sit(("single", "b"), ("numeric", "0.25"), ("multiple", "a\nb\nc")))
    assert [(item.position, item.key, item.status) for item in data.practice] == [
        (1, "", Status.WRONG),
        (3, "", Status.WRONG),
    ]
    assert data.practice[0].priority > data.practice[1].priority


@pytest.mark.django_db
def test_what_the_clock_cut_off_or_nobody_answered_is_not_called_missed() -> None:
    session = start("open", "single")
    answer(nth_question(session, 1), ONE_POINT)
    data = compiled(finish(session, by_clock=True))
    assert data.practice == ()


@pytest.mark.django_db
def test_a_disputed_verdict_is_not_practised_and_stays_visible() -> None:
    session = sit(("open", ONE_POINT))
    question = compiled(session).questions[0]
    assert question.score_id is not None
    scoring.dispute_verdict(candidate=session.candidate, score_id=question.score_id, key="precision-recall", now=LATER)
    data = reports.compile_report(session)
    assert [item.key for item in data.practice] == ["costs"]
    assert data.questions[0].disputed == ("precision-recall",)
    assert data.questions[0].points == question.points


@pytest.mark.django_db
def test_full_marks_by_a_mentor_leave_nothing_to_practise() -> None:
    session = sit(("open", ONE_POINT))
    Score.objects.create(
        answer=nth_answer(session, 1), source=Score.Source.MENTOR, points=Decimal(1), max_points=Decimal(1)
    )
    assert compiled(session).practice == ()


@pytest.mark.django_db
def test_full_marks_by_a_level_leave_what_was_not_found_to_practise() -> None:
    session = sit(("open", ONE_POINT))
    missed = [item.key for item in compiled(session).practice]
    Score.objects.update(raw_points=F("points"), points=F("max_points"))
    assert missed and [item.key for item in reports.compile_report(session).practice] == missed


# --- The data ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_report_comes_back_from_the_database_as_it_was_compiled() -> None:
    session = sit(("open", GOOD + "\n\n<b>emoji 🎲 and \u2028</b>"), ("multiple", "a\nc"), ("numeric", None))
    stored = compiled(session)
    assert stored == reports.compile_report(session)
    assert report_of(session).version == REPORT_VERSION == stored.version


@pytest.mark.django_db
def test_compiling_twice_gives_the_same_report_and_writes_nothing() -> None:
    session = sit(("open", ONE_POINT), ("single", "b"))
    scoring.score_session(session=session, now=LATER)
    before = list(Score.objects.values()), list(Report.objects.values())
    assert reports.compile_report(session) == reports.compile_report(session)
    assert (list(Score.objects.values()), list(Report.objects.values())) == before


@pytest.mark.django_db
def test_a_running_session_has_no_report() -> None:
    with pytest.raises(scoring.SessionNotFinishedError):
        reports.compile_report(start("single"))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 12])
def test_compiling_costs_the_same_statements_for_any_number_of_questions(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_finished_session(count=count)
    scoring.score_session(session=session, now=LATER)
    with django_assert_num_queries(4):  # log, questions, scores, disputes
        reports.compile_report(session)


@pytest.mark.django_db
def test_an_edit_of_the_bank_does_not_reach_an_old_report() -> None:
    session = sit(("single", "a"))
    data = compiled(session)
    question = nth_question(session, 1).version.question
    question.topic.name = "Renamed"
    question.topic.save()
    stored = reports.report_data(report_of(session))
    assert stored is not None and stored.topics == data.topics


@pytest.mark.django_db
def test_a_report_in_an_older_shape_is_compiled_when_it_is_read() -> None:
    session = sit(("single", "a"))
    data = compiled(session)
    Report.objects.update(version=0, data={"shape": "of long ago"})
    assert reports.report_data(report_of(session)) == data


# --- Keeping -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_refreshing_makes_a_pending_report_ready_once() -> None:
    session = sit(("single", "a"))
    assert reports.refresh_report(session_id=session.pk, now=LATER) is True
    assert reports.refresh_report(session_id=session.pk, now=LATER + timedelta(hours=1)) is False
    report = report_of(session)
    assert (report.state, report.compiled_at, report.attempts, report.error) == (Report.State.READY, LATER, 0, "")


@pytest.mark.django_db
def test_refreshing_a_report_that_is_gone_does_nothing() -> None:
    assert reports.refresh_report(session_id=uuid4(), now=LATER) is False


def broken_compile(session: InterviewSession) -> ReportData:
    raise RuntimeError("no such\x00thing")


@pytest.mark.django_db
def test_a_failure_is_kept_and_after_three_the_report_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    session = sit(("single", "a"))
    monkeypatch.setattr(keeping, "compile_report", broken_compile)
    states = []
    for _ in range(4):
        assert reports.refresh_report(session_id=session.pk, now=LATER) is False
        states.append((report_of(session).state, report_of(session).attempts))
    assert states == [("pending", 1), ("pending", 2), ("failed", 3), ("failed", 3)]
    assert report_of(session).error == "RuntimeError: no suchthing"


@pytest.mark.django_db
def test_a_grader_that_fails_leaves_the_session_closed_and_no_half_graded_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken_grade(content: Content, body: str) -> Grade:
        raise ValueError(body)

    session = sit(("single", "a"), ("numeric", "0.25"))
    monkeypatch.setattr(scoring, "grade", broken_grade)
    reports.refresh_report(session_id=session.pk, now=LATER)
    session.refresh_from_db()
    assert session.is_finished
    assert not Score.objects.exists()
    assert report_of(session).attempts == 1


@pytest.mark.django_db
def test_a_lost_database_is_not_counted_against_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_the_database(session: InterviewSession) -> ReportData:
        raise OperationalError

    session = sit(("single", "a"))
    monkeypatch.setattr(keeping, "compile_report", lose_the_database)
    with pytest.raises(OperationalError):
        reports.refresh_report(session_id=session.pk, now=LATER)
    assert report_of(session).attempts == 0


@pytest.mark.django_db
def test_asking_again_is_possible_once_it_is_settled_and_starts_counting_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    session = sit(("single", "a"))
    assert reports.request_again(report=report_of(session), now=LATER) is False
    Report.objects.update(state=Report.State.FAILED, attempts=3, error="broken")
    assert reports.request_again(report=report_of(session), now=LATER) is True
    assert reports.request_again(report=report_of(session), now=LATER) is False
    report = report_of(session)
    assert (report.state, report.attempts, report.error, report.requested_at) == ("pending", 0, "", LATER)
    assert reports.refresh_report(session_id=session.pk, now=LATER) is True


@pytest.mark.django_db
def test_what_was_stored_stays_readable_while_a_new_one_is_owed_or_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    session = sit(("single", "a"))
    data = compiled(session)
    monkeypatch.setattr(keeping, "compile_report", broken_compile)
    reports.bring_up_to_date(report=report_of(session), now=LATER)
    assert report_of(session).state == Report.State.PENDING
    assert reports.report_data(report_of(session)) == data


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_compile_a_report_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session = sit(("open", ONE_POINT), ("single", "a"))
    compilations: list[int] = []
    second_is_waiting = threading.Event()

    def slow_compile(finished: InterviewSession) -> ReportData:
        compilations.append(threading.get_ident())
        second_is_waiting.wait(0.5)
        return reports.compile_report(finished)

    monkeypatch.setattr(keeping, "compile_report", slow_compile)

    def work(_: int) -> bool:
        try:
            return reports.refresh_report(session_id=session.pk, now=LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        results = list(workers.map(work, range(2)))
    assert sorted(results) == [False, True]
    assert len(compilations) == 1


@pytest.mark.django_db
def test_words_that_came_too_late_do_not_change_the_report() -> None:
    session = sit(("open", ONE_POINT))
    before = compiled(session)
    result = answer(nth_question(session, 1), GOOD, now=session.deadline + timedelta(hours=1))
    assert not result.is_saved and KeptDraft.objects.count() == 1
    assert reports.compile_report(session) == before


# --- A session that was reopened ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_after_reopening_the_report_is_made_anew_and_what_mentors_gave_stays() -> None:
    session = start("open", "single", "single")
    submitted, reopened, given = questions_of(session)
    answer(submitted, ONE_POINT, submit=True)
    for question in (reopened, given):
        answer(question, "b")
    first = compiled(finish(session))
    kept_score = submitted.answer.scores.get()
    mentor = make_mentor(of=session.candidate, name="Maya")
    Score.objects.create(
        answer=given.answer, source=Score.Source.MENTOR, author=mentor, points=Decimal("0.5"), max_points=Decimal(1)
    )
    reviews.add_comment(author=mentor, question_id=reopened.pk, body="Look again.", now=LATER)
    lifecycle.reopen_session(session_id=session.pk, actor=make_user(), reason="Outage", remaining_ms=600_000, now=LATER)
    assert not Report.objects.filter(pk=session.pk).exists()
    with pytest.raises(scoring.SessionNotFinishedError):
        reports.compile_report(InterviewSession.objects.get(pk=session.pk))

    result = answer(reopened, "a", now=LATER, base_revision=1, client_id=OTHER_CLIENT, submit=True)
    assert result.is_saved
    lifecycle.finish_session(session_id=session.pk, now=LATER + timedelta(minutes=5))
    second = compiled(InterviewSession.objects.get(pk=session.pk))
    assert [question.points for question in first.questions[1:]] == [0, 0]
    assert [question.points for question in second.questions[1:]] == [1, Decimal("0.5")]
    assert submitted.answer.scores.get() == kept_score
    assert reopened.comments.get().body == "Look again."
    assert (first.conditions.was_reopened, second.conditions.was_reopened) == (False, True)
    assert [Score.objects.filter(answer=q.pk, source="automatic").count() for q in (reopened, given)] == [1, 1]


# --- In words ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_summary_says_what_was_done_what_is_known_and_where_to_look() -> None:
    session = start("single", "open", "open")
    answer(nth_question(session, 1), "b", submit=True)
    answer(nth_question(session, 2), "half a sen")
    title = nth_question(session, 1).version.title
    done, known, first = words.summary_sentences(compiled(finish(session, by_clock=True)))
    assert done == "1 of 3 questions answered; 1 cut off by the clock, 1 not reached."
    assert known == "There are fewer than 3 answers to judge by, so take everything below as a first impression."
    assert first == f"Worth a look first: Question 1, “{title}”, was answered wrongly."


@pytest.mark.django_db
def test_with_three_answers_over_several_topics_the_summary_speaks_of_all_of_them() -> None:
    sentences = words.summary_sentences(compiled(sit(("single", "a"), ("numeric", "0.25"), ("multiple", "a\nb"))))
    assert sentences[1] == (
        "No single topic has 3 answers yet; over all of them the estimate is 100 % (90 % interval 53–100 %, 3 answers)."
    )
    assert sentences[2] == "Nothing that was looked for is missing from the answers given."


@pytest.mark.django_db
def test_the_summary_names_the_weakest_topic_that_is_known_well_enough() -> None:
    data = compiled(make_finished_session(count=8, bodies=["wrong"] * 8))
    assert words.summary_sentences(data)[1].startswith(
        f"The weakest topic with enough answers to tell is “{data.topics[0].name}”: 0 % (90 % interval 0–"
    )


@pytest.mark.django_db
def test_an_estimate_that_leaves_questions_out_says_so() -> None:
    over_all = compiled(sit(("single", "a"), ("numeric", "0.25"), ("multiple", "a\nb"), ("open", None)))
    assert words.summary_sentences(over_all)[1].endswith(
        "3 answers). 1 question without a finished answer that was read is left out of it."
    )
    of_a_topic = compiled(make_finished_session(count=8, bodies=["wrong"] * 7 + [None]))
    left_out = [topic.question_count - topic.estimate.count for topic in of_a_topic.topics]
    assert ("left out" in words.summary_sentences(of_a_topic)[1]) == (left_out[0] == 1)
    assert sum(left_out) == 1


@pytest.mark.django_db
def test_topics_are_grouped_by_area_with_the_weakest_first() -> None:
    session = start("single", "single", area=make_topic().area)
    right, wrong = questions_of(session)
    answer(right, "a", submit=True)
    answer(wrong, "b", submit=True)
    data = compiled(finish(session))
    assert [[topic.estimate.mean for topic in topics] for _, topics in data.topics_by_area] == [[0, 1]]


@pytest.mark.django_db
def test_two_areas_of_one_name_keep_their_own_topics() -> None:
    session = sit(("single", "a"), ("single", "b"))
    Topic.objects.filter(area=None).update(name="One name")
    data = compiled(session)
    assert [[topic.estimate.mean for topic in topics] for _, topics in data.topics_by_area] == [[0], [1]]


@pytest.mark.django_db
def test_without_any_answer_nothing_is_claimed() -> None:
    data = compiled(sit(("open", None), ("single", None)))
    assert words.summary_sentences(data)[1] == "There is no answer to judge by yet."
    assert words.summary_sentences(data)[2] == "Without answers there is nothing yet to say about what is missing."
    assert data.practice == () and data.topics[0].estimate.mean is None


@pytest.mark.parametrize(
    ("points", "text"), [("0", "0"), ("1", "1"), ("0.5", "0.5"), ("0.75", "0.75"), ("0.3333", "0.33"), ("9.5", "9.5")]
)
def test_points_are_written_with_at_most_two_decimals(points: str, text: str) -> None:
    assert words.points_text(Decimal(points)) == text
