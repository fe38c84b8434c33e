"""Words as people type them: mostly more at the end, sometimes changed in the middle, sometimes thrown away.

Every version of a text holds a mark of its own, so a version that is found again is that version and no other.
"""

import random

WORDS = (
    *(
        "variance",
        "bias",
        "leakage",
        "precision",
        "recall",
        "Gradient",
        "baseline",
        "θ̂",
        "naïve Bayes",
        "数据",
        "ŷ − y",
    ),
    *(
        "threshold",
        "because",
        "the",
        "cost",
        "of",
        "a",
        "missed",
        "fraud",
        "🙂",
        "👩‍🔬",
        "\n",
        "\n\n- ",
        "  ",
        "“so”",
        "1 % < 5 %",
    ),
)
LONGEST = 3_000


class Typist:
    """The text of one question in one tab."""

    def __init__(self, rng: random.Random, name: str) -> None:
        self.rng, self.name, self.number = rng, name, 0
        self.text = ""

    def more(self) -> str:
        """Type for a moment and return the whole text."""
        self.number += 1
        words = " ".join(self.rng.choices(WORDS, k=self.rng.randint(1, 12)))
        piece = f"[{self.name}.{self.number}] {words}"
        chance = self.rng.random()
        place = self.rng.randint(0, len(self.text))
        if len(self.text) > LONGEST or chance < 0.03:
            self.text = piece
        elif chance < 0.15:
            self.text = self.text[:place] + piece + self.text[place:]
        elif chance < 0.22:
            end = self.rng.randint(place, min(len(self.text), place + 200))
            self.text = self.text[:place] + piece + self.text[end:]
        else:
            self.text = f"{self.text} {piece}" if self.text else piece
        return self.text
