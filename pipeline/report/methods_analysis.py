"""The paragraphs of the methods text on what was computed, each from the settings of its group; absent: left out."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.ethology.contrasts.families import comparisons
from pipeline.ethology.contrasts.independence import Independent
from pipeline.ethology.contrasts.tables import COMPARISON
from pipeline.ethology.durations.latencies import RECORD
from pipeline.ethology.ethogram import Kind
from pipeline.report.bridged import bridged_gaps
from pipeline.report.sections.common import listed
from pipeline.report.words import CUT_OFF, setting_word

_FITTED = ", by mixtures fitted to the gaps (Slater and Lester 1982), or set by hand where those gave none"
_CORRECTIONS = {
    "holm": "Holm's correction (Holm 1979)",
    "benjamini_hochberg": "Benjamini and Hochberg's correction (Benjamini and Hochberg 1995)",
}

_Tables = Mapping[str, pd.DataFrame]


def analysis(settings: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """A paragraph an analysis. ``settings`` are all groups; ``tables`` say of which there are results."""
    statistics = settings.get("statistics")
    if not statistics:
        return
    yield _budgets(statistics, tables)
    for group, table, words in (
        ("bouts", "durations", _bouts),
        ("sequences", "transition_tests", _sequences),
        ("society", "group_space", _society),
        ("observers", "observers", _observers),
    ):
        if group in settings and len(tables.get(table, ())) and (told := words(settings[group], settings, tables)):
            yield told
    contrasts = tables.get("budget_contrasts", pd.DataFrame())
    if len(contrasts):
        yield _contrasts(settings["contrasts"], contrasts, tables["bout_contrasts"], statistics)


def _budgets(statistics: Mapping[str, Any], tables: _Tables) -> str:
    least, fewest = statistics["min_visible_s"], statistics["min_units"]
    means = ", means over named animals count each once"
    means += f", of those recognized for at least {least:g} s in a unit" if least else ""
    limits = (
        f"Limits are {_level(statistics)} t intervals of the logit by a delete-one jackknife (Efron and Tibshirani "
        "1993) over the highest independent units, sessions or animals seen in many, with fewer degrees of freedom "
        "where a figure hangs on few of them (Kish 1965, Pan and Wall 2002), and are not given for fewer than "
        f"{fewest} of them, or where they count as fewer than half as many by their unequal times;"
    )
    none = f"No limits are given, which take {fewest} independent units, sessions or animals seen in many:"
    return (
        "Time budgets are shares of the time in which an animal was in sight and its behaviour recognized (Altmann "
        "1974); the time left out, also that without a box between two boxes of an animal, stands beside them, with "
        "bounds for the cases that none, or all, of it was spent in a behaviour (Manski 1990). Pooled shares weigh "
        f"animals by the time they were seen{means if _has(tables, 'time_budgets', 'mean_share') else ''}. "
        f"{limits if _has(tables, 'time_budgets', 'ci_low') else none} tracks, bouts and frames are no replicates "
        "(Hurlbert 1984)."
    )


def _bouts(bouts: Mapping[str, Any], settings: Mapping[str, Any], tables: _Tables) -> str:
    fitted, gaps = setting_word(bouts, "criterion") != "fixed", bridged_gaps(tables["durations"])
    if not gaps:
        ended = "A bout is an unbroken time in one behaviour; no gap was bridged"
        ended += ", as no mixture fitted to the gaps gave one" if fitted else ""
    else:
        ended = (
            f"Bouts that gaps of up to {gaps} part count as one{_FITTED if fitted else ''}; this holds for durations, "
            "gaps, rates, latencies and comparisons of bouts, while shares of time, transitions and dwell times are of "
            "bouts as recorded"
        )
    limited = any(_has(tables, name, "median_low_s") for name in ("durations", "gaps", "latencies"))
    limits = f"; limits of medians are {_level(settings['statistics'])} cluster bootstraps" if limited else ""
    return (
        f"{ended}. {CUT_OFF}. Durations, gaps and latencies are described "
        "by the Kaplan-Meier estimate (Kaplan and Meier 1958), those cut off at their end (censored) as lower bounds, "
        f"those cut off at their start left out{limits}. Rates are starts per hour in sight and recognized"
        f"{', without the time after a break that a bridged gap could last' if gaps else ''}."
        f"{_latencies(tables)}"
    )


def _latencies(tables: _Tables) -> str:
    """From which moments latencies count, where the user gave them."""
    given = [word for word in tables.get("latencies", pd.DataFrame({"what": []}))["what"].unique() if word != RECORD]
    return f" Latencies count from moments that were noted by hand ({', '.join(given)})." if given else ""


def _sequences(sequences: Mapping[str, Any], settings: Mapping[str, Any], tables: _Tables) -> str:
    correction = setting_word(sequences, "correction")
    told = (
        "Transitions were counted within each animal's unbroken record and never across time out of sight or not "
        "recognized."
    )
    if _has(tables, "transition_tests", "p_permuted"):
        told += (
            " From bout to bout, where no behaviour follows itself, counts were compared with those expected under "
            "quasi-independence (Bakeman and Quera 2011), and p taken from "
            f"{sequences['permutations']:,} permutations within each unbroken stretch, with "
            f"{_CORRECTIONS.get(correction, correction)} for the number of cells."
        )
    if _has(tables, "transition_order", "p"):
        told += " Orders of the chain were compared by likelihood ratios, which take transitions as independent."
    if _has(tables, "dwell_times", "weibull_shape"):
        told += " Weibull distributions were fitted to dwell times: of shape 1, if a bout ends regardless of its age."
    if _has(tables, "dwell_times", "shape_p"):
        told += " The shape was tested over the independent units."
    return told


def _society(society: Mapping[str, Any], settings: Mapping[str, Any], tables: _Tables) -> str:
    unit, point = (setting_word(society, name).replace("_", " ") for name in ("unit", "point"))
    told = (
        f"Places were taken from the {point} of each box every {society['step_s']:g} s in the video's reference frame. "
        f"Animals within {society['near']:g} {unit}s of each other were in one subgroup (chain rule), and those that "
        f"had been stayed in it up to {society['leave']:g} {unit}s."
    )
    if _has(tables, "group_instants", "nearest_error_m"):
        told += (
            " The error of a distance in metres is that of its two boxes and of the camera what stretches the ground "
            "between them; what moves or turns both animals alike is not in it."
        )
    if _has(tables, "associations", "sri"):
        told += (
            " Associations are simple ratio and half-weight indices (Cairns and Schwager 1987) over sampling periods "
            f"of {society['period_s']:g} s, not calibrated for animals that were missed (Hoppitt and Farine 2018)"
        )
        swapped = f", tested against {society['permutations']:,} swaps of group members within periods"
        told += f"{swapped if _has(tables, 'association_tests', 'p') else ''}."
    if _has(tables, "synchrony", "observed"):
        told += f" Synchrony was compared with {society['shifts']:,} circular shifts of each track's record."
    if any(_has(tables, name, "p_corrected") for name in ("synchrony", "association_tests", "vigilance_trend")):
        correction = setting_word(society, "correction")
        within = "within each table, of synchrony within each unit of it"
        told += f" p of these was adjusted by {_CORRECTIONS.get(correction, correction)} {within}."
    return told


def _observers(observers: Mapping[str, Any], settings: Mapping[str, Any], tables: _Tables) -> str:
    sampled = tables["observers"]
    methods = sampled.loc[sampled["rmse"].notna(), "method"].unique().tolist()
    told = (
        f"The continuous record was sampled again by {listed(methods)} sampling (Altmann 1974), begun anew "
        f"{observers['offsets']} times, or at every offset where there are fewer."
        if methods
        else ""
    )
    if _has(tables, "spacing", "interval_s"):
        told += (
            " Points are taken for independent from mean + 1.96 SD of whole bouts on (Bernstein 1991), which is "
            "too short where the record cuts many long ones."
        )
    if _has(tables, "design", "needed"):
        told += (
            " Numbers of units for a study to come are from simulated studies with the variances found between and "
            "within units and between their sessions, compared as two conditions are here."
        )
    return told.strip()


def _contrasts(
    settings: Mapping[str, Any], contrasts: pd.DataFrame, bouts: pd.DataFrame, statistics: Mapping[str, Any]
) -> str:
    pairs = contrasts[[*COMPARISON, "replicate"]].drop_duplicates()
    told = "; ".join(
        f"{row['first']} and {row['second']} ({row['by']}; each {Independent(row['replicate']).word} is one "
        "independent unit)"
        for _, row in pairs.iterrows()
    )
    unit, correction = (setting_word(settings, name) for name in ("replicate", "correction"))
    of_animals = Independent(unit) is Independent.individual
    split = of_animals and bool((contrasts["replicate"] != Independent.individual.value).any())
    each = f", each{' with one budget in each independent unit that shows it,' * split} counting as much "
    told = f"Two conditions were compared: {told}. Mean shares are of {Independent(unit).word}s{each}"
    least = (
        f" Animals recognized for under {statistics['min_visible_s']:g} s in a condition"
        f"{', or an equal part of it in such a unit,' * split} were left out of its shares and bouts, but not of its "
        "transitions."
    )
    told += f"(Machlis, Dodd and Fentress 1985).{least if of_animals else ''}"
    if (contrasts["replicate"] == Independent.linked.value).any():
        told += " Sessions that share animals which keep to one condition are one linked group."
    if contrasts["p"].notna().any():
        told += (
            f" Limits of differences are {_level(statistics)} t intervals over what is independent"
            f"{_how_paired(contrasts)}; they are not adjusted for the number of behaviours. p is from shuffling the "
            f"conditions over it, whole, in {_ways(contrasts, settings['permutations'])} (Phipson and Smyth 2010), "
            f"adjusted by {_CORRECTIONS.get(correction, correction)} for the number of behaviours"
            f"{_family(setting_word(settings, 'family'), comparisons(contrasts))}; each kind of figure by itself."
        )
    if contrasts["log_ratio"].notna().any():
        told += (
            " As shares sum to 1, centred log-ratios (Aitchison 1986) were compared too, with "
            f"{settings['delta']:g} in the place of a share of 0 (Martin-Fernandez, Barcelo-Vidal and Pawlowsky-Glahn "
            "2003), and transitions by the total variation of what follows each behaviour."
        )
    events = (bouts["kind"] == Kind.event.value) & bouts["rate_ratio"].notna()
    if events.any():
        told += " Events were compared by how often they happen an hour in sight."
    bouts = bouts[bouts["kind"] == Kind.state.value]
    if bouts[["rate_ratio", "length_ratio"]].notna().any(axis=None):
        told += (
            " Bouts were compared by the ratios of starts seen an hour and of mean lengths, a length being the mean "
            "share of time over the mean rate of ends seen (Haccou and Meelis 1992), which allows for bouts that the "
            "record cuts (Bressers et al. 1991)"
        )
        limited = bouts[["rate_ratio_low", "length_ratio_low"]].notna().any(axis=None)
        told += f"{'; limits of ratios are by a jackknife (Efron and Tibshirani 1993)' if limited else ''}."
    if contrasts["p"].isna().all():
        told += (
            f" With fewer than {statistics['min_units']} independent units in a condition no limits are given and "
            "no share of time was tested."
        )
    return told


def _family(family: str, number: int) -> str:
    """Over which of so many comparisons p was adjusted, where there are several."""
    if number == 1:
        return ""
    return (
        f" in all {number} comparisons" if family == "study" else f" of each of the {number} comparisons, not for these"
    )


def _how_paired(contrasts: pd.DataFrame) -> str:
    """What the limits of differences are, by whether the same sessions or animals are in both conditions."""
    alone = contrasts["replicates_both"] == 0
    return ", Welch's (1947) where none of it is in both conditions" if alone.any() else ", each its own control"


def _ways(contrasts: pd.DataFrame, permutations: int) -> str:
    """``all 1,024 ways``, ``4,999 random ways``: how the conditions of each comparison were shuffled."""
    tested = contrasts[contrasts["p"].notna()].drop_duplicates(COMPARISON)
    every = tested["method"].str.contains("all [0-9,]+ shuffles")
    ways = [
        f"all {row['arrangements']:,} ways" if whole else f"{permutations:,} random ways"
        for whole, (_, row) in zip(every, tested.iterrows(), strict=True)
    ]
    return " or ".join(dict.fromkeys(ways))


def _has(tables: _Tables, name: str, figure: str) -> bool:
    """Does a table have that figure for anything?"""
    found = tables.get(name, pd.DataFrame())
    return figure in found and bool(found[figure].notna().any())


def _level(statistics: Mapping[str, Any]) -> str:
    return f"{100 * statistics['confidence']:g} %"
