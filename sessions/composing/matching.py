"""How sections that want the same questions share them: a maximum matching, so that no section starves by greed.

Pure: it knows neither questions nor sections, only places and who may hold them.
"""

from collections.abc import Hashable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def assign(allowed: Sequence[Sequence[Item]], counts: Sequence[int]) -> list[list[Item]]:
    """Give taker number n up to `counts[n]` of the items in `allowed[n]`, no item to two; the preferred come first.

    Takers choose in turn. One that finds too little asks those before it to take other items instead, and they ask
    others (augmenting paths, after H. W. Kuhn 1955): together they get as many as can be had, and whatever can be
    filled is filled.
    """
    holders: dict[Item, int] = {}
    for taker, count in enumerate(counts):
        for _place in range(count):
            if not _take(taker, allowed, holders, asked=set()):
                break
    return [[item for item in items if holders.get(item) == taker] for taker, items in enumerate(allowed)]


def _take(taker: int, allowed: Sequence[Sequence[Item]], holders: dict[Item, int], asked: set[int]) -> bool:
    """Give `taker` one more item; True if there is one. Each taker is asked once: the depth is at most their number."""
    asked.add(taker)
    for item in allowed[taker]:
        if item not in holders:
            holders[item] = taker
            return True
    for item in allowed[taker]:
        if holders[item] not in asked and _take(holders[item], allowed, holders, asked):
            holders[item] = taker
            return True
    return False
