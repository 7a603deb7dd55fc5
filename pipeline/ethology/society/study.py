"""All videos of a study together: space, association, subgroups, synchrony, vigilance and habitats."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.columns import Table
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.society import habitat_tables, pair_tables, tables
from pipeline.ethology.society.association import associations
from pipeline.ethology.society.corrections import with_corrected
from pipeline.ethology.society.geojson import Habitats
from pipeline.ethology.society.grouping import groupable
from pipeline.ethology.society.habitat import habitat_stays, habitat_time, habitats
from pipeline.ethology.society.habitat_budgets import habitat_budgets, habitat_seconds
from pipeline.ethology.society.periods import begun, sampled
from pipeline.ethology.society.scene import VideoScene, positions
from pipeline.ethology.society.settings import SocietySettings, Unit
from pipeline.ethology.society.shifts import Sums, synchrony_sums
from pipeline.ethology.society.spacing import group_instants
from pipeline.ethology.society.subgroups import groups
from pipeline.ethology.society.summary import group_space
from pipeline.ethology.society.synchrony import synchrony
from pipeline.ethology.society.vigilance import (
    set_of_vigilance,
    vigilance_classes,
    vigilance_groups,
    vigilance_sums,
    vigilance_trend,
)
from pipeline.ethology.statistics import StatisticsSettings

log = logging.getLogger(__name__)

STACKED = (  # one below the other
    tables.BODY_LENGTHS,
    tables.GROUP_INSTANTS,
    tables.SUBGROUPS,
    tables.FISSION_FUSION,
    habitat_tables.HABITAT_STAYS,
)


@dataclass(frozen=True)
class Rules:
    """What the tables of a study's society rest on, as ``society`` explains them.

    ``UsageError`` where the settings call something vigilance that the ethogram does not have.
    """

    ethogram: Ethogram
    settings: SocietySettings
    statistics: StatisticsSettings
    observations: pd.DataFrame | None = None
    names: pd.DataFrame | None = None
    polygons: Habitats | None = None

    def __post_init__(self) -> None:
        set_of_vigilance(self.settings, self.ethogram)


@dataclass(frozen=True)
class Part:
    """What is kept of one video: nothing of it has a row an animal and instant but the looks."""

    video: str
    tables: dict[str, pd.DataFrame]
    looks: pd.DataFrame  # as from periods.looks
    associations: tuple[pd.DataFrame, pd.DataFrame]  # of its tracks
    who: pd.DataFrame
    synchrony: list[Sums]
    vigilance: tuple[pd.DataFrame, pd.DataFrame]
    habitats: pd.DataFrame  # as from habitat_seconds


def society(
    videos: Iterable[VideoScene],
    ethogram: Ethogram,
    settings: SocietySettings,
    statistics: StatisticsSettings,
    observations: pd.DataFrame | None = None,
    names: pd.DataFrame | None = None,
    polygons: Habitats | None = None,
) -> dict[str, pd.DataFrame]:
    """Every table of ``society/tables.py`` over all videos, by its name, but ``positions`` and ``neighbours``.

    ``videos`` may be a generator: each is reduced before the next is asked for, to one row an instant at most.
    ``observations`` (tables.OBSERVATIONS) says what counts and in which session, ``names`` (tables.NAMES) who is who.
    ``UsageError`` where ``vigilance`` names no states of the ethogram, or the polygons are in another projection.
    """
    rules = Rules(ethogram, settings, statistics, observations, names, polygons)
    return together((part(scene, rules) for scene in videos), rules)


def together(parts: Iterable[Part], rules: Rules) -> dict[str, pd.DataFrame]:
    """The tables of ``society`` from what is kept of each video."""
    parts = list(parts)
    found = {table.name: _stacked(parts, table) for table in STACKED}
    return found | _over_all(parts, found, rules)


def part(scene: VideoScene, rules: Rules) -> Part:
    """Everything that a study needs of one video."""
    settings, ethogram, polygons = rules.settings, rules.ethogram, rules.polygons
    placed = positions(scene, settings, rules.observations, rules.names)
    rng = np.random.default_rng([rules.statistics.seed, *scene.video.encode(errors="backslashreplace")])
    if lost := int((~groupable(placed.animals, settings.unit)).sum()):
        unit = settings.unit.value.replace("_", " ")
        whose = "those of all animals of the instant" if settings.unit is Unit.metre else "they"
        log.warning("%s: %d positions are in no group: %s are not known in %ss", placed.video, lost, whose, unit)
    together = groups(placed, settings)
    kept = {
        tables.BODY_LENGTHS.name: placed.lengths,
        tables.GROUP_INSTANTS.name: group_instants(placed),
        tables.SUBGROUPS.name: together.subgroups,
        tables.FISSION_FUSION.name: together.events,
    }
    told, in_habitats = scene.behaviours[scene.behaviours["frame"].isin(placed.instants["frame"])], pd.DataFrame()
    if polygons is not None and len(placed.animals):
        where = habitats(placed, polygons, scene.origin)
        kept[habitat_tables.HABITAT_STAYS.name] = habitat_stays(placed, where)
        in_habitats = habitat_seconds(placed, where, told, ethogram)
    return Part(
        scene.video,
        kept,
        together.looks,
        associations(sampled(together.looks, {}, settings), "track", settings, rules.statistics.seed),
        placed.animals[["video", "session", "species", "track", "individual"]].drop_duplicates(),
        synchrony_sums(placed, told, ethogram, settings, rng),
        vigilance_sums(placed, told, ethogram, settings),
        in_habitats,
    )


def _over_all(parts: list[Part], found: dict[str, pd.DataFrame], rules: Rules) -> dict[str, pd.DataFrame]:
    """The tables that rest on all videos."""
    settings, statistics = rules.settings, rules.statistics
    who = pd.concat([part.who for part in parts], ignore_index=True) if parts else pd.DataFrame()
    clocks = begun([part.video for part in parts], rules.observations)
    scans = sampled(_joined([part.looks for part in parts]), clocks, settings)
    named = associations(scans, "individual", settings, statistics.seed)
    of_tracks = [part.associations for part in sorted(parts, key=lambda part: part.video)]
    pairs, tests = (pd.concat(both, ignore_index=True) for both in zip(named, *of_tracks, strict=True))
    tests = with_corrected(tests, ["level"], settings.correction, settings.permutations, 1 - statistics.confidence)
    seconds, sizes = (_joined([part.vigilance[k] for part in parts]) for k in (0, 1))
    of_groups = vigilance_groups(seconds, sizes, settings)
    return {
        tables.GROUP_SPACE.name: group_space(found[tables.GROUP_INSTANTS.name], who, statistics),
        pair_tables.SCANS.name: scans,
        pair_tables.ASSOCIATIONS.name: pair_tables.ASSOCIATIONS.cast(pairs),
        pair_tables.ASSOCIATION_TESTS.name: pair_tables.ASSOCIATION_TESTS.cast(tests),
        tables.SYNCHRONY.name: synchrony([own for part in parts for own in part.synchrony], settings, statistics),
        tables.VIGILANCE_GROUPS.name: of_groups,
        tables.VIGILANCE_CLASSES.name: vigilance_classes(of_groups),
        tables.VIGILANCE_TREND.name: vigilance_trend(of_groups, settings, statistics),
        habitat_tables.HABITAT_TIME.name: habitat_time(found[habitat_tables.HABITAT_STAYS.name]),
        habitat_tables.HABITAT_BUDGETS.name: habitat_budgets(
            _joined([part.habitats for part in parts]), rules.ethogram, statistics
        ),
    }


def _stacked(parts: list[Part], table: Table) -> pd.DataFrame:
    """One table over all videos."""
    whole = _joined([part.tables[table.name] for part in parts if table.name in part.tables])
    return table.cast(whole) if len(whole) else table.empty()


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other; without columns where none has a row."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
