"""What can be done next with a question: the buttons of its page, the one that matters most first.

Says only what makes sense and what the person may do; whether it is done is decided by `questions.curating`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions import curating
from questions.curating import PUBLISH_WITHOUT_REVIEW, VersionState
from questions.models import Question, Review


@dataclass(frozen=True, slots=True)
class Step:
    """One button. With `posts` it acts at once, because nothing is lost; else it leads to a page that asks."""

    label: str
    url: str
    posts: bool = False
    is_next: bool = False
    is_loss: bool = False


def steps_of(question: Question, states: Sequence[VersionState], shown: VersionState, user: User) -> list[Step]:
    """Return what `user`, a curator, can do with the question and with the version that is shown."""
    steps = [
        *_about_newest(states[0], user),
        *_about_shown(shown, states[0]),
        _edit(question, states[0]),
        *_about_question(question),
    ]
    once = [step for number, step in enumerate(steps) if step.url not in {other.url for other in steps[:number]}]
    return sorted(once, key=lambda step: (not step.is_next, step.is_loss))


def _edit(question: Question, newest: VersionState) -> Step:
    sent_back = newest.review is not None and newest.review.state == Review.State.CHANGES
    label = _("Edit as a new version") if newest.is_settled else _("Edit")
    if newest.review and newest.review.is_waiting:
        label = _("Edit and take it out of review")
    return Step(label, _url("edit", question), is_next=sent_back and not newest.version.is_published)


def _about_newest(state: VersionState, user: User) -> Iterator[Step]:
    """Yield what brings the newest version nearer to interviews."""
    version, review = state.version, state.review
    if version.is_published:
        return
    n = version.number
    if review and review.is_waiting:
        if curating.may_review(user, review):
            yield Step(_("Review version %d") % n, reverse("bank:review", args=[review.pk]), is_next=True)
        yield Step(_("Withdraw from review"), reverse("bank:review_withdraw", args=[review.pk]))
    elif review and review.is_approved:
        yield Step(_("Publish version %d") % n, reverse("bank:publish", args=[version.pk]), is_next=True)
        yield Step(_("Take the approval back"), reverse("bank:review_withdraw", args=[review.pk]))
    elif review is None or review.state == Review.State.WITHDRAWN:
        yield Step(_("Submit version %d for review") % n, reverse("bank:submit", args=[version.pk]), is_next=True)
    if not (review and review.is_approved) and user.has_perm(PUBLISH_WITHOUT_REVIEW):
        yield Step(_("Publish version %d without review") % n, reverse("bank:publish", args=[version.pk]))


def _about_shown(shown: VersionState, newest: VersionState) -> Iterator[Step]:
    version = shown.version
    if version.is_published and not shown.is_current:
        yield Step(_("Make version %d current again") % version.number, reverse("bank:publish", args=[version.pk]))
    if not version.is_published:
        label = _("Throw version %d away") % version.number
        yield Step(label, reverse("bank:discard", args=[version.pk]), is_loss=True)
    elif version.pk != newest.version.pk:
        label = _("New version from version %d") % version.number
        yield Step(label, f"{reverse('bank:edit', args=[version.question_id])}?version={version.number}")


def _about_question(question: Question) -> Iterator[Step]:
    if question.status == Question.Status.RETIRED:
        yield Step(_("Restore the question"), _url("restore", question), posts=True, is_next=True)
    else:
        yield Step(_("Retire the question"), _url("retire", question), is_loss=True)


def _url(name: str, question: Question) -> str:
    return reverse(f"bank:{name}", args=[question.pk])
