"""Settings that wait for an animal, held against the time from one look at it to the next."""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.ethology.visibility import VisibilitySettings
from pipeline.miniscenes import MiniSceneSettings
from pipeline.trackers import Tracker
from pipeline.tracks.follow import TrackSettings

WARNED = ("visibility.max_unobserved_s", "miniscene.max_jump_s")  # settings that decide this warning, and no track

log = logging.getLogger(__name__)


def waits(tracker: Tracker, tracks: TrackSettings, visibility: VisibilitySettings) -> dict[str, float]:
    """Seconds without a detection after which an animal counts as lost, by setting; 0: it is not waited for at all."""
    return {
        "tracker.max_gap_s": getattr(tracker, "max_gap_s", 0.0),
        "tracks.max_gap_s": tracks.max_gap_s,
        "visibility.max_unobserved_s": visibility.max_unobserved_s,
    }


def longer(known: Mapping[str, float], step_s: float, slack: float = 1.0) -> str:
    """Settings to give so that two looks ``step_s`` seconds apart, or ``slack`` times that, see one animal; or ``""``.

    They bridge two looks in which it was missed.
    """
    return " ".join(f"{name}={3 * step_s:g}" for name, seconds in known.items() if 0 < seconds < slack * step_s)


def warn_if_slow(frames: pd.DataFrame, known: Mapping[str, float], miniscene: MiniSceneSettings) -> None:
    """Say what to give where the frames of a video (tables.FRAMES), as of a time lapse, are further apart than that."""
    steps_s = np.diff(frames["time_s"].to_numpy(np.float64))
    if not len(steps_s):
        return
    step_s, jump = float(np.median(steps_s)), {"miniscene.max_jump_s": miniscene.max_jump_s}
    if 0 < known["tracker.max_gap_s"] < step_s or miniscene.max_jump_s < step_s:
        log.warning(
            "frames are %.3g s apart, and no animal is waited for so long: from one to the next each is lost; give %s",
            step_s,
            longer({**known, **jump}, step_s),
        )
