"""Numbers and terms as people read them, the same in figures, page and methods text."""

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from pipeline.words import plural as plural  # of these words too, for whoever writes a page

CUT_OFF = (
    "A bout is cut off (censored) where its start or its end was not seen, because the film, the view of the animal or "
    "its recognition began or ended in the middle of it: it lasted at least as long as what was seen of it"
)


def percent(share: float) -> str:
    """``45 %``; a decimal under ten; ``<0.1 %`` for what would round to nothing; ``-`` where missing."""
    if math.isnan(share):
        return "-"
    value = 100 * share
    if 0 < value < 0.1:
        return "<0.1 %"
    return f"{value:.0f} %" if value >= 9.95 or value == 0 else f"{value:.1f} %"


def probability(share: float) -> str:
    """``0.45``; ``<0.01`` for what would round to nothing."""
    return "<0.01" if 0 < share < 0.005 else f"{share:.2f}"


def p_words(p: float) -> str:
    """``p = 0.03``; ``p < 0.001`` for smaller ones; ``no p`` where there is none."""
    return "no p" if math.isnan(p) else "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def p_number(p: float) -> str:
    """The same in a column of p: ``0.03``, ``< 0.001``, ``-``."""
    return "-" if math.isnan(p) else p_words(p).removeprefix("p = ").removeprefix("p ")


def duration(seconds: float) -> str:
    """Seconds up to two minutes, then minutes, hours from two hours on."""
    if math.isnan(seconds):
        return "-"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def setting_word(group: Mapping[str, Any], name: str) -> str:
    """The word of a setting that is one of several: as a finished run has it, or as the Enum that it is made from."""
    return str(getattr(group[name], "value", group[name]))


def natural(name: str) -> list[tuple[int, int, str]]:
    """What sorts names as people do, numbers in them by their size: S2 before S10, before/2 before before/10."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts if part]


def readable(key: str) -> str:
    """A video's key as its owner knows it: the characters that were percent-encoded are back."""
    return unquote(key)
