"""Forms of the people pages: an address to invite, and the profile."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviewprep.accounts.addresses import validate_mailable, without_hidden
from interviewprep.accounts.consent import consents_to_opinions, opinion_host, set_consent
from interviewprep.accounts.models import User

# Mail programs make links of bare domains too.
_LIKE_AN_ADDRESS = re.compile(r"\w\.\w{2,}|[/@]")
MAX_EXTRA_MINUTES = 240


class InvitationForm(forms.Form):
    """The address to send an invitation to. Two of these stand on one page, so each has its own prefix."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        validators=[validate_mailable],
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "invalid": gettext_lazy("This is not an e-mail address. It should look like name@example.com.")
        },
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()


class ProfileForm(forms.ModelForm[User]):
    """The name, the accommodations every start page begins with, and consent to a language model's opinion.

    The last is a field only where the operator has set an endpoint. `now` is when a consent begins.
    """

    # Decimals, so that the stored value and the choices compare equal.
    time_factor = forms.TypedChoiceField(
        label=gettext_lazy("Usual extra time"),
        coerce=Decimal,
        help_text=gettext_lazy("Lengthens the interview and every limit of a question by this share."),
    )
    extra_minutes = forms.IntegerField(
        label=gettext_lazy("Extra minutes"),
        required=False,
        min_value=0,
        max_value=MAX_EXTRA_MINUTES,
        help_text=gettext_lazy("Added once to the time of every interview, after the share above."),
    )

    asks_opinions = forms.BooleanField(label=gettext_lazy("Ask for opinions on my answers"), required=False)

    class Meta:
        model = User
        fields = ["name", "time_factor", "extra_minutes", "hides_timer"]
        labels = {"hides_timer": gettext_lazy("Hide the timer")}
        help_texts = {
            "hides_timer": gettext_lazy(
                "Interviews begin with the timer out of sight. A button in the interview shows it."
            )
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        if host := opinion_host():
            self.initial["asks_opinions"] = consents_to_opinions(self.instance)
            self.fields["asks_opinions"].widget.attrs["value"] = host
        else:
            del self.fields["asks_opinions"]
        field = self.fields["time_factor"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(factor, _words(factor)) for factor in offered_time_factors(self.instance.time_factor)]

    def save(self, commit: bool = True) -> User:
        """Save the profile, with the consent where it was asked about."""
        if "asks_opinions" in self.cleaned_data:
            set_consent(self.instance, wanted=self.cleaned_data["asks_opinions"], now=self._now)
        return super().save(commit)

    @property
    def withdraws_consent(self) -> bool:
        """Whether what was sent takes back a consent that stood."""
        return "asks_opinions" in self.changed_data and not self.cleaned_data["asks_opinions"]

    def clean_asks_opinions(self) -> bool:
        """Nobody agrees to a host that they were not shown."""
        wanted: bool = self.cleaned_data["asks_opinions"]
        if wanted and self.data.get("asks_opinions") != opinion_host():
            raise forms.ValidationError(
                _("Another host was chosen meanwhile. Read above whose it is, then save again.")
            )
        return wanted

    def clean_extra_minutes(self) -> int:
        """Empty is none."""
        return self.cleaned_data["extra_minutes"] or 0

    def clean_name(self) -> str:
        """Names go into mails to people who do not know us, so they must carry no links and read as they are."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if without_hidden(name) != name:
            raise forms.ValidationError(_("A name cannot contain invisible characters. Type it instead of pasting it."))
        if _LIKE_AN_ADDRESS.search(name):
            raise forms.ValidationError(
                _("A name cannot contain a web or e-mail address. If this is none, write a space after the full stop.")
            )
        return name


def offered_time_factors(usual: Decimal) -> list[Decimal]:
    """Return the factors on offer; an unusual one that somebody was given stays theirs to choose."""
    return sorted({Decimal(factor) for factor in settings.INTERVIEW_TIME_FACTORS} | {usual})


def _words(factor: Decimal) -> str:
    if factor == 1:
        return _("no extra time")
    return _("%(percent)d %% more time") % {"percent": round((factor - 1) * 100)}
