"""Vigilance against group size, with the group as the unit: one share and one size a group.

Head up is a posture: only the user says which behaviours are vigilance. Animals of one group and frames of one animal
are no replicates (Elgar 1989, Biol Rev 64: 13-33, on vigilance and group size; Hurlbert 1984, Ecol Monogr 54: 187-211).
"""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import permutation_test, rankdata

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.society.scene import Placed
from pipeline.ethology.society.settings import Group, SocietySettings
from pipeline.ethology.society.shifts import coded
from pipeline.ethology.society.tables import VIGILANCE_CLASSES, VIGILANCE_GROUPS, VIGILANCE_TREND
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import ALL

log = logging.getLogger(__name__)
_CONSTANT = "group size is constant within every session: what else differs between sessions goes with it"
_NESTED = "groups of one session are not independent, and these are of {sessions} sessions"
_KEYS = ["group", "session", "species"]


def set_of_vigilance(settings: SocietySettings, ethogram: Ethogram) -> str:
    """The set that the behaviours called vigilance belong to; ``UsageError`` where they are not states of one set."""
    there = {name: of_set for of_set in ethogram.sets for name in ethogram.names(of_set)}
    states = [name for name, of_set in there.items() if ethogram.kind(of_set) is Kind.state]
    if lost := [name for name in settings.vigilance if name not in states]:
        raise UsageError(f"vigilance names {', '.join(lost)}; the states of the ethogram are {', '.join(states)}")
    sets = sorted({there[name] for name in settings.vigilance})
    if len(sets) > 1:
        raise UsageError(f"vigilance names behaviours of several sets ({', '.join(sets)}); name those of one")
    return sets[0] if sets else ""


def vigilance_sums(
    placed: Placed, behaviours: pd.DataFrame, ethogram: Ethogram, settings: SocietySettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What one video adds: seconds of each track, and how many animals were in the picture for how long.

    Both are by group, session and (of the first) species; empty where nothing is called vigilance.
    """
    of_set = set_of_vigilance(settings, ethogram)
    if not of_set or placed.animals.empty:
        return pd.DataFrame(), pd.DataFrame()
    group = placed.instants["session"] if settings.group is Group.session else placed.video
    size = placed.animals["instant"].value_counts().reindex(placed.instants.index, fill_value=0)
    sizes = placed.instants[["session", "lasts_s"]].assign(group=group, animals=size)
    sizes = sizes[sizes["animals"] > 0].groupby(["group", "session", "animals"])[["lasts_s"]].sum().reset_index()
    rows = coded(placed, behaviours, ethogram.names(of_set), of_set)
    rows["group"] = rows["session"] if settings.group is Group.session else placed.video
    rows["vigilant_s"] = rows["lasts_s"].where(rows["behaviour"].isin(settings.vigilance), 0.0)
    seconds = rows.groupby([*_KEYS, "track"], as_index=False)[["vigilant_s", "lasts_s"]].sum()
    return seconds.rename(columns={"lasts_s": "visible_s"}).assign(video=placed.video), sizes


def vigilance_groups(seconds: pd.DataFrame, sizes: pd.DataFrame, settings: SocietySettings) -> pd.DataFrame:
    """VIGILANCE_GROUPS of what all videos add: of all species together, and of each."""
    if seconds.empty:
        return VIGILANCE_GROUPS.empty()
    both = pd.concat([seconds.assign(species=ALL), seconds], ignore_index=True)
    table = both.groupby(_KEYS).agg(
        vigilant_s=("vigilant_s", "sum"), visible_s=("visible_s", "sum"), n_tracks=("track", "size")
    )
    weighed = sizes.assign(animal_s=sizes["animals"] * sizes["lasts_s"]).groupby(["group", "session"])
    size = weighed.agg(
        animal_s=("animal_s", "sum"), lasts_s=("lasts_s", "sum"), least=("animals", "min"), most=("animals", "max")
    )
    table = table.reset_index().merge(size.reset_index(), on=["group", "session"])
    table["size"] = table["animal_s"] / table["lasts_s"]
    table["share"] = table["vigilant_s"] / table["visible_s"]
    names = np.array(_class_names(settings.size_classes), dtype=object)
    table["size_class"] = names[np.searchsorted(settings.size_classes, table["size"].round(6), side="right") - 1]
    return VIGILANCE_GROUPS.cast(table.sort_values(["species", "group", "session"], kind="stable"))


def _class_names(first: Sequence[int]) -> list[str]:
    """``1``, ``2-4``, ``5+``: the classes of mean sizes from each first size to below the next."""
    ends = [after - 1 for after in first[1:]]
    return [*(f"{a}-{b}" if b > a else f"{a}" for a, b in zip(first, ends, strict=False)), f"{first[-1]}+"]


def vigilance_classes(groups: pd.DataFrame) -> pd.DataFrame:
    """VIGILANCE_CLASSES: shares by class of group size, one value a group, in order of size."""
    if groups.empty:
        return VIGILANCE_CLASSES.empty()
    table = groups.sort_values("size").groupby(["species", "size_class"], sort=False)["share"].describe()
    names = {"count": "n_groups", "25%": "q25", "50%": "median", "75%": "q75"}
    table = table.reset_index().rename(columns=names).sort_values("species", kind="stable")
    return VIGILANCE_CLASSES.cast(table)


def vigilance_trend(groups: pd.DataFrame, settings: StatisticsSettings) -> pd.DataFrame:
    """VIGILANCE_TREND: Spearman's correlation over groups, from ``min_units`` on; warns of constant group sizes.

    Its p is by permutation of the groups (all arrangements where they are few), two-sided; its limits are by Fisher's z
    with the standard error of Bonett and Wright (2000, Psychometrika 65: 23-28).
    """
    rows = [
        {"species": species} | _trend(own["size"].to_numpy(), own["share"].to_numpy(), settings, _caution(own))
        for species, own in groups.groupby("species")
    ]
    if rows and _constant(groups):
        log.warning("vigilance: %s", _CONSTANT)
    return VIGILANCE_TREND.cast(pd.DataFrame(rows)) if rows else VIGILANCE_TREND.empty()


def _constant(groups: pd.DataFrame) -> bool:
    """Has no session more than one group size?"""
    spans = groups.groupby("session").agg(least=("least", "min"), most=("most", "max"))
    return bool((spans["least"] == spans["most"]).all())


def _caution(groups: pd.DataFrame) -> str:
    """What stands in the way of reading the trend as one of group size."""
    sessions = groups["session"].nunique()
    nested = f"; {_NESTED.format(sessions=sessions)}" if sessions < len(groups) else ""
    return nested + (f"; {_CONSTANT}" if _constant(groups) else "")


def _trend(size: FloatArray, share: FloatArray, settings: StatisticsSettings, caution: str) -> dict[str, object]:
    n = len(size)
    reason = f"not tested: {n} group" + "s" * (n != 1) + f", fewer than {settings.min_units}"
    if n >= settings.min_units and (np.ptp(size) == 0 or np.ptp(share) == 0):
        reason = "not tested: all groups have the same " + ("size" if np.ptp(size) == 0 else "share")
    elif n >= settings.min_units:
        reason = ""
    if reason:
        return {
            "rho": np.nan,
            "ci_low": np.nan,
            "ci_high": np.nan,
            "p": np.nan,
            "n_groups": n,
            "method": reason + caution,
        }
    ranks, of_share = rankdata(size), rankdata(share)
    rho = float(np.clip(np.corrcoef(ranks, of_share)[0, 1], -1.0, 1.0))
    half = float(ndtri((1 + settings.confidence) / 2)) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    with np.errstate(divide="ignore"):
        low, high = np.tanh(np.arctanh(rho) - half), np.tanh(np.arctanh(rho) + half)
    method = f"Spearman over groups; p by permutation; {100 * settings.confidence:g} % limits by Fisher's z"
    p = _p(ranks, of_share, settings)
    return {"rho": rho, "ci_low": low, "ci_high": high, "p": p, "n_groups": n, "method": method + caution}


def _p(ranks: FloatArray, of_share: FloatArray, settings: StatisticsSettings) -> float:
    """Two-sided p of the correlation of two rankings."""
    centred = of_share - of_share.mean()
    found = permutation_test(
        (ranks - ranks.mean(),), lambda drawn, axis: (drawn * centred).sum(axis=axis), permutation_type="pairings",
        vectorized=True, n_resamples=9999, alternative="two-sided", rng=np.random.default_rng(settings.seed),
    )  # fmt: skip
    return float(found.pvalue)
