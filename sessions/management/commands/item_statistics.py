"""`manage.py item_statistics`: the nightly count of the item statistics, now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from sessions.item_statistics import refresh_item_statistics


class Command(BaseCommand):
    help = "Take the reports that are new or changed since the last count into the item statistics."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--everything", action="store_true", help="take in all reports there are, not only new ones"
        )

    def handle(self, *args: Any, everything: bool, **options: Any) -> None:
        run = refresh_item_statistics(now=timezone.now(), everything=everything)
        self.stdout.write(f"{run.report_count} report(s) taken in, {run.version_count} version(s) computed.")
