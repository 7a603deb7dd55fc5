"""Bouts: the ethogram of one video, one row for every uninterrupted stretch of one behaviour of one animal.

Start and stop are half-open in frames and in seconds. A bout is censored where its start or stop was not seen: the
record begins or ends there (track, video, a gap), or the animal was ``unknown`` or ``not visible`` beside it. Censored
bouts count in budgets; their durations are lower bounds (Altmann 1974, Behaviour 49: 227-267, on truncated records;
Haccou and Meelis, "Statistical Analysis of Behavioural Data").
"""

import numpy as np
import pandas as pd

from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.individuals import subjects
from pipeline.ethology.observations import default_session
from pipeline.ethology.runs import runs
from pipeline.tables import BOUTS


def bouts(
    behaviours: pd.DataFrame,
    tracks: pd.DataFrame,
    ethogram: Ethogram,
    video: str,
    names: pd.DataFrame | None = None,
    source: str = "model",
) -> pd.DataFrame:
    """tables.BOUTS of one video, by track, set and start; also of ``unknown`` and ``not visible``.

    ``behaviours`` is tables.BEHAVIOURS, smoothed or not; columns ``session`` and ``species`` in it go before the
    video's default session and the species in ``tracks``. ``names`` (tables.NAMES) names the subjects.
    """
    found = runs(behaviours)
    if len(found) == 0:
        return BOUTS.empty()
    first, last = found.rows.iloc[found.first].reset_index(), found.rows.iloc[found.stop - 1].reset_index()
    events = {of_set for of_set in ethogram.sets if ethogram.kind(of_set) is Kind.event}
    is_event = first["set"].isin(events).to_numpy() & found.recognized
    frames = found.rows["frames"].to_numpy(dtype=np.float64)
    sure = np.add.reduceat(found.rows["confidence"].to_numpy() * frames, found.first)
    confidence = sure / np.add.reduceat(frames, found.first)
    species = tracks.drop_duplicates("track").set_index("track")["species"]
    table = {
        "subject": subjects(video, first["track"], names),
        "session": first.get("session", default_session(video)),
        "video": video,
        "track": first["track"],
        "species": first.get("species", first["track"].map(species)),
        "set": first["set"],
        "behaviour": found.label,
        "kind": np.where(is_event, Kind.event.value, Kind.state.value),
        "start_s": first["time_s"],
        "stop_s": found.stop_s,
        "duration_s": found.stop_s - first["time_s"],
        "start_frame": first["frame"],
        "stop_frame": last["stop_frame"],
        "censored_start": ~found.seen_before(),
        "censored_stop": ~found.seen_after(),
        "confidence": confidence,
        "source": source,
    }
    return BOUTS.cast(pd.DataFrame(table))
