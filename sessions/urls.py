"""URLs of interview sessions: each view module lists its own."""

from sessions.views import appointments, composer, history, home, interview, mentoring, replay, report, supervision

urlpatterns = [
    *home.urlpatterns,
    *composer.urlpatterns,
    *appointments.urlpatterns,
    *interview.urlpatterns,
    *report.urlpatterns,
    *history.urlpatterns,
    *mentoring.urlpatterns,
    *replay.urlpatterns,
    *supervision.urlpatterns,
]
