"""When an interview is to take place, as the candidate types it: local date and time, and the zone they are in."""

import datetime as dt  # the form has fields of the names in it
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interviewprep.accounts.models import User
from sessions import bounds
from sessions.models import Appointment, InterviewPlan
from sessions.scheduling import FURTHEST_AHEAD, Slot

DAY = dt.timedelta(days=1)
WINDOWS_IN_MINUTES = (15, 30, 60, 120, 240, 720, 1440)
USUAL_WINDOW = 60
SHORTEST = dt.timedelta(minutes=5)
# A start in the very second of the fixed end would be an interview without time.
LEFT_AT_THE_LATEST_START = dt.timedelta(minutes=1)


@cache
def _zones() -> dict[str, str]:
    """Return the known time zones by their name in lower case. Looking them up walks through a folder."""
    return {name.lower(): name for name in available_timezones()}


def _window_words(minutes: int) -> str:
    hours = minutes // 60
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


class AppointmentForm(forms.Form):
    """Date, time and window of an appointment. `slot` holds the moments they mean."""

    date = forms.DateField(
        label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    time = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("In which these times are meant, such as Europe/Berlin or America/New_York."),
    )
    window = forms.TypedChoiceField(
        label=gettext_lazy("You can start within"),
        coerce=int,
        initial=USUAL_WINDOW,
        help_text=gettext_lazy("Starting late does not shorten the interview, unless it ends at a fixed time."),
    )
    fixed_end = forms.BooleanField(label=gettext_lazy("End at a fixed time"), required=False)
    ends = forms.TimeField(
        label=gettext_lazy("Fixed end"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, plan: InterviewPlan, user: User, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.usual_seconds = bounds.usual_seconds(plan, user)
        window = self.fields["window"]
        assert isinstance(window, forms.TypedChoiceField)
        window.choices = [(minutes, _window_words(minutes)) for minutes in WINDOWS_IN_MINUTES]
        self.fields["ends"].help_text = self._end_help()
        if not self.is_bound and "time_zone" not in self.initial:
            self.initial["time_zone"] = "UTC"
            self.fields["time_zone"].widget.attrs["data-guess-zone"] = ""  # a script puts the browser's own in

    def _end_help(self) -> str:
        later = _("A time up to the start means the next day.")
        if self.usual_seconds is None:
            return later
        usual = _("Left empty, it is %(time)s after the start.") % {"time": bounds.minutes_words(self.usual_seconds)}
        return f"{usual} {later}"

    @classmethod
    def initial_for(cls, appointment: Appointment) -> dict[str, Any]:
        """Return what the fields show of an appointment that is to be moved."""
        zone = bounds.zone(appointment.time_zone)
        local = appointment.opens_at.astimezone(zone)
        minutes = (appointment.closes_at - appointment.opens_at) // dt.timedelta(minutes=1)
        return {
            "date": local.date(),
            "time": local.time(),
            "time_zone": appointment.time_zone,
            # A window that the fixed end had cut reads as the one it was cut from.
            "window": next((offered for offered in WINDOWS_IN_MINUTES if offered >= minutes), WINDOWS_IN_MINUTES[-1]),
            "fixed_end": appointment.ends_at is not None,
            "ends": appointment.ends_at.astimezone(zone).time() if appointment.ends_at else None,
        }

    def clean_date(self) -> dt.date:
        """Refuse what no zone's today can mean, before it is computed with."""
        chosen: dt.date = self.cleaned_data["date"]
        today = self.now.astimezone(dt.UTC).date()
        if chosen < today - DAY:
            raise ValidationError(_("This date has passed. Choose a later one."))
        if chosen > today + FURTHEST_AHEAD:
            raise ValidationError(_("Choose a date within the next year."))
        return chosen

    def clean_time_zone(self) -> str:
        name = _zones().get(self.cleaned_data["time_zone"].strip().lower())
        if name is None:
            raise ValidationError(_("This time zone is not known. It should look like Europe/Berlin, or UTC."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"date", "time", "time_zone", "window"} <= data.keys() and not self.has_error("ends"):
            self._work_out_slot()
        return data

    def _work_out_slot(self) -> None:
        """Turn local times into moments; what is wrong with one goes to its field."""
        opens_at = self._moment("time", self.cleaned_data["date"], self.cleaned_data["time"])
        if opens_at is None:
            return
        if opens_at <= self.now:
            self.add_error("time", _("This time has passed. Choose a later one."))
            return
        closes_at, ends_at = opens_at + dt.timedelta(minutes=self.cleaned_data["window"]), None
        if self.cleaned_data["fixed_end"]:
            ends_at = self._end(opens_at)
            if ends_at is None:
                return
            closes_at = min(closes_at, ends_at - LEFT_AT_THE_LATEST_START)
        self.slot = Slot(opens_at, closes_at, ends_at, self.cleaned_data["time_zone"])

    def _end(self, opens_at: dt.datetime) -> dt.datetime | None:
        """Return the fixed end; None with the reason at its field."""
        ends: dt.time | None = self.cleaned_data.get("ends")
        if ends is None and self.usual_seconds is None:
            self.add_error("ends", _("Say when it ends: this interview has no limit as a whole."))
            return None
        if ends is None:
            return opens_at + dt.timedelta(seconds=self.usual_seconds or 0)
        day: dt.date = self.cleaned_data["date"]
        ends_at = self._moment("ends", day if ends > self.cleaned_data["time"] else day + DAY, ends)
        if ends_at and ends_at < opens_at + SHORTEST:
            self.add_error("ends", _("The end must be at least five minutes after the start."))
            return None
        return ends_at

    def _moment(self, field: str, day: dt.date, local_time: dt.time) -> dt.datetime | None:
        """Return the moment of a local time; None with the reason at `field` for one that the clocks leave out.

        Of an hour that comes twice, the first is meant.
        """
        zone = ZoneInfo(self.cleaned_data["time_zone"])
        local = dt.datetime.combine(day, local_time)
        moment = local.replace(tzinfo=zone).astimezone(dt.UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != local:
            said = {"time": f"{local_time:%H:%M}", "zone": zone.key}
            self.add_error(field, _("The clocks go forward then: in %(zone)s there is no %(time)s on that day.") % said)
            return None
        return moment
