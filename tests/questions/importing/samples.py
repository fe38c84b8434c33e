"""Where the public sample files lie: beside the project, or where SAMPLES says. Tests that need them skip without."""

import os
from pathlib import Path

import pytest

SAMPLES = Path(os.environ.get("SAMPLES") or Path(__file__).resolve().parents[4] / "shared" / "samples")

needs_samples = pytest.mark.skipif(
    not (SAMPLES / "README.md").is_file(), reason=f"the public samples are not in {SAMPLES}; set SAMPLES"
)
