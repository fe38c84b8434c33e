"""URLs of interview sessions: each view module lists its own."""

from sessions.views import appointments, history, home, interview, mentoring, replay, report, supervision

urlpatterns = [
    *home.urlpatterns,
    *appointments.urlpatterns,
    *interview.urlpatterns,
    *report.urlpatterns,
    *history.urlpatterns,
    *mentoring.urlpatterns,
    *replay.urlpatterns,
    *supervision.urlpatterns,
]
