"""What calibration and silence are worth: learnt on one half of the recordings, judged on the other."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.evaluation.calibration import calibrated, thresholds, told
from pipeline.evaluation.outcomes import Outcomes
from pipeline.evaluation.results import known
from pipeline.types import BoolArray


@dataclass(frozen=True)
class Crossed:
    """Each half of the clips treated by what the other half taught."""

    outcomes: Outcomes  # calibrated
    told: BoolArray  # [N] which are called by a behaviour


def crossed(outcomes: Outcomes, precision: float) -> Crossed | None:
    """The clips calibrated and with their doubtful ones left out, each half by the other.

    The halves are the first and the last of the units, as they stand in the file: neighbours are alike, and a random
    half would know its other half too well. None where a half has no clip of one behaviour.
    """
    first = outcomes.units < (outcomes.units.max() + 1) / 2
    if not (outcomes.single[first].any() and outcomes.single[~first].any()):
        return None
    probabilities, kept = np.empty_like(outcomes.probabilities), np.empty(len(outcomes), dtype=bool)
    for own, other in ((first, ~first), (~first, first)):
        teacher = outcomes.part(other)
        learnt = calibrated(teacher)
        probabilities[own] = learnt(outcomes.probabilities[own])
        least = thresholds(replace(teacher, probabilities=learnt(teacher.probabilities)), precision)
        kept[own] = told(replace(outcomes.part(own), probabilities=probabilities[own]), least)
    return Crossed(replace(outcomes, probabilities=probabilities), kept)


def abstention(outcomes: Outcomes, halves: Crossed, precision: float) -> dict[str, Any]:
    """What is gained where doubtful clips are left ``unknown``, and for how many clips."""
    treated = halves.outcomes
    learnt = calibrated(outcomes)
    least = thresholds(replace(outcomes, probabilities=learnt(outcomes.probabilities)), precision)
    right = outcomes.truth[np.arange(len(outcomes)), treated.probabilities.argmax(axis=1)]
    return {
        "wanted_precision": precision,
        "told": round(float(halves.told.mean()), 6),
        "right_of_all": round(float(right.mean()), 6),
        "right_of_told": round(float(right[halves.told].mean()), 6) if halves.told.any() else None,
        "thresholds": {name: known(value) for name, value in zip(outcomes.behaviours, least, strict=True)},
    }
