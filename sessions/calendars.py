"""An appointment as a calendar file (RFC 5545), for the download and for the mail (iTIP, RFC 5546).

The UID never changes, and every change raises SEQUENCE: a calendar that has the event moves or removes it. Times are in
UTC, which is what the appointment means, so the file needs no definition of a time zone.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress

from sessions import bounds
from sessions.models import Appointment

PRODUCT = "-//Interview Prep//Scheduled interviews//EN"
REMINDER = timedelta(minutes=-10)
# How much of the day is taken where neither the plan nor the appointment says when it ends.
USUAL_LENGTH = timedelta(hours=1)


class Method(StrEnum):
    PUBLISH = "PUBLISH"  # the download: an event to put into a calendar, which asks nobody for an answer
    REQUEST = "REQUEST"  # by mail: made or moved
    CANCEL = "CANCEL"


def method_of(appointment: Appointment) -> Method:
    """Return what the mail about the appointment as it is now asks of a calendar."""
    return Method.CANCEL if appointment.cancelled_at else Method.REQUEST


def calendar_file(appointment: Appointment, *, method: Method) -> bytes:
    """Return the file: one event, in UTF-8, with the line ends and line lengths that the standard asks for."""
    calendar = Calendar()  # Calendar.new() gives it a UID by chance, which iTIP has no place for
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    calendar.add_component(_event(appointment, method))
    content: bytes = calendar.to_ical()
    return content


def _event(appointment: Appointment, method: Method) -> Event:
    cancelled = appointment.cancelled_at is not None
    event = Event.new(
        uid=str(appointment.pk),
        sequence=appointment.sequence,
        stamp=_utc(appointment.changed_at),
        created=_utc(appointment.created_at),
        last_modified=_utc(appointment.changed_at),
        start=_utc(appointment.opens_at),
        end=_utc(ends_at(appointment)),
        summary=_("Interview: %(name)s") % {"name": appointment.plan.name},
        description=_description(appointment),
        url=link(appointment),
        organizer=vCalAddress.new(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], cn="Interview Prep"),
    )
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if method is not Method.PUBLISH and appointment.candidate.email:
        event.add("attendee", _attendee(appointment.candidate.email))
    if not cancelled:
        event.add_component(_reminder(appointment))
    return event


def _attendee(email: str) -> vCalAddress:
    """The candidate made the appointment, so nobody waits for an answer to the invitation."""
    return vCalAddress.new(email, cutype="INDIVIDUAL", role="REQ-PARTICIPANT", partstat="ACCEPTED", rsvp=False)


def _reminder(appointment: Appointment) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Interview: %(name)s") % {"name": appointment.plan.name})
    alarm.add("trigger", REMINDER)
    return alarm


def ends_at(appointment: Appointment) -> datetime:
    """Return how long a calendar should keep the time free: to the fixed end, or for the candidate's usual time."""
    if appointment.ends_at:
        return appointment.ends_at
    total = bounds.usual_seconds(appointment.plan, appointment.candidate)
    return appointment.opens_at + (USUAL_LENGTH if total is None else timedelta(seconds=total))


def _description(appointment: Appointment) -> str:
    until = bounds.full_time(appointment.closes_at, appointment.time_zone)
    lines = [_("Start it here, at the latest on %(time)s:") % {"time": until}, link(appointment)]
    if appointment.ends_at:
        end = bounds.full_time(appointment.ends_at, appointment.time_zone)
        lines.append(_("It ends on %(time)s, however late you start.") % {"time": end})
    return "\n".join(lines)


def link(appointment: Appointment) -> str:
    """Return the address of the appointment's page, for mails too, which have no request to take it from."""
    return settings.SITE_URL + reverse("appointment", args=[appointment.pk])


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
