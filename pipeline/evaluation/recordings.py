"""What is held against a truth of boxes: the detections and tracks of a run, or tracks in files, frame by frame."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object
from pipeline.comparison.compare import read_run
from pipeline.errors import TableError, UsageError
from pipeline.evaluation.settings import EvaluationPlan, Frames
from pipeline.evaluation.truth import of_pictures, true_boxes, truth_of
from pipeline.formats.match import check_apart
from pipeline.formats.read import Format, format_of, labels_in, read_boxes
from pipeline.labelled import told_of
from pipeline.stored import footage
from pipeline.types import IntArray, Video, VideoInfo


@dataclass(frozen=True)
class Recording:
    """One video: what was found and what is true, both of the frames that are judged."""

    video: str  # key
    found: pd.DataFrame | None  # tables.DETECTIONS; None where there are tracks only
    tracks: pd.DataFrame  # track frame x1 y1 x2 y2
    animals: pd.DataFrame  # frame track x1 y1 x2 y2 species counts
    frames: int  # that are judged
    files: dict[str, Path]  # what they are: the files that all this comes from
    least_score: float = 0.0  # of the detections that were followed

    @property
    def identities(self) -> bool:
        """Does the truth say which boxes are one animal?"""
        return bool((self.animals["track"] >= 0).all())


def recordings(plan: EvaluationPlan) -> tuple[list[Recording], dict[str, str]]:
    """The videos that can be judged, and the keys of the others with what they lack.

    ``UsageError`` where none can be, ``TableError`` for a file that is broken.
    """
    assert plan.truth is not None  # the plan sees to it
    pairs = _of_a_run(plan.run) if plan.run else _in_files(plan.tracks)
    made: list[Recording] = []
    left_out = {}
    truths = {video: truth_of(plan.truth, video, len(pairs) == 1) for video, _ in pairs}
    check_apart({video: truth for video, truth in truths.items() if truth not in (None, plan.truth)})
    for video, place in pairs:
        if (truth := truths[video]) is None:
            left_out[video.key] = "it has no truth"
        elif plan.run is None:
            made.append(_of_file(plan, video, place, truth))
        elif not (place / "tracks.parquet").is_file():
            left_out[video.key] = "the run followed nothing in it: it failed or was stopped"
        else:
            made.append(_of_run(plan, video, truth))
    if not made:
        reasons = "; ".join(f"{key}: {reason}" for key, reason in list(left_out.items())[:5])
        raise UsageError(f"nothing to judge by {plan.truth}; {reasons}; files of truth are named as the videos")
    if not any(one.animals["counts"].any() for one in made):
        raise UsageError(f"no frame that is judged has a true box; is {plan.truth} about these videos?")
    return made, left_out


def _of_a_run(run: Path) -> list[tuple[Video, Path]]:
    """The videos of a run, and where their tables lie."""
    videos = [Video(str(key), footage(of)) for key, of in told_of(run)["videos"].items()]
    return [(video, run / "videos" / video.key) for video in videos]


def _in_files(path: Path | None) -> list[tuple[Video, Path]]:
    """The videos that files of tracks are about, and the files."""
    if path is None or not path.exists():
        raise UsageError(f"no such tracks: {path}; tracks is a file of boxes with identities, or a folder of them")
    if path.is_file() or labels_in(path) != path:
        return [(_named(path), labels_in(path))]
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    if not files:
        raise UsageError(f"no file of tracks in {path}")
    return [(_named(file), file) for file in files]


def _named(file: Path) -> Video:
    """The video that a file of tracks is about, as its name says."""
    name = file.name.removesuffix(".mot.txt") if file.name.endswith(".mot.txt") else file.stem
    return Video(name, Path(name))


def _of_run(plan: EvaluationPlan, video: Video, truth: Path) -> Recording:
    assert plan.run is not None
    ran = read_run(plan.run, video.key)
    told = read_object(plan.run / "videos" / video.key / "video.json")
    info = VideoInfo(int(told["width"]), int(told["height"]), None, told["announced"], "", "", 0, bool(told["still"]))
    animals = true_boxes(truth, video, info, plan.old2new)
    judged = _judged(plan, truth, animals, ran.analysed)
    found, tracks, animals = (_only(table, judged) for table in (ran.detections, ran.tracks, animals))
    folder = plan.run / "videos" / video.key
    files = {what: folder / f"{what}.parquet" for what in ("detections", "tracks")} | {"truth": truth}
    return Recording(video.key, found, tracks, animals, len(judged), files, ran.least_score)


def _of_file(plan: EvaluationPlan, video: Video, file: Path, truth: Path) -> Recording:
    info = VideoInfo(0, 0, None, None, "", "", 0, still=False)
    for path in (file, truth):
        if format_of(path) is Format.yolo:
            raise UsageError(f"{path}: boxes in shares of a picture whose size nobody tells; give run=FOLDER instead")
    tracks = read_boxes(file, video, info).rename(columns={"given_id": "track"})
    if nameless := int((tracks["track"] < 0).sum()):
        raise TableError(f"{file}: {nameless} of {len(tracks)} boxes have no identity: these are no tracks")
    animals = true_boxes(truth, video, info, plan.old2new)
    judged = _judged(plan, truth, animals, np.union1d(tracks["frame"], animals["frame"]).astype(np.int64))
    files = {"tracks": file, "truth": truth}
    return Recording(video.key, None, _only(tracks, judged), _only(animals, judged), len(judged), files)


def _judged(plan: EvaluationPlan, truth: Path, animals: pd.DataFrame, looked_at: IntArray) -> IntArray:
    """The frames that are judged, of those looked at."""
    labelled = plan.frames is Frames.labelled or (plan.frames is Frames.auto and of_pictures(truth))
    return np.intersect1d(looked_at, animals["frame"]).astype(np.int64) if labelled else looked_at


def _only(table: pd.DataFrame, frames: IntArray) -> pd.DataFrame:
    return table[table["frame"].isin(frames)].reset_index(drop=True)
