"""How many points each choice is worth in formats that count in percent."""

from questions.content import Content, Kind


def shares(content: Content) -> list[str]:
    """Return the percent of the points for each choice, with five decimals, as Moodle knows them.

    In a multiple choice question the right ones share the points evenly, and a wrong one costs as much as a right one
    gives: otherwise whoever ticks everything would get everything.
    """
    if content.kind == Kind.SINGLE:
        return ["100" if choice.correct else "0" for choice in content.choices]
    right = sum(choice.correct for choice in content.choices)
    share = f"{100 / right:.5f}".rstrip("0").rstrip(".")
    return [share if choice.correct else f"-{share}" for choice in content.choices]
