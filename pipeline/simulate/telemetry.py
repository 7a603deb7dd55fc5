"""What the simulated drone notes of itself, frame by frame, as DJI's newer drones do."""

import pandas as pd

from pipeline.ground.poses import FULL_FRAME_MM

TAKE_OFF = pd.Timestamp("2023-01-12 10:31:05.000")  # local time of frame 0, the same for every scene


def telemetry(camera: pd.DataFrame, frames: pd.DataFrame, long_px: int) -> pd.DataFrame:
    """Rows for ``formats.dji_srt_write`` of the truth's ``CAMERA`` and tables.FRAMES; ``long_px``: the longer side.

    The drone took off from the ground below it; the bearing is in -180..180, as DJI writes it.
    """
    clock = (TAKE_OFF + pd.to_timedelta(camera["time_s"], unit="s")).dt.strftime("%Y-%m-%d %H:%M:%S.%f")
    return pd.DataFrame(
        {
            "counter": camera["frame"] + 1,
            "time_s": camera["time_s"],
            "duration_s": frames["duration_s"].to_numpy(),
            "clock": clock,
            "latitude_deg": camera["lat"],
            "longitude_deg": camera["lon"],
            "rel_altitude_m": camera["z_m"],
            "abs_altitude_m": camera["elevation_m"],
            "focal_mm": camera["focal_px"] * FULL_FRAME_MM / long_px,
            "gimbal_yaw_deg": (camera["yaw_deg"] + 180.0) % 360.0 - 180.0,
            "gimbal_pitch_deg": camera["pitch_deg"],
            "gimbal_roll_deg": camera["roll_deg"],
        }
    )
