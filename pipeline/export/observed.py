"""Mini-scenes or source videos as they are observed in BORIS or a spreadsheet, and what is known of them already."""

import pandas as pd

from pipeline.columns import Column, Table
from pipeline.ethology.ethogram import UNKNOWN, Kind
from pipeline.export.held import Held
from pipeline.export.settings import Unit
from pipeline.formats.boris_write import Observation

TEMPLATE = Table(
    "labels",
    (
        Column("video", "str", "", "the video that was watched"),
        Column("track", "str", "", "the animal's name, or its track's number"),
        Column("start_s", "float", "s", "start, by the video's own time", decimals=3),
        Column("stop_s", "float", "s", "stop, exclusive; empty: an event", decimals=3, missing=True),
        Column("behaviour", "str", "", "what it does; empty: to be filled in"),
    ),
)
SCENES = "scenes"
_SCENE = ["video", "scene"]


def film(video: str, scene: str) -> str:
    """Where the video of a mini-scene lies in the folder."""
    return f"{SCENES}/{video}/{scene}.mp4"


def known(held: Held, chosen: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """What was recognized in the mini-scenes chosen: ``video scene subject behaviour kind start_s stop_s``.

    Seconds are those of the mini-scene or of the video, as ``unit`` says; stretches that are unknown are left out.
    """
    pieces = held.pieces
    pieces = pieces[pieces["behaviour"] != UNKNOWN]
    begun = chosen[["video", "scene", "subject", "start_s"]].rename(columns={"start_s": "begun_s"})
    told = pieces.merge(begun, on=["video", "scene"])
    since = told["begun_s"] if unit is Unit.scene else 0.0
    return told.assign(start_s=told["start_s"] - since, stop_s=told["stop_s"] - since)


def observations(held: Held, chosen: pd.DataFrame, told: pd.DataFrame, unit: Unit) -> list[Observation]:
    """What BORIS is to show, one after another; ``told`` is what ``known`` gives."""
    found = []
    for one in held.videos:
        filmed, words = held.noted.filmed(one.key), held.noted.words(one.key)
        scenes, own = chosen[chosen["video"] == one.key], told[told["video"] == one.key]
        if unit is Unit.scene:
            lasts = (scenes["stop_s"] - scenes["start_s"]).tolist()
            for scene, length in zip(scenes["scene"].tolist(), lasts, strict=True):
                name, media = f"{one.key} {scene}", film(one.key, scene)
                found.append(Observation(name, media, length, one.fps, own[own["scene"] == scene], filmed, words))
        elif len(scenes):
            found.append(Observation(one.key, one.media, one.info["duration_s"], one.fps, own, filmed, words))
    return found


def subjects(chosen: pd.DataFrame) -> list[str]:
    """Everybody who is to be seen: tracks by number, then animals by name."""
    return sorted(set(chosen["subject"]), key=lambda name: (not name.isdecimal(), len(name) * name.isdecimal(), name))


def rows(chosen: pd.DataFrame, told: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """``TEMPLATE``: a row for each interval that is known, and one to be filled in for a mini-scene without any."""
    events = told["kind"] == Kind.event.value
    filled = told.assign(stop_s=told["stop_s"].mask(events))
    bare = chosen[~pd.MultiIndex.from_frame(chosen[_SCENE]).isin(pd.MultiIndex.from_frame(told[_SCENE]))]
    since = bare["start_s"] if unit is Unit.scene else 0.0
    bare = bare.assign(behaviour="", start_s=bare["start_s"] - since, stop_s=bare["stop_s"] - since)
    both = pd.concat([filled, bare]).assign(place=lambda data: _places(data, chosen))
    both = both.sort_values(["place", "start_s"], kind="stable")
    if unit is Unit.scene:
        both = both.assign(video=[film(*names) for names in zip(both["video"], both["scene"], strict=True)])
    return both.assign(track=both["subject"])[TEMPLATE.names]


def _places(data: pd.DataFrame, chosen: pd.DataFrame) -> "pd.Series[int]":
    """Number of each row's mini-scene among those chosen."""
    order = {scene: place for place, scene in enumerate(zip(chosen["video"], chosen["scene"], strict=True))}
    return pd.Series([order[scene] for scene in zip(data["video"], data["scene"], strict=True)], index=data.index)
