"""Subgroups over time: their species and sizes, and the moments at which they part and join.

An animal's coming into the picture or leaving it is no event: a group is compared over the animals that are there at
both instants. Fission and fusion: Aureli et al. (2008, Curr Anthropol 49: 627-654).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.ethology.society.grouping import groupable, grouped, lasting, pairs
from pipeline.ethology.society.pair_tables import SCANS
from pipeline.ethology.society.periods import looks
from pipeline.ethology.society.scene import Placed
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.society.tables import FISSION_FUSION, SUBGROUPS


@dataclass(frozen=True)
class Grouped:
    """SUBGROUPS and FISSION_FUSION of one video, and its ``periods.looks``."""

    subgroups: pd.DataFrame
    events: pd.DataFrame
    looks: pd.DataFrame


def groups(placed: Placed, settings: SocietySettings) -> Grouped:
    """The groups of one video: with hysteresis over time, and by the plain chain rule in one look a sampling period.

    Animals without a place in ``settings.unit`` are in none.
    """
    animals = placed.animals[groupable(placed.animals, settings.unit)].reset_index(drop=True)
    if animals.empty:
        return Grouped(SUBGROUPS.empty(), FISSION_FUSION.empty(), SCANS.empty())
    spell = placed.instants["spell"].to_numpy()
    linked = pairs(animals, settings)
    over_time = animals.assign(group=grouped(animals, linked, lasting(animals, spell, linked)))
    at_once = animals.assign(group=grouped(animals, linked, linked.near))
    found = looks(at_once, placed.instants, settings.period_s)
    return Grouped(_composition(over_time), _events(over_time, placed.instants), found)


def _composition(animals: pd.DataFrame) -> pd.DataFrame:
    keys = ["video", "session", "frame", "time_s", "lasts_s", "group"]
    counts = animals.groupby([*keys, "species"]).size().reset_index(name="animals")
    return SUBGROUPS.cast(counts.assign(size=counts.groupby(["frame", "group"])["animals"].transform("sum")))


def _events(animals: pd.DataFrame, instants: pd.DataFrame) -> pd.DataFrame:
    """FISSION_FUSION: fissions are fusions seen backwards."""
    spell = instants["spell"].to_numpy()
    track, instant, group = (animals[name].to_numpy() for name in ("track", "instant", "group"))
    of = animals.groupby(["instant", "group"])["track"].transform("size").to_numpy()
    order = np.lexsort((instant, track))
    here, then = order[:-1], order[1:]
    stays = (track[here] == track[then]) & (instant[here] + 1 == instant[then])
    stays &= spell[instant[here]] == spell[instant[then]]
    here, then = here[stays], then[stays]
    rows = animals[["video", "session", "track", "instant", "frame", "time_s", "group"]].iloc[then]
    rows = rows.assign(of=of[then], group_before=group[here], of_before=of[here])
    parted = _changes(rows, "group_before", "of_before", "group", "of").assign(event="fission")
    joined = _changes(rows, "group", "of", "group_before", "of_before").assign(event="fusion")
    both = pd.concat([parted, joined], ignore_index=True).sort_values(["time_s", "event", "groups"], kind="stable")
    return FISSION_FUSION.cast(both)


def _changes(rows: pd.DataFrame, whole: str, of_whole: str, part: str, of_part: str) -> pd.DataFrame:
    """Wholes whose animals are in several parts at the other instant; ``rows`` are the animals seen at both."""
    parts = rows.groupby(["instant", whole])[part]
    changed = rows[parts.transform("min") < parts.transform("max")]
    if changed.empty:
        return FISSION_FUSION.empty()
    keys = ["video", "session", "frame", "time_s", whole]
    sizes = changed.groupby([*keys, of_whole, part, of_part]).size().reset_index(name="size")
    sizes = sizes.sort_values([*keys, "size", part], ascending=[*[True] * len(keys), False, True], kind="stable")
    sizes["complete"] = sizes["size"] == sizes[of_part]
    found = sizes.groupby(keys, sort=False).agg(
        parts=("size", lambda own: "+".join(map(str, own))),
        groups=(part, lambda own: ", ".join(map(str, own))),
        size=("size", "sum"),
        of=(of_whole, "first"),
        complete=("complete", "all"),
    )
    return found.reset_index().assign(sure=lambda table: table["complete"] & (table["size"] == table["of"]))
