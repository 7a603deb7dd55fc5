"""Held-out clips with their scores, as what a run would tell of each: what corrects time budgets."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.ethology.behaviours import BehaviourSettings, per_frame
from pipeline.ethology.correction.held_out import check_merge
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.tables import HELD_OUT
from pipeline.ethology.ethogram import NOT_VISIBLE, Ethogram
from pipeline.ethology.sequences.stretches import state_sets
from pipeline.evaluation.outcomes import Outcomes, read_outcomes
from pipeline.recognizers.folder import CARD, read_card
from pipeline.tables import FRAMES, SCORE_PREFIX, SCORES, TRACKS
from pipeline.types import BoolArray

FILE = "held_out.csv"  # in the folder of a trained model


def read_held_out(
    path: Path, ethogram: Ethogram, settings: BehaviourSettings, correction: CorrectionSettings
) -> pd.DataFrame:
    """``held_out`` of a file as ``outcomes.read_outcomes`` has it, or of a trained model's folder.

    ``UsageError`` also where the folder has no such file, or ``correction`` merges what is not there,
    ``ModelError`` where the folder's card has faults.
    """
    check_merge(correction.merge, {name: ethogram.names(name) for name in state_sets(ethogram)})
    if path.is_dir() and not (path / FILE).is_file():
        raise UsageError(f"held_out={path} has no {FILE}: a folder that ethopipe train made has one")
    file = path / FILE if path.is_dir() else path
    return held_out(read_outcomes(file), ethogram, settings, _chose_checkpoint(file))


def _chose_checkpoint(file: Path) -> bool:
    """Are these the clips of a trained model, whose card says so? Of other clips it is not known."""
    trained = file.name == FILE and (file.parent / CARD).is_file()
    return trained and bool(read_card(file.parent).held_out_chose_checkpoint)


def held_out(
    outcomes: Outcomes, ethogram: Ethogram, settings: BehaviourSettings, chose_checkpoint: bool = False
) -> pd.DataFrame:
    """``ethology.correction.tables.HELD_OUT``: a row for every clip and set in which the truth is told.

    ``settings`` are the run's, thresholds among them: a clip is told by the run's own rules, as a frame that one window
    covers. (In a run several windows cover most frames, and their mean errs a little less often.) A clip with several
    true behaviours in a set, or none, is not of that set; with one that cannot be seen it is ``not visible`` in all.
    ``UsageError`` where nobody says which recording a clip is of, the clips are scored in other words, or the run
    adapts to each video, which clips cannot: they do not show its errors.
    """
    if settings.adapt:
        raise UsageError(
            f"behaviours.adapt={settings.adapt:g} tells behaviours by how often they are in each video, so held-out "
            "clips do not show its errors; run with behaviours.adapt=0, or without held_out"
        )
    if not outcomes.grouped:
        raise UsageError("the held-out clips have no column group: which recording each is of; their spread needs it")
    here = {word for word, _ in ethogram.places}
    if lost := sorted(here ^ set(outcomes.behaviours)):
        raise UsageError(f"the held-out clips are not of the run's recognizer: {', '.join(lost)} only in one of them")
    told = _told(outcomes, ethogram, settings)
    hidden = {behaviour.name for behaviour in ethogram.all if not behaviour.visible} | {NOT_VISIBLE}
    unseen = _true(outcomes, ethogram, hidden)
    parts = []
    for of_set in ethogram.sets:
        names = ethogram.names(of_set)
        shown = np.stack([_true(outcomes, ethogram, {name}) for name in names], axis=1)
        rest = [behaviour.rest for behaviour in ethogram.behaviours if behaviour.set == of_set]
        shown[:, rest] |= ~shown.any(axis=1, keepdims=True)
        true = np.where(unseen, NOT_VISIBLE, np.array(names, dtype=object)[shown.argmax(axis=1)])
        rows = pd.DataFrame(
            {
                "recording": outcomes.group,
                "species": "" if outcomes.species is None else outcomes.species,
                "set": of_set,
                "true": true,
                "told": told.loc[told["set"] == of_set, "behaviour"].to_numpy(),
            }
        )
        parts.append(rows[unseen | (shown.sum(axis=1) == 1)])
    return HELD_OUT.cast(pd.concat(parts).assign(chose_checkpoint=chose_checkpoint))


def _told(outcomes: Outcomes, ethogram: Ethogram, settings: BehaviourSettings) -> pd.DataFrame:
    """``tables.BEHAVIOURS`` of each clip, which is here one frame of a single track, with a window of its own."""
    n = len(outcomes)
    words = [f"{SCORE_PREFIX}{word}" for word in outcomes.behaviours]
    windows = pd.DataFrame({"track": 0, "start_frame": np.arange(n), "stop_frame": np.arange(n) + 1, "time_s": 0.0})
    scores = windows.assign(repeated=False).join(pd.DataFrame(outcomes.probabilities, columns=words))
    frame = pd.DataFrame({"frame": np.arange(n), "time_s": 0.0})
    box: dict[str, Any] = {"x1": 0.0, "y1": 0.0, "x2": 1.0, "y2": 1.0, "score": 1.0, "species": "", "observed": True}
    tracks = TRACKS.cast(frame.assign(track=0, **box))
    frames = FRAMES.cast(frame.assign(duration_s=1.0, fault=""))
    sight = pd.Series("", index=tracks.index, dtype="object")
    alone = replace(settings, switch_s=0.0)  # clips do not follow each other
    return per_frame(SCORES.cast(scores), tracks, frames, ethogram, sight, alone)


def _true(outcomes: Outcomes, ethogram: Ethogram, names: set[str]) -> BoolArray:
    """Clips of which a word with one of these names is true ``[N]``."""
    words = {word for word, name in ethogram.places if name in names}
    return np.asarray(outcomes.truth[:, [word in words for word in outcomes.behaviours]].any(axis=1))
