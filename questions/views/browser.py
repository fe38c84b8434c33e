"""The bank browser: a table of questions to search, filter, sort and read beside it; and the views saved of it.

A page's address holds its whole state. A background request gets the part of the page that changes, with the same
address and the same templates.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from interviewprep.http import UserRequest
from questions import browsing, bulk, facets, saved_views, searching, spelling
from questions.models import BankEntry, BulkAction, SavedView
from questions.saved_views import ViewRefusedError
from questions.searching import Counts, Search
from questions.views.access import CURATE, curator_required, reader_required

# --- The table ------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@reader_required
def questions(request: UserRequest) -> HttpResponse:
    """The questions of the bank, as the address asks for them."""
    wanted = _uuid(request.GET.get("open", ""))
    context = _found(Search.of(request.GET)).context(peeked=wanted)
    if request.htmx:
        return render(request, "bank/_browser_answer.html", context)
    context |= _beside(request)
    if wanted:
        context |= _peeked(wanted) or {}
    return render(request, "bank/browser.html", context)


@dataclass(frozen=True)
class Found:
    """What a search comes to; with nothing found, what the words probably meant is searched for instead."""

    search: Search
    counts: Counts
    typed: str = ""

    def context(self, *, peeked: UUID | None) -> dict[str, Any]:
        entries = searching.page_of(self.search, self.counts) if self.counts.total else []
        excerpts = searching.excerpts(entries, self.search.sought) if self.search.words and entries else {}
        return {
            "search": self.search,
            "query": self.search.query(),
            "typed": self.typed,
            "counts": self.counts,
            "groups": browsing.filter_groups(self.counts),
            "open_filters": [
                (name, browsing.filter_label(name), self.search.values(name)) for name in ("tag", "author")
            ],
            "chosen": browsing.chosen_filters(self.search, self.counts),
            "rows": browsing.rows_of(entries, self.search, self.counts, excerpts, peeked=peeked),
            "pages": browsing.pages_of(self.search, self.counts.total),
            "most_ranked": searching.MOST_RANKED,
            "bulk_kinds": BulkAction.Kind.choices,
            "most_at_once": bulk.MOST_AT_ONCE,
        }


def _found(search: Search) -> Found:
    counts = searching.count(search)
    if search.words and not counts.total and (meant := spelling.meant(search.words)):
        other = replace(search, words=meant, page=1)
        other_counts = searching.count(other, counts.topics)
        if other_counts.total:
            return Found(other, other_counts, typed=search.words)
    last = browsing.pages_of(search, counts.total).last
    return Found(replace(search, page=min(search.page, last)), counts)


def _beside(request: UserRequest) -> dict[str, Any]:
    """Return what stands around the table and does not change with it."""
    may_curate = request.user.has_perm(CURATE)
    deleted = _uuid(request.GET.get("deleted", ""))
    return {
        "may_curate": may_curate,
        "sorts": browsing.sort_options(),
        "views": list(SavedView.objects.visible_to(request.user).select_related("owner")),
        "deleted_view": SavedView.objects.of(request.user).filter(pk=deleted).first() if deleted else None,
        "last_bulk": bulk.last_undoable(request.user, now=request.now) if may_curate else None,
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- One question beside the table ----------------------------------------------------------------------------------


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@reader_required
def peek(request: UserRequest, question_id: UUID) -> HttpResponse:
    """One question to read, as it stands beside the table; without scripts a page of its own."""
    context = _peeked(question_id)
    if context is None:
        raise Http404
    context["may_curate"] = request.user.has_perm(CURATE)
    return render(request, "bank/_peek.html" if request.htmx else "bank/peek.html", context)


def _peeked(question_id: UUID) -> dict[str, Any] | None:
    related = BankEntry.objects.select_related("question__topic__area", "version").defer("document", "asked")
    entry = related.filter(pk=question_id).first()
    if entry is None:
        return None
    version = entry.version
    if version:
        version.question = entry.question
    return {
        "peeked": entry,
        "facts": facets.read(entry.facets),
        "question": entry.question,
        "version": version,
        "content": version.content if version else None,
        "answer_max_kb": settings.INTERVIEW_ANSWER_MAX_BYTES // 1024,
    }


# --- Filters with many values ---------------------------------------------------------------------------------------


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@reader_required
def values(request: UserRequest, name: str) -> HttpResponse:
    """All tags, or all authors, among what a search finds: to choose one."""
    if name not in {"tag", "author"}:
        raise Http404
    search = replace(Search.of(request.GET), page=1)
    context = {
        "name": name,
        "label": browsing.filter_label(name),
        "values": browsing.values_of(name, search, searching.values_of(name, search)),
        "query": search.query(),
    }
    return render(request, "bank/_values.html" if request.htmx else "bank/values.html", context)


# --- Saved views ----------------------------------------------------------------------------------------------------


def _back(query: str, **more: str) -> HttpResponse:
    """Go back to the table with the search of `query`."""
    data = QueryDict(Search.of(QueryDict(query)).query(), mutable=True)
    data.update(more)
    address = reverse("bank:questions")
    return redirect(f"{address}?{data.urlencode()}" if data else address)


@require_POST
@curator_required
def view_save(request: UserRequest) -> HttpResponse:
    """Keep the present search under a name."""
    query = Search.of(QueryDict(request.POST.get("query", ""))).query(page=1)
    try:
        view = saved_views.save_view(
            owner=request.user,
            name=request.POST.get("name", ""),
            query=query,
            is_shared="is_shared" in request.POST,
            now=request.now,
        )
    except ViewRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%s” is saved.") % view.name)
    return _back(query)


@require_POST
@curator_required
def view_change(request: UserRequest, view_id: UUID) -> HttpResponse:
    """Rename a view of one's own, or share it, or stop sharing it."""
    view = get_object_or_404(SavedView.objects.of(request.user), pk=view_id, deleted_at=None)
    try:
        view = saved_views.change_view(
            owner=request.user,
            view_id=view_id,
            name=request.POST.get("name", ""),
            is_shared="is_shared" in request.POST,
        )
    except ViewRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%s” is saved.") % view.name)
    return _back(view.query)


@require_POST
@curator_required
def view_delete(request: UserRequest, view_id: UUID) -> HttpResponse:
    """Delete a view of one's own; the page that follows offers to undo it."""
    if not saved_views.delete_view(owner=request.user, view_id=view_id, now=request.now):
        raise Http404
    return _back(request.POST.get("query", ""), deleted=str(view_id))


@require_POST
@curator_required
def view_undelete(request: UserRequest, view_id: UUID) -> HttpResponse:
    """Undo the deletion of a view."""
    view = get_object_or_404(SavedView.objects.of(request.user), pk=view_id)
    try:
        saved_views.bring_back(owner=request.user, view_id=view_id)
    except ViewRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%s” is back.") % view.name)
    return _back(view.query)


urlpatterns = [
    path("", questions, name="questions"),
    path("<uuid:question_id>/preview/", peek, name="peek"),
    path("values/<slug:name>/", values, name="values"),
    path("views/", view_save, name="view_save"),
    path("views/<uuid:view_id>/", view_change, name="view_change"),
    path("views/<uuid:view_id>/delete/", view_delete, name="view_delete"),
    path("views/<uuid:view_id>/undelete/", view_undelete, name="view_undelete"),
]
