"""The words of labels beside those that a run can tell: what can never be right there is said before it is counted."""

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.formats.near import meant, nearest, written
from pipeline.stored import stored_runs

log = logging.getLogger(__name__)


def words_of(run: Path) -> tuple[str, ...]:
    """The behaviours that a run can tell: those of its ethogram that its recognizer gives."""
    return tuple(behaviour.name for behaviour in stored_runs([run])[0].ethogram.all)


def check_words(words: Collection[str], known: Sequence[str]) -> None:
    """Warn of words that are not among the ``known`` ones, in one line; ``UsageError`` for one written otherwise."""
    strange = sorted(set(words) - set(known))
    alike = {word: one for word in strange for one in known if written(word) == written(one)}
    if alike:
        told = ", ".join(f"'{word}' is '{one}' of the run" for word, one in alike.items())
        pairs = ", ".join(f"{word}: {one}" for word, one in alike.items())
        raise UsageError(f"behaviours that the labels write otherwise: {told}; old2new='{{{pairs}}}'")
    if strange:
        log.warning("%s", "; ".join(_told(word, known) for word in strange))


def _told(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    return f"'{word}' is no behaviour the run can tell" + (f" ({meant(word, near)})" if near else "")
