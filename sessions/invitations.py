"""The mail about a scheduled interview: made, moved or cancelled, with the calendar file attached."""

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from sessions import bounds, calendars
from sessions.models import Appointment

FILE_NAME = "interview.ics"


def message(appointment: Appointment) -> EmailMessage:
    """Return the mail that says what the appointment is now; which of the three it is follows from its row alone."""
    method = calendars.method_of(appointment)
    mail = EmailMessage(
        subject=" ".join(_subject(appointment).split()),  # a line break in a plan's name would be refused
        body=render_to_string("sessions/appointment_mail.txt", _context(appointment)),
        to=[appointment.candidate.email or ""],
    )
    mail.attach(
        FILE_NAME,
        calendars.calendar_file(appointment, method=method).decode(),
        # Mail programs offer "add to calendar" for a part whose type names the file's method.
        f"text/calendar; method={method.value}",
    )
    return mail


def _subject(appointment: Appointment) -> str:
    if appointment.cancelled_at:
        words = _("Cancelled: %(name)s, %(time)s")
    elif appointment.sequence:
        words = _("Moved: %(name)s, now %(time)s")
    else:
        words = _("Scheduled: %(name)s, %(time)s")
    return words % {
        "name": appointment.plan.name,
        "time": bounds.full_time(appointment.opens_at, appointment.time_zone),
    }


def _context(appointment: Appointment) -> dict[str, object]:
    zone = appointment.time_zone
    return {
        "appointment": appointment,
        "opens": bounds.full_time(appointment.opens_at, zone),
        "closes": bounds.full_time(appointment.closes_at, zone),
        "ends": bounds.full_time(appointment.ends_at, zone) if appointment.ends_at else "",
        "link": calendars.link(appointment),
    }
