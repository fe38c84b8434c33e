"""Exporting questions: which ones, in which format, what that format cannot carry, and the file.

The bank browser hands its ticked questions over as `ids`, in the address or posted. Whoever may read the bank may take
it along: licence, author and source go with every question.
"""

import tempfile
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from interviewprep.http import UserRequest
from questions.exporting import selecting
from questions.exporting.base import Writer
from questions.exporting.losses import as_csv, losses_of
from questions.exporting.registry import writers
from questions.models import Question, Topic
from questions.views.access import reader_required

MOST_IDS = 50_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which questions are meant: those of `ids`, or all, of one area or topic, published or not."""

    ids: tuple[UUID, ...]
    topic: str
    is_whole: bool

    @classmethod
    def of(cls, data: QueryDict) -> "Selection":
        return cls(_ids(data), data.get("topic", "").replace("\x00", ""), data.get("which") == "all")

    def questions(self) -> QuerySet[Question]:
        if self.ids:
            return selecting.chosen(self.ids)
        questions = Question.objects.all() if self.is_whole else selecting.published()
        if self.topic:
            questions = questions.filter(Q(topic__slug=self.topic) | Q(topic__area__slug=self.topic))
        return questions


def _ids(data: QueryDict) -> tuple[UUID, ...]:
    """Return the ids, given one by one or in one text; what is none is passed over."""
    found: list[UUID] = []
    for text in ",".join(data.getlist("ids")).replace("\n", ",").split(",")[:MOST_IDS]:
        try:
            found.append(UUID(text.strip()))
        except ValueError:
            continue
    return tuple(found)


def _writer(data: QueryDict) -> Writer | None:
    return writers().get(data.get("format", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reader_required
def export(request: UserRequest) -> HttpResponse:
    """The form, and for a chosen format what it cannot carry of the chosen questions."""
    data = request.POST if request.method == "POST" else request.GET
    selection, writer = Selection.of(data), _writer(data)
    context: dict[str, Any] = {
        "selection": selection,
        "ids": ",".join(map(str, selection.ids)),
        "writers": writers().values(),
        "writer": writer,
        "topics": Topic.objects.areas().prefetch_related("topics"),
        "count": selection.questions().count(),
    }
    if writer is not None:
        context["losses"] = losses = losses_of(writer, selecting.exported(selection.questions()))
        context["without_version"] = context["count"] - losses.total
    return render(request, "bank/export.html", context)


@require_POST
@reader_required
def export_file(request: UserRequest) -> HttpResponseBase:
    """The chosen questions in the chosen format."""
    selection, writer = Selection.of(request.POST), _writer(request.POST)
    if writer is None:
        raise Http404
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    carried = (question for question in selecting.exported(selection.questions()) if writer.carries(question.content))
    writer.write(carried, file)
    file.seek(0)
    name = f"questions-{request.now:%Y-%m-%d}.{writer.extension}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=writer.media_type)


@require_POST
@reader_required
def export_losses(request: UserRequest) -> HttpResponseBase:
    """What the chosen format cannot carry, of every chosen question: the page names the first ones only."""
    selection, writer = Selection.of(request.POST), _writer(request.POST)
    if writer is None:
        raise Http404
    rows = as_csv(writer, selecting.exported(selection.questions()))
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="not-carried-{writer.name}.csv"'
    return response


urlpatterns = [
    path("export/", export, name="export"),
    path("export/not-carried/", export_losses, name="export_losses"),
    path("export/file/", export_file, name="export_file"),
]
