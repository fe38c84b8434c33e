"""What a candidate's browser may send during an interview, checked before it reaches `lifecycle.py`."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interviewprep.accounts.forms import MAX_EXTRA_MINUTES, offered_time_factors
from interviewprep.accounts.models import User
from sessions import offers
from sessions.grading.answers import encode_choices
from sessions.lifecycle import Draft
from sessions.scheduling import Terms

TOO_LONG = "too_long"
# Larger values do not fit the columns; a browser that counts honestly never gets there.
MAX_COUNTER = 2**31 - 1


class ChosenKeysField(forms.MultipleChoiceField):
    """Keys of choices. Which exist is the grader's business: looking them up would cost every save a statement."""

    def valid_value(self, value: str) -> bool:
        return True


class WordsField(forms.CharField):
    """Words as typed. The one character that no database takes goes: nobody sees it, so nobody could take it out."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\0", "")


class DraftForm(forms.Form):
    """A draft as the interview page sends it. Choices arrive as a list and are stored as one key a line."""

    body = WordsField(required=False, strip=False)
    choice = ChosenKeysField(required=False)
    answer_format = forms.ChoiceField(choices=[("text", "text"), ("choices", "choices")])
    base_revision = forms.IntegerField(min_value=0, max_value=MAX_COUNTER)
    client_id = forms.UUIDField()
    sequence = forms.IntegerField(min_value=0, max_value=MAX_COUNTER)
    away_ms = forms.IntegerField(min_value=0, max_value=MAX_COUNTER, required=False)

    def clean_body(self) -> str:
        """Return the text with the line ends a browser's editor shows; refuse one over the limit."""
        body = _as_seen(self.cleaned_data["body"])
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


def _as_seen(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n")


def plain_draft(data: QueryDict) -> Draft | None:
    """Return the draft of an ordinary save of text, without the form, which costs as much as storing it.

    None for all else, choices too: `DraftForm` reads that, and says what is wrong. What both read they read alike.
    """
    get = data.get
    body, client_id, base, sequence = (get(name) or "" for name in ("body", "client_id", "base_revision", "sequence"))
    if get("answer_format") != "text" or get("away_ms") or "\0" in body:
        return None
    if not (_is_counter(base) and _is_counter(sequence)) or len(body) * 4 > settings.INTERVIEW_ANSWER_MAX_BYTES:
        return None
    try:
        return Draft(_as_seen(body), int(base), UUID(client_id), int(sequence))
    except ValueError:
        return None


def _is_counter(text: str) -> bool:
    """Whether these are digits alone, and few enough for the columns."""
    return len(text) < 10 and text.isascii() and text.isdigit()


class StartForm(forms.Form):
    """Time and accommodations, chosen before the clock starts. Every choice says what it comes to for this plan."""

    UNTIMED = "untimed"

    time_factor = forms.ChoiceField(widget=forms.RadioSelect, label=gettext_lazy("Time"))
    extra_minutes = forms.IntegerField(
        label=gettext_lazy("Extra minutes"), required=False, min_value=0, max_value=MAX_EXTRA_MINUTES
    )
    allow_repeats = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, setting: offers.Setting, user: User, offers_repeats: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self._offer_times(setting)
        if offers_repeats:
            days = setting.plan.repeat_after_days
            self.fields["allow_repeats"].label = ngettext(
                "Allow questions from the last %(n)d day", "Allow questions from the last %(n)d days", days
            ) % {"n": days}
        else:
            del self.fields["allow_repeats"]

    def _offer_times(self, setting: offers.Setting) -> None:
        """Fill in the choices, or take them away where the plan has no limit that could be longer."""
        if setting.plan.is_untimed:
            del self.fields["time_factor"], self.fields["extra_minutes"]
            return
        field, usual, extra = self.fields["time_factor"], self.user.time_factor, self.user.extra_minutes
        assert isinstance(field, forms.ChoiceField)
        factors = [(str(factor), offers.factor_label(setting, factor, extra)) for factor in offered_time_factors(usual)]
        field.choices = [*factors, (self.UNTIMED, offers.untimed_label(setting))]
        self.initial.update(time_factor=str(usual), extra_minutes=extra)
        self.fields["extra_minutes"].help_text = offers.extra_help(setting, extra)

    def clean_extra_minutes(self) -> int:
        """Empty is none; a form that does not ask leaves the usual."""
        if "extra_minutes" not in self.data:
            return self.user.extra_minutes
        return self.cleaned_data["extra_minutes"] or 0

    @property
    def terms(self) -> Terms:
        data = self.cleaned_data
        chosen = data.get("time_factor", str(self.user.time_factor))
        untimed = chosen == self.UNTIMED
        return Terms(
            time_factor=self.user.time_factor if untimed else Decimal(chosen),
            extra_minutes=data.get("extra_minutes", 0),
            untimed=untimed,
            allow_repeats=data.get("allow_repeats", False),
        )
