"""What a candidate's browser may send during an interview, checked before it reaches `lifecycle.py`."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interviewprep.accounts.forms import offered_time_factors
from sessions import clock
from sessions.grading.answers import encode_choices
from sessions.lifecycle import Draft
from sessions.models import InterviewPlan

TOO_LONG = "too_long"
# Larger values do not fit the columns; a browser that counts honestly never gets there.
MAX_COUNTER = 2**31 - 1


class ChosenKeysField(forms.MultipleChoiceField):
    """Keys of choices. Which exist is the grader's business: looking them up would cost every save a statement."""

    def valid_value(self, value: str) -> bool:
        return True


class DraftForm(forms.Form):
    """A draft as the interview page sends it. Choices arrive as a list and are stored as one key a line."""

    body = forms.CharField(required=False, strip=False)
    choice = ChosenKeysField(required=False)
    answer_format = forms.ChoiceField(choices=[("text", "text"), ("choices", "choices")])
    base_revision = forms.IntegerField(min_value=0, max_value=MAX_COUNTER)
    client_id = forms.UUIDField()
    sequence = forms.IntegerField(min_value=0, max_value=MAX_COUNTER)

    def clean_body(self) -> str:
        """Return the text with the line ends a browser's editor shows; refuse one over the limit."""
        body: str = self.cleaned_data["body"].replace("\r\n", "\n").replace("\r", "\n")
        size, limit = len(body.encode()), settings.INTERVIEW_ANSWER_MAX_BYTES
        if size > limit:
            self.cut_body = body.encode()[:limit].decode(errors="ignore")
            raise ValidationError(
                _("This is %(size)d kB; an answer can have %(limit)d kB. Shorten it.")
                % {"size": -(-size // 1024), "limit": limit // 1024},
                code=TOO_LONG,
            )
        return body

    def clean_choice(self) -> str:
        try:
            return encode_choices(self.cleaned_data["choice"])
        except ValueError as error:
            raise ValidationError(_("This is not a choice of this question. Reload the page.")) from error

    @property
    def cut_draft(self) -> Draft | None:
        """The draft cut at the limit, when length is all that is wrong with it: at the end nobody can shorten it."""
        if not self.is_too_long or len(self.errors) > 1:
            return None
        self.cleaned_data["body"] = self.cut_body
        return self.draft

    @property
    def is_too_long(self) -> bool:
        return self.has_error("body", TOO_LONG)

    @property
    def draft(self) -> Draft:
        data = self.cleaned_data
        body = data["choice"] if data["answer_format"] == "choices" else data["body"]
        return Draft(
            body=body,
            base_revision=data["base_revision"],
            client_id=data["client_id"],
            sequence=data["sequence"],
        )


class StartForm(forms.Form):
    """Extra time, chosen before the clock starts. Every choice says what it comes to for this plan."""

    time_factor = forms.TypedChoiceField(coerce=Decimal, widget=forms.RadioSelect, label=gettext_lazy("Time"))

    def __init__(self, *args: Any, plan: InterviewPlan, usual: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_factor"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(factor, _factor_label(plan, factor)) for factor in offered_time_factors(usual)]
        field.initial = usual


def _factor_label(plan: InterviewPlan, factor: Decimal) -> str:
    minutes, seconds = divmod(clock.scaled_seconds(plan.time_limit_seconds, factor), 60)
    shown = f"{minutes}:{seconds:02d}" if seconds else str(minutes)
    total = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": shown}
    if factor == 1:
        return _("%(total)s, standard") % {"total": total}
    return _("%(total)s, %(percent)d %% more time") % {"total": total, "percent": (factor - 1) * 100}
