"""The formats of ``ethopipe export``: one function each, and what it is for.

Results go to a folder of the format's own name; what is to be labelled goes together, as ``kit.py`` lays it out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.export.boris import write_boris_aggregated, write_boris_events, write_boris_project
from pipeline.export.boxes import (
    write_ava_rows,
    write_coco_tracks,
    write_cvat_tracks,
    write_mot_tracks,
    write_via_tracks,
)
from pipeline.export.cvat import write_cvat_behaviours
from pipeline.export.darwin import write_darwin_core
from pipeline.export.held import Held
from pipeline.export.kabr import write_kabr_predictions, write_kabr_time_budgets
from pipeline.export.kit import Kit, write_boris, write_csv, write_cvat
from pipeline.export.results import write_tidy, write_xlsx
from pipeline.export.sequences import write_behatrix, write_jwatcher, write_sds


@dataclass(frozen=True)
class Labels:
    """What behaviours are labelled with. ``made`` is the file or folder to begin at; ``films``: needs the videos."""

    write: Callable[[Path, Kit], None]
    purpose: str
    made: str
    films: bool = False


@dataclass(frozen=True)
class Results:
    """What the run found, for another program. ``write`` fills the folder and returns what the user has to know."""

    write: Callable[[Path, Held], list[str]]
    purpose: str


LABELS: Mapping[str, Labels] = {
    "cvat": Labels(write_cvat, "label mini-scenes in CVAT", "scenes", films=True),
    "boris": Labels(write_boris, "label mini-scenes or videos in BORIS", "labels.boris"),
    "csv": Labels(write_csv, "label mini-scenes or videos in a spreadsheet", "labels.csv"),
}
RESULTS: Mapping[str, Results] = {
    "tidy": Results(write_tidy, "the run's tables as CSV, with a data dictionary"),
    "xlsx": Results(write_xlsx, "the same as one workbook"),
    "boris_events": Results(write_boris_events, "BORIS's tabular events, a row a start, stop or point"),
    "boris_aggregated": Results(write_boris_aggregated, "BORIS's aggregated events, a row a bout"),
    "boris_project": Results(write_boris_project, "a BORIS project that opens with the source videos"),
    "sdis": Results(write_sds, "timed sequences for GSEQ"),
    "behatrix": Results(write_behatrix, "behavioural strings for Behatrix"),
    "jwatcher": Results(write_jwatcher, "focal data files for JWatcher"),
    "kabr_predictions": Results(write_kabr_predictions, "kabr-tools' predictions, the behaviour in every frame"),
    "kabr_time_budgets": Results(write_kabr_time_budgets, "kabr-tools' time_budgets.csv, of visible time"),
    "cvat_tracks": Results(write_cvat_tracks, "boxes and animals for CVAT (CVAT for video 1.1)"),
    "cvat_behaviours": Results(write_cvat_behaviours, "behaviours on mini-scenes, laid out as kabr-tools has them"),
    "mot": Results(write_mot_tracks, "boxes and animals in MOTChallenge's text"),
    "coco": Results(write_coco_tracks, "boxes and animals in COCO-VID's JSON"),
    "via": Results(write_via_tracks, "boxes and animals in VIA's csv, as movement reads it"),
    "ava": Results(write_ava_rows, "boxes and behaviours once a second, in AVA's csv"),
    "darwin_core": Results(write_darwin_core, "Darwin Core events and occurrences"),
}


def formats_of(words: Sequence[str]) -> tuple[str, ...]:
    """The formats of these names, each once; ``ValueError`` where there is none, or a name that is none's."""
    known = [*LABELS, *RESULTS]
    wrong = [word for word in words if word not in known]
    if wrong or not words:
        raise ValueError(f"format must be one or more of {', '.join(known)}, got {wrong[0] if wrong else 'none'}")
    return tuple(dict.fromkeys(words))


def listed() -> str:
    """What there is, a line each."""
    every: dict[str, Labels | Results] = {**LABELS, **RESULTS}
    rows = [f"  {name:18s} {one.purpose}" for name, one in every.items()]
    return "\n".join([*rows[: len(LABELS)], "", *rows[len(LABELS) :]])
