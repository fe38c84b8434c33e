"""What staff may send: how much time, and why. Each form knows how the session stood when it was made."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviewprep.accounts.forms import offered_time_factors
from sessions import supervision
from sessions.lifecycle.accommodating import MAX_EXTRA_MINUTES
from sessions.lifecycle.ending import MAX_REOPENED
from sessions.models import InterviewSession

MAX_REOPENED_MINUTES = MAX_REOPENED // timedelta(minutes=1)
MAX_REASON_LENGTH = 500


class SearchForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Candidate’s name or e-mail address"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class _StaffForm(forms.Form):
    """A form about one session, which refuses to act on a session that is no longer what was seen."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON_LENGTH,
        help_text=gettext_lazy("Kept in the event log; the candidate and their mentors read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why: the candidate and their mentors read it.")},
    )

    def __init__(self, data: Any = None, *, session: InterviewSession, **kwargs: Any) -> None:
        self.session = session
        super().__init__(data, auto_id="action_%s", **kwargs)

    @property
    def facts(self) -> str:
        """How the session stands; the page sends it back as `seen`. No field: shown again, a form has the new facts."""
        return supervision.time_facts(self.session)

    @property
    def is_current(self) -> bool:
        """Whether the session still stands as it did when this form was shown."""
        return self.data.get("seen") == self.facts


class TimeForm(_StaffForm):
    """More time for a running session, or time given by mistake taken back."""

    add_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to add"),
        required=False,
        min_value=-MAX_EXTRA_MINUTES,
        max_value=MAX_EXTRA_MINUTES,
        help_text=gettext_lazy("A minus sign takes minutes back that were given by mistake."),
        widget=forms.NumberInput(attrs={"step": 1, "inputmode": "text"}),
    )
    time_factor = forms.TypedChoiceField(label=gettext_lazy("Factor on the planned time"), coerce=Decimal)
    field_order = ("add_minutes", "time_factor", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_factor"]
        assert isinstance(field, forms.TypedChoiceField)
        factors = offered_time_factors(self.session.time_factor)
        field.choices = [(factor, supervision.factor_words(factor)) for factor in factors]
        field.initial = self.session.time_factor

    def clean_add_minutes(self) -> int:
        added: int = self.cleaned_data["add_minutes"] or 0
        if not 0 <= self.session.extra_minutes + added <= MAX_EXTRA_MINUTES:
            raise ValidationError(
                _("That makes %(total)d extra minutes in all. It can be 0 to %(most)d.")
                % {"total": self.session.extra_minutes + added, "most": MAX_EXTRA_MINUTES}
            )
        return added

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "add_minutes" in data and data.get("time_factor") == self.session.time_factor and not data["add_minutes"]:
            self.add_error("add_minutes", _("Say how many minutes to add, or choose another factor."))
        return data

    @property
    def extra_minutes(self) -> int:
        """The session's extra minutes in all, after this change."""
        return self.session.extra_minutes + int(self.cleaned_data["add_minutes"])


class ReopenForm(_StaffForm):
    """How long a finished session runs again."""

    minutes = forms.IntegerField(label=gettext_lazy("Minutes from now"), min_value=1, max_value=MAX_REOPENED_MINUTES)
    field_order = ("minutes", "reason")

    @property
    def remaining_ms(self) -> int:
        return int(self.cleaned_data["minutes"]) * 60_000
