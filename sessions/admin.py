"""Interview plans of the house in the admin, each with its sections, and a warning when the bank cannot fill one.

Sessions, answers and reports are not here, nor the plans that candidates composed for themselves: they are theirs.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.content import Difficulty, Kind
from questions.views.access import READ
from sessions import composing
from sessions.models import InterviewPlan, Mode, PlanSection, QuestionLevel, QuestionLimit


class PlanForm(forms.ModelForm[InterviewPlan]):
    def clean(self) -> dict[str, Any]:
        """Limits go together: a mock has one, a fixed limit per question says how long, and only that one does."""
        data = super().clean() or self.cleaned_data
        limit, seconds = data.get("question_limit"), data.get("question_limit_seconds")
        if limit == QuestionLimit.FIXED and seconds is None and "question_limit_seconds" not in self.errors:
            self.add_error("question_limit_seconds", _("Say how many seconds every question has."))
        if limit != QuestionLimit.FIXED and seconds is not None:
            self.add_error(
                "question_limit_seconds",
                _("Leave this empty, or choose “the same limit for every question”: no other limit reads it."),
            )
        is_endless = data.get("time_limit_seconds") is None and "time_limit_seconds" not in self.errors
        if data.get("mode") == Mode.MOCK and limit == QuestionLimit.NONE and is_endless:
            self.add_error(
                "time_limit_seconds",
                _("A mock interview has a time limit or limits per question. Give one, or choose practice."),
            )
        return data


class SectionForm(forms.ModelForm[PlanSection]):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    difficulties = forms.MultipleChoiceField(
        label=gettext_lazy("Difficulties"), choices=Difficulty.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PlanSection
        fields = ("position", "name", "count", "topics", "kinds", "difficulties", "questions")


class SectionFormSet(forms.BaseInlineFormSet[PlanSection, InterviewPlan, forms.ModelForm[PlanSection]]):
    def clean(self) -> None:
        """A plan that candidates see has something to ask."""
        super().clean()
        wanted = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in wanted if not getattr(form, "cleaned_data", {}).get("DELETE")]
        if self.instance.is_published and not kept:
            raise ValidationError(_("A published plan needs at least one section."))


class SectionInline(admin.StackedInline[PlanSection, InterviewPlan]):
    model = PlanSection
    form = SectionForm
    formset = SectionFormSet
    autocomplete_fields = ("topics", "questions")
    extra = 0
    fields = (("position", "count", "name"), "topics", ("kinds", "difficulties"), "questions")
    ordering = ("position",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanSection]:
        return super().get_queryset(request).prefetch_related("topics", "questions").select_related("plan")

    def has_delete_permission(self, request: HttpRequest, obj: InterviewPlan | None = None) -> bool:
        """Taking a section out changes the plan; it deletes nothing that anybody else refers to."""
        return self.has_change_permission(request, obj)


@admin.register(InterviewPlan)
class InterviewPlanAdmin(admin.ModelAdmin[InterviewPlan]):
    form = PlanForm
    list_display = ("name", "slug", "mode", "minutes", "questions", "is_published", "for_visitors", "order")
    list_filter = ("is_published", "for_visitors", "mode", "navigation", "question_limit")
    search_fields = ("name", "slug", "description")
    search_help_text = gettext_lazy("Search names, slugs and descriptions")
    inlines: ClassVar = [SectionInline]
    actions = ("publish", "unpublish")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "slug", "description", ("mode", "navigation", "order")),
                "description": gettext_lazy(
                    "Interviews that have started keep the limit and the questions they started with."
                ),
            },
        ),
        (
            gettext_lazy("Time"),
            {"fields": ("time_limit_seconds", ("question_limit", "question_limit_seconds"), "reading_seconds")},
        ),
        (
            gettext_lazy("Which questions"),
            {"fields": ("asks_follow_ups", "repeat_after_days", "favours_weak_spots")},
        ),
        (gettext_lazy("Who sees it"), {"fields": (("is_published", "for_visitors"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[InterviewPlan]:
        return super().get_queryset(request).filter(owner=None).annotate(question_count=Sum("sections__count"))

    def get_readonly_fields(self, request: HttpRequest, obj: InterviewPlan | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: InterviewPlan | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ("name",)}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._warn_of_shortages(request, form.instance)

    def _warn_of_shortages(self, request: HttpRequest, plan: InterviewPlan) -> None:
        for shortfall in composing.shortfalls(plan.sections.all()):
            messages.warning(request, f"{plan}: {shortfall}")

    @admin.display(description=gettext_lazy("minutes"), ordering="time_limit_seconds")
    def minutes(self, obj: InterviewPlan) -> int | None:
        return obj.time_limit_minutes

    @admin.display(description=gettext_lazy("questions"), ordering="question_count")
    def questions(self, obj: Any) -> int:
        return obj.question_count or 0

    @admin.action(description=gettext_lazy("Publish the selected plans"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[InterviewPlan]) -> None:
        for plan in queryset:
            if not plan.sections.exists():
                messages.error(request, _("“%s” has no section, so there is nothing to ask.") % plan)
                continue
            self._set_published(request, plan, True)
            messages.success(request, _("Candidates can now start “%s”.") % plan)
            self._warn_of_shortages(request, plan)

    @admin.action(description=gettext_lazy("Withdraw the selected plans"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[InterviewPlan]) -> None:
        for plan in queryset:
            self._set_published(request, plan, False)
            messages.success(request, _("“%s” is withdrawn: nobody can start it. Interviews under way go on.") % plan)

    def _set_published(self, request: HttpRequest, plan: InterviewPlan, value: bool) -> None:
        InterviewPlan.objects.filter(pk=plan.pk).update(is_published=value)
        self.log_change(request, plan, "Published" if value else "Withdrawn")


@admin.register(QuestionLevel)
class QuestionLevelAdmin(admin.ModelAdmin[QuestionLevel]):
    """What moved the points of a question, to read: levels are fitted at night, and by nobody's hand."""

    list_display = ("question", "grader", "grader_version", "moves", "corrections", "before", "after", "fitted_at")
    list_filter = ("grader", "grader_version")
    list_select_related = ("question",)
    search_fields = ("question__slug",)
    search_help_text = gettext_lazy("Search the short names of questions")
    ordering = ("-fitted_at",)
    fields = ("question", "grader", "grader_version", "curve", "corrections", "before", "after", "fitted_at")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: QuestionLevel | None = None) -> bool:
        """Whoever reads the bank may see what its questions are worth."""
        return bool(request.user.has_perm(READ))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: QuestionLevel | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: QuestionLevel | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("moves points"), boolean=True)
    def moves(self, obj: QuestionLevel) -> bool:
        return obj.is_kept

    @admin.display(description=gettext_lazy("error without it"), ordering="rmse_before")
    def before(self, obj: QuestionLevel) -> str:
        return f"{obj.rmse_before:.3f}"

    @admin.display(description=gettext_lazy("error with it"), ordering="rmse_after")
    def after(self, obj: QuestionLevel) -> str:
        return f"{obj.rmse_after:.3f}"

    @admin.display(description=gettext_lazy("curve"))
    def curve(self, obj: QuestionLevel) -> str:
        """Return the knots as "0.20 → 0.35, 0.60 → 0.80", or that points stay as they are."""
        knots = ", ".join(f"{raw:.2f} → {levelled:.2f}" for raw, levelled in obj.knots)
        return knots or _("None: it did not help, so points stay as the grader gives them.")
