"""All URLs. Objects are addressed by UUID only."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from interviewprep import views

handler400 = "interviewprep.views.bad_request"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("healthz", views.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("people/", include("interviewprep.accounts.urls")),
    path("admin/", admin.site.urls),
    path("bank/", include("questions.urls")),
    path("", include("sessions.urls")),
]
