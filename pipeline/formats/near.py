"""Which known name a strange one was meant for: a slip of the hand, or the same written otherwise."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

NEAR = 0.6  # share of letters in common from which on a name is worth a question
SHORT, NEAR_SHORT = 3, 0.4  # letters of a name that has few to share
SLIP = 0.8  # and from which on it is rather a slip than another word


def written(name: str) -> str:
    """What is left of a name where case, spaces, hyphens and underscores do not count."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def nearest(name: str, known: Iterable[str], least: float | None = None) -> str:
    """The known name that is most like ``name`` and has a likeness of ``least`` or more; empty where none has.

    Likeness is 1 where both are written alike or have the same letters (``Wlak``, ``Walk``), else difflib's ratio.
    """
    least = least or (NEAR_SHORT if len(name) <= SHORT else NEAR)
    likeness = {one: _likeness(written(name), written(one)) for one in known}
    best = max(likeness, key=lambda one: likeness[one], default="")
    return best if best and likeness[best] >= least else ""


def _likeness(one: str, other: str) -> float:
    return 1.0 if sorted(one) == sorted(other) else SequenceMatcher(None, one, other).ratio()


def meant(name: str, near: str) -> str:
    """The question, and the setting that answers yes to it."""
    return f"did you mean '{near}'? old2new='{{{name}: {near}}}'"
