"""The stages over all videos that go deeper than shares and counts: bouts, sequences, virtual observers, society.

Each is a family of ``pipeline/ethology`` with a group of settings of its own, and writes its tables into a folder of
its name below ``tables/``. None reads a video.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from pipeline import tables
from pipeline.artifacts import write_graphml
from pipeline.chain.desk import OF_BOUTS, StudyDesk, StudyStage
from pipeline.chain.lived import check_places, lived
from pipeline.columns import Table
from pipeline.ethology.covariates import bouts_with
from pipeline.ethology.durations import study as durations
from pipeline.ethology.durations import tables as durations_tables
from pipeline.ethology.observers import tables as observers_tables
from pipeline.ethology.observers.compare import observers, spacing
from pipeline.ethology.observers.design import design
from pipeline.ethology.record import record
from pipeline.ethology.sequences import tables as sequences_tables
from pipeline.ethology.sequences.cells import transition_tests
from pipeline.ethology.sequences.dwell import dwell_times
from pipeline.ethology.sequences.graph import transition_graph, write_dot
from pipeline.ethology.sequences.order import transition_order
from pipeline.ethology.society import study as society
from pipeline.ethology.society import tables as society_tables
from pipeline.ethology.society.graph import association_graph
from pipeline.ethology.society.pair_tables import ASSOCIATIONS
from pipeline.ground.places import on_the_map
from pipeline.processes import over_videos

FAMILIES: Mapping[str, tuple[Table, ...]] = {  # by the name of its folder and of its settings
    "bouts": (
        durations_tables.DURATIONS, durations_tables.GAPS, durations_tables.RATES, durations_tables.LATENCIES,
        durations_tables.CRITERIA, durations_tables.SENSITIVITY,
    ),
    "sequences": (
        sequences_tables.STEPS, sequences_tables.WHOLE, sequences_tables.ORDER, sequences_tables.DWELLS,
        sequences_tables.SURVIVAL, sequences_tables.SEMI_MARKOV,
    ),
    "observers": (observers_tables.OBSERVERS, observers_tables.SPACING, observers_tables.DESIGN),
    "society": society_tables.EVERY,
}  # fmt: skip


def _bouts(desk: StudyDesk) -> list[Path]:
    """How long bouts last, what lies between them, and what ends one."""
    parts = desk.parts
    rules = parts.ethogram, parts.bouts, parts.statistics
    found = durations.study(desk.table(tables.BOUTS), *rules, parts.starts, *parts.told)
    return desk.write("bouts", FAMILIES["bouts"], [found[table.name] for table in FAMILIES["bouts"]])


def _sequences(desk: StudyDesk) -> list[Path]:
    """Which behaviour follows which more often than by chance, and for how long each lasts; and graphs of it."""
    parts, folder = desk.parts, desk.folder("sequences")
    bouts = bouts_with(desk.table(tables.BOUTS), parts.sequences.by, *parts.told)
    given = bouts, parts.ethogram, parts.statistics, parts.sequences
    steps, whole = transition_tests(*given)
    wrote = desk.write(
        "sequences", FAMILIES["sequences"], (steps, whole, transition_order(*given), *dwell_times(*given))
    )
    first = steps[(steps["level"] == "pooled") & (steps["form"] == "bout") & (steps["lag"] == 1)]
    for of_set, rows in first.groupby("set"):
        graph = transition_graph(rows, parts.ethogram)
        wrote += [folder / f"{of_set}.graphml", folder / f"{of_set}.dot"]
        write_graphml(wrote[-2], graph)
        write_dot(wrote[-1], graph)
    return wrote


def _observers(desk: StudyDesk) -> list[Path]:
    """What sampling by hand would have found, and how much of it a study to come needs."""
    parts = desk.parts
    of = record(desk.table(tables.BOUTS), parts.ethogram)
    needed = design(of, parts.design, parts.statistics, parts.contrasts)
    found = observers(of, parts.observers), spacing(of), needed
    return desk.write("observers", FAMILIES["observers"], found)


def _society(desk: StudyDesk) -> Iterator[Path]:
    """Who is near whom, moves with whom, and does the same at the same time.

    The videos are begun at once; the tables are made of them, and written, when their files are asked for.
    """
    parts = desk.parts
    check_places(parts.society.unit, parts.habitats, map(on_the_map, desk.folders.values()))
    told = (parts.observations, parts.individuals, parts.habitats)
    rules = society.Rules(parts.ethogram, parts.society, parts.statistics, *told)
    return _of_society(desk, over_videos(partial(lived, rules), desk.folders, desk.folders.values()), rules)


def _of_society(desk: StudyDesk, videos: Iterator[society.Part], rules: society.Rules) -> Iterator[Path]:
    found = society.together(videos, rules)
    yield from desk.write("society", FAMILIES["society"], [found[table.name] for table in FAMILIES["society"]])
    graph = desk.folder("society") / "associations.graphml"
    pairs = found[ASSOCIATIONS.name]
    named = pairs["level"] == "individual"
    write_graphml(graph, association_graph(pairs[named] if named.any() else pairs))
    yield graph


_OF_VIDEOS = (
    "video.json", "frames.parquet", "tracks.parquet", "species.parquet", "camera.parquet", "behaviours.parquet",
    "ground.parquet", "telemetry.parquet",
)  # fmt: skip
_TOLD = ("individuals", "sessions", "observations")

FAMILY_STAGES = (
    StudyStage("bouts", 4, ("ethogram", "bouts", "statistics", "starts", *_TOLD), (), OF_BOUTS, _bouts),
    StudyStage("sequences", 8, ("ethogram", "sequences", "statistics", *_TOLD), (), OF_BOUTS, _sequences),
    StudyStage(
        "observers",
        3,
        ("ethogram", "observers", "design", "statistics.min_units", "statistics.seed", "contrasts.permutations"),
        (),
        OF_BOUTS,
        _observers,
    ),
)
SOCIETY_STAGE = StudyStage(
    "society",
    7,
    ("ethogram", "society", "statistics", "individuals", "observations", "habitats"),
    _OF_VIDEOS,
    (),
    _society,
)
