"""The words of labels beside those that a run can tell: what can never be right there is said before it is counted."""

import logging
from collections.abc import Collection, Sequence

from pipeline.errors import UsageError
from pipeline.formats.near import meant, nearest, written

log = logging.getLogger(__name__)


def check_words(words: Collection[str], known: Sequence[str]) -> None:
    """Warn of words that are not among the ``known`` ones, in one line.

    ``UsageError`` for one written otherwise, and where none is known.
    """
    strange = sorted(set(words) - set(known))
    alike = {word: one for word in strange for one in known if written(word) == written(one)}
    if alike:
        told = ", ".join(f"'{word}' is '{one}' of the run" for word, one in alike.items())
        pairs = ", ".join(f"{word}: {one}" for word, one in alike.items())
        raise UsageError(f"behaviours that the labels write otherwise: {told}; old2new='{{{pairs}}}'")
    if not set(words) & set(known):
        raise UsageError(
            f"the run can tell {', '.join(known)}, the labels say {', '.join(strange)}; "
            "name them alike with old2new={...}"
        )
    if strange:
        log.warning("%s", "; ".join(_told(word, known) for word in strange))


def _told(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    return f"'{word}' is no behaviour the run can tell" + (f" ({meant(word, near)})" if near else "")
