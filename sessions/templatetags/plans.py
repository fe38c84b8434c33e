"""What a list says of a plan in one line."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.models import InterviewPlan, Mode, Navigation
from sessions.templatetags.interview import limit_minutes

register = template.Library()


@register.filter
def plan_facts(plan: InterviewPlan, question_count: int | None) -> str:
    """Return "8 questions · 30 min · practice · forward only": only what holds for this plan."""
    count = question_count or 0
    facts = [ngettext("%(n)d question", "%(n)d questions", count) % {"n": count}]
    if plan.time_limit_seconds is not None:
        facts.append(_("%(n)s min") % {"n": limit_minutes(plan.time_limit_seconds)})
    elif plan.is_untimed:
        facts.append(_("untimed"))
    if plan.limits_questions:
        facts.append(_("a limit per question"))
    if plan.mode == Mode.PRACTICE:
        facts.append(_("practice"))
    if plan.navigation == Navigation.FORWARD:
        facts.append(_("forward only"))
    return " · ".join(facts)
