"""Which video of a run a label is about, and which mini-scene, where it names one: by name, or by a path's end."""

import logging
import re
from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

import pandas as pd

from pipeline.errors import UsageError
from pipeline.formats.match import names_of, place_of
from pipeline.formats.near import nearest
from pipeline.formats.text import last_part
from pipeline.types import Video

log = logging.getLogger(__name__)


def about(known: pd.DataFrame, videos: Mapping[str, Video]) -> pd.DataFrame:
    """The labels with ``key``, the video's, and ``scene``, the mini-scene's name where the times are those of one.

    What is labelled in a mini-scene without naming anybody is about its animal.
    """
    found = known["video"].str.replace("\\", "/", regex=False).str.extract(_scene_pattern(videos))
    whole = found["key"].isna()
    found.loc[whole, "key"] = _keys(known["video"][whole], videos)
    nobody = ~whole & (known["subject"] == "")
    return known.assign(
        key=found["key"], scene=found["scene"].fillna(""), subject=known["subject"].where(~nobody, found["scene"])
    )


def _scene_pattern(videos: Mapping[str, Video]) -> str:
    """Finds key and name of the mini-scene in a path: ``<key>/3.2.mp4``, or in a run ``<key>/scenes/3.2.mp4``."""
    keys = "|".join(map(re.escape, sorted(videos, key=len, reverse=True)))
    return rf"(?:^|/)(?P<key>{keys})/(?:scenes/(?:[^/]+/)?)?(?P<scene>\d+(?:\.\d+)?)\.mp4$"


def _keys(names: "pd.Series[str]", videos: Mapping[str, Video]) -> list[str]:
    """The video's key for each name or path; empty where the run has none so called. No name is the only video's.

    Of a path the longest end counts that is a name: two ``DJI_0001.MP4`` are told apart by their folders.
    """
    called: dict[str, list[str]] = {"": list(videos)}
    for key, video in videos.items():
        for name in names_of(video):
            called.setdefault(name, []).append(key)
    meant = {name: keys[0] for name, keys in called.items() if len(set(keys)) == 1}
    ends = {name: next((end for end in _ends(name) if end in called), last_part(name)) for name in set(names)}
    known = [ends[name] for name in names]
    if twice := sorted({name for name in known if len(set(called.get(name, []))) > 1}):
        raise UsageError(
            f"labels of video '{twice[0]}' may mean {some(sorted(set(called[twice[0]])))}; "
            "name the video by its path below the source"
        )
    _check_guesses(ends, meant, videos)
    return [meant.get(name, "") for name in known]


def _check_guesses(ends: Mapping[str, str], meant: Mapping[str, str], videos: Mapping[str, Video]) -> None:
    """Of relative paths that only their last part matches: ``UsageError`` where several are taken for one video, a
    warning where one is that lies in another folder. Whole paths are of another computer, as a rule.
    """
    guessed: dict[str, list[str]] = {}
    for name, end in sorted(ends.items()):
        if end in meant and end == PureWindowsPath(name).name and folder_told(name):
            guessed.setdefault(meant[end], []).append(name)
    for key, found in guessed.items():
        if len(found) > 1:
            raise UsageError(f"labels of {some(found)} may all mean {key}; give the labels of that one video")
        if folder_told(found[0]) != videos[key].path.parent.name:
            log.warning("labels of %s are taken for those of %s", found[0], videos[key].path)


def folder_told(name: str) -> str:
    """The folder that a relative path names; empty where it names none, or is whole, and so of another computer."""
    path = PureWindowsPath(name)
    return "" if path.anchor else path.parent.name


def _ends(name: str) -> list[str]:
    """A name or path, and its ends: ``a/b/c``, ``b/c``, ``c``."""
    parts = name.replace("\\", "/").split("/")
    return [name, *("/".join(parts[k:]) for k in range(len(parts)))]


def asked(name: str, videos: Mapping[str, Video]) -> str:
    """A video's name that is unknown, with the one that may be meant: numbers are no slips of the hand."""
    called = {end: str(place) for place in map(place_of, videos.values()) for end in _ends(_bare(str(place)))}
    for end in _ends(_bare(name)):
        if near := nearest(end, [one for one in called if _digits(one) == _digits(end)]):
            return f"{name} (did you mean {called[near]}?)"
    return name


def _bare(path: str) -> str:
    return re.sub(r"\.[^./\\]*$", "", path)


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def some(names: Any) -> str:
    """Some names in words: the first eight, and how many more there are."""
    shown = [str(name) for name in names]
    return ", ".join(shown[:8]) + (f" and {len(shown) - 8} more" if len(shown) > 8 else "")
