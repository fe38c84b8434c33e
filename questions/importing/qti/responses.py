"""What counts as right in a QTI item: its response declaration, and what its processing says about numbers.

Knows no interactions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from questions.importing.base import NotCarried
from questions.importing.numbers import plain_number
from questions.importing.xmltree import Element

# What the usual templates consist of, written out; with these nothing of the marking is lost.
_USUAL = """
    responseProcessing responseCondition responseIf responseElse responseElseIf match variable correct setOutcomeValue
    baseValue mapResponse isNull not and or equal sum multiple
"""
_KNOWN = frozenset(_USUAL.split())


@dataclass(frozen=True, slots=True)
class Response:
    """A response declaration: the right values in their order, and points for values where they are mapped."""

    cardinality: str = "single"
    base_type: str = "string"
    correct: tuple[str, ...] = ()
    mapped: dict[str, float] = field(default_factory=dict)
    line: int = 0

    @property
    def correct_values(self) -> frozenset[str]:
        return frozenset(self.correct)

    @property
    def right(self) -> frozenset[str]:
        """The right values: those that are said to be correct, or else those that give points."""
        return self.correct_values or frozenset(key for key, value in self.mapped.items() if value > 0)

    def share(self, key: str, *, single: bool) -> float | None:
        """Return the weight of a value in percent, None where no points are mapped."""
        positive = [value for value in self.mapped.values() if value > 0]
        if not positive:
            return None
        whole = max(positive) if single else sum(positive)
        return max(-100.0, min(100.0, 100 * self.mapped.get(key, 0.0) / whole))


def response_of(item: Element, interaction: Element) -> Response:
    """Return the declaration of the response that an interaction asks for."""
    name = interaction.attributes.get("responseIdentifier", "RESPONSE")
    declared = [one for one in item.all("responseDeclaration") if one.attributes.get("identifier") == name]
    if not declared:
        return Response(line=interaction.line)
    one = declared[0]
    correct = one.first("correctResponse")
    mapping = one.first("mapping")
    return Response(
        cardinality=one.attributes.get("cardinality", "single"),
        base_type=one.attributes.get("baseType", "string"),
        correct=tuple(" ".join(value.all_text.split()) for value in correct.all("value")) if correct else (),
        mapped=dict(_mapped(mapping)) if mapping else {},
        line=one.line,
    )


def _mapped(mapping: Element) -> Iterator[tuple[str, float]]:
    for entry in mapping.all("mapEntry"):
        value = plain_number(entry.attributes.get("mappedValue", ""))
        if value is not None:
            yield entry.attributes.get("mapKey", "").strip(), value


def tolerance_of(item: Element, left: list[NotCarried]) -> tuple[float, bool]:
    """Return how far off a number may be, and whether that is in percent; add to `left` what has no counterpart."""
    processing = item.first("responseProcessing")
    for one in processing.walk() if processing else ():
        if one.name == "equalRounded":
            left.append(NotCarried(_("that the number is compared after rounding"), one.line))
        if one.name == "equal" and one.attributes.get("toleranceMode", "exact") != "exact":
            widths = [plain_number(part) or 0.0 for part in one.attributes.get("tolerance", "").split()]
            if len(set(widths)) > 1:
                left.append(NotCarried(_("that the tolerance differs above and below"), one.line))
            return max(widths, default=0.0), one.attributes["toleranceMode"] == "relative"
    return 0.0, False


def processing_notes(item: Element) -> Iterator[NotCarried]:
    """Yield what is special about the way an item is marked."""
    if item.attributes.get("adaptive") == "true":
        yield NotCarried(_("that the item is adaptive: it takes several tries"), item.line)
    processing = item.first("responseProcessing")
    if processing:
        strange = sorted({one.name for one in processing.walk()} - _KNOWN - {"equalRounded"})
        if strange:
            words = _("its own rules of marking (%s)") % ", ".join(strange[:5])
            yield NotCarried(words, processing.line)
