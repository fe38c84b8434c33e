"""`manage.py create_demo`: demo accounts and interviews for the embedded stack; see interviewprep/demo.py."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interviewprep import demo


class Command(BaseCommand):
    help = "Create the demo accounts of `make run`, with interviews to look at. Refused on any other database."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = demo.create_demo(now=timezone.now())
        except demo.DemoRefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Demo accounts created." if created else "Demo accounts are there already.")
