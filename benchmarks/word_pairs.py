"""`python -m benchmarks.word_pairs`: writes sessions/grading/word_pairs.py anew, from the prose of the shipped bank.

For each pair of word classes ln((n + k) / (e + k)): n is how often the second follows the first in the reference
answers and samples, e how often it would by chance, and k = 3 keeps rare pairs near 0.
"""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import django
from django.conf import settings

if not settings.configured:
    settings.configure(USE_I18N=False)
    django.setup()

from questions.bankfiles import read_bank
from sessions.grading import text as texts
from sessions.grading.wordorder import classes

ROOT = Path(__file__).resolve().parent.parent
KEPT_NEAR_CHANCE = 3
HEAD = '''"""How much more often one class of words follows another in prose than by chance. Data only.

Written by `python -m benchmarks.word_pairs` from the shipped bank; see `wordorder` for the classes.
"""

INFORMATION: dict[str, dict[str, float]] = {
'''


def main() -> None:
    pairs = Counter(
        pair for text in prose() for sentence in texts.sentences(text) for pair in pairwise(classes(sentence))
    )
    first, second = Counter[str](), Counter[str]()
    for (one, two), count in pairs.items():
        first[one] += count
        second[two] += count
    rows = "".join(f'    "{one}": {{{row(one, pairs, first, second)}}},\n' for one in sorted(first))
    (ROOT / "sessions" / "grading" / "word_pairs.py").write_text(f"{HEAD}{rows}}}\n")
    print(f"{pairs.total():,} pairs of words of {len(first)} classes")


def prose() -> Iterator[str]:
    for question in read_bank(ROOT / "questions" / "bank").questions:
        content = question.content
        yield from (content.reference_answer, content.strong_sample, content.middling_sample)


def row(one: str, pairs: Counter[tuple[str, str]], first: Counter[str], second: Counter[str]) -> str:
    total = pairs.total()

    def information(two: str) -> float:
        expected = first[one] * second[two] / total
        return math.log((pairs[one, two] + KEPT_NEAR_CHANCE) / (expected + KEPT_NEAR_CHANCE))

    return ", ".join(f'"{two}": {information(two):.2f}' for two in sorted(second))


if __name__ == "__main__":
    main()
