"""Flags: somebody says what is wrong with the version they read, a curator answers, and the sender hears of it.

The only writer of flags. Whoever calls `send_flag` has made sure that the sender was shown this version. What mail is
owed is in the table (`mailed_at`), so a mail server that is away delays an answer and loses none.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.models import Flag, FlagQuerySet, Question, QuestionEvent, QuestionVersion
from questions.recording import record

MAX_NOTE_LENGTH = 2_000
MAX_NEW_FLAGS_A_DAY = 20
# After this a mail is given up; the answer stays on the sender's page.
KEPT_TRYING = timedelta(days=3)


class FlagRefusedError(ValueError):
    """It cannot be done; the message says why, in words for the person."""


# --- Sending --------------------------------------------------------------------------------------------------------


@transaction.atomic
def send_flag(
    *, version: QuestionVersion, sender: User, role: Flag.Role, reason: Flag.Reason, note: str, now: datetime
) -> Flag:
    """Flag a version, or change the flag of the same sender that is still open.

    Raises FlagRefusedError for a guest, for “something else” without a note, and beyond MAX_NEW_FLAGS_A_DAY.
    """
    words = note.replace("\r\n", "\n").strip()[:MAX_NOTE_LENGTH]
    _refuse_to_send(sender, reason, words)
    User.objects.select_for_update(no_key=True).get(pk=sender.pk)  # two tabs are one sender
    flag = open_flag(version_id=version.pk, sender=sender)
    if flag is None:
        _refuse_too_many(sender, now)
        return Flag.objects.create(
            version=version, sender=sender, role=role, reason=reason, note=words, created_at=now, changed_at=now
        )
    flag.reason, flag.note, flag.changed_at = reason, words, now
    flag.save(update_fields=["reason", "note", "changed_at"])
    return flag


def _refuse_to_send(sender: User, reason: Flag.Reason, words: str) -> None:
    if sender.is_guest:
        raise FlagRefusedError(_("Flags need an account, so that you can be answered."))
    if reason == Flag.Reason.OTHER and not words:
        raise FlagRefusedError(_("Say in a few words what it is."))


def _refuse_too_many(sender: User, now: datetime) -> None:
    lately = Flag.objects.of(sender).filter(created_at__gt=now - timedelta(days=1)).count()
    if lately >= MAX_NEW_FLAGS_A_DAY:
        words = _("You have flagged %d questions within a day. Send this one tomorrow; the others are being read.")
        raise FlagRefusedError(words % MAX_NEW_FLAGS_A_DAY)


@transaction.atomic
def withdraw_flag(*, flag_id: UUID, sender: User) -> bool:
    """Delete one's own flag as long as nobody has answered it; True if this call did."""
    deleted, _rows = Flag.objects.of(sender).open().filter(pk=flag_id, duplicates__isnull=True).delete()
    return deleted > 0


def open_flag(*, version_id: UUID, sender: User) -> Flag | None:
    """Return the sender's flag on a version that nobody has answered yet."""
    return Flag.objects.of(sender).open().filter(version=version_id).first()


# --- Answering ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a flag. `fixed_in` belongs to FIXED, `duplicate_of` to DUPLICATE."""

    state: Flag.State
    note: str
    fixed_in: QuestionVersion | None = None
    duplicate_of: Flag | None = None


@transaction.atomic
def answer_flag(*, flag_id: UUID, actor: User, answer: Answer, now: datetime) -> Flag:
    """Answer a flag, or answer it anew. Its sender, and those of its duplicates, have something to read.

    Raises Flag.DoesNotExist, and FlagRefusedError when the answer says too little or does not fit the flag.
    """
    flag = Flag.objects.select_for_update(of=("self",)).select_related("version__question").get(pk=flag_id)
    words = answer.note.replace("\r\n", "\n").strip()[:MAX_NOTE_LENGTH]
    _refuse_to_answer(flag, answer, words)
    flag.state, flag.answer, flag.answered_by, flag.answered_at = answer.state, words, actor, now
    flag.fixed_in = answer.fixed_in if answer.state == Flag.State.FIXED else None
    flag.duplicate_of = answer.duplicate_of if answer.state == Flag.State.DUPLICATE else None
    flag.seen_at = flag.mailed_at = None
    flag.save()
    flag.duplicates.update(seen_at=None, mailed_at=None, answered_at=now)
    _record(flag, actor, now)
    return flag


def _refuse_to_answer(flag: Flag, answer: Answer, words: str) -> None:
    fixed_in, original = answer.fixed_in, answer.duplicate_of
    if answer.state == Flag.State.OPEN:
        raise FlagRefusedError(_("Choose an answer."))
    if answer.state == Flag.State.UNCHANGED and not words:
        raise FlagRefusedError(_("Say why nothing changes: the sender reads it."))
    if answer.state == Flag.State.FIXED:
        if fixed_in is None or fixed_in.question_id != flag.version.question_id:
            raise FlagRefusedError(_("Choose the version that fixes it."))
        if not fixed_in.is_published or fixed_in.number <= flag.version.number:
            raise FlagRefusedError(_("A flag is fixed by a later version that is published."))
    if answer.state == Flag.State.DUPLICATE:
        if original is None or original.version.question_id != flag.version.question_id or original.pk == flag.pk:
            raise FlagRefusedError(_("Choose the flag that says the same."))
        if Flag.objects.filter(pk=original.pk, state=Flag.State.DUPLICATE).exists():
            raise FlagRefusedError(_("That flag is a duplicate itself. Choose the one it repeats."))
        if flag.duplicates.exists():
            raise FlagRefusedError(_("Other flags are marked as repeating this one, so it cannot repeat another."))


def _record(flag: Flag, actor: User, now: datetime) -> None:
    version, kind = flag.version, QuestionEvent.Kind.FLAG_ANSWERED
    facts: dict[str, object] = {"reason": flag.reason, "answer": flag.state}
    record(question=version.question, version=version, kind=kind, actor=actor, now=now, note=flag.answer, **facts)


# --- Reading --------------------------------------------------------------------------------------------------------


def flags_of(sender: User) -> FlagQuerySet:
    """Return the sender's flags with what became of them, newest first."""
    related = Flag.objects.of(sender).select_related("version__question", "fixed_in", "duplicate_of__fixed_in")
    return related.order_by("-created_at")


def unread_count(sender: User) -> int:
    """Return how many answers wait to be read."""
    return Flag.objects.of(sender).unread().count()


def mark_read(*, flags: Collection[Flag], now: datetime) -> None:
    """Note that their sender has seen these answers."""
    if unread := [flag.pk for flag in flags if flag.is_unread]:
        Flag.objects.filter(pk__in=unread, seen_at__isnull=True).update(seen_at=now)


def flagged_questions(*, filters: Mapping[str, str]) -> QuerySet[Question]:
    """Return questions with flags that fit, counted as `flag_count`: those with most of them first, then the newest.

    `filters`: state (open, answered, or else both), reason, role, area (the slug of an area or a topic), question (id).
    """
    questions = Question.objects.filter(versions__flags__in=_fitting(filters))
    if question_id := filters.get("question"):
        questions = questions.filter(pk=question_id)
    if area := filters.get("area"):
        questions = questions.filter(Q(topic__slug=area) | Q(topic__area__slug=area))
    counted = questions.annotate(flag_count=Count("versions__flags"), newest_flag=Max("versions__flags__changed_at"))
    return counted.select_related("topic__area", "current_version").order_by("-flag_count", "-newest_flag", "slug")


def flags_on(questions: Collection[Question], *, filters: Mapping[str, str]) -> dict[UUID, list[Flag]]:
    """Return the flags that fit by question, newest first; one statement."""
    flags = _fitting(filters).filter(version__question__in=[question.pk for question in questions])
    grouped: dict[UUID, list[Flag]] = {question.pk: [] for question in questions}
    for flag in flags.select_related("version", "answered_by", "fixed_in").order_by("-changed_at"):
        grouped[flag.version.question_id].append(flag)
    return grouped


def _fitting(filters: Mapping[str, str]) -> FlagQuerySet:
    flags = Flag.objects.all()
    match filters.get("state"):
        case "open":
            flags = flags.open()
        case "answered":
            flags = flags.answered()
    for name in ("reason", "role"):
        if value := filters.get(name):
            flags = flags.filter(**{name: value})
    return flags


# --- The mail -------------------------------------------------------------------------------------------------------


def owing_mail(now: datetime) -> FlagQuerySet:
    """Return answered flags whose sender was not mailed yet, nor has read the answer meanwhile."""
    unread = Flag.objects.unread().filter(mailed_at__isnull=True, sender__email__isnull=False, sender__is_active=True)
    return unread.filter(answered_at__gte=now - KEPT_TRYING)


def deliver(*, flag_id: UUID, now: datetime) -> bool:
    """Mail the answer to a flag; True if this call did. Whatever the mail server raises is passed on.

    Sent first and noted afterwards, so a crash in between repeats a mail instead of losing it. An answer that changes
    meanwhile owes a mail of its own.
    """
    related = owing_mail(now).select_related("sender", "version__question", "fixed_in", "duplicate_of__fixed_in")
    flag = related.filter(pk=flag_id).first()
    if flag is None:
        return False
    message(flag).send()
    return Flag.objects.filter(pk=flag.pk, answered_at=flag.answered_at).update(mailed_at=now) == 1


def message(flag: Flag) -> EmailMessage:
    """Return the mail that says what became of a flag."""
    subject = _("Your flag on “%(title)s”: %(state)s") % {
        "title": flag.version.title,
        "state": flag.get_state_display(),
    }
    context = {"flag": flag, "link": f"{settings.SITE_URL}{reverse('bank:your_flags')}"}
    body = render_to_string("bank/flag_mail.txt", context)
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[(flag.sender and flag.sender.email) or ""])
