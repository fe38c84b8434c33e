"""Open questions with samples for the tests of the evaluation on a bank."""

from questions.bankfiles import BankQuestion
from questions.content import Content
from tests.sessions.grading.contents import FRAUD_ANSWER, FRAUD_POINTS, FRAUD_PROMPT, make_content, make_point

TIDE_REFERENCE = (
    "The moon pulls the water of the near side more strongly than the rock below it. "
    "Twice a month sun and moon stand in one line, which gives spring tides."
)


def make_fraud() -> Content:
    return make_content(
        kind="open",
        prompt=FRAUD_PROMPT,
        reference_answer=FRAUD_ANSWER,
        key_points=FRAUD_POINTS,
        strong_sample=FRAUD_ANSWER,
        middling_sample="Accuracy is misleading, as always predicting the majority class scores about 99 % already.",
    )


def make_tide() -> Content:
    return make_content(
        kind="open",
        prompt="Why are there tides, and why are some of them higher?",
        reference_answer=TIDE_REFERENCE,
        key_points=(
            make_point("The moon pulls the water of the near side more strongly than the rock", key="moon-pulls"),
            make_point("Sun and moon stand in one line twice a month, giving spring tides", key="spring-tides"),
        ),
        strong_sample="I do not know.",
        middling_sample=TIDE_REFERENCE,
    )


def make_bank() -> list[BankQuestion]:
    return [
        BankQuestion("fraud", "evaluation", "metrics", "evaluation/metrics/fraud.md", make_fraud()),
        BankQuestion("tide", "nature", "sea", "nature/sea/tide.md", make_tide()),
    ]
