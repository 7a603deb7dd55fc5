"""How many boxes of a video have a place on the ground, how wrong it may be, and why the others have none."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.ground.poses import NEEDED
from pipeline.tables import GROUND, TELEMETRY

OF_BOXES = GROUND.only("frame", "x_m", "error_m")
OF_FRAMES = TELEMETRY.only("frame", "lat", "height_m", "heading_deg", "pitch_deg", "focal_35mm", "stated", "files")


@dataclass(frozen=True)
class Positions:
    """What is told of places in one video; counts are of boxes."""

    boxes: int
    placed: int
    median_m: float  # of the errors of those that are placed; NaN: none is
    p90_m: float
    uncertain: int  # withheld, as their error is too large
    horizon: int  # at the horizon or above it
    untold: int  # in frames of which too little is told
    files: str  # the kinds of files that told how the camera stood
    stated: Mapping[str, float]  # what the settings state of it

    @classmethod
    def of(cls, ground: pd.DataFrame, telemetry: pd.DataFrame) -> "Positions":
        """``ground`` has the columns of ``OF_BOXES``, ``telemetry``, of all frames, those of ``OF_FRAMES``."""
        enough, on_map = (telemetry[names].notna().all(axis=1) for names in (list(NEEDED), ["lat", "heading_deg"]))
        whole = telemetry.loc[enough & on_map if on_map.any() else enough, "frame"]  # else counted from the drone
        lost = ground["x_m"].isna()
        told, crossed = ground["frame"].isin(whole), ground["error_m"].notna()
        error, first = ground.loc[~lost, "error_m"], telemetry.iloc[0]
        return cls(
            boxes=len(ground),
            placed=int((~lost).sum()),
            median_m=float(error.median()),
            p90_m=float(error.quantile(0.9)),
            uncertain=int((lost & told & crossed).sum()),
            horizon=int((lost & told & ~crossed).sum()),
            untold=int((lost & ~told).sum()),
            files=first["files"],
            stated={name: float(first[name]) for name in first["stated"].split(", ") if name},
        )
