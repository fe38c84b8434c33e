"""Importing questions: a file is sent, what was found in it is shown, decided about, imported, and perhaps taken back.

What is small happens while the person waits, what is large in a worker, while the page says how far it is. Everybody
who may import sees everybody's imports.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviewprep.http import UserRequest
from interviewprep.uploads import takes_files, was_too_large
from questions import tasks
from questions.importing import overview, report, running, topics, undoing
from questions.importing.forms import SettingsForm, UploadForm, posted_choices, topic_choices
from questions.importing.parts import TooLargeError
from questions.importing.running import NotReadyError
from questions.models import ImportRun, Topic
from questions.models.imports import IMPORT_PERMISSION
from questions.views.access import permission_required

RUNS_PER_PAGE = 20
MOST_PLACES = 200

importer_required = permission_required(IMPORT_PERMISSION)
State = ImportRun.State


# --- Sending a file -------------------------------------------------------------------------------------------------


@csrf_exempt  # `takes_files` checks the token
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@importer_required
@takes_files
def imports(request: UserRequest) -> HttpResponse:
    """The form for a file, and the imports so far."""
    if request.method != "POST":
        return _upload_page(request, UploadForm(user=request.user))
    form = UploadForm(request.POST, request.FILES, user=request.user)
    is_valid = form.is_valid()
    if was_too_large(request):
        return _too_large(request)
    if not is_valid:
        return _upload_page(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        run = running.receive(
            chunks=file.chunks(),
            filename=file.name,
            file_format=form.cleaned_data["format"],
            said=form.said(),
            user=request.user,
            now=request.now,
        )
    except TooLargeError:
        return _too_large(request)
    return _work(request, run)


def _too_large(request: UserRequest) -> HttpResponse:
    most = settings.IMPORT_MAX_BYTES // 1_000_000
    # What stood behind the file in the form was not read any more.
    form = UploadForm({"target": ImportRun.Target.DRAFT} | request.POST.dict(), user=request.user)
    form.errors.clear()
    words = _("The file is larger than %d MB. Send it in parts, or ask the operator to import it by command.")
    form.add_error("file", words % most)
    return _upload_page(request, form, status=413)


def _upload_page(request: UserRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    runs = ImportRun.objects.visible_to(request.user).select_related("created_by")
    context = {
        "form": form,
        "page": Paginator(runs, RUNS_PER_PAGE).get_page(request.GET.get("page")),
        "most_mb": settings.IMPORT_MAX_BYTES // 1_000_000,
    }
    return render(request, "bank/imports.html", context, status=status)


def _work(request: UserRequest, run: ImportRun) -> HttpResponse:
    """Have done what is due now, and show how the run stands."""
    tasks.begin_import_work(run.pk, request.now)
    return redirect("bank:import_run", run.pk)


# --- One import -----------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@importer_required
def import_run(request: UserRequest, run_id: UUID) -> HttpResponse:
    """How an import stands, and what can be done with it now."""
    return _run_page(request, _run(request, run_id))


def _run(request: UserRequest, run_id: UUID) -> ImportRun:
    runs = ImportRun.objects.visible_to(request.user).select_related("created_by", "imported_by", "undone_by", "topic")
    return get_object_or_404(runs, pk=run_id)


def _run_page(
    request: UserRequest, run: ImportRun, *, form: SettingsForm | None = None, notice: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"run": run, "notice": notice, "problems": [], "may_publish": False}
    if run.state == State.READY:
        context |= _ready_context(request, run)
    if run.state in {State.READY, State.REFUSED}:
        context["form"] = form or SettingsForm(run=run, user=request.user)
        context["same"] = running.same_file(run)
    if run.state in {State.IMPORTED, State.UNDONE}:
        context["outcomes"] = overview.outcomes(run)
    if run.state in {State.READY, State.IMPORTED}:
        shown = request.GET.get("show", "")
        context |= _items_context(request, run, shown)
    return render(request, "bank/import_run.html", context, status=status)


def _ready_context(request: UserRequest, run: ImportRun) -> dict[str, Any]:
    found, figures = topics.places(run, topics.Atlas()), overview.figures(run)
    all_topics = list(Topic.objects.order_by("order", "name"))
    return {
        "figures": figures,
        "importable": figures.added + figures.unfinished + figures.versions,
        "wants_columns": bool(run.headings) and all(each["field"] != "prompt" for each in run.headings),
        "places": found[:MOST_PLACES],
        "undecided": sum(not place.choice for place in found),
        "topic_choices": topic_choices(all_topics),
        "areas": [topic for topic in all_topics if topic.area_id is None],
        "missing": running.what_is_missing(run),
    }


def _items_context(request: UserRequest, run: ImportRun, shown: str) -> dict[str, Any]:
    figures = overview.figures(run)
    if shown not in overview.SHOWN:
        shown = next(
            (name for name in ("faulty", "duplicates") if figures.shown[name] and run.state == State.READY), "all"
        )
    page, rows = overview.page_of(run, shown, request.GET.get("page"))
    return {"page": page, "rows": rows, "shown": shown, "figures": figures, "lists": _lists(figures, shown)}


def _lists(figures: overview.Figures, shown: str) -> list[tuple[str, str, int]]:
    labels = {
        "all": _("All"),
        "faulty": _("Faulty"),
        "duplicates": _("Already there"),
        "incomplete": _("Incomplete"),
        "left_out": _("No question"),
        "notes": _("With remarks"),
    }
    return [
        (name, label, figures.shown[name]) for name, label in labels.items() if figures.shown[name] or name == shown
    ]


@require_safe
@never_cache
@importer_required
def import_progress(request: UserRequest, run_id: UUID) -> HttpResponse:
    """The part of the page that says how far the work is; once it is done, the whole page is loaded."""
    run = _run(request, run_id)
    if run.is_working:
        return render(request, "bank/_import_progress.html", {"run": run})
    address = reverse("bank:import_run", args=[run.pk])
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


# --- Deciding -------------------------------------------------------------------------------------------------------


@require_POST
@importer_required
def import_settings(request: UserRequest, run_id: UUID) -> HttpResponse:
    """Read the file once more, with other words about it."""
    run = _run(request, run_id)
    form = SettingsForm(request.POST, run=run, user=request.user)
    if not form.is_valid():
        return _run_page(request, run, form=form, status=422)
    try:
        running.reread(run=run, said=form.said(), file_format=form.cleaned_data["format"], now=request.now)
    except NotReadyError as refusal:
        return _refused(request, run, refusal)
    return _work(request, run)


def _keep_choices(request: UserRequest, run: ImportRun) -> None:
    """Keep what was chosen on the page, whichever of its buttons was pressed. Raises NotReadyError."""
    chosen = dict(zip(request.POST.getlist("name"), request.POST.getlist("choice"), strict=False))
    if chosen:
        known = {place.name for place in topics.places(run, topics.Atlas())}
        running.decide_topics(run=run, choices={name: chosen[name] for name in known & chosen.keys()})
    if choices := posted_choices(request.POST):
        running.decide_duplicates(run=run, choices=choices)


@require_POST
@importer_required
def import_topics(request: UserRequest, run_id: UUID) -> HttpResponse:
    """Keep what each topic of the file becomes here."""
    run = _run(request, run_id)
    try:
        _keep_choices(request, run)
    except NotReadyError as refusal:
        return _refused(request, run, refusal)
    messages.success(request, _("The topics are kept, and remembered once you import."))
    return redirect(f"{reverse('bank:import_run', args=[run.pk])}#import")


@require_POST
@importer_required
def import_duplicates(request: UserRequest, run_id: UUID) -> HttpResponse:
    """Keep what happens with what is there already: one by one, or with all at once."""
    run = _run(request, run_id)
    try:
        _keep_choices(request, run)
        if for_all := request.POST.get("for_all"):
            positions = run.items.duplicates().values_list("position", flat=True)
            running.decide_duplicates(run=run, choices=dict.fromkeys(positions, for_all))
    except NotReadyError as refusal:
        return _refused(request, run, refusal)
    messages.success(request, _("Your choices are kept."))
    page = request.POST.get("page", "")
    query = f"?show=duplicates&page={page}" if page.isdecimal() else "?show=duplicates"
    return redirect(f"{reverse('bank:import_run', args=[run.pk])}{query}#items")


# --- Doing ----------------------------------------------------------------------------------------------------------


@require_POST
@importer_required
def import_confirm(request: UserRequest, run_id: UUID) -> HttpResponse:
    """Import everything that was found and not left out."""
    run = _run(request, run_id)
    leaves_out = request.POST.get("leave_out_errors") == "on"
    try:
        _keep_choices(request, run)
        run.refresh_from_db(fields=["topic_choices"])
        running.order(run=run, user=request.user, now=request.now, leaves_out_errors=leaves_out)
    except NotReadyError as refusal:
        return _refused(request, run, refusal)
    return _work(request, run)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@importer_required
def import_undo(request: UserRequest, run_id: UUID) -> HttpResponse:
    """Take an import back: what would go, or why it cannot; and with a POST, do it."""
    run = _run(request, run_id)
    if run.state != State.IMPORTED:
        return redirect("bank:import_run", run.pk)
    if request.method == "POST":
        try:
            running.order_undoing(run=run, user=request.user, now=request.now)
        except NotReadyError as refusal:
            return _refused(request, run, refusal)
        return _work(request, run)
    context = {"run": run, "outcomes": overview.outcomes(run), "obstacles": undoing.obstacles(run)}
    return render(request, "bank/import_undo.html", context)


@require_POST
@importer_required
def import_discard(request: UserRequest, run_id: UUID) -> HttpResponse:
    """Forget a file that was not imported."""
    run = _run(request, run_id)
    try:
        running.discard(run=run)
    except NotReadyError as refusal:
        return _refused(request, run, refusal)
    messages.success(request, _("“%s” is forgotten. Nothing was imported from it.") % run.filename)
    return redirect("bank:imports")


def _refused(request: UserRequest, run: ImportRun, refusal: NotReadyError) -> HttpResponse:
    """Show how the run stands now, and why nothing was done."""
    return _run_page(request, _run(request, run.pk), notice=str(refusal), status=409)


# --- Report ---------------------------------------------------------------------------------------------------------


@require_safe
@importer_required
def import_report(request: UserRequest, run_id: UUID, kind: str) -> HttpResponseBase:
    """What was found and what became of it, as a file."""
    run = _run(request, run_id)
    response = StreamingHttpResponse(report.WRITERS[kind](run), content_type=report.MEDIA_TYPES[kind])
    name = get_valid_filename(f"{run.filename}-report.{kind}")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


urlpatterns = [
    path("import/", imports, name="imports"),
    path("import/<uuid:run_id>/", import_run, name="import_run"),
    path("import/<uuid:run_id>/progress/", import_progress, name="import_progress"),
    path("import/<uuid:run_id>/settings/", import_settings, name="import_settings"),
    path("import/<uuid:run_id>/topics/", import_topics, name="import_topics"),
    path("import/<uuid:run_id>/duplicates/", import_duplicates, name="import_duplicates"),
    path("import/<uuid:run_id>/confirm/", import_confirm, name="import_confirm"),
    path("import/<uuid:run_id>/undo/", import_undo, name="import_undo"),
    path("import/<uuid:run_id>/discard/", import_discard, name="import_discard"),
    path("import/<uuid:run_id>/report.csv", import_report, {"kind": "csv"}, name="import_report_csv"),
    path("import/<uuid:run_id>/report.json", import_report, {"kind": "json"}, name="import_report_json"),
]
