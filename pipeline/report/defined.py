"""What is known of what the behaviours mean: an ethogram has their names, and no definitions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.report.sections.common import UNSEEN, listed

_AT_REST = re.compile(r"\b(?:l(?:ie|ies|ying|aying)|rest(?:s|ing)?|sleep(?:s|ing)?|asleep|bedded|recumbent)\b", re.I)


def undefined(ethogram: Mapping[str, Any], behaviours: Iterable[str]) -> Iterator[str]:
    """A sentence for who takes a name for a definition; ``behaviours`` are those that have shares, none without any.

    Also that none is named for an animal at rest, unless the ``ethogram`` (its settings) has one for whatever is none
    of the others.
    """
    names = [name for name in dict.fromkeys(behaviours) if name.lower() not in UNSEEN]
    if not names:
        return
    told = (
        f"{listed(names)} {'is a name' if len(names) == 1 else 'are names'} without a definition in this report: what "
        "counts as each is what the recognizer's training data took for it (Methods card)."
    )
    others = any(one.get("rest", False) for one in ethogram.get("behaviours", ()))
    if not others and not any(_AT_REST.search(name.replace("_", " ")) for name in names):
        told += " None is named for lying, resting or sleeping: such time is told as one of these, or as unknown."
    yield told
