"""Questions in the admin: where they belong, whether they are asked, and the history of their versions."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interviewprep.http import Request
from questions import curating
from questions.admin.shared import (
    AreaFilter,
    KeptWhileInUse,
    change_url,
    object_urls,
    preview_link,
    signed_in,
    two_lines,
)
from questions.admin.tables import QuestionTables
from questions.models import Question, QuestionVersion


class WaitingDraftFilter(admin.SimpleListFilter):
    title = gettext_lazy("newer draft")
    parameter_name = "draft"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.filter(has_draft=self.value() == "yes")


class VersionInline(admin.TabularInline[QuestionVersion, Question]):
    """The history of a question, to read and to go to."""

    model = QuestionVersion
    fields = readonly_fields = ("title", "kind", "difficulty", "created_by", "created_at", "published_at")
    ordering = ("-number",)
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = gettext_lazy("versions, newest first")

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionVersion]:
        return super().get_queryset(request).select_related("created_by", "question")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Question)
class QuestionAdmin(QuestionTables, KeptWhileInUse[Question]):
    list_display = ("title", "place", "kind", "status", "version", "waiting")
    list_filter = (
        "status",
        AreaFilter,
        WaitingDraftFilter,
        "current_version__kind",
        "current_version__difficulty",
    )
    list_select_related = ("topic__area", "current_version")
    list_per_page = 50
    search_fields = ("slug", "versions__title", "versions__prompt")
    search_help_text = gettext_lazy("Search slugs, and titles and prompts of all versions")
    autocomplete_fields = ("topic",)
    actions = ("publish_newest", "retire")
    inlines: ClassVar = [VersionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        newer = QuestionVersion.objects.filter(question=OuterRef("pk"), published_at__isnull=True).filter(
            number__gt=Coalesce(OuterRef("current_version__number"), 0)
        )
        return super().get_queryset(request).annotate(has_draft=Exists(newer))

    def get_fields(self, request: HttpRequest, obj: Question | None = None) -> tuple[str, ...]:
        return ("slug", "topic", "status", "current_version", "created_at") if obj else ("slug", "topic")

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> tuple[str, ...]:
        return ("slug", "status", "current_version", "created_at") if obj else ()

    def get_form(self, request: HttpRequest, obj: Question | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            kwargs["help_texts"] = {"current_version": _who_gets(obj)}
            if obj.status == Question.Status.RETIRED:
                kwargs["labels"] = {"current_version": _("last published version")}
        return super().get_form(request, obj, change, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Question | None) -> list[Any]:
        return self.inlines if obj else []

    def get_urls(self) -> list[URLPattern]:
        actions = {"publish": self.publish_view, "retire": self.retire_view, "revise": self.revise_view}
        return [*object_urls(self, actions), *super().get_urls()]

    def response_add(self, request: HttpRequest, obj: Question, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to what a new question needs first: its words."""
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("“%s” was created. Now write its first version.") % obj)
        return HttpResponseRedirect(f"{reverse('admin:questions_questionversion_add')}?question={obj.pk}")

    def save_model(self, request: HttpRequest, obj: Question, form: ModelForm[Any], change: bool) -> None:
        """Move a question under another topic, which is all that can be changed here, with a line in its history."""
        if change:
            now = cast(Request, request).now
            curating.move_question(question=obj, topic=obj.topic, actor=signed_in(request), now=now)
        else:
            super().save_model(request, obj, form, change)

    def reason_to_keep(self, obj: Question) -> str | None:
        if obj.versions.published().exists():
            return (
                _("“%s” has been published, so interviews may show it, and cannot be deleted. Retire it instead.") % obj
            )
        return None

    # Columns

    @admin.display(description=gettext_lazy("question"), ordering="slug")
    def title(self, obj: Question) -> SafeString:
        title = obj.current_version.title if obj.current_version else _("not published yet")
        return two_lines(title, obj.slug)

    @admin.display(description=gettext_lazy("topic"), ordering="topic__name")
    def place(self, obj: Question) -> SafeString:
        area = obj.topic.area or obj.topic
        return two_lines(obj.topic.name, area.name)

    @admin.display(description=gettext_lazy("kind"), ordering="current_version__kind")
    def kind(self, obj: Question) -> SafeString | None:
        if obj.current_version is None:
            return None
        version = obj.current_version
        return two_lines(version.get_kind_display(), version.get_difficulty_display())

    @admin.display(description=gettext_lazy("version"), ordering="current_version__number")
    def version(self, obj: Question) -> SafeString | None:
        if obj.current_version is None:
            return None
        return format_html("{} · {}", obj.current_version.number, preview_link(obj.current_version.pk))

    @admin.display(description=gettext_lazy("newer draft"), ordering="has_draft")
    def waiting(self, obj: Any) -> str:
        return _("waiting") if obj.has_draft else ""

    # Publishing and retiring

    @admin.action(
        description=gettext_lazy("Publish the newest version of the selected questions"), permissions=["change"]
    )
    def publish_newest(self, request: Request, queryset: QuerySet[Question]) -> None:
        published = sum(self._publish(request, question) for question in queryset.order_by("slug"))
        if published:
            message = ngettext(
                "%d question is published in its newest version. Interviews under way keep theirs.",
                "%d questions are published in their newest version. Interviews under way keep theirs.",
                published,
            )
            messages.success(request, message % published)

    @admin.action(description=gettext_lazy("Retire the selected questions"), permissions=["change"])
    def retire(self, request: Request, queryset: QuerySet[Question]) -> HttpResponse | None:
        """Ask first, as Django does before it deletes; the answer comes back here with `post`."""
        asked = list(queryset.exclude(status=Question.Status.RETIRED).select_related("current_version"))
        if not asked:
            messages.info(request, _("Nothing to retire: every selected question is retired already."))
        elif "post" in request.POST:
            self._retire(request, asked)
        else:
            context = {
                **self.admin_site.each_context(request),
                "title": _("Retire?"),
                "opts": self.opts,
                "questions": asked,
                "action_checkbox_name": ACTION_CHECKBOX_NAME,
                "back_url": change_url(asked[0]) if len(asked) == 1 else reverse("admin:questions_question_changelist"),
            }
            return TemplateResponse(request, "admin/questions/question/retire_confirmation.html", context)
        return None

    def _retire(self, request: Request, questions: Sequence[Question]) -> None:
        for question in questions:
            curating.retire_question(question=question, actor=signed_in(request), now=request.now)
            self.log_change(request, question, "Retired")
        message = ngettext(
            "%d question is retired: no new interview asks it. Past and running interviews keep it.",
            "%d questions are retired: no new interview asks them. Past and running interviews keep them.",
            len(questions),
        )
        messages.success(request, message % len(questions))

    def _publish(self, request: Request, question: Question) -> bool:
        newest = question.versions.order_by("-number").first()
        if newest is None:
            messages.error(request, _("“%s” has no version yet, so there is nothing to publish.") % question)
            return False
        try:
            curating.publish_version(version=newest, actor=signed_in(request), now=request.now, without_review=True)
        except curating.NothingNewError:
            unchanged = _("New interviews get exactly what the newest version of “%s” says already.")
            messages.warning(request, unchanged % question)
            return False
        except curating.RefusedError as refusal:
            messages.error(request, f"“{question}”: {refusal}")
            return False
        self.log_change(request, question, f"Published version {newest.number}")
        return True

    def publish_view(self, request: Request, question: Question) -> HttpResponse:
        self.publish_newest(request, Question.objects.filter(pk=question.pk))
        return HttpResponseRedirect(change_url(question))

    def retire_view(self, request: Request, question: Question) -> HttpResponse:
        page = self.retire(request, Question.objects.filter(pk=question.pk))
        return page or HttpResponseRedirect(change_url(question))

    def revise_view(self, request: Request, question: Question) -> HttpResponse:
        """Go to a draft that starts from the newest version, or to an empty one when there is none."""
        try:
            draft = curating.revise(question=question, actor=signed_in(request), now=request.now)
        except curating.RefusedError:
            return HttpResponseRedirect(f"{reverse('admin:questions_questionversion_add')}?question={question.pk}")
        return HttpResponseRedirect(change_url(draft))


def _who_gets(question: Question) -> str:
    """Return what the current version of `question` means to interviews, in words."""
    if question.current_version_id is None:
        return _("Nothing is published yet, so no interview asks this question.")
    if question.status == Question.Status.PUBLISHED:
        return _("New interviews get this version.")
    if question.status == Question.Status.RETIRED:
        return _("The question is retired: no new interview asks it. Interviews that have it keep it.")
    return _("The question is not published at present: no new interview asks it.")
