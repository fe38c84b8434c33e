"""The project's URLs and the floor."""

from django.urls import include, path

from benchmarks.floor import floor

urlpatterns = [path("floor/<uuid:question_id>/", floor), path("", include("interviewprep.urls"))]
