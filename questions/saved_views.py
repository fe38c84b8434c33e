"""Saved views: searches of the bank browser under a name, one's own or shared with all curators.

The only writer of SavedView. A deleted view stays in the table for a while, so that deleting can be undone.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.models import SavedView

MOST_VIEWS = 50
KEPT_AFTER_DELETION = timedelta(days=30)


class ViewRefusedError(ValueError):
    """The view cannot be kept like that; the message says why."""


def save_view(*, owner: User, name: str, query: str, is_shared: bool, now: datetime) -> SavedView:
    """Keep a search under `name`; a view of one's own with this name gets the new search.

    Raises ViewRefusedError for no name, one that is too long, or too many views.
    """
    name = _checked(name)
    SavedView.objects.of(owner).filter(deleted_at__lt=now - KEPT_AFTER_DELETION).delete()
    with transaction.atomic():
        known = SavedView.objects.select_for_update().filter(owner=owner, name=name, deleted_at=None).first()
        if known:
            known.query, known.is_shared = query, is_shared
            known.save(update_fields=["query", "is_shared"])
            return known
        if SavedView.objects.of(owner).filter(deleted_at=None).count() >= MOST_VIEWS:
            raise ViewRefusedError(_("You have %d views. Delete one that you no longer need.") % MOST_VIEWS)
        return SavedView.objects.create(owner=owner, name=name, query=query, is_shared=is_shared, created_at=now)


def _checked(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise ViewRefusedError(_("Give the view a name, such as “Drafts in statistics”."))
    if len(name) > 60:
        raise ViewRefusedError(_("The name of a view may have 60 characters at most."))
    return name


def change_view(*, owner: User, view_id: UUID, name: str, is_shared: bool) -> SavedView:
    """Rename a view of one's own, and share it or not. Raises SavedView.DoesNotExist and ViewRefusedError."""
    view = SavedView.objects.of(owner).get(pk=view_id, deleted_at=None)
    view.name, view.is_shared = _checked(name), is_shared
    _store(view, ["name", "is_shared"])
    return view


def delete_view(*, owner: User, view_id: UUID, now: datetime) -> bool:
    """Delete a view of one's own; True if this call did."""
    return SavedView.objects.of(owner).filter(pk=view_id, deleted_at=None).update(deleted_at=now) == 1


def bring_back(*, owner: User, view_id: UUID) -> SavedView:
    """Undo a deletion. Raises SavedView.DoesNotExist, and ViewRefusedError when its name has been used again."""
    view = SavedView.objects.of(owner).get(pk=view_id)
    view.deleted_at = None
    _store(view, ["deleted_at"])
    return view


def _store(view: SavedView, fields: list[str]) -> None:
    try:
        with transaction.atomic():
            view.save(update_fields=fields)
    except IntegrityError as error:
        raise ViewRefusedError(_("You have another view called “%s”.") % view.name) from error
