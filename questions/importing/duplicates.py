"""Which questions are there already: the same words in the bank, the same name, or the same words further up the file.

Two questions ask the same when their prompts and choices have the same letters and digits, whatever the case, the
punctuation, the accents and the order of the choices. What is only similar is left to the eyes of a reviewer.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from questions.models import ImportItem, Question, QuestionVersion, VersionFingerprint

Match = ImportItem.Match

_BATCH = 1_000
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|<[^<>]{1,200}>")
# The marks that decomposing parts from their letters.
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_NO_WORD = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """Return the letters and digits of `text`, folded, one space between words: what two spellings have in common."""
    plain = _MARKUP.sub(r"\1", text).casefold()
    if not plain.isascii():
        plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
    return _NO_WORD.sub(" ", plain).strip()


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return a number, as 32 hexadecimal digits, that is equal when two questions ask the same.

    Formulas and code without any letter or digit fall back to what was typed, so that they are not all the same.
    """
    prompt = str(values.get("prompt") or "")
    choices = sorted(normalised(str(choice.get("text", ""))) for choice in values.get("choices") or ())
    said = "\x1f".join([normalised(prompt) or prompt.strip(), *choices])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


# Fingerprints of the bank


def outdated() -> Any:
    """Return the versions whose fingerprint is missing or older than their words."""
    known = VersionFingerprint.objects.filter(version=OuterRef("pk"), digest=OuterRef("digest"))
    return QuestionVersion.objects.annotate(known=Subquery(known.values("digest")[:1])).filter(known__isnull=True)


def refresh() -> None:
    """Give every version of the bank its fingerprint. What has one already costs nothing."""
    rows: list[VersionFingerprint] = []
    for pk, digest, prompt, choices in (
        outdated().values_list("pk", "digest", "prompt", "choices").iterator(chunk_size=_BATCH)
    ):
        found = fingerprint({"prompt": prompt, "choices": choices})
        rows.append(VersionFingerprint(version_id=pk, digest=digest, fingerprint=found))
        if len(rows) >= _BATCH:
            _keep(rows)
            rows = []
    _keep(rows)


def _keep(rows: Sequence[VersionFingerprint]) -> None:
    VersionFingerprint.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["version"], update_fields=["digest", "fingerprint"]
    )


# Matching


@dataclass(frozen=True, slots=True)
class _Twin:
    question_id: UUID
    digests: frozenset[str]


@dataclass(slots=True)
class Matcher:
    """Compares the questions of one file, batch by batch, with the bank and with each other."""

    seen: dict[str, int] = field(default_factory=dict)

    def match(self, items: Sequence[ImportItem]) -> None:
        """Set what each item is a duplicate of. Items that are no questions are passed over."""
        asking = [item for item in items if item.fingerprint]
        by_text = _by_fingerprint({item.fingerprint for item in asking})
        by_slug = _by_slug({item.slug for item in asking if item.slug})
        for item in asking:
            item.match, item.matched_id, item.matched_position = Match.NONE, None, None
            if twin := by_slug.get(item.slug) or by_text.get(item.fingerprint):
                item.matched_id = twin.question_id
                item.match = self._sort(item, twin, by_text)
            elif item.fingerprint in self.seen:
                item.match, item.matched_position = Match.FILE, self.seen[item.fingerprint]
            self.seen.setdefault(item.fingerprint, item.position)

    def _sort(self, item: ImportItem, twin: _Twin, by_text: Mapping[str, _Twin]) -> str:
        if item.digest and item.digest in twin.digests:
            return Match.IDENTICAL
        same_text = by_text.get(item.fingerprint)
        return Match.TEXT if same_text and same_text.question_id == twin.question_id else Match.SLUG


def _by_fingerprint(wanted: set[str]) -> dict[str, _Twin]:
    """Return the questions that ask the same: those with versions, and those that an import left unfinished."""
    found: dict[str, _Twin] = {}
    rows = VersionFingerprint.objects.filter(fingerprint__in=wanted, digest=F("version__digest"))
    named = rows.order_by("version__question__created_at").values_list("fingerprint", "version__question", "digest")
    for mark, question_id, digest in named:
        _add(found, mark, question_id, digest)
    unfinished = ImportItem.objects.filter(
        fingerprint__in=wanted, outcome=ImportItem.Outcome.UNFINISHED, question__isnull=False
    )
    for mark, unfinished_id, digest in unfinished.values_list("fingerprint", "question", "digest"):
        assert unfinished_id is not None, "filtered"
        _add(found, mark, unfinished_id, digest)
    return found


def _add(found: dict[str, _Twin], mark: str, question_id: UUID, digest: str) -> None:
    known = found.get(mark)
    if known is None:
        found[mark] = _Twin(question_id, frozenset({digest} if digest else ()))
    elif known.question_id == question_id and digest:
        found[mark] = _Twin(question_id, known.digests | {digest})


def _by_slug(slugs: set[str]) -> dict[str, _Twin]:
    rows = Question.objects.filter(slug__in=slugs).values_list("slug", "pk", "versions__digest")
    found: dict[str, _Twin] = {}
    for slug, question_id, digest in rows:
        _add(found, slug, question_id, digest or "")
    return found


def digest_of_values(values: Mapping[str, Any]) -> str:
    """Return a fingerprint of an incomplete question's every word, to know it again when its file is sent twice."""
    said: Iterable[tuple[str, Any]] = sorted(values.items())
    return hashlib.sha256(repr(list(said)).encode()).hexdigest()
