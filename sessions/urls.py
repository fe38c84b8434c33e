"""URLs of interview sessions: each view module lists its own."""

from sessions.views import (
    appointments,
    composer,
    flagging,
    health,
    history,
    home,
    interview,
    judging,
    mentoring,
    opinions,
    phrasings,
    replay,
    report,
    supervision,
    tryout,
)

urlpatterns = [
    *interview.urlpatterns,  # first: a save looks for its URL more often than everything else together
    *home.urlpatterns,
    *composer.urlpatterns,
    *appointments.urlpatterns,
    *report.urlpatterns,
    *judging.urlpatterns,
    *flagging.urlpatterns,
    *history.urlpatterns,
    *mentoring.urlpatterns,
    *replay.urlpatterns,
    *opinions.urlpatterns,
    *supervision.urlpatterns,
    *health.urlpatterns,
    *phrasings.urlpatterns,
    *tryout.urlpatterns,
]
