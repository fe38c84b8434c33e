"""What the bank's admin pages have in common: refusing deletion in words, filtering by area, and buttons that post."""

import abc
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from interviewprep.accounts.models import User
from questions.models import Topic

_M = TypeVar("_M", bound=Model)


class KeptWhileInUse(admin.ModelAdmin[_M]):
    """Refuses to delete what is in use, in words and before asking for confirmation; and nothing in bulk."""

    @abc.abstractmethod
    def reason_to_keep(self, obj: _M) -> str | None:
        """Return why `obj` has to stay, in words for the person, or None."""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is not None and self.has_delete_permission(request, obj) and (reason := self.reason_to_keep(obj)):
            messages.error(request, reason)
            return HttpResponseRedirect(change_url(obj))
        return super().delete_view(request, object_id, extra_context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}


def change_url(obj: Model) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "admin_view lets nobody else in"
    return request.user


class AreaFilter(admin.SimpleListFilter):
    """By area, an area standing for itself and all its topics. `field` is where the topic is found."""

    title = gettext_lazy("area")
    parameter_name = "area"
    field = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Topic.objects.areas().order_by("order", "name").values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        prefix = f"{self.field}__" if self.field else ""
        return queryset.filter(Q(**{f"{prefix}area__slug": self.value()}) | Q(**{f"{prefix}slug": self.value()}))


def two_lines(first: object, second: object) -> SafeString:
    """Return a cell of a list with a quiet second line, which saves a column."""
    return format_html('{}<br><small class="quiet">{}</small>', first, second)


def preview_link(version_id: UUID) -> SafeString:
    url = reverse("admin:questions_questionversion_preview", args=[version_id])
    return format_html('<a href="{}">{}</a>', url, _("Preview"))


ObjectView = Callable[[Any, Any], HttpResponse]


def object_urls(model_admin: admin.ModelAdmin[Any], views: Mapping[str, ObjectView]) -> list[URLPattern]:
    """Return a POST-only URL per view, for people who may change the model."""
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"
    return [
        path(
            f"<uuid:pk>/{action}/",
            model_admin.admin_site.admin_view(require_POST(partial(_object_view, model_admin, view))),
            name=f"{name}_{action}",
        )
        for action, view in views.items()
    ]


def _object_view(model_admin: admin.ModelAdmin[Any], view: ObjectView, request: HttpRequest, pk: UUID) -> HttpResponse:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    return view(request, get_object_or_404(model_admin.model, pk=pk))
