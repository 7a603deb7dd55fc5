"""What two coders say of one record beside each other: tallies, stretches on which they disagree, seconds left out."""

from dataclasses import dataclass

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.alignment import Sequence, aligned, linked_tally
from pipeline.ethology.agreement.records import NOT_WATCHED, Record, Words, both_coded
from pipeline.ethology.agreement.settings import AgreementSettings
from pipeline.ethology.agreement.tables import UNLINKED
from pipeline.ethology.agreement.time_units import runs, tally, tolerant_tally
from pipeline.ethology.agreement.unitising import Bouts, on_one_axis
from pipeline.ethology.agreement.visibility import sight
from pipeline.types import IntArray

Stretch = tuple[float, float, str, str]  # start_s, stop_s, what the first and what the second says


@dataclass(frozen=True)
class Beside:
    """Two coders on one record: ``K`` states (of which the first are behaviours), ``E`` events."""

    time: FloatArray  # [K, K] units
    near_a: FloatArray  # [K, K] units of the first, with tolerance
    near_b: FloatArray  # [K, K] units of the second, with tolerance; rows are the first here too
    bouts: FloatArray  # [K + 1, K + 1] bouts linked, and in the last row and column not linked
    events: FloatArray  # [E + 1, E + 1]
    seconds: FloatArray  # [5] as the columns of tables.COMPARED
    disagreements: list[Stretch]
    unitised: Bouts  # of both, wherever both told a state, without a hole
    sight: FloatArray  # [2, 3] seconds of the time that both watched, see ``visibility.sight``


def beside(record: Record, first: int, second: int, words: Words, settings: AgreementSettings) -> Beside:
    """Put coders number ``first`` and ``second`` beside each other."""
    a, b = record.codes[first], record.codes[second]
    number, within = len(words.states), round(settings.tolerance_s / settings.unit_s)
    bouts = _bouts(record, a, b, words, settings), _bouts(record, b, a, words, settings)
    linked = aligned(*bouts, settings.link_s, settings.overlap)
    told = _shared_events(record, first, second, settings.link_s)
    links = aligned(*told, settings.link_s, settings.overlap)
    return Beside(
        time=tally(a, b, number),
        near_a=tolerant_tally(a, b, within, number),
        near_b=tolerant_tally(b, a, within, number).T,
        bouts=linked_tally(*bouts, linked, words.real),
        events=linked_tally(*told, links, len(words.events)),
        seconds=_seconds(a, b) * settings.unit_s,
        disagreements=_disagreements(record, a, b, words, settings) + _missed(told, links, words),
        unitised=on_one_axis(_stretches(a, b)),
        sight=sight((record.states[first], record.states[second]), record.watched[[first, second]]),
    )


def _bouts(record: Record, own: IntArray, other: IntArray, words: Words, settings: AgreementSettings) -> Sequence:
    """The bouts of one coder within the time that both watched, of which the other told a state in at least half."""
    both = (own != NOT_WATCHED) & (other != NOT_WATCHED)
    start, stop, code = runs(np.where(both, own, NOT_WATCHED))
    told = np.concatenate([[0], np.cumsum(other >= 0)])
    kept = (code >= 0) & (code < words.real) & (2 * (told[stop] - told[start]) >= stop - start)
    at = ((np.stack([start, stop]) + record.start) * settings.unit_s)[:, kept]
    return Sequence(at[0], at[1], code[kept])


def _shared_events(record: Record, first: int, second: int, link_s: float) -> tuple[Sequence, Sequence]:
    """The events of both that lie in time that both watched, or so near to it that they could be linked."""
    low = record.watched[[first, second], 0].max() - link_s  # NaN where one watched nothing: nothing is in it
    high = record.watched[[first, second], 1].min() + link_s
    told = record.events[first], record.events[second]
    kept = [(one.start_s >= low) & (one.start_s <= high) & (low <= high) for one in told]
    return told[0][kept[0]], told[1][kept[1]]


def _seconds(a: IntArray, b: IntArray) -> FloatArray:
    """Units: both coded, only the first watched, only the second, one coded, none coded."""
    watched = (a != NOT_WATCHED) & (b != NOT_WATCHED)
    coded = both_coded(a, b)
    neither = watched & (a < 0) & (b < 0)
    only_a, only_b = (a != NOT_WATCHED) & ~watched, (b != NOT_WATCHED) & ~watched
    return np.array(
        [part.sum() for part in (coded, only_a, only_b, watched & ~coded & ~neither, neither)], dtype=np.float64
    )


def _disagreements(
    record: Record, a: IntArray, b: IntArray, words: Words, settings: AgreementSettings
) -> list[Stretch]:
    """Every stretch on which both told a state, and not the same."""
    number = len(words.states)
    start, stop, cell = runs(np.where(both_coded(a, b) & (a != b), a * number + b, -1))
    at = np.round((np.stack([start, stop]) + record.start) * settings.unit_s, 6)
    return [
        (low, high, words.states[code // number], words.states[code % number])
        for low, high, code in zip(at[0].tolist(), at[1].tolist(), cell.tolist(), strict=True)
        if code >= 0
    ]


def _missed(told: tuple[Sequence, Sequence], links: IntArray, words: Words) -> list[Stretch]:
    """Every event of which the other says something else, or nothing."""
    found = []
    for i, j in links.tolist():
        if told[0].code[i] != told[1].code[j]:
            times = sorted([float(told[0].start_s[i]), float(told[1].start_s[j])])
            found.append((times[0], times[0], words.events[told[0].code[i]], words.events[told[1].code[j]]))
    for of, one in enumerate(told):
        for k in np.setdiff1d(np.arange(len(one)), links[:, of]).tolist():
            says = [UNLINKED, UNLINKED]
            says[of] = words.events[one.code[k]]
            found.append((float(one.start_s[k]), float(one.start_s[k]), says[0], says[1]))
    return found


def _stretches(a: IntArray, b: IntArray) -> list[tuple[IntArray, IntArray]]:
    start, stop, coded = runs(both_coded(a, b).astype(np.int64))
    return [(a[i:j], b[i:j]) for i, j, is_coded in zip(start, stop, coded, strict=True) if is_coded]
