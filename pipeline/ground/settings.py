"""What is stated of the camera, how wrong it may be, and which places are withheld."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.boxes import Point
from pipeline.formats.airdata import is_airdata
from pipeline.rules import hold


@dataclass(frozen=True)
class GroundSettings:
    """``configs/ground`` explains the values; what is stated goes before what the telemetry tells."""

    telemetry: str | None
    pitch_deg: float | None
    heading_deg: float | None
    height_m: float | None
    focal_35mm: float | None
    point: Point
    height_error_m: float
    gimbal_error_deg: float
    focal_error: float
    box_error_px: float
    max_error_m: float
    max_gap_s: float

    def __post_init__(self) -> None:
        errors = {name: getattr(self, name) for name in ("height_error_m", "gimbal_error_deg", "box_error_px")}
        above = {name: getattr(self, name) for name in ("max_error_m", "max_gap_s")}
        stated = {name: getattr(self, name) for name in ("height_m", "focal_35mm")}
        angles = {"pitch_deg": (self.pitch_deg, 90), "heading_deg": (self.heading_deg, 360)}
        hold(
            {
                "telemetry must be a file, an SRT of DJI's or a CSV of Airdata's": (
                    self.telemetry,
                    self.telemetry is None or _telemetry(Path(self.telemetry).expanduser()),
                )
            }
            | {f"{name} must be >= 0": (value, value >= 0) for name, value in errors.items()}
            | {f"{name} must be > 0": (value, value > 0) for name, value in above.items()}
            | {f"{name} must be > 0 or null": (value, value is None or value > 0) for name, value in stated.items()}
            | {
                f"{name} must be in [-{most}, {most}] or null": (value, value is None or abs(value) <= most)
                for name, (value, most) in angles.items()
            }
            | {"focal_error must be in [0, 1)": (self.focal_error, 0 <= self.focal_error < 1)}
        )

    @property
    def enough(self) -> bool:
        """Is so much stated that there are places without any telemetry?"""
        return None not in (self.pitch_deg, self.height_m, self.focal_35mm)


def _telemetry(path: Path) -> bool:
    """Is it a file that could tell how the camera stood?"""
    return path.is_file() and (path.suffix.lower() == ".srt" or is_airdata(path))
