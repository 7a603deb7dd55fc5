"""What is known of what the behaviours mean: an ethogram has their names, and no definitions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.report.sections.common import listed

_AT_REST = re.compile(r"\b(?:l(?:ie|ies|ying|aying)|rest(?:s|ing)?|sleep(?:s|ing)?|asleep|bedded|recumbent)\b", re.I)


def undefined(ethogram: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for who takes a name for a definition; ``ethogram`` are its settings, none of it without behaviours.

    Also that no state is named for an animal at rest, unless one stands for whatever is none of the others.
    """
    shown = [one for one in ethogram.get("behaviours", ()) if one.get("visible", True)]
    if not shown:
        return
    names = [one["name"] for one in shown]
    told = (
        f"{listed(names)} {'is a name' if len(names) == 1 else 'are names'} without a definition in this report: what "
        "counts as each is what the recognizer's training data took for it (Methods card)."
    )
    if not any(one.get("rest", False) or _AT_REST.search(one["name"].replace("_", " ")) for one in shown):
        told += " None is named for lying, resting or sleeping: such time is told as one of these, or as unknown."
    yield told
