"""Published versions by id, kept in the process: what never changes need not be read from the database twice."""

from collections.abc import Collection
from uuid import UUID

from questions.models import QuestionVersion

KEPT_PER_PROCESS = 1_000

_kept: dict[UUID, QuestionVersion] = {}


def published_versions(ids: Collection[UUID]) -> dict[UUID, QuestionVersion]:
    """Return published versions by id, for reading only: everybody gets the same objects.

    At most one statement. A draft, which may still change, and an unknown id are left out.
    """
    missing = [version_id for version_id in ids if version_id not in _kept]
    found = QuestionVersion.objects.published().in_bulk(missing) if missing else {}
    versions = found | {version_id: _kept[version_id] for version_id in ids if version_id not in missing}
    if len(_kept) + len(found) > KEPT_PER_PROCESS:
        _kept.clear()
    _kept.update(found)
    return versions


def published_version(version_id: UUID) -> QuestionVersion:
    """Return one of them; raises QuestionVersion.DoesNotExist."""
    try:
        return published_versions([version_id])[version_id]
    except KeyError as error:
        raise QuestionVersion.DoesNotExist from error
