"""Does correcting a time budget for the recognizer's errors help? On real errors, and where it should.

    python scripts/correct_budgets.py PREDICTIONS [--studies 2000]

PREDICTIONS is a CSV file of clips with ``p_<behaviour>`` and ``y_<behaviour>``, as kabr-tools' released X3D-L gives
them for KABR's validation clips. One half of the clips with one behaviour gives the confusion matrix, the other is the
field: what is told of it, inverted or post-stratified, against what is true, by total variation (half the summed
differences of shares; median over so many halves). Halves are random, or of whole blocks of clips that follow each
other: the file names no recordings, and neighbours are alike, so even these are the best case.

Then studies are simulated in which the matrix is known and behaviours are twice as frequent, or half as frequent, as
among the held-out clips, so that correcting does help: total variation from what the animals did in these sessions, and
how often 95 % limits hold the share that sessions have on average. Recordings and sessions differ in their errors.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.correction.held_out import Matrices
from pipeline.ethology.correction.matrix import condition, constrained, poststratified, predictive, rates
from pipeline.ethology.correction.shares import Change, Changed, changed_limits
from pipeline.ethology.limited import Limited, limited
from pipeline.ethology.shares import Cells, Pooled
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.evaluation.confusion import confusion
from pipeline.evaluation.outcomes import read_outcomes
from pipeline.types import BoolArray, IntArray

HALVES, BLOCK = 300, 50
RARE = ("Auto-Groom", "Occluded")
NAMES = ("Graze", "Walk", "Head Up", "Groom", "Run")
RATES = np.array(
    [
        [0.90, 0.02, 0.05, 0.02, 0.01],
        [0.02, 0.88, 0.06, 0.01, 0.03],
        [0.08, 0.06, 0.80, 0.05, 0.01],
        [0.06, 0.02, 0.12, 0.78, 0.02],
        [0.01, 0.10, 0.02, 0.01, 0.86],
    ]
)
CLIPS = np.array([0.46, 0.24, 0.18, 0.06, 0.06])  # shares among the held-out clips
FIELD = np.array([0.23, 0.20, 0.36, 0.18, 0.03])  # and in the field
ALIKE = 60.0  # concentration of the errors of a recording or session around RATES
VARIED = 12.0  # and of a session's shares around FIELD, a recording's around CLIPS
PER_RECORDING = 40  # held-out clips
SETTINGS = StatisticsSettings(
    interval_s=1.0, by=[], time_bin_s=None, min_units=2, min_visible_s=0.0, confidence=0.95, resamples=100, seed=0
)


def main() -> None:
    """Reckon and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predictions", type=Path, nargs="?")
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    if given.predictions:
        clips = Clips.read(given.predictions)
        print(clips.words(), halves(clips, rng).to_string(float_format="%.3f"), sep="\n\n")
    if given.studies:
        print("", simulated(given.studies, rng).to_string(index=False, float_format="%.3f"), sep="\n")


@dataclass(frozen=True)
class Clips:
    """What is true of each clip with one behaviour, and what is told: numbers of ``names``."""

    names: tuple[str, ...]
    true: IntArray
    told: IntArray

    @classmethod
    def read(cls, path: Path) -> "Clips":
        """The clips of a file."""
        outcomes = read_outcomes(path, block=1)
        one = outcomes.part(outcomes.single)
        return cls(outcomes.behaviours, one.truth.argmax(axis=1), one.probabilities.argmax(axis=1))

    def counts(self, rows: BoolArray) -> FloatArray:
        """Confusion of some of the clips ``[K, K]``."""
        return confusion(self.true[rows], self.told[rows], len(self.names)).astype(np.float64)

    def words(self) -> str:
        """How many clips, and the condition numbers."""
        every = np.ones(len(self.true), dtype=bool)
        kept = [k for k, name in enumerate(self.names) if name not in RARE]
        some = self.counts(np.isin(self.true, kept) & np.isin(self.told, kept))[np.ix_(kept, kept)]
        clips = ", ".join(f"{name} {n}" for name, n in zip(self.names, np.bincount(self.true).tolist(), strict=True))
        conditions = (
            f"{condition(rates(self.counts(every))):,.0f}, without {', '.join(RARE)} {condition(rates(some)):.1f}"
        )
        return f"{len(self.true)} clips of one behaviour: {clips}\ncondition number {conditions}"


def halves(clips: Clips, rng: np.random.Generator) -> pd.DataFrame:
    """Median total variation by kind of halves."""
    rows = {}
    for name, block in (("random halves", 1), (f"halves of blocks of {BLOCK} clips", BLOCK)):
        unit = np.arange(len(clips.true)) // block
        made = []
        for _ in range(HALVES):
            first = rng.permutation(unit.max() + 1) < (unit.max() + 1) / 2
            made.append(apart(clips.counts(first[unit]), clips, ~first[unit]))
        rows[name] = pd.DataFrame(made).median()
    return pd.DataFrame(rows).T


def apart(counts: FloatArray, clips: Clips, field: BoolArray) -> dict[str, float]:
    """Total variation of the field's true shares from those told, and from what ``counts`` make of them."""
    k = len(clips.names)
    true, told = (np.bincount(values[field], minlength=k) / field.sum() for values in (clips.true, clips.told))
    found = np.where(np.isfinite(rates(counts)), rates(counts), np.eye(k))  # what no clip shows is taken as told
    shares = {
        "raw": told,
        "inverted": np.linalg.pinv(found.T) @ told,
        "constrained inversion": constrained(found, told),
        "post-stratified": poststratified(predictive(counts), told),
    }
    return {name: variation(share, true) for name, share in shares.items()}


def variation(first: FloatArray, second: FloatArray) -> float:
    """Total variation of two sets of shares."""
    return float(np.abs(first - second).sum() / 2)


def simulated(number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Accuracy and coverage by numbers of sessions and held-out recordings."""
    rows = []
    for sessions, recordings in ((6, 12), (10, 12), (10, 40), (20, 40)):
        hits: dict[str, list[FloatArray]] = {}
        off: dict[str, list[float]] = {}
        wide: dict[str, list[float]] = {}
        for study in studies(number, sessions, recordings, rng):
            for name, one in corrected(study).items():
                off.setdefault(name, []).append(variation(one.share, study.true))
                held = (one.low <= FIELD) & (one.high >= FIELD)
                hits.setdefault(name, []).append(np.where(np.isnan(one.low), np.nan, held))
                wide.setdefault(name, []).append(float(np.nanmean(one.high - one.low)))
        for name, found in hits.items():
            held = np.nanmean(found, axis=0)
            rows.append(
                {"sessions": sessions, "recordings": recordings, "shares": name, "apart": np.mean(off[name])}
                | dict(zip(NAMES, held, strict=True))
                | {"none": np.isnan(found).mean(), "width": np.nanmean(wide[name])}
            )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Study:
    """What is told of the sessions, what is true of them together, and the held-out clips ``[G, 2, K, K + 1]``."""

    cells: Cells
    true: FloatArray
    counts: FloatArray


def studies(number: int, sessions: int, recordings: int, rng: np.random.Generator) -> Iterator[Study]:
    """So many studies."""
    k = len(NAMES)
    for _ in range(number):
        true = rng.dirichlet(VARIED * FIELD, sessions)
        told = np.stack([share @ errors(rng) for share in true])
        seconds = np.column_stack([told, np.zeros(sessions)]) * 600.0
        counts = np.zeros((recordings, 2, k, k + 1))
        for own in counts[:, 0]:
            clips = rng.multinomial(PER_RECORDING, rng.dirichlet(VARIED * CLIPS))
            own[:, :k] = [rng.multinomial(n, row) for n, row in zip(clips, errors(rng), strict=True)]
        session = np.arange(sessions, dtype=np.int64)
        yield Study(Cells(session, -1 - session, seconds, seconds.sum(axis=1)), true.mean(axis=0), counts)


def errors(rng: np.random.Generator) -> FloatArray:
    """The rates of one recording or session ``[K, K]``."""
    return np.stack([rng.dirichlet(ALIKE * row) for row in RATES])


def corrected(study: Study) -> dict[str, Limited]:
    """Shares and limits, as told and by both corrections."""
    k, whole = len(NAMES), study.counts.sum(axis=0)
    matrices = Matrices.of(whole, 0.0)
    others = [Matrices.of(whole - own, 0.0) for own in study.counts]
    found = {"raw": limited(Changed(Pooled(), lambda shares: shares[:k]), study.cells, SETTINGS)}
    for name in ("corrected", "poststratified"):
        change, *without = (_change(one, name) for one in (matrices, *others))
        found[name] = changed_limits(Changed(Pooled(), change), without, study.cells, SETTINGS, within=False)
    return found


def _change(matrices: Matrices, name: str) -> Change:
    made = getattr(matrices, name)
    return lambda shares: made(shares[None])


if __name__ == "__main__":
    main()
