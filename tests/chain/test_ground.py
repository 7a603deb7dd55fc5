"""Telemetry beside a video becomes places on the ground; without it nothing is done, and nothing said."""

import json
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.artifacts import read_table
from pipeline.chain.lived import lived
from pipeline.ethology.ethogram import EthogramSettings, resolve
from pipeline.ethology.society.geojson import WGS84, Habitats
from pipeline.ethology.society.settings import Unit
from pipeline.ethology.society.study import Rules
from pipeline.tables import GROUND, TRACKS
from tests.ethology.made import statistics
from tests.ethology.society.made import settings
from tests.shapes import draw_clip

SRT = (
    "1\n00:00:00,000 --> 00:00:02,000\n[focal_len : 240] [latitude: -0.3] [longitude: 36.9]"
    " [rel_alt: 40.0 abs_alt: 1740.0] [gb_yaw: 90.0 gb_pitch: -60.0 gb_roll: 0.0]\n"
)


FLIGHT = (  # the same in feet, of which the last second was filmed
    "time(millisecond),latitude,longitude,height_above_takeoff(feet),altitude_above_seaLevel(feet),"
    " compass_heading(degrees),gimbal_heading(degrees),gimbal_pitch(degrees),isVideo\n"
) + "".join(f"{100 * k},-0.3,36.9,131.233596,5708.661417,90,90,-60,{k > 19:d}\n" for k in range(30))


def assert_society_in_metres(folder: Path) -> None:
    """Groups by metres, and habitats in degrees: a bush east of the drone."""
    from shapely import box

    bush = Habitats("bush.geojson", WGS84, [box(36.9, -0.31, 36.91, -0.29)], ["bush"], [""])
    ethogram = resolve(EthogramSettings([], {}), ["stationary", "walk", "run"])
    kept = lived(Rules(ethogram, settings(unit=Unit.metre), statistics(), polygons=bush), "herd.mp4", folder)
    assert len(kept.tables["subgroups"])
    assert set(kept.tables["habitat_stays"]["habitat"]) == {"bush"}


@pytest.mark.usefixtures("tables_alone")
def test_telemetry_comes_and_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw_clip(tmp_path / "herd.mp4", seed=1, duration_s=1.0, animals=1)
    folder, log = tmp_path / "out" / "videos" / "herd.mp4", tmp_path / "herd.SRT"
    words = ["detector=motion", "recognizer=kinematic", "overlay=false", f"out={tmp_path / 'out'}"]

    def run() -> tuple[str, list[str], list[str]]:
        """What is said, which stages are done, which tables there are of it."""
        assert cli.main(["run", str(tmp_path / "herd.mp4"), *words]) == 0
        video = json.loads((tmp_path / "out" / "run.json").read_text())["videos"]["herd.mp4"]
        there = [name for name in ("telemetry", "ground") if (folder / f"{name}.parquet").is_file()]
        return capsys.readouterr().err, list(video["seconds"]), there

    said, _, there = run()
    assert ("ground" in said, there) == (False, [])
    log.write_text(SRT)
    assert run()[1:] == (["ground"], ["telemetry", "ground"])  # nothing else is done again
    ground, tracks = (read_table(folder / f"{table.name}.parquet", table) for table in (GROUND, TRACKS))
    assert ground[["track", "frame"]].equals(tracks[["track", "frame"]])
    assert ground["lon"].between(36.9, 36.901).all()  # east of the drone, 40 m up
    assert_society_in_metres(folder)
    log.write_text(SRT.replace("gb_pitch", "gimbal"))
    said, done, there = run()
    assert (done, there) == (["ground"], ["telemetry"])
    assert "warning: no places on the ground: the telemetry does not tell pitch_deg; state: ground.pitch_deg=" in said
    log.unlink()
    assert run()[1:] == ([], [])
    flight = tmp_path / "flight.csv"
    flight.write_text(FLIGHT)
    words += [f"ground.telemetry={flight}", "ground.focal_35mm=24"]
    assert run()[1:] == (["ground"], ["telemetry", "ground"])
    assert read_table(folder / "ground.parquet", GROUND)["lon"].equals(ground["lon"])
    flight.write_text(FLIGHT.replace(",-60,", ",-75,"))
    assert run()[1:] == (["ground"], ["telemetry", "ground"])  # its content counts
