"""New behaviours that are rather slips of the hand: very near to one that is known, or that more clips show."""

import logging
from collections.abc import Sequence

from pipeline.formats.clips import apart
from pipeline.formats.near import SLIP, meant, nearest
from pipeline.recognizers.folder import CARD, find_model, read_card
from pipeline.report.words import plural
from pipeline.training.labels import Labels

log = logging.getLogger(__name__)


def known_to(init: str | None) -> tuple[str, ...]:
    """The behaviours on the card of the model that a training goes on from; none where it has no card."""
    folder = find_model(init) if init else None
    return read_card(folder).behaviours if folder and (folder / CARD).is_file() else ()


def warn_of_slips(labels: Labels, known: Sequence[str]) -> None:
    """Say in one line which behaviours are not ``known`` and very near to one that is, or that more clips show."""
    counts = labels.rows["behaviour"].map(apart).explode().value_counts()
    met, told = list(known), []
    for name, count in sorted(counts.items(), key=lambda one: (-one[1], str(one[0]))):
        if name in known:
            continue
        if near := nearest(str(name), met, SLIP):
            told.append(f"'{name}' ({plural(count, 'clip')}) is taken for a new behaviour ({meant(str(name), near)})")
        met.append(str(name))
    if told:
        log.warning("%s", "; ".join(told))
