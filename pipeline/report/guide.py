"""The guide to a run's files: what each is, and what its columns mean."""

from pipeline import tables
from pipeline.columns import Table, dictionary
from pipeline.report.markup import Markup, bullets, folded, link, table, tag, together

_TABLES = (
    (tables.BOUTS, "every bout: who, what, from when to when (the ethogram)"),
    (tables.TIME_BUDGETS, "shares of visible time a track, individual, session, species and over all"),
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
    ("run.json", "settings, versions and the status of every video"),
)
_PER_VIDEO = (
    "tracks.parquet: every box of every track; observed is false where it was interpolated",
    "behaviours.parquet: the behaviour of every track in every frame, before bouts are smoothed",
    "scores.parquet: the recognizer's probabilities, a row a window",
    "detections.parquet, camera.parquet, frames.parquet: boxes before tracking, camera motion, frame times and faults",
    "bouts.csv: this video's bouts; overlay.mp4: the footage with boxes, numbers and behaviours, to check by eye",
)


def guide() -> Markup:
    """Links to the tables, their columns to unfold, and what lies in each video's folder."""
    files = [(link(f"tables/{declared.name}.csv"), meaning) for declared, meaning in _TABLES]
    files += [(link(path), meaning) for path, meaning in _OTHERS]
    columns = [_columns(declared) for declared, _ in _TABLES]
    folder = together(
        [tag("p", "In the folder of each video, ", tag("code", "videos/<video>/"), ":"), bullets(_PER_VIDEO)]
    )
    return together([table(("file", "what it holds"), files, "Files of this run", words=2), *columns, folder])


def _columns(declared: Table) -> Markup:
    rows = [
        (row["column"], row["type"], row["unit"], row["meaning"]) for row in dictionary(declared).to_dict("records")
    ]
    inner = table(("column", "type", "unit", "meaning"), rows, f"Columns of {declared.name}.csv", words=4)
    return folded(f"Columns of {declared.name}.csv", inner)
