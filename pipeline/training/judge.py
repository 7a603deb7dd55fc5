"""A fitted network judged by clips of groups that it never saw, and its probabilities made to mean what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, softmax

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.evaluation.calibration import apart, calibrated, log_loss, own_thresholds, thresholds
from pipeline.evaluation.confusion import confusion, metrics, table
from pipeline.evaluation.metrics import figures
from pipeline.evaluation.outcomes import GROUP, TRUTH, TRUTH_PREFIX, Outcomes
from pipeline.report.words import plural
from pipeline.tables import SCORE_PREFIX, SPECIES_PREFIX
from pipeline.training.probe import fold_of
from pipeline.training.samples import Held, Samples
from pipeline.training.start import scale
from pipeline.types import IntArray

FEW = 10  # held-out clips told as a behaviour, under which no threshold is set for it


@dataclass(frozen=True)
class Judged:
    """``N`` held-out clips: what the head says of ``K`` behaviours, calibrated; what is true; and the clips' rows.

    The head's calibration was learnt from all of these clips, so whether it is any good is asked of ``apart``, where
    each group's probabilities are calibrated by the other groups; of a single group the two are the same.
    ``exclusive``: exactly one behaviour is true of a clip. ``species`` are the clips of ``apart`` beside what they were
    told to be, with nothing true of a clip whose species nobody knows; None where the model tells none. ``fold`` [N]
    says by which model of several each was judged. ``kept`` are behaviours that no clip shows and that stayed as they
    were, their calibration too: the clips then say how many of the new ones are found, and no more.
    """

    outcomes: Outcomes
    apart: Outcomes
    rows: pd.DataFrame
    exclusive: bool
    species: Outcomes | None = None
    fold: IntArray | None = None
    kept: tuple[str, ...] = ()

    @property
    def counts(self) -> IntArray:
        """Confusion ``[K, K]``, where behaviours exclude each other."""
        return _counts(self.outcomes)

    @property
    def species_counts(self) -> IntArray | None:
        """Confusion ``[S, S]`` of the clips whose species is known."""
        return None if self.species is None else _counts(self.species.part(self.species.single))

    @property
    def species_figures(self) -> dict[str, float]:
        """The figures of a card about the species that are told; empty where none are."""
        counts = self.species_counts
        return {} if counts is None or self.species is None else metrics(counts, self.species.behaviours)

    @property
    def figures(self) -> dict[str, float]:
        """The figures of a card."""
        if self.kept:
            made = metrics(self.counts, self.outcomes.behaviours)
            shown = [name for name in self.outcomes.behaviours if f"recall {name}" in made]
            return {f"{word} {name}": made[f"{word} {name}"] for name in shown for word in ("recall", "clips")}
        if self.exclusive:
            told = np.maximum(self.apart.probabilities, 1e-12)
            loss = log_loss(np.log(told), self.apart.truth.argmax(axis=1))
            return metrics(self.counts, self.outcomes.behaviours) | {"log_loss": round(loss, 4)}
        found = figures(self.outcomes, np.ones((1, len(self.outcomes))))
        by = dict(zip(self.outcomes.behaviours, found.by_behaviour["ap"][0].tolist(), strict=True))
        made = {"map": float(found.of_all["map"][0])} | {f"ap {name}": value for name, value in by.items()}
        clips = {f"clips {n}": float(k) for n, k in zip(by, self.outcomes.truth.sum(axis=0).tolist(), strict=True)}
        return {name: round(value, 4) for name, value in (made | clips).items() if np.isfinite(value)}

    @property
    def words(self) -> str:
        """What is printed: a line a behaviour and the mean, or where several can be true a line a figure."""
        if self.kept:
            said = "\n".join(self._added())
        elif self.exclusive:
            said = "\n".join([table(self.counts, self.outcomes.behaviours), *self._never()])
        else:
            said = "\n".join(f"{name:24s} {value:9.3f}" for name, value in self.figures.items())
        counts = self.species_counts
        if counts is None or self.species is None:
            return said
        return f"{said}\n{table(counts, self.species.behaviours, 'species')}"

    def _added(self) -> list[str]:
        """What is known of the new behaviours beside those that stayed as they were."""
        counts, names = self.counts, self.outcomes.behaviours
        told = [
            f"{name}: {counts[k, k]} of {plural(int(counts[k].sum()), 'held-out clip')} found"
            if counts[k].any()
            else f"{name}: not judged; that takes clips of another {GROUP}"
            for k, name in enumerate(names)
            if name not in self.kept
        ]
        return [*told, f"{', '.join(self.kept)}: as they were; how often they are now taken for others is not judged"]

    def _never(self) -> list[str]:
        """Behaviours that were shown and never told rightly."""
        counts, names = self.counts, self.outcomes.behaviours
        return [
            f"never recognized: {name} ({plural(int(counts[k].sum()), 'clip')}); it will be missing from time budgets"
            for k, name in enumerate(names)
            if counts[k].any() and not counts[k, k]
        ]

    def price(self, least: Mapping[str, float]) -> str:
        """How many of these clips would be unknown under these thresholds, in all and for each of them.

        Where several can be true: how many each threshold leaves, and how many of those that show it.
        """
        found = self.outcomes.probabilities.argmax(axis=1)
        limits = np.array([least.get(name, 0.0) for name in self.outcomes.behaviours])
        if not self.exclusive:
            over = self.outcomes.probabilities >= limits
            right, shown = (over & self.outcomes.truth).sum(axis=0), self.outcomes.truth.sum(axis=0)
            return "each is told by itself, where the ethogram gives each a set of its own: " + ", ".join(
                f"{name} from {limits[k]:.2f} (in {over[:, k].sum()} of {plural(len(over), 'clip')}, "
                f"{right[k]} of the {shown[k]} that show it)"
                for k, name in enumerate(self.outcomes.behaviours)
                if name in least
            )
        unsure = self.outcomes.probabilities.max(axis=1) < limits[found]
        told = [
            f"{name} {limits[k]:.2f} ({unsure[found == k].sum()} of {(found == k).sum()} told so)"
            for k, name in enumerate(self.outcomes.behaviours)
            if name in least
        ]
        return f"{unsure.sum()} of {plural(len(unsure), 'clip')} would be unknown: {', '.join(told)}"

    def thresholds(self, right: float) -> dict[str, float]:
        """The least probability of a behaviour from which it is right in a share ``right`` of the clips.

        Where one excludes the others, of the clips of which it is the likeliest; else of all. Left out are behaviours
        that are right often enough as it is, that never are, and those that under ``FEW`` clips speak for.
        """
        if self.kept:
            return {}
        told, every = self.outcomes.probabilities, np.arange(len(self.outcomes.behaviours))
        if self.exclusive:
            least, mine = thresholds(self.outcomes, right), told.argmax(axis=1)[:, None] == every
            count = mine.sum(axis=0)
        else:
            least, mine = own_thresholds(self.outcomes, right), np.ones_like(self.outcomes.truth)
            count = (told >= least).sum(axis=0)
        lowest = np.where(mine, told, np.inf).min(axis=0)
        return {
            name: float(np.floor(least[k] * 1e4) / 1e4)
            for k, name in enumerate(self.outcomes.behaviours)
            if np.isfinite(least[k]) and count[k] >= FEW and least[k] > lowest[k]
        }

    @property
    def table(self) -> pd.DataFrame:
        """As ``ethopipe evaluate scores=`` reads it: a row a clip."""
        names = [name for name in ("path", "row", "start_s", "stop_s", GROUP, "species") if self.rows[name].any()]
        words, told = self.apart.behaviours, self.apart
        of = self.rows[names] if self.fold is None else self.rows[names].assign(fold=self.fold)
        made = of.assign(**{f"{SCORE_PREFIX}{w}": told.probabilities[:, k] for k, w in enumerate(words)})
        if self.species is not None:
            found = self.species.probabilities
            made = made.assign(**{f"{SPECIES_PREFIX}{w}": found[:, k] for k, w in enumerate(self.species.behaviours)})
        if self.exclusive:
            return made.assign(**{TRUTH: np.array(words, dtype=object)[told.truth.argmax(axis=1)]})
        return made.assign(**{f"{TRUTH_PREFIX}{w}": told.truth[:, k].astype(int) for k, w in enumerate(words)})


def judged(
    samples: Samples, clips: IntArray, logits: FloatArray, fold: IntArray | None = None, kept: tuple[str, ...] = ()
) -> Judged:
    """Judge what was said of ``clips`` [n], logits ``[n, K + S]``, by what they show, and calibrate the heads by all.

    ``fold`` [n] and ``kept`` as in ``Judged``.
    """
    start, rows = samples.start, samples.labels.rows.iloc[clips].reset_index(drop=True)
    group = rows[GROUP].to_numpy(object)
    of_behaviours, of_species = np.split(logits, [len(start.behaviours)], axis=1)
    given = softmax(of_behaviours, axis=1) if start.exclusive else expit(of_behaviours)
    outcomes = by_others = Outcomes(start.behaviours, given, samples.truth[clips], group)
    if not kept:
        outcomes, by_others = _calibrated(start.head, outcomes)
    species = None
    if samples.species is not None:
        given = softmax(of_species, axis=1)
        _, species = _calibrated(start.species_head, Outcomes(start.species, given, samples.species[clips], group))
    return Judged(outcomes, by_others, rows, start.exclusive, species, fold, kept)


def _calibrated(head: Any, outcomes: Outcomes) -> tuple[Outcomes, Outcomes]:
    """The same with probabilities that mean what they say: as the head then gives them, and by other groups."""
    calibration = calibrated(outcomes)
    scale(head, calibration.slope, calibration.offset)
    by_others = apart(outcomes, fold_of(outcomes.group.tolist()))
    told = replace(outcomes, probabilities=calibration(outcomes.probabilities))
    return told, replace(outcomes, probabilities=by_others)


def _counts(outcomes: Outcomes) -> IntArray:
    truth, found = (values.argmax(axis=1) for values in (outcomes.truth, outcomes.probabilities))
    return confusion(truth, found, len(outcomes.behaviours))


def logits_of(samples: Samples, clips: IntArray, batch: int, device: str, progress: Progress) -> FloatArray:
    """What the network of ``samples`` says of clips ``[N, K + S]``, seen as a recognizer sees them."""
    import torch

    start = samples.start
    if not len(clips):
        return np.zeros((0, start.outputs))
    model, loader, found = start.model.to(device).eval(), Held(samples, clips, batch), []
    with progress.stage(f"judging, {len(clips)} clips", "batches") as meter, torch.inference_mode():
        meter.expect(len(loader))
        for shown, _ in loader:
            found.append(start.answers(model, shown.to(device)).double().cpu().numpy())
            meter.advance(1)
    model.cpu()
    return np.concatenate(found)
