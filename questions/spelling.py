"""What a mistyped search probably meant, from the words that the bank itself uses.

Reads only. Stems are compared by their trigrams in the database (pg_trgm), the nearest few letter by letter here.
"""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from questions.marking import stem
from questions.models import BankEntry, BankWord, QuestionVersion
from questions.searching import SEARCHED, texts_among

MOST_MISSPELT = 5
LEAST_LIKENESS = 0.7
# Two neighbours that changed places are the likeliest slip of all.
SWAPPED_LIKENESS = 0.95


def meant(words: str) -> str:
    """Return `words` with each word that the bank does not know replaced by the most similar one that it knows.

    "" when there is nothing better. At most four statements: which stems are known, which are similar, which questions
    have the chosen ones, and how those spell them in full.
    """
    typed = [word for word in dict.fromkeys(re.findall(r"[^\W\d_]{4,40}", words)) if word.lower() != "not"]
    stems = {word: stem(word) for word in typed[:MOST_MISSPELT]}
    known = set(BankWord.objects.filter(word__in=set(stems.values())).values_list("word", flat=True))
    nearest = _nearest({word: found for word, found in stems.items() if found not in known})
    spelled = _spelled(set(nearest.values()))
    corrected = words
    for word, found in nearest.items():
        if found in spelled:
            corrected = re.sub(rf"\b{re.escape(word)}\b", spelled[found], corrected)
    return corrected if corrected != words else ""


def _nearest(unknown: Mapping[str, str]) -> dict[str, str]:
    """Return the most similar known stem for each word, where there is one that is similar enough."""
    known = _similar(unknown)
    best: dict[str, str] = {}
    for word, typed in unknown.items():
        likeness, nearest = max(((_likeness(word, typed, each), each) for each in known), default=(0.0, ""))
        if likeness >= LEAST_LIKENESS:
            best[word] = nearest
    return best


def _similar(unknown: Mapping[str, str]) -> list[str]:
    """Return the stems that are much like one of the unknown ones, or are it with two letters in each other's place."""
    if not unknown:
        return []
    # Migration 0008 has the function: it looks them up in the index.
    statement = " UNION ".join(["SELECT questions_words_like(%s::text, %s::text[])"] * len(unknown))
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for word, typed in unknown.items() for value in (typed, _swapped(word))])
        return [word for (word,) in cursor]


def _swapped(word: str) -> list[str]:
    """Return the stems of `word` with each two neighbours in each other's place: short words keep few trigrams then."""
    return [stem(word[:at] + word[at + 1] + word[at] + word[at + 2 :]) for at in range(len(word) - 1)]


def _likeness(word: str, typed: str, known: str) -> float:
    if known in _swapped(word):
        return SWAPPED_LIKENESS
    return difflib.SequenceMatcher(None, typed, known, autojunk=False).ratio()


def _spelled(stems: Collection[str]) -> dict[str, str]:
    """Return for each stem the word by which some question says it, most often."""
    holders = [
        BankEntry.objects.filter(document=SearchQuery(f"'{each}'", search_type="raw", config="simple"))
        .order_by()
        .values_list("version", flat=True)[:1]
        for each in sorted(stems)
    ]
    if not holders:
        return {}
    texts = _texts_of(holders[0].union(*holders[1:], all=True))
    said = Counter(word.lower() for text in texts for word in re.findall(r"\w+", text))
    spelled: dict[str, str] = {}
    for word, _n in said.most_common():
        spelled.setdefault(stem(word), word)
    return {each: spelled[each] for each in stems if each in spelled}


def _texts_of(version_ids: Iterable[UUID]) -> list[str]:
    rows = QuestionVersion.objects.filter(pk__in=list(version_ids)).order_by().values_list(*SEARCHED)
    return [text for row in rows for text in texts_among(row)]
