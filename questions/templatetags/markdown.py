"""Template filters for texts of the bank: `{{ prompt|markdown }}` and `{{ choice.text|markdown_inline }}`."""

from django import template
from django.utils.safestring import SafeString

from interviewprep.markdown import render, render_code, render_inline

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return render(text)


@register.filter
def markdown_inline(text: str) -> SafeString:
    return render_inline(text)


@register.filter
def code_block(code: str, language: str) -> SafeString:
    """Show a program as a code block of the bank: `{{ code.starter|code_block:code.language }}`."""
    return render_code(code, str(language))
