"""Labels joined to a run: which of its animals a labelled interval is about, and when that was, in seconds.

The labels name videos, tracks or animals, and times or frames of the footage; the run knows where each animal was then.
Or they name a mini-scene's video, and times from its own start.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object, read_table
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import tells_nothing
from pipeline.ethology.individuals import read_individuals
from pipeline.formats.clips import renamed
from pipeline.formats.kabr import scene_folder
from pipeline.formats.labels import Faults
from pipeline.label_videos import about, asked, some
from pipeline.miniscenes import Layout, MiniSceneSettings, mini_scenes
from pipeline.scenes import file_name
from pipeline.tables import FRAMES, TRACKS
from pipeline.types import Video

EVENT_S = 1.0  # about an event, which has no duration of its own
SLACK_S = 0.5  # times past the end of a video by less are rounding
FPS = 0.01  # share by which a stated frame rate may be another than the video's: 29.97 is written as 30
TOUCH_S = 0.05  # intervals that overlap by less only touch

log = logging.getLogger(__name__)


def joined(run: Path, intervals: pd.DataFrame, old2new: Mapping[str, str]) -> "list[tuple[Shown, pd.DataFrame]]":
    """The labels of each video of a run: ``track behaviour start_s stop_s``, by track and time.

    ``intervals`` is formats' ``INTERVALS``, faulty ones among it. ``old2new`` renames behaviours; a new name that is
    empty leaves the intervals out, as are those that say that nothing is known, ``unknown`` for one
    (``ethogram.tells_nothing``). Behaviours of one animal exclude each other: leave out the others of a second set.
    ``TableError`` has the faults of the labels in one line: what cannot be read, a track or a name that does not exist,
    times past the end, behaviours that overlap, a frame rate that is not the video's. ``UsageError`` where none of the
    labels is about the run. Of labels that lie in part where their animal is not followed it is said how much is left
    out.
    """
    told = told_of(run)
    videos = {key: Video(key, Path(of["path"])) for key, of in told["videos"].items()}
    settings = MiniSceneSettings(**told["settings"]["miniscene"])
    faults = Faults("labels", lambda row: str(intervals["place"][row]))
    for row, fault in intervals["fault"][intervals["fault"] != ""].items():
        faults.add(int(str(row)), fault)
    known = _about_run(run, _said(intervals, old2new, faults), videos, faults)
    names = run / "tables" / "individuals.csv"
    named = read_individuals(names) if names.is_file() else None
    found, cut = [], list[tuple[int, float, str]]()
    for key, rows in known.groupby("key", sort=True):
        shown = Shown.of(run, videos[str(key)], settings, named)
        placed = _placed(shown, rows, faults).sort_values(["track", "start_s", "stop_s"], kind="stable")
        for _, own in placed.groupby("track", sort=True):
            _check_overlaps(own, faults)
        cut += _not_followed(shown, placed)
        found.append((shown, placed.reset_index(drop=True)))
    faults.stop()
    if cut:
        (row, lost_s, why), *others = sorted(cut)
        more = f"; so are {sum(lost for _, lost, _ in others):.4g} s of {len(others)} more" if others else ""
        log.warning("%s: %s; %.4g s of the label are left out%s", faults.place(row), why, lost_s, more)
    return found


def _said(intervals: pd.DataFrame, old2new: Mapping[str, str], faults: Faults) -> pd.DataFrame:
    """The labels that say something and can be read, under their new names."""
    known = intervals.assign(behaviour=intervals["behaviour"].map(lambda name: renamed(name, old2new)))
    known = known[(known["behaviour"] != "") & (known["fault"] == "")]
    if known.empty:
        faults.stop()
        raise UsageError("old2new leaves no label over; give the behaviours that matter a name")
    known = known[~known["behaviour"].map(tells_nothing)]
    if known.empty:
        faults.stop()
        raise UsageError("no label says what an animal does: all are unknown, not visible or not followed")
    return known


def _about_run(run: Path, known: pd.DataFrame, videos: Mapping[str, Video], faults: Faults) -> pd.DataFrame:
    """The labels that are about a video of the run, as ``about`` has them; of which the others are is said."""
    known = about(known, videos)
    strange = [asked(name, videos) for name in sorted(set(known["video"][known["key"] == ""]))]
    if (known["key"] == "").all():
        faults.stop()
        raise UsageError(
            f"none of the labels is about a video of {run}: they speak of {some(strange)}, the run of {some(videos)}"
        )
    if strange:
        log.warning("labels of videos that %s does not have are left out: %s", run, some(strange))
    return known[known["key"] != ""]


def told_of(run: Path) -> dict[str, Any]:
    """What a run says of itself; ``UsageError`` where it is none."""
    told = read_object(run / "run.json")
    if not told.get("videos"):
        raise UsageError(f"{run} is no run of ethopipe: it has no run.json that names videos")
    return told


@dataclass(frozen=True)
class Shown:
    """One video of a run: when each animal was to be seen, and in which mini-scene."""

    video: Video
    scenes: pd.DataFrame  # track segment species start_s stop_s start_frame stop_frame scene path, by track and time
    end_s: float
    frame_s: "pd.Series[float]"  # start of each source frame
    stop_s: "pd.Series[float]"  # and its end
    announced: float  # frames a second, as the video's file says; NaN where it does not
    named: Mapping[str, list[int]]  # animals' names: their tracks

    @classmethod
    def of(cls, run: Path, video: Video, settings: MiniSceneSettings, names: pd.DataFrame | None) -> "Shown":
        """What the run stored of the video."""
        folder = run / "videos" / video.key
        frames = read_table(folder / "frames.parquet", FRAMES).set_index("frame")
        rows = mini_scenes(read_table(folder / "tracks.parquet", TRACKS), settings)
        rows = rows.assign(stop_s=rows["time_s"] + frames["duration_s"].reindex(rows["frame"]).to_numpy())
        scenes = rows.groupby(["track", "segment"], as_index=False).agg(
            species=("species", "first"), start_s=("time_s", "first"), stop_s=("stop_s", "last"),
            start_frame=("frame", "first"), stop_frame=("frame", lambda frames: frames.iloc[-1] + 1),
        )  # fmt: skip
        below = Path("videos") / video.key / "scenes"
        if settings.layout is Layout.kabr_tools:
            below /= scene_folder(video.path)
        pairs = zip(scenes["track"].tolist(), scenes["segment"].tolist(), strict=True)
        scenes = scenes.assign(scene=[file_name(*pair) for pair in pairs])
        scenes = scenes.assign(path=[(below / f"{name}.mp4").as_posix() for name in scenes["scene"]])
        named = {}
        if names is not None:
            mine = names[names["video"] == video.key].groupby("individual")["track"]
            named = {str(name): tracks.tolist() for name, tracks in mine if name}
        ends = frames["time_s"] + frames["duration_s"]
        rate = read_object(folder / "video.json").get("rate")
        announced = float(Fraction(rate)) if rate else np.nan
        return cls(video, scenes, float(ends.max()), frames["time_s"], ends, announced, named)

    def tracks(self, subject: str) -> list[int] | None:
        """The tracks that a label's subject means, a name, a track's number, or that as our own tables and files write
        it, ``<video>#3``; None where there is none so called.
        """
        numbers = sorted(set(self.scenes["track"].tolist()))
        if not subject:
            return numbers if len(numbers) == 1 else None
        if subject in self.named:
            return self.named[subject]
        bare = subject.removeprefix(f"{self.video.key}#").removeprefix(f"{unquote(self.video.key)}#")
        number = re.fullmatch(r"(\d+)(\.\d+)?", bare)  # 3.2: its second scene
        return [int(number[1])] if number and int(number[1]) in numbers else None


def _placed(shown: Shown, rows: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """A row for each label and track that it is about, in seconds, as far as the track was to be seen."""
    _check_rates(shown, rows, faults)
    start, stop = _seconds(shown, rows, faults)
    begin = rows["scene"].map(shown.scenes.set_index("scene")["start_s"]).astype("float64")
    faults.mark((rows["scene"] != "") & begin.isna(), f"{shown.video.key} has no mini-scene {{}}", rows["scene"])
    start, stop = start + begin.fillna(0.0), stop + begin.fillna(0.0)
    found: list[tuple[int, int, str, float, float]] = []
    for row, subject, behaviour in zip(rows.index.tolist(), rows["subject"], rows["behaviour"], strict=True):
        tracks = shown.tracks(subject)
        if tracks is None:
            faults.add(row, _unknown(subject, shown))
            continue
        low, high = float(start[row]), float(stop[row])
        if high > shown.end_s + SLACK_S or low >= shown.end_s + SLACK_S * (low == high):
            faults.add(row, f"{low:g} to {high:g} s is past the end of {shown.video.key} ({shown.end_s:g} s)")
            continue
        if low == high:
            low, high = max(low - EVENT_S / 2, 0.0), low + EVENT_S / 2
        seen = shown.scenes[shown.scenes["track"].isin(tracks)]
        seen = seen[(seen["start_s"] < high) & (seen["stop_s"] > low)]
        if seen.empty:
            faults.add(row, f"{subject or 'the animal'} is not followed from {low:g} to {high:g} s")
        found += [(row, int(track), behaviour, low, high) for track in sorted(set(seen["track"]))]
    return pd.DataFrame(found, columns=["row", "track", "behaviour", "start_s", "stop_s"]).set_index("row")


def _not_followed(shown: Shown, placed: pd.DataFrame) -> Iterator[tuple[int, float, str]]:
    """Of the labels that lie in part where their animal is not followed: row, seconds there, and where it is."""
    for row, own in placed.groupby(level="row"):
        low, high = own[["start_s", "stop_s"]].iloc[0]
        seen = shown.scenes[shown.scenes["track"].isin(own["track"])]
        lost_s = high - low - (seen["stop_s"].clip(low, high) - seen["start_s"].clip(low, high)).sum()
        if lost_s > SLACK_S:
            spans = zip(seen["start_s"], seen["stop_s"], strict=True)
            told = some(f"{first:.4g} to {last:.4g}" for first, last in spans)
            yield int(str(row)), lost_s, f"track {some(sorted(set(own['track'])))} is followed from {told} s"


def _seconds(shown: Shown, rows: pd.DataFrame, faults: Faults) -> "tuple[pd.Series[float], pd.Series[float]]":
    """Start and stop of each label, where it gives frames by the timestamps of these."""
    by_frame = rows["start_frame"] >= 0
    last = int(shown.frame_s.index.max())
    beyond = by_frame & ((rows["start_frame"] > last) | (rows["stop_frame"] > last + 1))
    faults.mark(beyond, f"frame {{}} is past the last of {shown.video.key} ({last})", rows["stop_frame"] - 1)
    start = shown.frame_s.reindex(rows["start_frame"].clip(0, last)).to_numpy()
    stop = shown.stop_s.reindex((rows["stop_frame"] - 1).clip(0, last)).to_numpy()
    return (
        pd.Series(np.where(by_frame, start, rows["start_s"]), index=rows.index),
        pd.Series(np.where(by_frame, stop, rows["stop_s"]), index=rows.index),
    )


def _check_rates(shown: Shown, rows: pd.DataFrame, faults: Faults) -> None:
    """Mark the first label of each frame rate that its file states and the video has not: it is of another copy.

    The video's own rate is that of most frames, their mean where it varies, or what its file announces to all programs.
    """
    length = shown.stop_s - shown.frame_s
    if not length.median() > 0:  # a still has no rate
        return
    own = [1 / float(length.median()), len(length) / float(length.sum()), shown.announced]
    far = (rows["fps"] > 0) & ~np.logical_or.reduce([(rows["fps"] / rate - 1).abs() <= FPS for rate in own])
    text = "states {:g} frames/s, but {} has {:.5g}; label the video that was run, or mend the rate"
    faults.mark(far & ~rows["fps"].where(far).duplicated(), text, rows["fps"], rows["key"], rows["fps"] * 0 + own[0])


def _unknown(subject: str, shown: Shown) -> str:
    tracks = sorted(set(shown.scenes["track"].tolist()))
    there = f"{shown.video.key} has the tracks {some(tracks)}" + (f" and {some(shown.named)}" if shown.named else "")
    if not subject:
        return f"nobody is named, and {there}"
    return f"no track or animal '{subject}': {there}; name animals in the run's individuals.csv"


def _check_overlaps(own: pd.DataFrame, faults: Faults) -> None:
    """Mark each label of a track, in order of time, that begins before an earlier one has ended."""
    until = own["stop_s"].cummax().shift(fill_value=-np.inf)
    over = own["start_s"] < until - TOUCH_S
    longest = own["stop_s"].where(own["stop_s"] == own["stop_s"].cummax())
    before = own["behaviour"].where(longest.notna()).ffill().shift(fill_value="")
    for row in own.index[over]:
        text = f"'{own['behaviour'][row]}' of track {own['track'][row]} begins at {own['start_s'][row]:g} s"
        out = f"old2new={{'{own['behaviour'][row]}': ''}}"
        faults.add(
            int(row), f"{text}, before '{before[row]}' has ended ({until[row]:g} s); leave one of them out ({out})"
        )
