"""Topics in the admin: areas, each followed by its topics."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, ForeignKey, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.admin.shared import AreaFilter, KeptWhileInUse, two_lines
from questions.models import Question, Topic


class TopicAreaFilter(AreaFilter):
    field = ""


@admin.register(Topic)
class TopicAdmin(KeptWhileInUse[Topic]):
    list_display = ("name_and_slug", "area", "order", "published_questions")
    # Areas in their order, each followed by its topics.
    ordering = (
        Coalesce("area__order", "order"),
        Coalesce("area__name", "name"),
        F("area").asc(nulls_first=True),
        "order",
    )
    list_filter = (TopicAreaFilter,)
    list_select_related = ("area",)
    search_fields = ("name", "slug", "description")
    search_help_text = gettext_lazy("Search names, slugs and descriptions")
    fields = ("name", "slug", "area", "order", "description")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        """Count what is asked; the count of an area includes its topics'."""
        published = Q(questions__status=Question.Status.PUBLISHED)
        below = Q(topics__questions__status=Question.Status.PUBLISHED)
        return (
            super()
            .get_queryset(request)
            .annotate(
                own_count=Count("questions", filter=published, distinct=True),
                below_count=Count("topics__questions", filter=below, distinct=True),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Topic | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "area":
            kwargs["queryset"] = Topic.objects.areas().order_by("order", "name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def reason_to_keep(self, obj: Topic) -> str | None:
        """Say what uses the topic: questions, topics, and sections of plans, which would silently ask anything."""
        uses = []
        for relation in obj._meta.related_objects:
            model = relation.related_model
            count = model._base_manager.filter(**{relation.field.name: obj}).count()
            if count:
                names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
                uses.append(f"{count} {names}")
        if not uses:
            return None
        return _("“%(topic)s” is in use (%(uses)s) and cannot be deleted. Move these elsewhere first.") % {
            "topic": obj,
            "uses": ", ".join(uses),
        }

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def name_and_slug(self, obj: Topic) -> SafeString:
        return two_lines(obj.name, obj.slug)

    @admin.display(description=gettext_lazy("published questions"))
    def published_questions(self, obj: Any) -> int:
        return int(obj.own_count + obj.below_count)
