"""Bulk actions: choosing what to do with the ticked questions, being shown what would change, doing it, undoing it.

Nothing happens before the second page is confirmed, and what is confirmed is exactly what was shown.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from interviewprep.http import UserRequest
from questions import bulk, searching
from questions.bulk import BulkRefusedError, Plan
from questions.content import Difficulty
from questions.models import BulkAction, Topic
from questions.searching import Search
from questions.views import exports
from questions.views.access import curator_required

EXPORT = "export"
MOST_EXPORTED = 20_000


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@curator_required
def bulk_actions(request: UserRequest) -> HttpResponseBase:
    """The last actions, each with its undo; or, of what was posted, the page that asks, and the action itself."""
    if request.method != "POST":
        actions = [
            (action, bulk.changed_since(action) if action.undone_at is None else [], action.changes.count())
            for action in bulk.actions_of(request.user, now=request.now)
        ]
        return render(request, "bank/bulk_done.html", {"actions": actions, "days": bulk.UNDOABLE_FOR.days})
    query, is_export = request.POST.get("query", ""), request.POST.get("kind") == EXPORT
    ids = _ids(request, most=MOST_EXPORTED if is_export else bulk.MOST_AT_ONCE + 1)
    if not ids:
        messages.error(request, _("Tick the questions that you want to change first."))
        return _back(query)
    if is_export:
        return _export(request, ids)
    if request.POST.get("kind") not in BulkAction.Kind.values:
        messages.error(request, _("Choose what to do with the ticked questions."))
        return _back(query)
    return _carry_on(request, BulkAction.Kind(request.POST["kind"]), ids, query)


def _ids(request: UserRequest, *, most: int) -> list[UUID]:
    """Return the questions that are meant: all that the search finds, those of the page before, or the ticked ones."""
    if "everything" in request.POST:
        search = Search.of(QueryDict(request.POST.get("query", "")))
        found = searching.matching(search, searching.count(search)).order_by("pk")
        return list(found.values_list("pk", flat=True)[:most])
    texts = request.POST.get("ids", "").split(",") if "ids" in request.POST else request.POST.getlist("chosen")
    ids: dict[UUID, None] = {}
    for text in texts[:most]:
        try:
            ids[UUID(text)] = None
        except ValueError:
            continue
    return list(ids)


def _export(request: UserRequest, ids: Sequence[UUID]) -> HttpResponseBase:
    """Hand the questions over to the export page."""
    data = request.POST.copy()
    data["ids"] = ",".join(map(str, ids))
    request.POST = data  # type: ignore[assignment]  # changed once, before anybody else reads it
    return exports.export(request)


def _back(query: str) -> HttpResponse:
    query = Search.of(QueryDict(query)).query()
    return redirect(reverse("bank:questions") + (f"?{query}" if query else ""))


def _carry_on(request: UserRequest, kind: BulkAction.Kind, ids: Sequence[UUID], query: str) -> HttpResponse:
    """Ask for what is still to be said, show what would change, or do it."""
    value, seal = request.POST.get("value", ""), request.POST.get("seal", "")
    if kind in bulk.NEEDS_VALUE and "value" not in request.POST:
        return _page(request, kind, ids, query)
    try:
        if seal:
            action = bulk.carry_out(kind=kind, value=value, ids=ids, seal=seal, actor=request.user, now=request.now)
            _say_done(request, action)
            return _back(query)
        planned = bulk.plan(kind=kind, value=value, ids=ids)
    except BulkRefusedError as refusal:
        return _page(request, kind, ids, query, problem=str(refusal), planned=_planned(kind, value, ids), status=409)
    return _page(request, kind, ids, query, planned=planned)


def _planned(kind: BulkAction.Kind, value: str, ids: Sequence[UUID]) -> Plan | None:
    try:
        return bulk.plan(kind=kind, value=value, ids=ids)
    except BulkRefusedError:
        return None


def _page(
    request: UserRequest,
    kind: BulkAction.Kind,
    ids: Sequence[UUID],
    query: str,
    *,
    planned: Plan | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "kind": kind,
        "ids": ",".join(map(str, ids)),
        "count": len(ids),
        "query": query,
        "back": Search.of(QueryDict(query)).query(),
        "plan": planned,
        "problem": problem,
        "value": request.POST.get("value", ""),
        "needs_value": kind in bulk.NEEDS_VALUE,
        "writes_drafts": kind in bulk.WRITES_DRAFTS,
        "topics": Topic.objects.select_related("area").order_by("area__order", "area__name", "order", "name")
        if kind == BulkAction.Kind.MOVE
        else [],
        "difficulties": Difficulty.choices,
    }
    return render(request, "bank/bulk.html", context, status=status)


def _say_done(request: UserRequest, action: BulkAction) -> None:
    n = action.changes.count()
    words = ngettext("%(n)d question was changed: %(what)s.", "%(n)d questions were changed: %(what)s.", n)
    messages.success(request, words % {"n": n, "what": action})


@require_POST
@curator_required
def bulk_undo(request: UserRequest, action_id: UUID) -> HttpResponse:
    """Take back everything that an action did."""
    try:
        action = bulk.undo(action_id=action_id, actor=request.user, now=request.now)
    except BulkAction.DoesNotExist:
        raise Http404 from None
    except BulkRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("bank:bulk")
    messages.success(request, _("Undone: %s. Everything stands as before.") % action)
    return _back(request.POST.get("query", ""))


urlpatterns = [
    path("bulk/", bulk_actions, name="bulk"),
    path("bulk/<uuid:action_id>/undo/", bulk_undo, name="bulk_undo"),
]
