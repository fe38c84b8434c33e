"""URLs of interview sessions: each view module lists its own."""

from sessions.views import history, home, interview, mentoring, replay, report

urlpatterns = [
    *home.urlpatterns,
    *interview.urlpatterns,
    *report.urlpatterns,
    *history.urlpatterns,
    *mentoring.urlpatterns,
    *replay.urlpatterns,
]
