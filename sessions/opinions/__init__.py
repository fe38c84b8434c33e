"""A language model's opinion on open answers: optional, off by default, asked for only with the candidate's consent.

It is shown beside the automatic and the human word, and counts for nothing: no points, no verdict, no estimate and no
report ever depends on it, and where it fails or is absent nothing else changes. `prompts` says what is sent, `client`
sends it, `checking` believes nothing that comes back, `keeping` is the only writer.
"""

from sessions.opinions.asking import form_opinion
from sessions.opinions.checking import CheckedOpinion, CheckedPoint, PointStatus
from sessions.opinions.keeping import delete_opinions, order, startable
from sessions.opinions.reading import counts_of, opinions_of

__all__ = [
    "CheckedOpinion",
    "CheckedPoint",
    "PointStatus",
    "counts_of",
    "delete_opinions",
    "form_opinion",
    "opinions_of",
    "order",
    "startable",
]
