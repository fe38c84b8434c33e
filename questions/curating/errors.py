"""Why something cannot be done. The message is for the person who asked."""

from questions.models import QuestionVersion


class RefusedError(ValueError):
    """It cannot be done; the message says why, and what can be done instead."""


class OwnWorkError(RefusedError):
    """Somebody wanted to decide on words that they wrote or submitted themselves."""


class NotApprovedError(RefusedError):
    """These very words have no approval, and the publisher may not do without."""


class NotNewestError(RefusedError):
    """There is a newer version, which is the one to go on with."""


class NothingNewError(RefusedError):
    """New interviews get exactly these words already."""


class ReviewClosedError(RefusedError):
    """The review was decided on or withdrawn meanwhile."""


class ChecklistError(RefusedError):
    """An approval without every point of the checklist; `missing` are the keys that were not ticked."""

    def __init__(self, message: str, missing: list[str]) -> None:
        super().__init__(message)
        self.missing = missing


class DraftChangedError(RefusedError):
    """The draft says something else than when the editor was opened; `stored` is what it says now."""

    def __init__(self, message: str, stored: QuestionVersion) -> None:
        super().__init__(message)
        self.stored = stored
