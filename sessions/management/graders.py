"""Which text grader a command uses, found out before it does any work."""

from django.conf import settings
from django.core.management.base import CommandError

from sessions import grading
from sessions.grading import minilm, semantic


def chosen_grader(name: str | None) -> str:
    """Return `name`, or the configured one for None. Raises CommandError where it does not exist or cannot work."""
    name = name or settings.TEXT_GRADER
    if name not in grading.text_graders():
        raise CommandError(f"no grader “{name}”; there are: {', '.join(grading.text_graders())}")
    if name == semantic.NAME:
        try:
            minilm.require_packages()
        except minilm.NotInstalledError as error:
            raise CommandError(str(error)) from error
    return name
