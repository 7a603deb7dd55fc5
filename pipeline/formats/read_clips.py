"""Labelled clips of a public data set, whose layout is told by what its folder holds."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.errors import UsageError
from pipeline.formats.charades import find_annotation, read_charades
from pipeline.formats.cvat_behaviour import ACTIONS, find_scenes, read_scene_clips
from pipeline.formats.mammalnet import find_lists, read_mammalnet

KNOWN = (
    "annotation/train.csv (KABR, Animal Kingdom, BaboonLand's charades), "
    f"composition/train.csv (MammalNet), {ACTIONS}/ with mini-scenes (BaboonLand, kabr-tools), "
    "annotations/train.json or labels/ beside videos_full/ (ChimpACT)"
)


def read_clips(folder: Path, classes: Sequence[str] = ()) -> tuple[Path, pd.DataFrame]:
    """The folder that paths are relative to, and ``CLIPS``; ``UsageError`` where it holds no layout that is known.

    ``classes`` names behaviours in the order of their numbers, for data sets that number them. ``TableError`` has the
    faults of all files in one line.
    """
    if find_annotation(folder):
        return folder, read_charades(folder, classes)
    if lists := find_lists(folder):
        return read_mammalnet(lists, classes)
    if scenes := find_scenes(folder):
        return folder, read_scene_clips(folder, scenes)
    raise UsageError(f"{folder}: neither clips.csv nor a data set of known layout: {KNOWN}")
