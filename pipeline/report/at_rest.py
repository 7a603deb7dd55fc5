"""What animals do that no behaviour of an ethogram is named for: rest, which all do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.report.sections.common import UNSEEN, listed

_AT_REST = re.compile(r"\b(?:l(?:ie|ies|ying|aying)|rest(?:s|ing)?|sleep(?:s|ing)?|asleep|bedded|recumbent)\b", re.I)


def no_rest(ethogram: Mapping[str, Any], behaviours: Iterable[str]) -> Iterator[str]:
    """A sentence where none of the ``behaviours`` that have shares is named for an animal at rest.

    None where the ``ethogram`` (its settings) has one that stands for whatever is none of the others.
    """
    names = [name for name in dict.fromkeys(behaviours) if name.lower() not in UNSEEN]
    others = any(one.get("rest", False) for one in ethogram.get("behaviours", ()))
    if names and not others and not any(_AT_REST.search(name.replace("_", " ")) for name in names):
        yield (
            "No behaviour is named for lying, resting or sleeping: if animals did, such time was recognized as "
            f"{listed(names, 'or')}, or is unknown."
        )
