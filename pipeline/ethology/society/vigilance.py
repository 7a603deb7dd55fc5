"""Vigilance against group size, with the group as the unit: one share and one size a group.

Head up is a posture: only the user says which behaviours are vigilance. Animals of one group, frames of one animal and
groups of one session are no replicates (Elgar 1989, Biol Rev 64: 13-33, on vigilance and group size; Hurlbert 1984,
Ecol Monogr 54: 187-211).
"""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.limits import too_few
from pipeline.ethology.society.corrections import with_corrected
from pipeline.ethology.society.scene import Placed
from pipeline.ethology.society.settings import Group, SocietySettings
from pipeline.ethology.society.shifts import coded
from pipeline.ethology.society.tables import VIGILANCE_CLASSES, VIGILANCE_GROUPS, VIGILANCE_TREND
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import ALL
from pipeline.words import plural

log = logging.getLogger(__name__)
_CONSTANT = "group size is constant within every session: what else differs between sessions goes with it"
_FEWEST = 3  # sessions, of which and of fewer Fisher's z has no standard error
_SHUFFLES = 9999  # at most
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
    table = table[(table["visible_s"] > 0) & (table["lasts_s"] > 0)]  # a still has animals and lasts no time
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


def vigilance_trend(groups: pd.DataFrame, how: SocietySettings, settings: StatisticsSettings) -> pd.DataFrame:
    """VIGILANCE_TREND: Spearman's correlation over sessions, from ``min_units`` on; warns of constant group sizes.

    A session with several groups counts as one, by the means of their sizes and shares. p is by permutation of the
    sessions (all arrangements where they are few), two-sided, and corrected over the species; limits are by Fisher's z
    with the standard error of Bonett and Wright (2000, Psychometrika 65: 23-28).
    """
    if groups.empty:
        return VIGILANCE_TREND.empty()
    if _constant(groups):
        log.warning("vigilance: %s", _CONSTANT)
    rows = pd.DataFrame([{"species": kind} | _trend(own, settings) for kind, own in groups.groupby("species")])
    whole = rows["species"] == ALL
    tested = with_corrected(rows[~whole], [], how.correction, _SHUFFLES, 1 - settings.confidence)
    return VIGILANCE_TREND.cast(pd.concat([rows[whole].assign(p_corrected=np.nan), tested]))


def _constant(groups: pd.DataFrame) -> bool:
    """Has no session more than one group size?"""
    spans = groups.groupby("session").agg(least=("least", "min"), most=("most", "max"))
    return bool((spans["least"] == spans["most"]).all())


def _trend(groups: pd.DataFrame, settings: StatisticsSettings) -> dict[str, object]:
    """The row of the groups of one species, but for which."""
    means = groups.groupby("session")[["size", "share"]].mean()
    size, share = means["size"].to_numpy(), means["share"].to_numpy()
    n, caution = len(means), f"; {_CONSTANT}" if _constant(groups) else ""
    row: dict[str, object] = dict.fromkeys(("rho", "ci_low", "ci_high", "p"), np.nan)
    row |= {"n_groups": len(groups), "n_sessions": n}
    reason = too_few([(n, plural(n, "session"))], settings.min_units)
    if not reason and (np.ptp(size) == 0 or np.ptp(share) == 0):
        reason = "all sessions have the same " + ("size" if np.ptp(size) == 0 else "share")
    if reason:
        return row | {"method": f"not tested: {reason}{caution}"}
    ranks, of_share = (np.asarray(pd.Series(values).rank(), dtype=np.float64) for values in (size, share))
    rho = float(np.clip(np.corrcoef(ranks, of_share)[0, 1], -1.0, 1.0))
    low, high, limits = _limits(rho, n, settings.confidence)
    one = "" if n == len(groups) else ", each the mean of its groups"
    method = f"Spearman over sessions{one}; p by permutation; {limits}"
    p = _p(ranks, of_share, settings)
    return row | {"rho": rho, "ci_low": low, "ci_high": high, "p": p, "method": method + caution}


def _limits(rho: float, n: int, confidence: float) -> tuple[float, float, str]:
    """Limits of a rank correlation, and how they were made; none where its standard error is not known."""
    if n <= _FEWEST or abs(rho) > 1 - 1e-9:
        return np.nan, np.nan, f"no interval of {rho:.3g} over {plural(n, 'session')}"
    half = float(ndtri((1 + confidence) / 2)) * np.sqrt((1 + rho**2 / 2) / (n - _FEWEST))
    low, high = np.tanh(np.arctanh(rho) + half * np.array([-1.0, 1.0])).tolist()
    return low, high, f"{100 * confidence:g} % limits by Fisher's z"


def _p(ranks: FloatArray, of_share: FloatArray, settings: StatisticsSettings) -> float:
    """Two-sided p of the correlation of two rankings."""
    from scipy.stats import permutation_test  # half a second to load, in every process

    centred = of_share - of_share.mean()
    found = permutation_test(
        (ranks - ranks.mean(),), lambda drawn, axis: (drawn * centred).sum(axis=axis), permutation_type="pairings",
        vectorized=True, n_resamples=_SHUFFLES, alternative="two-sided", rng=np.random.default_rng(settings.seed),
    )  # fmt: skip
    return float(found.pvalue)
