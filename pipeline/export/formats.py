"""The formats of ``ethopipe export``: one function each, and what it is for.

Results go to a folder of the format's own name; what is to be labelled goes together, as ``kit.py`` lays it out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from pipeline.export.boris import check_boris, write_boris_aggregated, write_boris_events, write_boris_project
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
from pipeline.export.kit import Kit, check_names, write_boris, write_csv, write_cvat
from pipeline.export.places import check_geojson, check_gpkg, write_geojson, write_gpkg
from pipeline.export.results import check_tidy, check_xlsx, write_tidy, write_xlsx
from pipeline.export.sequences import check_jwatcher, check_sequences, write_behatrix, write_jwatcher, write_sds

_followed: Callable[[Held], object] = attrgetter("bouts")  # is there any animal?


def _nothing(_: object) -> None:
    """Nothing has to be so."""


@dataclass(frozen=True)
class Labels:
    """What behaviours are labelled with. ``made`` is the file or folder to begin at; ``films``: needs the videos.

    ``check`` raises ``UsageError`` where it cannot be written.
    """

    write: Callable[[Path, Kit], None]
    purpose: str
    made: str
    films: bool = False
    check: Callable[[Kit], object] = _nothing


@dataclass(frozen=True)
class Results:
    """What the run found, for another program. ``write`` fills the folder and returns what the user has to know;
    ``check`` raises ``UsageError`` where it cannot be written.
    """

    write: Callable[[Path, Held], list[str]]
    purpose: str
    check: Callable[[Held], object] = _nothing


LABELS: Mapping[str, Labels] = {
    "cvat": Labels(write_cvat, "label mini-scenes in CVAT", "scenes", films=True),
    "boris": Labels(write_boris, "label mini-scenes or videos in BORIS", "labels.boris", check=check_names),
    "csv": Labels(write_csv, "label mini-scenes or videos in a spreadsheet", "labels.csv"),
}
RESULTS: Mapping[str, Results] = {
    "tidy": Results(write_tidy, "the run's tables as CSV, with a data dictionary", check_tidy),
    "xlsx": Results(write_xlsx, "the same as one workbook", check_xlsx),
    "boris_events": Results(write_boris_events, "BORIS's tabular events, a row a start, stop or point", check_boris),
    "boris_aggregated": Results(write_boris_aggregated, "BORIS's aggregated events, a row a bout", check_boris),
    "boris_project": Results(write_boris_project, "a BORIS project that opens with the source videos", check_boris),
    "sdis": Results(write_sds, "timed sequences for GSEQ", check_sequences),
    "behatrix": Results(write_behatrix, "behavioural strings for Behatrix", check_sequences),
    "jwatcher": Results(write_jwatcher, "focal data files for JWatcher", check_jwatcher),
    "kabr_predictions": Results(
        write_kabr_predictions, "kabr-tools' predictions, the behaviour in every frame", check_sequences
    ),
    "kabr_time_budgets": Results(
        write_kabr_time_budgets, "kabr-tools' time_budgets.csv, of visible time", check_sequences
    ),
    "cvat_tracks": Results(write_cvat_tracks, "boxes and animals for CVAT (CVAT for video 1.1)"),
    "cvat_behaviours": Results(
        write_cvat_behaviours, "behaviours on mini-scenes, laid out as kabr-tools has them", _followed
    ),
    "mot": Results(write_mot_tracks, "boxes and animals in MOTChallenge's text"),
    "coco": Results(write_coco_tracks, "boxes and animals in COCO-VID's JSON"),
    "via": Results(write_via_tracks, "boxes and animals in VIA's csv, as movement reads it"),
    "ava": Results(write_ava_rows, "boxes and behaviours once a second, in AVA's csv", _followed),
    "geojson": Results(write_geojson, "places on the ground, once a second and as paths, for a GIS", check_geojson),
    "gpkg": Results(write_gpkg, "the same as a GeoPackage with two layers", check_gpkg),
    "darwin_core": Results(write_darwin_core, "Darwin Core events and occurrences", _followed),
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
