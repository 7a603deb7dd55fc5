"""The truth on disk: our tables, and the formats that others read.

::

    <out>/<name>.mp4   the video            <out>/<name>.xml   CVAT for video 1.1, every box a key frame
          <name>.SRT   DJI's telemetry
    <out>/truth/animals.parquet  every animal in every frame         truth/gt/gt.txt   MOTChallenge, with visibility
          truth/camera.csv       the camera in every frame           truth/coco.json   COCO, one frame in SAMPLED
          truth/bouts.csv, frames.parquet, tracks.parquet: as a run has them         truth/dictionary.csv
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.artifacts import read_table, write_csv, write_table
from pipeline.columns import Table, dictionary
from pipeline.errors import TableError
from pipeline.formats.coco_write import write_coco
from pipeline.formats.cvat_write import write_cvat
from pipeline.formats.dji_srt_write import Dialect, write_srt
from pipeline.formats.mot import write_mot_truth
from pipeline.simulate import record
from pipeline.simulate.telemetry import telemetry
from pipeline.simulate.truth import ANIMALS, CAMERA, Filmed, animals_table, camera_table
from pipeline.tables import BOUTS, FRAMES, TRACKS

FOLDER = "truth"
TOLD = f"{FOLDER}/scene.json"  # scene, seed, and, once all is written, the video's hash; marks a folder as one of ours
SAMPLED = 10  # the COCO file has one frame in so many


@dataclass(frozen=True)
class Truth:
    """The truth as read back: tables ``ANIMALS``, ``CAMERA`` and tables.FRAMES."""

    animals: pd.DataFrame
    camera: pd.DataFrame
    frames: pd.DataFrame


_TABLES: tuple[tuple[Table, str], ...] = (
    (ANIMALS, "parquet"),
    (CAMERA, "csv"),
    (FRAMES, "parquet"),
    (TRACKS, "parquet"),
    (BOUTS, "csv"),
)


def truth_files(out: Path, stem: str) -> list[Path]:
    """The truth of ``<stem>.mp4`` in ``out``, in the order in which it is written (gt.txt with its labels.txt)."""
    folder = out / FOLDER
    tables = [folder / f"{table.name}.{suffix}" for table, suffix in _TABLES]
    others = [folder / "dictionary.csv", folder / "gt" / "gt.txt", folder / "coco.json"]
    return [*tables, *others, out / f"{stem}.xml", out / f"{stem}.SRT"]


def write_truth(filmed: Filmed, out: Path) -> list[Path]:
    """Write everything that is true of a film beside its video in ``out``; the files, in order."""
    size, animals = (filmed.views[0].width, filmed.views[0].height), animals_table(filmed)
    noted = record.record(filmed.video, animals, record.frames(filmed.times_s))
    made = {
        ANIMALS.name: animals,
        CAMERA.name: camera_table(filmed),
        FRAMES.name: noted.frames,
        TRACKS.name: noted.tracks,
        BOUTS.name: record.true_bouts(noted),
    }
    *tables, meanings, mot, coco, cvat, srt = wrote = truth_files(out, Path(filmed.video).stem)
    for path, (table, _) in zip(tables, _TABLES, strict=True):
        write_table(path, made[table.name], table)
    write_csv(meanings, dictionary(table for table, _ in _TABLES))
    boxes = noted.tracks.assign(observed=True, occluded=~noted.tracks["observed"])  # hidden, but none interpolated
    write_cvat(cvat, boxes, size, len(filmed.shown), filmed.video)
    write_mot_truth(mot, animals)
    write_coco(coco, animals, filmed.video, size, range(0, len(filmed.shown), SAMPLED))
    write_srt(srt, telemetry(made[CAMERA.name], noted.frames, max(size)), Dialect.modern)
    return wrote


def read_truth(out: Path) -> Truth:
    """The truth beside a simulated video; ``TableError`` where there is none or it is broken."""
    folder = out / FOLDER
    if not folder.is_dir():
        raise TableError(
            f"no truth in {out}: there is no folder {FOLDER}; ethopipe simulate writes it beside the video"
        )
    animals = read_table(folder / "animals.parquet", ANIMALS)
    return Truth(animals, read_table(folder / "camera.csv", CAMERA), read_table(folder / "frames.parquet", FRAMES))
