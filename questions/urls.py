"""URLs of the bank's pages, mounted at /bank/: each view module lists its own."""

from django.urls import URLPattern

from questions.views import browser, bulk, editor, exports, flags, imports, question, reviews, workflow

app_name = "bank"

urlpatterns: list[URLPattern] = [
    *browser.urlpatterns,
    *bulk.urlpatterns,
    *editor.urlpatterns,
    *question.urlpatterns,
    *workflow.urlpatterns,
    *reviews.urlpatterns,
    *flags.urlpatterns,
    *imports.urlpatterns,
    *exports.urlpatterns,
]
