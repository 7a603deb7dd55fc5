"""How far the told places of animals on the ground are from the true ones."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.comparison.matching import counted, pairs
from pipeline.geodesy import Origin, metres


def position_figures(tracks: pd.DataFrame, ground: pd.DataFrame | None, animals: pd.DataFrame) -> dict[str, Any]:
    """``median_m p90_m`` of the distance between told and true places, of boxes that match a true animal that counts.

    ``placed_share`` of these ``boxes`` have a place; the figures are None where none has.

    ``ground`` is tables.GROUND of the run's ``tracks``, None where it has no places; ``animals`` the truth's ANIMALS,
    whose place is the middle of the trunk: the foot of a box is up to half an animal nearer to the camera.
    """
    true, found = pairs(animals, tracks)
    counts = counted(animals)[true]
    true, found = true[counts], found[counts]
    if ground is None or not len(true):
        return {"median_m": None, "p90_m": None, "placed_share": None, "boxes": len(true)}
    told = tracks.iloc[found][["track", "frame"]].merge(ground, on=["track", "frame"], how="left")
    there = animals.iloc[true][["lat", "lon"]].to_numpy(np.float64)
    start = Origin(*there[0])
    sides = (metres(told["lat"].to_numpy(), told["lon"].to_numpy(), start), metres(there[:, 0], there[:, 1], start))
    apart = np.hypot(*(first - second for first, second in zip(*sides, strict=True)))
    placed = apart[~np.isnan(apart)]
    median, p90 = np.quantile(placed, [0.5, 0.9]).tolist() if len(placed) else (None, None)
    return {"median_m": median, "p90_m": p90, "placed_share": len(placed) / len(true), "boxes": len(true)}
