"""People in the admin, for administrators: who may do what, by group. Consent between two people is theirs alone."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviewprep.accounts.models import CURATOR_GROUP, User


class NewUserForm(AdminUserCreationForm[User]):
    email = forms.EmailField(label=gettext_lazy("e-mail address"), max_length=254)

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """Addresses differ in more than case, here as in the database."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("Somebody with this address exists already."))
        return email


class ChangedUserForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, Any]] = {}

    def clean_time_factor(self) -> Decimal:
        """Say what is possible, as the database would in its own words."""
        factor: Decimal = self.cleaned_data["time_factor"]
        if not 1 <= factor <= 4:
            raise forms.ValidationError(_("The factor can be 1 to 4: 1.25 means a quarter more time."))
        return factor


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    form = ChangedUserForm
    add_form = NewUserForm
    list_display = ("__str__", "name", "roles", "is_staff", "is_active", "is_guest", "date_joined", "last_login")
    list_filter = ("is_guest", "groups", "is_staff", "is_superuser", "is_active")
    list_per_page = 50
    search_fields = ("email", "name")
    search_help_text = gettext_lazy("Search addresses and names")
    ordering = ("-date_joined",)
    readonly_fields = ("is_guest", "date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (
            gettext_lazy("Accommodations"),
            {
                "fields": ("time_factor", "extra_minutes", "hides_timer"),
                "description": gettext_lazy(
                    "For interviews from the next start on. One that runs gets more time under Supervision."
                ),
            },
        ),
        (
            gettext_lazy("Roles"),
            {
                "fields": ("is_active", "groups", "is_staff", "is_superuser", "user_permissions"),
                "description": gettext_lazy(
                    "Everybody is a candidate. Mentors and curators are members of their group."
                ),
            },
        ),
        (gettext_lazy("Dates"), {"fields": ("is_guest", "date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only a superuser hands out rights; anybody else could give them to themselves."""
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser", "groups", "user_permissions")
        return (*self.readonly_fields, *rights)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A curator works in the admin, so the group comes with the right to enter it."""
        super().save_related(request, form, formsets, change)
        user = form.instance
        if not user.is_staff and user.groups.filter(name=CURATOR_GROUP).exists():
            User.objects.filter(pk=user.pk).update(is_staff=True)
            messages.info(request, _("%s may use the admin now, as curators do.") % user)

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, obj: User) -> str:
        return ", ".join(sorted(group.name for group in obj.groups.all())) or _("candidate")


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """Whether the request's user may change `user`: who could set a superuser's password would be one."""
    return request.user.is_superuser or user is None or not user.is_superuser
