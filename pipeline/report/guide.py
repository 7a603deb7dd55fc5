"""The guide to a run's files: what each is, and what its columns mean."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType

from pipeline import tables
from pipeline.columns import Table, dictionary
from pipeline.ethology.contrasts import tables as contrasts
from pipeline.ethology.correction import tables as errors
from pipeline.ethology.durations import tables as durations
from pipeline.ethology.observers import tables as observers
from pipeline.ethology.sequences import tables as sequences
from pipeline.ethology.society.tables import EVERY as SOCIETY
from pipeline.report.markup import Markup, bullets, folded, link, table, tag, together
from pipeline.report.settings import ReportSettings

_TABLES = (
    (tables.BOUTS, "every bout: who, what, from when to when (the ethogram)"),
    (tables.TIME_BUDGETS, "shares of recognized time a track, individual, session, species and over all"),
    (tables.TRANSITIONS, "which behaviour follows which"),
    (
        tables.INDIVIDUALS,
        "every track: where, when, which species; to name animals, copy it elsewhere and run with individuals=FILE",
    ),
    (tables.EXCLUDED, "time that is not in the statistics, and why"),
)
_OTHERS = (
    ("tables/dictionary.csv", "the meaning of every column of the tables"),
    (
        "tables/observations_template.csv",
        "copy it elsewhere, fill in sessions and spans to leave out, and run with observations=FILE",
    ),
    (
        "tables/starts_template.csv",
        "copy it elsewhere, fill in moments from which latencies are to count, and run with starts=FILE",
    ),
    ("methods.txt", "methods text to paste into a paper, with its references"),
)
_FAMILIES = (  # folder below tables/, its tables, and what they hold
    ("bouts", durations, "how long bouts last, what lies between them, how often they begin, what ends one"),
    ("sequences", sequences, "transitions against chance, order of the chain, dwell times; graphs as GraphML and DOT"),
    ("observers", observers, "what sampling by hand would have found, and how many animals a study to come needs"),
    ("contrasts", contrasts, "two conditions compared: shares of time, bouts, and what follows what"),
    ("society", SOCIETY, "distances, subgroups, associations, synchrony, vigilance, habitats"),
    (
        "correction",
        (errors.CORRECTED, errors.CONFUSIONS),
        "shares corrected by the recognizer's held-out clips, and what those are taken for",
    ),
    (
        "audit",
        (errors.AUDIT, errors.AUDIT_ERRORS),
        "how right the results are, by what observers saw in windows of the footage",
    ),
)
_MAIN = tuple(declared.name for declared, _ in _TABLES)
_PDF = ", and as PDF but for photographs"
_WORDS = {
    "Box": "the rectangle round an animal in one frame.",
    "Track": "one animal as far as it could be followed in one film; who it is, only a name tells. Its "
    "tracked time is that from its first box to its last.",
    "In sight": "with a box in which the animal can be seen: not too small, not cut off by the edge of the picture, "
    "not all behind another animal. Elsewhere it is out of sight, or not visible.",
    "Window": "the short stretch of film round one animal that the recognizer sees at once (Methods text); of an "
    "audit, a moment drawn to be judged by eye.",
    "Recognized": "in sight, and the recognizer sure enough of a behaviour; else unknown. Shares are of this time.",
    "Bout": "an unbroken time of one animal in one behaviour.",
    "Session": "a flight or visit, as observations.csv says, else the folder of the video.",
}
_PER_VIDEO = {  # by name, in a folder of their own for each video
    "bouts.csv": "this video's bouts",
    "overlay.mp4": "the footage with boxes, numbers and behaviours, to check by eye",
    "scenes": "a video of each track, which follows the animal",
    "tracks.parquet": "every box of every track; observed is false where it was interpolated",
    "behaviours.parquet": "the behaviour of every track in every frame, before bouts are smoothed",
    "scores.parquet": "the recognizer's probabilities, a row a window, or a row for each of its moments",
    "species.parquet": "the species of every track",
    "ground.parquet": "where the animals were on the ground",
    "telemetry.parquet": "how the camera stood in every frame",
    "detections.parquet": "boxes before tracking",
    "camera.parquet": "the camera's motion",
    "frames.parquet": "times of the frames, and faults of the footage",
}


def guide(made: Collection[str], settings: ReportSettings, record: str, videos: Collection[Path]) -> Markup:
    """Links to the tables, their columns to unfold, and what lies in each video's folder.

    ``made`` are the names of the tables there are; of what goes deeper only those are listed. ``record`` is the file
    that says how all was made, ``videos`` are the folders of single videos.
    """
    files = [(link(f"tables/{declared.name}.csv"), meaning) for declared, meaning in _TABLES]
    files += [(link(path), meaning) for path, meaning in _OTHERS]
    families = [
        together([tag("code", f"tables/{folder}/"), f": {meaning}: ", together(links, ", ")])
        for folder, module, meaning in _FAMILIES
        if (links := [link(f"tables/{folder}/{name}.csv", f"{name}.csv") for name in _names(module, made)])
    ]
    columns = [_columns(declared) for declared, _ in _TABLES]
    also = (" and as PNG" if settings.png else "") + (_PDF if settings.pdf else "")
    folder = together(
        [
            tag("p", tag("code", "figures/"), f" holds every figure as SVG{also}."),
            tag("p", link(record), " holds settings, versions and the command."),
            *_per_video(videos),
        ]
    )
    deeper = bullets(families) if families else Markup("")
    return together([table(("file", "what it holds"), files, "Files of this run", words=2), deeper, *columns, folder])


def glossary() -> Markup:
    """The words that the page uses, to unfold."""
    return folded("Words of this page", bullets([together([tag("b", f"{word}: "), of]) for word, of in _WORDS.items()]))


def _per_video(videos: Collection[Path]) -> Iterator[Markup]:
    """What lies in the folders of single videos, of how many of them where not in all."""
    there = Counter(path.name for video in videos if video.is_dir() for path in video.iterdir())
    if not there:
        return
    yield tag("p", "In the folder of each video, ", tag("code", "videos/<video>/"), " of its run:")
    of = {name: f" ({there[name]:,} of {len(videos):,} videos)" for name in there if there[name] < len(videos)}
    yield bullets([f"{name}: {told}{of.get(name, '')}" for name, told in _PER_VIDEO.items() if name in there])


def _names(declared: ModuleType | tuple[Table, ...], made: Collection[str]) -> Iterator[str]:
    """The tables of a family that there are."""
    values = vars(declared).values() if isinstance(declared, ModuleType) else declared
    every = (value.name for value in values if isinstance(value, Table))
    return (name for name in every if name in made and name not in _MAIN)


def _columns(declared: Table) -> Markup:
    head = ("column", "type", "unit", "meaning")
    rows = list(dictionary([declared])[[*head]].itertuples(index=False, name=None))
    inner = table(head, rows, f"Columns of {declared.name}.csv", words=4)
    return folded(f"Columns of {declared.name}.csv", inner)
