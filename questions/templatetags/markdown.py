"""Template filters for texts of the bank: `{{ prompt|markdown }}` and `{{ choice.text|markdown_inline }}`."""

from django import template
from django.utils.safestring import SafeString

from interviewprep.markdown import render, render_inline

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return render(text)


@register.filter
def markdown_inline(text: str) -> SafeString:
    return render_inline(text)
