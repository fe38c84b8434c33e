"""The project's settings with one more view to compare with. For the measuring servers only."""

from interviewprep.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
