"""Template filters for the pages of staff: times and factors in words."""

from django import template

from sessions.supervision import duration_words, factor_words

register = template.Library()

register.filter("duration", duration_words)
register.filter("factor", factor_words)
