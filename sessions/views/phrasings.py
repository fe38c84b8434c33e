"""Proposed phrasings: what candidates say they said, for curators to add to a key point or to dismiss.

One form holds the page, so that one press decides one proposal or all that are ticked, without scripts. What is added
goes to a draft; the rules are those of `questions.curating`.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from interviewprep.http import UserRequest
from questions.views.access import curator_required
from sessions import proposals

PROPOSALS_PER_PAGE = 30
DISMISSED, TICKED = "dismissed", "ticked"


@require_safe
@never_cache
@curator_required
def phrasings(request: UserRequest) -> HttpResponse:
    """Show the proposals that wait for a decision, or those that were dismissed."""
    return _page(request, state=request.GET.get("state", ""), number=request.GET.get("page", ""))


def _page(
    request: UserRequest, *, state: str, number: str, typed: dict[UUID, str] | None = None, problem: str = ""
) -> HttpResponse:
    is_dismissed = state == DISMISSED
    rows = proposals.dismissed_proposals() if is_dismissed else proposals.open_proposals()
    page = Paginator(rows, PROPOSALS_PER_PAGE).get_page(number)
    context = {
        "page": page,
        "groups": proposals.groups_of(page, typed=typed or {}),
        "is_dismissed": is_dismissed,
        "state": DISMISSED if is_dismissed else "",
        "last_dismissed": [] if is_dismissed else proposals.last_dismissed(request.user, now=request.now),
        "problem": problem,
        "max_length": 2 * proposals.MAX_LENGTH,
    }
    return render(request, "bank/phrasings.html", context, status=422 if problem else 200)


@require_POST
@curator_required
def decide(request: UserRequest) -> HttpResponse:
    """Add, dismiss or bring back: one proposal by its own button, or all that are ticked."""
    action = next((name for name in ("add", "dismiss", "restore") if name in request.POST), None)
    if action is None:
        return HttpResponseBadRequest()
    typed = _typed(request)
    ids = _ids(request.POST.getlist("chosen") if request.POST[action] == TICKED else [request.POST[action]])
    state, number = request.POST.get("state", ""), request.POST.get("page", "")
    if not ids:
        return _page(request, state=state, number=number, typed=typed, problem=_("Tick the phrasings you mean first."))
    if action == "add":
        _add(request, {pk: typed[pk] for pk in ids if pk in typed})
    elif action == "dismiss":
        _dismiss(request, ids)
    else:
        _restore(request, ids)
    kept = {"state": DISMISSED} if state == DISMISSED else {}
    query = urlencode(kept | ({"page": number} if number.isdigit() else {}))
    return redirect(reverse("bank_phrasings") + (f"?{query}" if query else ""))


def _ids(texts: list[str]) -> list[UUID]:
    ids: dict[UUID, None] = {}
    for text in texts[: proposals.MOST_AT_ONCE]:
        try:
            ids[UUID(text)] = None
        except ValueError:
            continue
    return list(ids)


def _typed(request: UserRequest) -> dict[UUID, str]:
    """Return the words beside each proposal of the page, as the curator left them."""
    names = [name for name in request.POST if name.startswith("words-")]
    return {pk: request.POST[f"words-{pk}"] for pk in _ids([name.removeprefix("words-") for name in names])}


def _add(request: UserRequest, chosen: dict[UUID, str]) -> None:
    outcome = proposals.add_phrasings(chosen=chosen, actor=request.user, now=request.now)
    if outcome.added:
        n, drafts = outcome.added, ", ".join(f"{each.title} ({each.number})" for each in outcome.drafts)
        words = ngettext(
            "%(n)d phrasing is in a draft: %(drafts)s. Submit it for review when you are done.",
            "%(n)d phrasings are in drafts: %(drafts)s. Submit them for review when you are done.",
            n,
        )
        messages.success(request, words % {"n": n, "drafts": drafts})
    for refusal in outcome.refusals:
        messages.error(request, refusal)
    if not outcome.added and not outcome.refusals:
        messages.info(request, _("Somebody else decided on this meanwhile, or the dispute was taken back."))


def _dismiss(request: UserRequest, ids: list[UUID]) -> None:
    if not proposals.dismiss(ids=ids, actor=request.user, now=request.now):
        messages.info(request, _("Somebody else decided on this meanwhile, or the dispute was taken back."))


def _restore(request: UserRequest, ids: list[UUID]) -> None:
    n = proposals.bring_back(ids=ids)
    words = ngettext("%(n)d proposal is open again.", "%(n)d proposals are open again.", n)
    messages.success(request, words % {"n": n})


urlpatterns = [
    path("bank/phrasings/", phrasings, name="bank_phrasings"),
    path("bank/phrasings/decide/", decide, name="bank_phrasings_decide"),
]
