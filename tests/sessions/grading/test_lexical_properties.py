"""What holds for every answer, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.content import KeyPoint
from sessions.grading import Status, grade
from sessions.grading.phrasings import prepare
from tests.sessions.grading.contents import FRAUD_ANSWER, FRAUD_PROMPT, make_open, make_point

FUNCTION_WORDS = ["the", "a", "of", "is", "not", "never", "we", "it", "and", "in", "two", "don't"]
TELLING_WORDS = [
    "accuracy",
    "precision",
    "recall",
    "threshold",
    "fraud",
    "class",
    "gradient",
    "variance",
    "model",
    "data",
]
ODD_WORDS = ["overfits", "overfitting", "normalise", "normalised", "P", "k", "99", "%", "0.5", "beings"]
WORDS = FUNCTION_WORDS + TELLING_WORDS + ODD_WORDS
PIECES = st.sampled_from([*WORDS, FRAUD_PROMPT, *FRAUD_ANSWER.split(". ")])
PROSE = st.lists(st.tuples(PIECES, st.sampled_from([" ", ". ", ", ", "\n", "\r\n", "\n- ", "! "])), max_size=60).map(
    lambda parts: "".join(piece + glue for piece, glue in parts)
)
ANYTHING = st.text(max_size=200) | st.text(alphabet="aPk .,!?\r\n\t*-#`é漢字😀\u0301\u200d\x00\x1b", max_size=200)
BODIES = PROSE | ANYTHING | st.tuples(PROSE, ANYTHING, PROSE).map("".join)
LINES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)
POINTS = st.lists(
    st.builds(lambda text, accepted: (text, accepted), LINES, st.lists(LINES, max_size=3)), min_size=1, max_size=5
).map(
    lambda raw: [make_point(text, *accepted, key=f"p{i}", weight=1 + i % 3) for i, (text, accepted) in enumerate(raw)]
)


@given(POINTS, BODIES)
def test_points_stay_in_range_and_quotations_are_verbatim(points: list[KeyPoint], body: str) -> None:
    result = grade(make_open(points=points), body)
    assert 0 <= result.points <= result.max_points == 1
    for verdict in result.verdicts:
        assert verdict.evidence == (body[verdict.start : verdict.end] if verdict.start >= 0 else "")
        assert (verdict.evidence != "") == (verdict.status in {Status.FOUND, Status.PARTLY})
        assert not set(verdict.evidence) & {"\x00", "\x1b"}


@given(POINTS, BODIES)
def test_grading_is_deterministic(points: list[KeyPoint], body: str) -> None:
    first = grade(make_open(points=points), body)
    prepare.cache_clear()
    assert grade(make_open(points=points), body) == first


@given(POINTS, BODIES, st.data())
def test_adding_a_phrasing_never_lowers_the_coverage_of_its_point(
    points: list[KeyPoint], body: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(points) - 1))
    phrasing = data.draw(st.sampled_from([points[place].text, *points[place].accepted]))
    longer = data.draw(st.sampled_from([f"{body}\n{phrasing}", f"{phrasing}\n{body}"]))
    content = make_open(points=points)
    before, after = grade(content, body).verdicts[place], grade(content, longer).verdicts[place]
    assert after.coverage >= before.coverage


@given(LINES)
def test_a_phrasing_alone_is_fully_covered(line: str) -> None:
    (verdict,) = grade(make_open("Well?", [make_point(line)]), line).verdicts
    assert verdict.coverage == 1


@pytest.mark.parametrize("times", [1, 100])
def test_a_phrasing_in_a_very_long_answer_is_covered_as_well_as_alone(times: int) -> None:
    body = (
        "Nobody reads so much of this text here. " * 20 * times + "\nPrecision and recall of the fraud class, or the "
    )
    (verdict,) = grade(make_open("Well?", [make_point("Precision and recall of the fraud class")]), body).verdicts
    assert verdict.status == Status.FOUND
