"""What a reviewer has looked at before approving. All of it, or it is no approval."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from questions.content import Kind
from questions.models import QuestionVersion


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to make sure of; `key` is what a review remembers."""

    key: str
    text: str


def checklist_of(version: QuestionVersion) -> list[ChecklistItem]:
    """Return what to tick for a question of this kind, in the order of reading."""
    return [
        ChecklistItem("true", _("Everything it says is true: prompt, reference answer, and every other text.")),
        ChecklistItem("one-reading", _("The prompt has one right reading, and asks for everything that is scored.")),
        _answers(version.kind),
        ChecklistItem("time", _("The suggested time is enough to read it, think and answer, and not twice as much.")),
        ChecklistItem("level", _("The difficulty fits, and the question tests what its topic and tags say.")),
        ChecklistItem("origin", _("Licence, author and source are right, and the words are not somebody else's.")),
    ]


def _answers(kind: str) -> ChecklistItem:
    if kind in {Kind.SINGLE, Kind.MULTIPLE}:
        return ChecklistItem("answers", _("Exactly the marked choices are right, and each explanation says why."))
    if kind == Kind.NUMERIC:
        return ChecklistItem(
            "answers", _("I worked the number out again. The tolerance lets no usual mistake through.")
        )
    return ChecklistItem("answers", _("Key points and reference answer cover each other; the weights make sense."))
