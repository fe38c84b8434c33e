"""Where a question stands, as a path of names."""

from questions.exporting.base import ExportedQuestion


def place_of(question: ExportedQuestion) -> tuple[str, ...]:
    """Return the names of area and topic; one name where the question hangs at the area itself."""
    if question.area.slug == question.topic.slug:
        return (question.area.name,)
    return (question.area.name, question.topic.name)
