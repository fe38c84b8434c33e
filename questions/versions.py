"""Published versions by id, kept in the process: what never changes need not be read from the database twice."""

from functools import lru_cache
from uuid import UUID

from questions.models import QuestionVersion

KEPT_PER_PROCESS = 512


@lru_cache(KEPT_PER_PROCESS)
def published_version(version_id: UUID) -> QuestionVersion:
    """Return a published version, for reading only: everybody gets the same object.

    Raises QuestionVersion.DoesNotExist, also for a draft, which may still change.
    """
    return QuestionVersion.objects.published().get(pk=version_id)
