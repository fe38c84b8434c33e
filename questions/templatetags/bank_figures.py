"""Figures as curators read them: what answers must state, and statistics with their error, a dash for nothing."""

from django import template

from questions.editing import typed

register = template.Library()

NONE = "–"

register.filter(typed.figure)


@register.filter
def share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.0f} %"


@register.filter
def share_with_error(value: float | None, error: float | None) -> str:
    """Show a share (0..1) and its standard error in percent: “62 ± 5 %”."""
    if value is None:
        return NONE
    return f"{100 * value:.0f} %" if error is None else f"{100 * value:.0f} ± {100 * error:.0f} %"


@register.filter
def value_with_error(value: float | None, error: float | None) -> str:
    """Show a correlation and its standard error: “0.31 ± 0.12”."""
    if value is None:
        return NONE
    figure = f"{value:.2f}".replace("-", "−")  # as wide as a digit
    return figure if error is None else f"{figure} ± {error:.2f}"


@register.filter
def seconds_of(milliseconds: int | None) -> str:
    return NONE if milliseconds is None else f"{round(milliseconds / 1000)} s"
