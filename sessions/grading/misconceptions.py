"""Common misconceptions in an answer: found like key points, quoted, and never a reason to take points.

Whoever names a misconception in order to refute it uses the same words, so a "not" nearby is enough to stay silent.
"""

from collections.abc import Sequence

from questions.content import Content
from sessions.grading.matching import Match, Matcher
from sessions.grading.phrasings import Prepared
from sessions.grading.results import Finding, FindingKind, Status, Verdict
from sessions.grading.windows import Window
from sessions.grading.words import NEGATORS

# More than a key point needs: a wrong accusation is worse than a missed one.
LOOKS_LIKE_FROM = 0.85
# Words with which people report what others believe.
REPORTED = frozenset(
    {"misconception", "myth", "wrong", "mistake", "mistaken", "mistakenly", "wrongly", "false", "belief", "tempting"}
)


def matched(
    content: Content, prepared: Prepared, matcher: Matcher, body: str, verdicts: Sequence[Verdict]
) -> tuple[Finding, ...]:
    """Return the misconceptions that the answer's words look like, with the words and why they are wrong."""
    found = []
    for number, (misconception, sought) in enumerate(
        zip(content.misconceptions, prepared.misconceptions, strict=True), 1
    ):
        match = matcher.match(sought)
        if match.window and match.coverage >= LOOKS_LIKE_FROM and _is_meant(match, match.window, verdicts):
            found.append(
                Finding(
                    kind=FindingKind.MISCONCEPTION,
                    key=f"misconception-{number}",
                    text=misconception.text,
                    note=misconception.why,
                    evidence=body[match.window.start : match.window.end],
                    start=match.window.start,
                    end=match.window.end,
                )
            )
    return tuple(found)


def _is_meant(match: Match, window: Window, verdicts: Sequence[Verdict]) -> bool:
    """Whether the words claim it: not denied, not reported, and no better evidence for a key point."""
    forms = [word.form for sentence in window.sentences for word in sentence.words]
    expected = match.phrasing.is_negative if match.phrasing else False
    if (not NEGATORS.isdisjoint(forms)) != expected or not REPORTED.isdisjoint(forms):
        return False
    rivals = (verdict for verdict in verdicts if verdict.status == Status.FOUND and verdict.start == window.start)
    return all(rival.coverage < match.coverage for rival in rivals)
