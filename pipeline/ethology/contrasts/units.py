"""Whose behaviour is compared: each unit's time and bouts in either condition, and what is independent among them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.contrasts.independence import Independence, Independent
from pipeline.ethology.contrasts.settings import ContrastSettings, Replicate
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.limits import too_few
from pipeline.ethology.record import Record
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import summed
from pipeline.types import BoolArray
from pipeline.words import plural


@dataclass(frozen=True)
class Units:
    """``U`` units with what they did in both conditions; ``own.place`` ``[U]`` is the replicate of each.

    A unit is a session, or a named animal: once in each replicate that shows it.
    """

    visible_s: FloatArray  # [U, 2] recognized time; of a set of events, time in sight
    told_s: FloatArray  # [U, 2, K] of it in which a start could be told, and as much in which an end could
    seconds: FloatArray  # [U, 2, K] in bouts; what joined ones bridge is in it
    starts: FloatArray  # [U, 2, K] bouts whose start was seen, and events
    ends: FloatArray  # [U, 2, K] bouts that were seen to end
    own: Independence

    @classmethod
    def of(cls, record: Record, of_set: str, kept: BoolArray, half: BoolArray, settings: ContrastSettings) -> "Units":
        """Of the tracks ``kept [R]`` of a record that was parted by the condition; ``half [R]``: in the second?"""
        who, names = record.who.rows[kept], record.ethogram.names(of_set)
        gaps_s = [0.0, *(record.bridged_s.get((of_set, name), 0.0) for name in names)]
        visible_s = np.column_stack([record.visible_s(of_set, gap_s) for gap_s in gaps_s])
        of_track = np.concatenate([visible_s, *_counts(record, of_set)], axis=1)[kept]
        own, second = Independence.of_rows(who, half[kept], settings.replicate), half[kept].astype(np.int64)
        unit = pd.factorize(who["session"])[0] if settings.replicate is Replicate.session else own.units(who)
        units, first, place = np.unique(unit, return_index=True, return_inverse=True)
        sums = summed(of_track, 2 * place.reshape(-1) + second, 2 * len(units)).reshape(
            len(units), 2, of_track.shape[1]
        )
        visible, *did = np.split(sums, 1 + len(names) * np.arange(4), axis=2)
        told, seconds, starts, ends = did
        return cls(visible[..., 0], told, seconds, starts, ends, replace(own, place=own.place[first]))

    @property
    def there(self) -> BoolArray:
        """``[U, 2]`` has the unit any time in the condition?"""
        return np.asarray(self.visible_s > 0)

    @property
    def replicates(self) -> BoolArray:
        """``[G, 2]`` has the replicate?"""
        return self.having(self.there)

    def having(self, some: BoolArray) -> BoolArray:
        """``[G, 2, ...]`` has any unit of the replicate ``some [U, 2, ...]``?"""
        found = np.zeros((int(self.own.place.max(initial=-1)) + 1, *some.shape[1:]), dtype=bool)
        np.logical_or.at(found, self.own.place, some)
        return found


def _counts(record: Record, of_set: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Seconds, starts seen and ends seen of each track and behaviour, ``[R, K]`` each; an event lasts no time."""
    names, event = record.ethogram.names(of_set), record.ethogram.kind(of_set) is Kind.event
    rows = record.rows
    code = np.where(rows["set"] == of_set, pd.Categorical(rows["behaviour"], categories=list(names)).codes, -1)
    mine, tracks = code >= 0, len(record.who.rows)
    cell = (record.place * len(names) + code)[mine]
    begun, ended = (event | ~rows["censored_start"][mine], ~(event | rows["censored_stop"][mine]))
    lasts_s = rows["duration_s"][mine] * (not event)
    values = np.column_stack([lasts_s, begun, ended]).astype(np.float64)
    found = summed(values, cell, tracks * len(names)).reshape(tracks, len(names), 3)
    return found[..., 0], found[..., 1], found[..., 2]


def few_words(there: BoolArray, pair: tuple[str, str], kind: Independent, statistics: StatisticsSettings) -> str:
    """Why replicates ``there [G, 2]`` are too few to say how far a difference holds; empty where they are not."""
    numbers = zip(there.sum(axis=0).tolist(), pair, strict=True)
    return too_few([(n, f"{plural(n, kind.word)} in {name}") for n, name in numbers], statistics.min_units)


def shuffle_words(number: int, whole: bool, kind: Independent) -> str:
    """How p was made: ``all 924 shuffles of the conditions over sessions``."""
    return f"{'all ' * whole}{number:,} shuffles of the conditions over {kind.over}"
