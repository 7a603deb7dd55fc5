"""What animals do in each habitat: shares of their recognized time there, with animals and sessions as the units.

Each instant counts for as long as it lasts. An animal may be seen longer in one habitat than in another, and what it
does may decide where it goes: such shares describe, and test nothing.
"""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.sequences.stretches import state_sets
from pipeline.ethology.society.habitat_tables import HABITAT_BUDGETS
from pipeline.ethology.society.scene import Placed
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.sums import over
from pipeline.ethology.tally import Tally
from pipeline.ethology.units import Cluster, stacked, units
from pipeline.types import IntArray

_WHO = ["video", "session", "track", "species", "individual", "habitat"]


def habitat_seconds(
    placed: Placed, habitat: "pd.Series[str]", behaviours: pd.DataFrame, ethogram: Ethogram
) -> pd.DataFrame:
    """What one video adds: seconds of each track in each habitat, by set and behaviour (``""``: not recognized).

    ``habitat`` is as from ``habitats``; ``behaviours`` (tables.BEHAVIOURS) are those at the instants.
    """
    rows, found = placed.animals.assign(habitat=habitat)[habitat != ""], []
    for of_set in state_sets(ethogram):
        told = behaviours.loc[behaviours["set"] == of_set, ["track", "frame", "behaviour"]]
        own = rows.merge(told, on=["track", "frame"], how="left")
        own["behaviour"] = own["behaviour"].where(own["behaviour"].isin(ethogram.names(of_set)), "")
        seconds = own.groupby([*_WHO, "behaviour"], as_index=False)["lasts_s"].sum()
        found.append(seconds.assign(set=of_set))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def habitat_budgets(seconds: pd.DataFrame, ethogram: Ethogram, settings: StatisticsSettings) -> pd.DataFrame:
    """HABITAT_BUDGETS of the seconds of all videos: by habitat, species, set and the ethogram's order.

    Limits are by the rules of ``units.Cluster``.
    """
    if seconds.empty:
        return HABITAT_BUDGETS.empty()
    who = seconds[_WHO].drop_duplicates(ignore_index=True)
    none = pd.DataFrame(columns=["level", "name", "species", "most"])
    place = pd.MultiIndex.from_frame(who).get_indexer(pd.MultiIndex.from_frame(seconds[_WHO]))
    whole = Tally(who, {}, none, ("habitat",))
    cluster, blocks = Cluster(whole, settings), []
    for of_set in state_sets(ethogram):
        names = ethogram.names(of_set)
        sums = _sums(seconds, np.asarray(place, dtype=np.int64), of_set, names)
        for unit in units(whole, ("habitat",)):
            parts, lost = sums[unit.rows, 1:], sums[unit.rows, 0]
            visible = parts.sum(axis=1)
            pooled, mean = cluster.pooled(unit, parts, visible), cluster.mean(unit, parts, visible)
            blocks.append({
                "habitat": unit.name, "species": unit.species, "set": of_set,
                "behaviour": np.array(names, dtype=object),
                "share": pooled.share, "ci_low": pooled.low, "ci_high": pooled.high, "method": pooled.method,
                "mean_share": mean.share, "mean_ci_low": mean.low, "mean_ci_high": mean.high,
                "mean_method": mean.method,
                "bound_low": over(parts.sum(axis=0), visible.sum() + lost.sum()),
                "bound_high": over(parts.sum(axis=0) + lost.sum(), visible.sum() + lost.sum()),
                **cluster.counts(unit, visible),
                "behaviour_s": parts.sum(axis=0), "visible_s": visible.sum(), "excluded_s": lost.sum(),
            })  # fmt: skip
    return HABITAT_BUDGETS.cast(stacked(blocks, "behaviour"))


def _sums(seconds: pd.DataFrame, place: IntArray, of_set: str, names: tuple[str, ...]) -> FloatArray:
    """Seconds ``[R, 1 + K]`` in each of the ``names``, after those that were not recognized."""
    mine = (seconds["set"] == of_set).to_numpy()
    code = pd.Categorical(seconds["behaviour"], categories=["", *names]).codes
    sums = np.zeros((int(place.max()) + 1, 1 + len(names)))
    np.add.at(sums, (place[mine], code[mine]), seconds["lasts_s"].to_numpy()[mine])
    return sums
