"""Mini-scenes for CVAT and kabr-tools: labels, what was recognized, and the way back to the video."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.artifacts import write_json
from pipeline.ethology.ethogram import UNKNOWN, Behaviour, Kind
from pipeline.ethology.palette import assigned
from pipeline.export.held import Held
from pipeline.export.observed import SCENES
from pipeline.export.video import HeldVideo
from pipeline.formats.cvat_behaviour import ACTIONS
from pipeline.formats.cvat_task import labels, write_behaviours, write_project
from pipeline.formats.kabr import scene_folder, write_kabr
from pipeline.formats.safe_names import distinct
from pipeline.miniscenes import mini_scenes
from pipeline.report.words import plural
from pipeline.scenes import file_name

PRELABELS = "prelabels"


def write_cvat_task(
    folder: Path, held: Held, chosen: pd.DataFrame, behaviours: Sequence[Behaviour], prelabel: bool
) -> None:
    """Write the labels of CVAT's project, and for each video what kabr-tools has beside its mini-scenes.

    CVAT's attribute holds one behaviour at a time: prelabels are of the first set of states only.
    """
    species, names = sorted(set(chosen["species"])), [one.name for one in behaviours]
    of_labels = labels(species, [assigned(number) for number in range(len(species))], names)
    write_json(folder / "cvat_labels.json", of_labels)
    write_project(folder / "cvat_project.zip", f"{held.name}-Behavior", of_labels)
    states = next((one.set for one in behaviours if one.kind is Kind.state), None)
    for one in held.videos:
        scenes = chosen[chosen["video"] == one.key]
        if scenes.empty:
            continue
        _way_back(folder / SCENES / one.key, one, scenes)
        if prelabel:
            pieces = one.pieces[(one.pieces["set"] == states) & (one.pieces["behaviour"] != UNKNOWN)]
            _prelabel(folder / SCENES / one.key / PRELABELS, one, scenes, pieces, names)


def write_cvat_behaviours(folder: Path, held: Held) -> list[str]:
    """What was recognized in every mini-scene, in the time that counts, laid out as kabr-tools has labelled ones: a
    folder a video, called by its two parents and its stem.

    In each ``actions/<scene>.xml``, ``metadata/``, and the mini-scenes' videos where the run has them. Of several sets
    of states the first; what is read from there is the recognizer's word, not a human's.
    """
    names = [one.name for one in held.behaviours]
    states = next((one.set for one in held.behaviours if one.kind is Kind.state), None)
    told = held.bouts[(held.bouts["set"] == states) & (held.bouts["behaviour"] != UNKNOWN)]
    called = distinct(
        [one.key for one in held.videos], [scene_folder(Path(one.media)) for one in held.videos], fold=True
    )
    lost = 0
    for one in held.videos:
        if one.scenes.empty:
            continue
        below = folder / called[one.key]
        _way_back(below, one, one.scenes)
        _prelabel(below / ACTIONS, one, one.scenes, one.within(told[told["video"] == one.key]), names)
        for scene, path in zip(one.scenes["scene"], one.scenes["path"], strict=True):
            if (one.run / path).is_file():
                shutil.copyfile(one.run / path, below / f"{scene}.mp4")
            else:
                lost += 1
    return [f"{plural(lost, 'mini-scene')} without a video; run it again with scenes=true for them"] if lost else []


def _way_back(folder: Path, one: HeldVideo, scenes: pd.DataFrame) -> None:
    """The metadata that maps the mini-scenes' frames to the video's, and the empty ``actions/``."""
    frames = mini_scenes(one.tracks, one.settings)
    names = [file_name(*pair) for pair in zip(frames["track"].tolist(), frames["segment"].tolist(), strict=True)]
    mine = frames.assign(scene=names)
    mine = mine[mine["scene"].isin(scenes["scene"])]
    stem = Path(one.key).stem
    write_kabr(folder, Path(one.media), mine, mine["scene"].tolist(), one.size, one.info["decoded"], stem)


def _prelabel(folder: Path, one: HeldVideo, scenes: pd.DataFrame, pieces: pd.DataFrame, names: Sequence[str]) -> None:
    """One XML a mini-scene in which anything was recognized."""
    size = (one.settings.width_px, one.settings.height_px)
    columns = [scenes[name].tolist() for name in ("scene", "species", "start_frame", "stop_frame")]
    for scene, species, first, stop in zip(*columns, strict=True):
        own = pieces[pieces["scene"] == scene]
        told = [""] * (stop - first)
        for low, high, behaviour in zip(own["start_frame"], own["stop_frame"], own["behaviour"], strict=True):
            told[low - first : high - first] = [behaviour] * (high - low)
        if any(told):
            write_behaviours(folder / f"{scene}.xml", species, told, names, size, f"{scene}.mp4")
