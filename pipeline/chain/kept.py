"""What the tables over all videos keep of one: read and summed up by processes that load no more than this needs."""

from pathlib import Path

from pipeline.artifacts import read_blocks, read_table
from pipeline.ethology.naming import stored_track_blocks
from pipeline.ethology.study import Part, Rules, part
from pipeline.tables import BEHAVIOURS, FRAMES, TRACKS

_OF_BOXES = TRACKS.only("track", "frame", "time_s", "species", "observed")


def kept(rules: Rules, key: str, folder: Path) -> Part:
    """Everything that the tables need of the video whose own tables are in ``folder``."""
    frames = read_table(folder / "frames.parquet", FRAMES)
    behaviours = read_blocks(folder / "behaviours.parquet", BEHAVIOURS, "track")
    return part(key, frames, stored_track_blocks(folder, _OF_BOXES), behaviours, rules)
