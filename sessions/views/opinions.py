"""The candidate's own page about opinions of a language model: how many there are, and the way to delete them.

Consent is given and taken back in the profile; opinions are read in the report.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from interviewprep.accounts.access import login_required
from interviewprep.accounts.consent import consents_to_opinions, opinion_host
from interviewprep.http import UserRequest
from sessions.models import Opinion
from sessions.opinions import counts_of, delete_opinions


@require_safe
@never_cache
@login_required
def opinions(request: UserRequest) -> HttpResponse:
    """Say how many opinions were given and what became of the others, and offer to delete them."""
    counts = counts_of(request.user)
    context = {
        "total": sum(counts.values()),
        "counts": [(state.label, counts[state]) for state in Opinion.State if state in counts],
        "consents": consents_to_opinions(request.user),
        "host": opinion_host(),
    }
    return render(request, "sessions/opinions.html", context)


@require_POST
@login_required
def opinions_delete(request: UserRequest) -> HttpResponse:
    """Delete every opinion on one's own answers."""
    count = delete_opinions(candidate=request.user, now=request.now)
    words = ngettext("%d opinion is deleted.", "%d opinions are deleted.", count) % count
    messages.success(request, words)
    return redirect("opinions")


urlpatterns = [
    path("opinions/", opinions, name="opinions"),
    path("opinions/delete/", opinions_delete, name="opinions_delete"),
]
