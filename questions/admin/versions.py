"""Versions in the admin: drafts are written and checked here, published ones are only read and copied."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from interviewprep.http import Request
from questions import curating, yamltext
from questions.admin.forms import VersionForm
from questions.admin.shared import (
    AreaFilter,
    change_url,
    object_urls,
    preview_link,
    signed_in,
    two_lines,
)
from questions.content import Kind
from questions.models import ImmutableVersionError, QuestionVersion

ANSWERS = ("key_points", "choices", "numeric_answer")
HELP = ("misconceptions", "code", "guidance", "strong_sample", "middling_sample")
AS_TEXT = ("misconceptions", "code", "tags")
ANSWERS_OF_KIND: dict[str, tuple[str, ...]] = {
    Kind.OPEN: ("key_points",),
    Kind.SINGLE: ("choices",),
    Kind.MULTIPLE: ("choices",),
    Kind.NUMERIC: ("numeric_answer",),
}


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("draft", _("draft")), ("current", _("current")), ("earlier", _("published earlier"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {
            "draft": Q(published_at__isnull=True),
            "current": Q(question__current_version=F("pk")),
            "earlier": Q(published_at__isnull=False) & ~Q(question__current_version=F("pk")),
        }
        value = self.value()
        return queryset.filter(conditions[value]) if value in conditions else queryset


class VersionAreaFilter(AreaFilter):
    field = "question__topic"


@admin.register(QuestionVersion)
class QuestionVersionAdmin(admin.ModelAdmin[QuestionVersion]):
    form = VersionForm
    list_display = ("title_and_number", "kind_and_difficulty", "state", "created_by", "created_at", "preview")
    list_filter = (StateFilter, VersionAreaFilter, "kind", "difficulty")
    list_select_related = ("question", "created_by")
    list_per_page = 50
    ordering = ("question__slug", "-number")
    search_fields = ("title", "question__slug", "prompt", "reference_answer")
    search_help_text = gettext_lazy("Search titles, slugs, prompts and reference answers")
    autocomplete_fields = ("question",)
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: QuestionVersion | None = None) -> Any:
        about = ("question", "number", "state", "created_by", "created_at", "published_at") if obj else ("question",)
        writable = obj is None or self.has_change_permission(request, obj)
        names = ANSWERS_OF_KIND.get(obj.kind, ANSWERS) if obj else ANSWERS
        shown = [name if writable else f"{name}_as_text" for name in (*names, "follow_ups")]
        # They stay in a draft's form, as its kind can still be changed. Django opens the part when there is an error.
        others = tuple(name for name in ANSWERS if writable and name not in names)
        return [
            (None, {"fields": about}),
            (_("Question"), {"fields": ("title", ("kind", "format", "difficulty", "time_limit_seconds"), "prompt")}),
            (_("Answer"), {"fields": ("reference_answer", *shown)}),
            (
                _("Help and samples"),
                {"fields": tuple(_shown(name, writable) for name in HELP), "classes": ("collapse",)},
            ),
            *([(_("Answers of other kinds"), {"fields": others, "classes": ("collapse",)})] if others else []),
            (_("Origin"), {"fields": (_shown("tags", writable), ("licence", "author", "source"))}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: QuestionVersion | None = None) -> tuple[str, ...]:
        return ("question", "number", "state", "created_by", "created_at", "published_at") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = {"author": signed_in(request).display_name, "source": "original", "time_limit_seconds": 240}
        return {**initial, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: QuestionVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_settled)

    def has_delete_permission(self, request: HttpRequest, obj: QuestionVersion | None = None) -> bool:
        """Whoever writes drafts may throw one away; what was published stays."""
        return obj is not None and not obj.is_published and super().has_change_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version = self.get_object(request, object_id) if object_id else None
        approval = curating.approval_of(version) if version and not version.is_published else None
        try:
            context = {**(extra_context or {}), "approval": approval}
            return super().changeform_view(request, object_id, form_url, context)
        except ImmutableVersionError:
            messages.error(request, _("Somebody published or reviewed this version meanwhile. Make a new one from it."))
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: QuestionVersion, form: ModelForm[Any], change: bool) -> None:
        """Keep what was typed as `curating` wants it; what was somebody else's draft goes on as the next version."""
        actor, now = signed_in(request), cast(Request, request).now
        obj.__dict__.pop("content", None)
        if change and QuestionVersion.objects.get(pk=obj.pk).is_settled:
            raise ImmutableVersionError
        written = curating.write_draft(
            question=obj.question, content=obj.content, actor=actor, now=now, version=obj if change else None
        )
        if change and written.pk != obj.pk:
            words = _("Version %(old)d is somebody else's draft, so what you changed is version %(new)d.")
            messages.info(request, words % {"old": obj.number, "new": written.number})
        # The admin goes on with the object it has: it becomes the version that was written.
        obj.__dict__.update(written.__dict__)

    def delete_model(self, request: HttpRequest, obj: QuestionVersion) -> None:
        curating.discard_draft(version=obj, actor=signed_in(request), now=cast(Request, request).now)

    def response_change(self, request: HttpRequest, obj: QuestionVersion) -> HttpResponse:
        """After saving, publish or submit what was saved if that was the button."""
        if "_publish" in request.POST:
            return self.publish_view(cast(Request, request), obj)
        if "_submit" in request.POST:
            return self.submit_view(cast(Request, request), obj)
        if request.path != change_url(obj):
            return HttpResponseRedirect(change_url(obj))
        return super().response_change(request, obj)

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def title_and_number(self, obj: QuestionVersion) -> SafeString:
        return two_lines(obj.title, obj)

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_and_difficulty(self, obj: QuestionVersion) -> SafeString:
        return two_lines(obj.get_kind_display(), obj.get_difficulty_display())

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: QuestionVersion) -> str:
        if not obj.is_published:
            return _("draft")
        return _("current") if obj.question.current_version_id == obj.pk else _("published earlier")

    @admin.display(description=gettext_lazy("preview"))
    def preview(self, obj: QuestionVersion) -> SafeString:
        return preview_link(obj.pk)

    # A published version's lists, to read

    @admin.display(description=gettext_lazy("key points"))
    def key_points_as_text(self, obj: QuestionVersion) -> str:
        return _as_text(obj.key_points)

    @admin.display(description=gettext_lazy("choices"))
    def choices_as_text(self, obj: QuestionVersion) -> str:
        return _as_text(obj.choices)

    @admin.display(description=gettext_lazy("number"))
    def numeric_answer_as_text(self, obj: QuestionVersion) -> str:
        return _as_text(obj.numeric_answer)

    @admin.display(description=gettext_lazy("follow-up questions"))
    def follow_ups_as_text(self, obj: QuestionVersion) -> str:
        return _as_text(obj.follow_ups)

    @admin.display(description=gettext_lazy("misconceptions"))
    def misconceptions_as_text(self, obj: QuestionVersion) -> str:
        return _as_text(obj.misconceptions)

    @admin.display(description=gettext_lazy("code"))
    def code_as_text(self, obj: QuestionVersion) -> str:
        return _as_text(obj.code)

    @admin.display(description=gettext_lazy("tags"))
    def tags_as_text(self, obj: QuestionVersion) -> str:
        return ", ".join(obj.tags) or "-"

    # Its own pages

    def get_urls(self) -> list[URLPattern]:
        actions = {"publish": self.publish_view, "copy": self.copy_view, "submit": self.submit_view}
        preview = path(
            "<uuid:pk>/preview/",
            self.admin_site.admin_view(require_GET(self.preview_view)),
            name="questions_questionversion_preview",
        )
        return [preview, *object_urls(self, actions), *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show a version as candidates see it, and below what they see in the report."""
        version = get_object_or_404(QuestionVersion.objects.select_related("question__topic__area"), pk=pk)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        answer_max_kb = settings.INTERVIEW_ANSWER_MAX_BYTES // 1024
        context = {"version": version, "content": version.content, "answer_max_kb": answer_max_kb}
        return render(request, "admin/questions/questionversion/preview.html", context)

    def copy_view(self, request: Request, version: QuestionVersion) -> HttpResponse:
        draft = curating.copy_version(version=version, actor=signed_in(request), now=request.now)
        messages.success(
            request, _("This draft says what version %d says. Nobody sees it before you publish it.") % version.number
        )
        return HttpResponseRedirect(change_url(draft))

    def publish_view(self, request: Request, version: QuestionVersion) -> HttpResponse:
        try:
            curating.publish_version(version=version, actor=signed_in(request), now=request.now, without_review=True)
        except curating.NothingNewError:
            unchanged = _("New interviews get exactly what version %d says already, so it was not published.")
            messages.warning(request, unchanged % version.number)
            return HttpResponseRedirect(change_url(version))
        except curating.RefusedError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(change_url(version))
        self.log_change(request, version, "Published")
        message = _("New interviews now get version %(number)d of “%(question)s”. Interviews under way keep theirs.")
        messages.success(request, message % {"number": version.number, "question": version.question})
        return HttpResponseRedirect(change_url(version))

    def submit_view(self, request: Request, version: QuestionVersion) -> HttpResponse:
        try:
            curating.submit(version=version, actor=signed_in(request), now=request.now)
        except curating.RefusedError as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, version, "Submitted for review")
            messages.success(request, _("Version %d waits for a review by somebody else.") % version.number)
        return HttpResponseRedirect(change_url(version))


def _shown(name: str, writable: bool) -> str:
    return f"{name}_as_text" if name in AS_TEXT and not writable else name


def _as_text(value: Any) -> str:
    return format_html("<pre>{}</pre>", yamltext.dump(value).strip()) if value else "-"
