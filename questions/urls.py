"""URLs of the bank's pages, mounted at /bank/: each view module lists its own."""

from django.urls import URLPattern

app_name = "bank"

urlpatterns: list[URLPattern] = []
