"""The curator's workplace: topics, questions and their versions in Django's admin.

Shows and calls; every change goes through `curating`, by the same rules as the bank's own pages. Published and reviewed
versions are read-only here, and what interviews may still need cannot be deleted.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from questions.admin import questions, topics, versions

__all__ = ["questions", "topics", "versions"]

admin.site.site_header = gettext_lazy("Interview Prep — bank")
admin.site.site_title = gettext_lazy("Interview Prep")
admin.site.index_title = gettext_lazy("Question bank and interview plans")
