"""What the stage of the ground writes, by hand."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.tables import GROUND, TELEMETRY


def flight(frames: int = 1, **told: object) -> pd.DataFrame:
    """tables.TELEMETRY of a camera 40 m up that looks straight down, its upper edge north, at 0 N 37 E."""
    still = {"lat": 0.0, "lon": 37.0, "height_m": 40.0, "elevation_m": 1740.0, "heading_deg": 0.0, "pitch_deg": -90.0}
    still |= {"roll_deg": 0.0, "focal_35mm": 24.0, "zoom": np.nan, "focal_px": 1280.0, "stated": "", "files": ""}
    rows = {"frame": range(frames), "time_s": np.arange(frames) / 30} | still | told
    return TELEMETRY.cast(pd.DataFrame(rows))


def found(boxes: Sequence[tuple[int, float, float]]) -> pd.DataFrame:
    """tables.GROUND of boxes, each with its frame, ``x_m`` and ``error_m``."""
    rows = pd.DataFrame(boxes, columns=["frame", "x_m", "error_m"]).assign(track=1, time_s=0.0, y_m=0.0)
    return GROUND.cast(rows.assign(lat=np.nan, lon=np.nan, box_error_m=0.2, pixel_m=0.01, stretch=0.05))
