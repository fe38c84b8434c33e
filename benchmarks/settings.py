"""The project's settings with one more view to compare with. For the measuring servers only."""

from interviewprep.settings import *  # noqa: F403  all of them, whatever they are

ROOT_URLCONF = "benchmarks.urls"
