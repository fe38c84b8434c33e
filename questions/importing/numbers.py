"""Numbers as files write them: with a decimal point, finite, and nothing else that Python would also take."""

import math
import re

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,4})?")


def plain_number(text: str) -> float | None:
    """Return the number that `text` is, or None."""
    text = text.strip()
    if len(text) > 400 or not text.isascii() or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None
