"""The text match without a model: which key points an answer's words cover, how surely, and the words that show it.

It sees that the words of a phrasing were said close together; it cannot tell whether a claim is true, and "not found"
may mean "said in other words". docs/grading.md explains every number.
"""

from questions.content import Content, Kind
from sessions.grading.open_answers import grade_open_answer
from sessions.grading.registry import register
from sessions.grading.results import Grade

NAME = "lexical"
VERSION = 2


@register(Kind.OPEN, NAME)
def grade_open(content: Content, body: str) -> Grade:
    """Return the weighted share of key points that the answer's words cover."""
    return grade_open_answer(content, body, grader=NAME, version=VERSION)
