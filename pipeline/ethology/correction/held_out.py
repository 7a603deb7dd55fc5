"""A recognizer's held-out clips, counted: what they show, what is told of them, in which recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError, UsageError
from pipeline.ethology.correction.matrix import condition, constrained, poststratified, predictive, rates, shrunk
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.tables import HELD_OUT
from pipeline.ethology.ethogram import RESERVED, UNKNOWN
from pipeline.ethology.handwritten import rows_that
from pipeline.types import IntArray


@dataclass(frozen=True)
class Naming:
    """The ``K`` behaviours of a set, some of them under a common name."""

    place: Mapping[str, int]  # number of each behaviour's name
    names: tuple[str, ...]  # [K]

    @classmethod
    def of(cls, behaviours: Sequence[str], merge: Mapping[str, str]) -> "Naming":
        """The behaviours of a set, merged; ``merge`` may speak of other sets too."""
        called = {name: merge.get(name, name) for name in behaviours}
        names = tuple(dict.fromkeys(called.values()))
        return cls({name: names.index(word) for name, word in called.items()}, names)

    @property
    def merged(self) -> tuple[str, ...]:
        """As ``Run + Trot`` ``[K]``; empty where a behaviour stands for itself."""
        own = [[name for name, number in self.place.items() if number == k] for k in range(len(self.names))]
        return tuple("" if some == [name] else " + ".join(some) for some, name in zip(own, self.names, strict=True))

    def codes(self, words: pd.Series) -> IntArray:
        """Number of each word's name; ``unknown`` is ``K``, all others are -1."""
        return np.asarray(words.map({**self.place, UNKNOWN: len(self.names)}).fillna(-1), dtype=np.int64)


def check_merge(merge: Mapping[str, str], sets: Mapping[str, Sequence[str]]) -> None:
    """``UsageError`` where behaviours to be merged are not there, or not of one set."""
    of = {name: of_set for of_set, names in sets.items() for name in names}
    if lost := sorted(set(merge) - set(of)):
        raise UsageError(f"merge names {', '.join(lost)}; the states are {', '.join(of)}")
    for word in dict.fromkeys(merge.values()):
        joined = {of[name] for name in (*merge, *of) if merge.get(name, name) == word}
        if len(joined) > 1:
            raise UsageError(f"merge makes {word!r} of behaviours of several sets: {', '.join(sorted(joined))}")


@dataclass(frozen=True)
class HeldOut:
    """``counts [G, S + 1, K, K + 1]``: clips by recording, species (last: any other), true and told (last: unknown)."""

    naming: Naming
    species: tuple[str, ...]  # [S]
    counts: FloatArray

    @classmethod
    def of(
        cls,
        clips: pd.DataFrame,
        of_set: str,
        behaviours: Sequence[str],
        merge: Mapping[str, str],
        species: Sequence[str],
    ) -> "HeldOut":
        """The clips of one set in ``tables.HELD_OUT``.

        Clips that are not visible, in truth or as told, are left out: a run gives that time to no behaviour. So are
        clips of which the truth is unknown. ``TableError`` for words that the set does not have.
        """
        rows = HELD_OUT.cast(clips)
        faults = []
        for name in ("true", "told"):
            strange = (rows["set"] == of_set) & ~rows[name].isin([*behaviours, *RESERVED])
            faults += rows_that(f"are {name} a behaviour that the set {of_set!r} does not have", strange)
        if faults:
            raise TableError(f"held_out: {'; '.join(faults)}")
        rows = rows[rows["set"] == of_set]
        naming = Naming.of(behaviours, merge)
        k = len(naming.names)
        true, told = naming.codes(rows["true"]), naming.codes(rows["told"])
        kept = (true >= 0) & (true < k) & (told >= 0)
        recording = pd.factorize(rows["recording"][kept])[0]
        kind = rows["species"][kept].map({name: s for s, name in enumerate(species)}).fillna(len(species))
        shape = (int(recording.max(initial=-1)) + 1, len(species) + 1, k, k + 1)
        counts = np.zeros(shape)
        np.add.at(counts, (recording, kind.to_numpy(dtype=np.int64), true[kept], told[kept]), 1.0)
        return cls(naming, tuple(species), counts)

    @property
    def clips(self) -> IntArray:
        """Clips that show each behaviour ``[K]``."""
        return np.asarray(self.counts.sum(axis=(0, 1, 3)), dtype=np.int64)

    @property
    def recordings(self) -> IntArray:
        """Recordings with such a clip ``[K]``."""
        return np.asarray((self.counts.sum(axis=(1, 3)) > 0).sum(axis=0), dtype=np.int64)

    def too_few(self, settings: CorrectionSettings) -> str:
        """Why the clips do not do; empty where they do."""
        if len(self.naming.names) < 2:
            return "one behaviour only: there is nothing to take it for"
        few = [
            f"{name} ({clips} in {recordings})"
            for name, clips, recordings in zip(self.naming.names, self.clips, self.recordings, strict=True)
            if clips < settings.min_clips or recordings < settings.min_recordings
        ]
        wanted = f"fewer than {settings.min_clips} held-out clips in {settings.min_recordings} recordings"
        return f"{wanted}: {', '.join(few)}; merge or audit" if few else ""


@dataclass(frozen=True)
class Matrices:
    """Rates and predictive values of each species ``[S, K, T]``, shrunk towards those of all clips."""

    rate: FloatArray
    value: FloatArray

    @classmethod
    def of(cls, counts: FloatArray, clips: float) -> "Matrices":
        """From ``counts [S + 1, K, T]``."""
        whole, own = counts.sum(axis=0, keepdims=True), counts[:-1]
        rate = shrunk(own, rates(whole), clips)
        return cls(rate, shrunk(own, predictive(whole), clips, axis=-2))

    def conditions(self) -> FloatArray:
        """Condition number of each species' rates ``[S]``."""
        return np.array([condition(rate) for rate in self.rate])

    def corrected(self, told: FloatArray) -> FloatArray:
        """Shares ``[K]`` of what is told by species ``[S, T]``, each corrected by its own matrix and added up."""
        parts = [constrained(rate, own) for rate, own in zip(self.rate, told, strict=True)]
        return np.asarray(np.sum(parts, axis=0))

    def poststratified(self, told: FloatArray) -> FloatArray:
        """As ``corrected``, by predictive values."""
        return np.asarray(
            np.sum([poststratified(value, own) for value, own in zip(self.value, told, strict=True)], axis=0)
        )
