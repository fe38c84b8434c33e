"""Whether a "not" may turn a matched statement round. A flag, no proof: correct answers clash with it as well.

What is compared is the number of negators that stand before matched words in the answer and in the phrasing: an odd
difference may mean the opposite.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from sessions.grading.phrasings import Phrasing, Prepared
from sessions.grading.windows import Window
from sessions.grading.words import NEGATORS, NEGATORS_DISARMED_BY

# A negator so few words before a matched word may turn it round.
REACH = 5
# "No, …" answers a question; what follows says the same without it.
OPENERS = frozenset({"no", "not"})


def turned(phrasing: Phrasing, window: Window, prepared: Prepared) -> str:
    """Return why the window may say the opposite of the phrasing, in words for the candidate, or ""."""
    if not phrasing.is_negative and all(
        NEGATORS.isdisjoint(word.form for word in one.words) for one in window.sentences
    ):
        return ""
    bits = [[prepared.look(word.form).stem for word in sentence.words] for sentence in window.sentences]
    forms = [[word.form for word in sentence.words] for sentence in window.sentences]
    said = [negator for own, theirs in zip(forms, bits, strict=True) for negator in _negators(own, theirs, phrasing)]
    expected = _negators(phrasing.forms, [prepared.look(form).stem for form in phrasing.forms], phrasing)
    if len(said) == len(expected):
        return ""
    if said:
        return _("There is a “%s” near the matched words: this may say the opposite.") % said[-1]
    return _("The point is a negative one, and there is no “not” near the matched words: this may say the opposite.")


def _negators(forms: Sequence[str], bits: Sequence[int], phrasing: Phrasing) -> list[str]:
    """Return the negators among the words that stand before a word of the phrasing."""
    found = []
    for place, form in enumerate(forms):
        if form not in NEGATORS or (place == 0 and form in OPENERS):
            continue
        if not NEGATORS_DISARMED_BY.isdisjoint(forms[place + 1 : place + 2]):
            continue
        if any(bit & phrasing.content for bit in bits[place + 1 : place + 1 + REACH]):
            found.append(form)
    return found
