"""The gap that ends a bout: mixtures of one to three processes for each behaviour, held against one another.

Gaps are pooled over animals: where these differ in their rates, that alone can look like two processes. The fit is an
aid to choose a gap and to say why; ``merging.sensitivity`` shows what hangs on it.
"""

import logging
from typing import Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.durations.figures import Columns, by_behaviour
from pipeline.ethology.durations.gaps import single_gaps
from pipeline.ethology.durations.mixtures import Family, Gaps, Mixture, fit
from pipeline.ethology.durations.settings import BoutSettings, Criterion
from pipeline.ethology.durations.tables import CRITERIA, PARTS
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.record import Record
from pipeline.ethology.sequences.stretches import state_sets
from pipeline.ethology.statistics import StatisticsSettings, expanded_tail
from pipeline.ethology.units import Cluster, Draws, Unit, units
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray, IntArray

log = logging.getLogger(__name__)

_DISTINCT, _BINS = 2000, 1000  # more distinct gaps than the first are told in so many bins, even in the logarithm
_NAN = float("nan")


def criteria(record: Record, settings: BoutSettings, statistics: StatisticsSettings) -> pd.DataFrame:
    """``tables.CRITERIA``: every mixture that was tried for each behaviour, pooled and by species.

    Under ``min_gaps`` complete gaps longer than ``shortest_s`` nothing is fitted, and one row says so. Limits come from
    refits over resampled units, by the rules of ``units.Cluster``.
    """
    cluster, found = Cluster(record.who, statistics), by_behaviour(single_gaps(record), record)
    blocks: list[dict[str, Any]] = []
    fitted: dict[tuple[bytes, str, str], list[dict[str, Any]]] = {}  # the only species is the same as all
    for unit in units(record.who, ("pooled", "species")) if len(record.rows) else ():
        for key in record.behaviours():
            head = {**unit.labels, "set": key[0], "behaviour": key[1]}
            same = (unit.rows.tobytes(), *key)
            if same not in fitted:
                fitted[same] = _of(found[key], unit, cluster, settings)
            blocks += [head | row for row in fitted[same]]
    return CRITERIA.cast(pd.DataFrame(blocks)) if blocks else CRITERIA.empty()


def mixture_of(row: "pd.Series[Any]") -> Mixture:
    """The fitted mixture that a row of ``tables.CRITERIA`` tells of."""
    family, parts = Family(row["family"]), PARTS[: int(row["processes"])]
    weight = np.array([row[f"weight_{k}"] for k in parts], dtype=np.float64)
    centre_s = np.array([row[f"centre_{k}_s"] for k in parts], dtype=np.float64)
    spread = np.array([row[f"spread_{k}"] for k in parts], dtype=np.float64)
    spread = np.ones(len(parts)) if family is Family.exponential else spread
    return Mixture(family, weight, centre_s, spread, float(row["log_likelihood"]))


def gaps_to_bridge(found: pd.DataFrame, ethogram: Ethogram, settings: BoutSettings) -> dict[tuple[str, str], float]:
    """The gap up to which bouts are joined, by set and behaviour: what ``merging.bridged`` takes.

    States alone are joined: an event is counted each time. ``found`` is ``tables.CRITERIA``, of which the pooled rows
    count. Behaviours without a criterion keep ``gap_s``, and are logged as a warning unless that is what was asked for.
    """
    pooled = found[found["level"] == "pooled"]
    gaps = {(of_set, name): settings.gap_s for of_set in state_sets(ethogram) for name in ethogram.names(of_set)}
    if settings.criterion is Criterion.fixed:
        return gaps
    families = {Criterion.exponential: [Family.exponential.value], Criterion.lognormal: [Family.lognormal.value]}
    mine = pooled[pooled["family"].isin(families.get(settings.criterion, [family.value for family in Family]))]
    best = mine.loc[mine.groupby(["set", "behaviour"])["bic"].idxmin()]
    told = best[best["criterion_s"].notna()]
    keys = zip(told["set"].astype(str), told["behaviour"].astype(str), strict=True)
    fitted = {key: gap for key, gap in zip(keys, told["criterion_s"].tolist(), strict=True) if key in gaps}
    if lost := [name for of_set, name in gaps if (of_set, name) not in fitted]:
        log.warning("no bout criterion for %s: gaps up to gap_s = %g s are bridged", ", ".join(lost), settings.gap_s)
    return gaps | fitted


def _of(gaps: Columns, unit: Unit, cluster: Cluster, settings: BoutSettings) -> list[dict[str, Any]]:
    """The rows of one unit and behaviour, whose gaps are given."""
    begun = gaps["begun"] & np.isin(gaps["place"], unit.rows)
    long = begun & (gaps["gap_s"] > settings.shortest_s + 2 * CLOSE_S)
    place, time_s, ended = (gaps[name][long] for name in ("place", "gap_s", "ended"))
    counts = {"gaps": int(ended.sum()), "cut_gaps": int((~ended).sum()), "left_out": int(begun.sum()) - len(ended)}
    if counts["gaps"] < settings.min_gaps:
        reason = f"not fitted: {counts['gaps']} complete gaps, fewer than {settings.min_gaps}"
        return [counts | {"family": "", "processes": 0, "chosen": False, "method": reason, **_empty()}]
    time_s, row = _thinned(time_s), np.searchsorted(unit.rows, place)
    seen, at = _distinct(time_s, ended, settings.shortest_s)
    tried = [fit(seen, family, k) for family in Family for k in range(1, settings.processes + 1)]
    bics = [mixture.bic(len(time_s)) for mixture in tried]
    chosen = int(np.argmin(bics))
    draws = cluster.draws(unit, np.bincount(row, minlength=len(unit.rows)).astype(np.float64))
    limits = _limits(tried[chosen], seen, at, row, draws, settings, cluster.settings.confidence)
    return [
        counts | _told(mixture) | {"bic": bic, "chosen": k == chosen, **(limits if k == chosen else {})}
        for k, (mixture, bic) in enumerate(zip(tried, bics, strict=True))
    ]


def _told(mixture: Mixture) -> dict[str, Any]:
    """The columns of one fitted mixture."""
    told: dict[str, Any] = {**_empty(), "family": mixture.family.value, "processes": len(mixture.weight)}
    for k, name in enumerate(PARTS[: len(mixture.weight)]):
        told |= {f"weight_{name}": mixture.weight[k], f"centre_{name}_s": mixture.centre_s[k]}
        told[f"spread_{name}"] = mixture.spread[k] if mixture.family is Family.lognormal else _NAN
    told |= {f"split_{k + 1}_s": split for k, split in enumerate(mixture.splits())}
    told |= {"log_likelihood": mixture.log_likelihood, "criterion_s": mixture.criterion_s}
    return told | {"method": f"maximum likelihood; {_why_none(mixture)}".removesuffix("; ")}


def _why_none(mixture: Mixture) -> str:
    if len(mixture.weight) == 1:
        return "no criterion: one process"
    return "" if np.isfinite(mixture.criterion_s) else "no criterion: a process is nowhere the likeliest"


def _empty() -> dict[str, Any]:
    names = [f"weight_{k}" for k in PARTS] + [f"centre_{k}_s" for k in PARTS] + [f"spread_{k}" for k in PARTS]
    names += ["log_likelihood", "bic", "split_1_s", "split_2_s", "criterion_s", "low_s", "high_s"]
    return dict.fromkeys(names, _NAN)


def _limits(
    mixture: Mixture, seen: Gaps, at: IntArray, row: IntArray, draws: Draws, settings: BoutSettings, confidence: float
) -> dict[str, Any]:
    """``low_s``, ``high_s`` and ``method`` of the chosen mixture, refitted to every resample from where it is.

    Each gap is one of the distinct ones ``seen``, ``at``, and of a ``row`` of the unit.
    """
    why = _why_none(mixture)
    if why or len(draws.weights) == 0:
        return {"method": f"maximum likelihood; {why or draws.method}"}
    leaves, distinct = draws.weights.shape[1], len(seen.time_s)
    of_leaf = np.bincount(draws.leaf[row] * distinct + at, minlength=leaves * distinct).astype(np.float64)
    again = []
    for times in draws.weights[: settings.resamples] @ of_leaf.reshape(leaves, distinct):
        held = times > 0
        gaps = Gaps(seen.time_s[held], seen.ended[held], times[held], seen.shortest_s)
        again.append(fit(gaps, mixture.family, len(mixture.weight), mixture).criterion_s)
    found = np.array(again)[np.isfinite(again)]
    method = f"maximum likelihood; {draws.method}, {len(again)} refits"
    if lost := len(again) - len(found):
        method += f", {lost} without a criterion"
    if lost > len(again) / 2:
        return {"method": method}
    tail = expanded_tail(draws.units, confidence)
    low, high = np.quantile(found, [tail, 1 - tail])
    return {"low_s": low, "high_s": high, "method": method}


def _distinct(time_s: FloatArray, ended: BoolArray, shortest_s: float) -> tuple[Gaps, IntArray]:
    """Distinct gaps by time, cut ones first, how often each was seen, and which of them each gap is."""
    times, place = np.unique(time_s, return_inverse=True)
    cells, at, number = np.unique(2 * place + ended, return_inverse=True, return_counts=True)
    return Gaps(times[cells // 2], cells % 2 > 0, number.astype(np.float64), shortest_s), at


def _thinned(time_s: FloatArray) -> FloatArray:
    """The gaps, each as the mean of its bin where very many are distinct: within about 1 %."""
    if len(np.unique(time_s)) <= _DISTINCT:
        return time_s
    edges = np.geomspace(time_s.min(), time_s.max(), _BINS + 1)
    place = np.clip(np.searchsorted(edges, time_s, side="right") - 1, 0, _BINS - 1)
    mean: FloatArray = np.bincount(place, weights=time_s) / np.maximum(np.bincount(place), 1)
    return mean[place]
