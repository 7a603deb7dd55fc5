"""Coders' rows joined: which videos are the same, and which animals."""

from itertools import combinations

import numpy as np
import pandas as pd

from pipeline.artifacts import read_table
from pipeline.errors import UsageError
from pipeline.ethology.agreement.settings import Watched
from pipeline.ethology.agreement.tables import CODED
from pipeline.formats.labels import each
from pipeline.label_videos import some
from pipeline.observers.coders import RUN, read_coder
from pipeline.observers.settings import AgreePlan
from pipeline.observers.videos import common_names
from pipeline.tables import TRACKS

_LONGEST_S = 31 * 86400.0  # that a video may last
_NEAR_PX = 1.0  # by which the boxes of one track may differ in two runs


def joined(plan: AgreePlan) -> pd.DataFrame:
    """``tables.CODED`` of all coders of the plan, videos and animals under the names that they have in common.

    ``UsageError`` where coders have no video or no animal in common, or it cannot be told which.
    """
    parts = each(lambda path: read_coder(path, plan), plan.coders)
    called = common_names([set(part["video"]) for part in parts])
    rows = pd.concat(
        [
            _on_one_clock(part, shift, name).assign(coder=name, video=part["video"].map(of))
            for part, name, of, shift in zip(parts, plan.names, called, plan.shift_s or [0.0] * len(parts), strict=True)
        ],
        ignore_index=True,
    )
    _check_videos(rows, plan)
    rows = pd.concat([_animals(own, str(video)) for video, own in rows.groupby("video", sort=True)])
    _check_tracks(rows, plan)
    if plan.how.watched is Watched.coded:
        _check_animals(rows)
    return CODED.cast(rows.sort_index())


def _on_one_clock(part: pd.DataFrame, shift_s: float, name: str) -> pd.DataFrame:
    """The rows by the clock that all share, whose 0 is the video's first frame; ``UsageError`` where none is left."""
    start, stop = part["start_s"] + shift_s, part["stop_s"] + shift_s
    kept = (stop > 0) | ((stop == 0) & (start == 0))  # an event at 0 is in
    if not kept.any():
        raise UsageError(f"shift_s={shift_s:g} takes all that {name} coded before the video's start")
    if not (last := float(stop.max())) <= _LONGEST_S:
        raise UsageError(
            f"{name} codes until {last:.3g} s after the video's start, longer than any video; shift_s= takes a time of "
            "day off"
        )
    return part.assign(start_s=start.clip(lower=0.0), stop_s=stop)[kept]


def _check_videos(rows: pd.DataFrame, plan: AgreePlan) -> None:
    coders = rows.groupby("video")["coder"].nunique()
    if (coders < 2).all():
        told = [f"{name} of {some(sorted(set(rows['video'][rows['coder'] == name])))}" for name in plan.names]
        raise UsageError(f"no video in common: {'; '.join(told)}; they are matched by name, whatever folder or ending")


def _animals(own: pd.DataFrame, video: str) -> pd.DataFrame:
    """The rows of one video, an animal under one name: a run's named animal by its track where others name that, and
    nobody in particular as the one animal that others name.
    """
    subjects = own["subject"]
    of_labels = set(subjects[own["track"] == ""])
    by_track = ~subjects.isin(of_labels) & own["track"].isin(of_labels - {""})
    own = own.assign(subject=subjects.where(~by_track, own["track"]))
    said = own.groupby("coder")["subject"].agg(set)
    nobody = said[said == {""}].index
    others = sorted(set().union(*said.drop(nobody)) - {""}) if len(nobody) < len(said) else []
    if len(nobody) and len(others) > 1:
        raise UsageError(f"{some(nobody)} names no animal in {video}, others name {some(others)}; name it in all files")
    return own.assign(subject=own["subject"].where(~own["coder"].isin(nobody), "".join(others)))


def _check_animals(rows: pd.DataFrame) -> None:
    """``UsageError`` where no animal of any video is coded by two."""
    if (rows.groupby(["video", "subject"])["coder"].nunique() < 2).all():
        video = next(name for name, own in rows.groupby("video") if own["coder"].nunique() > 1)
        own = rows[rows["video"] == video].groupby("coder")["subject"].unique()
        told = "; ".join(f"{coder!s} names {some(sorted(names))}" for coder, names in own.items())
        raise UsageError(f"no animal in common: in {video!s} {told}")


def _check_tracks(rows: pd.DataFrame, plan: AgreePlan) -> None:
    """``UsageError`` where one number is another animal in two runs: they were followed anew in each."""
    runs = [(path, name) for path, name in zip(plan.coders, plan.names, strict=True) if (path / RUN).is_file()]
    numbered = rows[rows["subject"] == rows["track"]]
    for (first, one), (second, other) in combinations(runs, 2):
        keys = [
            numbered[numbered["coder"] == name].drop_duplicates("video").set_index("video")["key"]
            for name in (one, other)
        ]
        for video in sorted(set(keys[0].index) & set(keys[1].index)):
            boxes = [
                read_table(run / "videos" / of[video] / "tracks.parquet", TRACKS)
                for run, of in zip((first, second), keys, strict=True)
            ]
            if not _same_tracks(*boxes):
                raise UsageError(
                    f"{one} and {other} followed the animals of {video} each by itself, so that a track's number is "
                    "not one animal; name them in both with individuals.csv, or run the one on the other's tracks "
                    "(tracker=replay)"
                )


def _same_tracks(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    """Do tracks of one number have the same boxes, wherever both have one?"""
    both = first.merge(second, on=["track", "frame"], suffixes=("", "_2"))
    apart = [np.abs(both[edge] - both[f"{edge}_2"]) for edge in ("x1", "y1", "x2", "y2")]
    return len(both) > 0 and all(bool((far <= _NEAR_PX).all()) for far in apart)
