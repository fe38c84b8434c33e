"""App configuration for interview sessions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsConfig(AppConfig):
    name = "sessions"
    # django.contrib.sessions owns the label "sessions"; never change this one, migrations and permissions carry it.
    label = "interview_sessions"
    verbose_name = _("Interviews")

    def ready(self) -> None:
        """Have a guest's interviews move to the account they sign in to, and the settings of grading checked."""
        from django.core import checks

        from interviewprep.accounts import guests
        from sessions.adoption import adopt_sessions
        from sessions.opinions.precautions import check_endpoint
        from sessions.precautions import check_text_grader

        guests.register(adopt_sessions)
        checks.register(check_endpoint, checks.Tags.security)
        checks.register(check_text_grader)
