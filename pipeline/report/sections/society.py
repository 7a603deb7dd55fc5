"""Group and space: how near the animals are, who is with whom, and whether they do the same at the same time."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.ethology.society.habitat_tables import HABITAT_BUDGETS, HABITAT_TIME
from pipeline.ethology.society.pair_tables import ASSOCIATION_TESTS, ASSOCIATIONS
from pipeline.ethology.society.tables import (
    ANY,
    FISSION_FUSION,
    GROUP_SPACE,
    SYNCHRONY,
    VIGILANCE_CLASSES,
    VIGILANCE_TREND,
)
from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, table, tag, together
from pipeline.report.sections.common import (
    between,
    found,
    of_pooled,
    pictures,
    uncomputed,
)
from pipeline.report.sections.habitats import habitats
from pipeline.report.words import p_number, p_words, percent, plural

_NO_VIGILANCE = (
    "no behaviour was named as vigilance (society.vigilance); a posture, such as a raised head, is not taken for it "
    "unless you say so"
)
_NO_NAME = (
    "no animal has a name (individuals.csv gives them), and one animal can have several tracks; associations.csv has "
    "what is known of the tracks"
)
_NO_PERIOD = (
    "no two named animals are seen at the beginning of a whole sampling period (society.period_s = {period_s:g} s); "
    "videos of a session share a clock where observations.csv has eventDate and eventTime, and a shorter video alone "
    "has no period"
)
_NEAREST = "distance to the nearest neighbour (leans long: the nearest may be out of the picture)"
_INSIDE = "the same, of animals nearer to another than to the frame's edge (leans short)"
_SHOWN = {  # measures of group_space, the first that is known of each line; and what they are called
    ("animals",): "animals in the picture",
    ("nearest_m", "nearest_bl", "nearest_px"): _NEAREST,
    ("inside_m", "inside_bl", "inside_px"): _INSIDE,
    ("nearest_error_m",): "error of the nearest distance (one standard deviation, by the stated errors)",
    ("near_edge_share",): "share of animals nearer to the edge than to a neighbour (doubtful distances)",
    ("spread_m", "spread_bl", "spread_px"): "mean distance to the centre of the group",
    ("of_three_m2", "of_three_bl2", "of_three_px2"): "area around three animals, over all threes",
    ("moving",): "animals that move, on which the next lines rest",
    ("alignment",): "alignment of those that move (1: all in one direction; 0: at random)",
    ("milling",): "milling about the centre (1: all circle it; 0: at random)",
}


def society(
    tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry], settings: Mapping[str, Any]
) -> Markup:  # fmt: skip
    """Space, associations, fission and fusion, synchrony, vigilance and habitats; where one is missing, why.

    ``settings`` are those of the group ``society``; empty where it was not computed at all.
    """
    if not settings:
        return Markup("")
    parts = [
        _space(of_pooled(found(tables, GROUP_SPACE))),
        _associations(tables, figures, settings),
        _changes(found(tables, FISSION_FUSION), settings["near"], settings["leave"]),
        _synchrony(of_pooled(found(tables, SYNCHRONY)), settings),
        _vigilance(found(tables, VIGILANCE_CLASSES), found(tables, VIGILANCE_TREND), settings),
        habitats(found(tables, HABITAT_TIME), found(tables, HABITAT_BUDGETS)),
    ]
    where = "Distances over time and subgroups of each video are with its ethogram below."
    return together([*parts, tag("p", where, class_="note")])


def _space(space: pd.DataFrame) -> Markup:
    rows = []
    for measures, words in _SHOWN.items():
        known = space[space["mean"].notna()]
        first = [name for name in measures if (known["measure"] == name).any()][:1]
        for _, row in known[known["measure"].isin(first)].iterrows():
            limits = between(row["ci_low"], row["ci_high"], "{:.2f}".format)
            quartiles = between(row["q25"], row["q75"], "{:.2f}".format)
            n = f"{row['n_sessions']} / {row['n_tracks']}"
            rows.append(
                (words, re.sub("2$", "\u00b2", row["measured_in"]) or "-", f"{row['mean']:.2f}", limits, quartiles, n)
            )
    if not rows:
        return uncomputed("Space", ["no animal has a place"])
    of = "sessions' means" if (space["n_sessions"] > 1).any() else "session's mean"
    caption = (
        f"The group in space: {_how(space['method'])}. Quartiles: of the {of}, each session one value. Means over all "
        "threes or pairs of animals do not change with their number, as hull, polarisation and rotation "
        "(group_instants.csv) do"
    )
    if any(row[1].startswith("body lengths") for row in rows):
        caption += ". Body length: what 90 % of a track's boxes do not exceed with their longer side"
    head = ("measure", "in", "mean", "interval", "quartiles", "sessions / tracks")
    return table(head, rows, caption, words=2)


def _how(methods: "pd.Series[str]") -> str:
    """How the figures were made: what their methods say, without the scale of each."""
    return str(methods.str.replace(r" of log\w+", "", regex=True).mode().iloc[0])


def _associations(
    tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry], settings: Mapping[str, Any]
) -> Markup:  # fmt: skip
    """The network of named animals with its test; without names, or without a whole period, why there is none."""
    head = tag("h3", "Who is with whom")
    pairs, tests = found(tables, ASSOCIATIONS), found(tables, ASSOCIATION_TESTS)
    named = pairs[pairs["level"] == "individual"]
    if named.empty:
        several = (found(tables, GROUP_SPACE)["n_individuals"] > 1).any()
        reason = _NO_PERIOD.format(period_s=settings["period_s"]) if several else _NO_NAME
        return together([head, uncomputed("Association network of individuals", [reason])])
    if named["sri"].isna().all():
        return together([head, uncomputed("Association network of individuals", named["method"].tolist())])
    parts = [head, pictures(figures, "network")]
    for _, test in tests[tests["level"] == "individual"].iterrows():
        if pd.isna(test["p"]):
            parts.append(uncomputed("Test against random association", [test["method"]]))
            continue
        parts.append(
            tag(
                "p",
                f"The pairs' indices vary with a standard deviation of {test['sd_sri']:.3f}; random association gives "
                f"{test['sd_chance']:.3f} ({between(test['chance_low'], test['chance_high'], '{:.3f}'.format)}, "
                f"{p_words(test['p'])}; {plural(int(test['n_animals']), 'animal')}, "
                f"{plural(int(test['n_periods']), 'sampling period')}; {test['method']}).",
            )
        )
        missed = f"an animal is not seen in {percent(test['missed_share'])} of the looks between its first and last"
        parts.append(tag("p", f"The indices: {test['sampling']}; {missed}.", class_="note"))
    return together(parts)


def _changes(events: pd.DataFrame, near: float, leave: float) -> Markup:
    if events.empty:
        return Markup("")
    counts = events.groupby(["event", "sure"]).size()
    told = [
        f"{plural(int(counts.get((event, True), 0) + counts.get((event, False), 0)), event)} "
        f"({counts.get((event, True), 0)} of them with all animals seen before and after)"
        for event in ("fission", "fusion")
    ]
    rule = (
        f"animals are of one subgroup where a chain of neighbours, each within society.near = {near:g}, links them, "
        f"and stay in it up to society.leave = {leave:g}"
    )
    return tag(
        "p",
        f"Subgroups changed: {' and '.join(told)}; in the others animals also came into the record, "
        f"left it, or changed to a further subgroup. Here {rule}: one animal that crosses that distance is a change.",
    )


def _synchrony(synchrony: pd.DataFrame, settings: Mapping[str, Any]) -> Markup:
    head = tag("h3", "The same at the same time")
    shown = synchrony[(synchrony["measure"] == "pairs") & synchrony["observed"].notna()]
    if shown.empty:
        least = f"no two tracks of a session were recognized for society.min_record_s = {settings['min_record_s']:g} s"
        return together([head, uncomputed("Synchrony", [least])])
    rows = [
        (
            "any, the same" if row["behaviour"] == ANY else row["behaviour"],
            percent(row["observed"]),
            percent(row["chance"]),
            between(row["chance_low"], row["chance_high"]),
            f"{100 * row['excess']:+.1f}",
            between(100 * row["ci_low"], 100 * row["ci_high"], "{:+.1f}".format),
            p_number(row["p_corrected"]),
            f"{row['n_sessions']} / {row['n_tracks']}",
        )
        for _, row in shown.iterrows()
    ]
    caption = f"Pairs of animals that are in a behaviour together: {_in_words(shown['method'].iloc[0])}"
    columns = (
        "both in",
        "seen",
        "by chance",
        "chance's range",
        "excess, points",
        "interval",
        "adjusted p",
        "sessions / tracks",
    )
    return together([head, table(columns, rows, caption)])


def _vigilance(classes: pd.DataFrame, trend: pd.DataFrame, settings: Mapping[str, Any]) -> Markup:
    head = tag("h3", "Vigilance against group size")
    if not settings["vigilance"]:
        return together([head, uncomputed("Vigilance", [_NO_VIGILANCE])])
    if classes.empty:
        return together([head, uncomputed("Vigilance", ["no group has recognized time"])])
    called = f"Called vigilance: {', '.join(settings['vigilance'])}. One value a group ({settings['group']})"
    rows = [
        (
            row["species"],
            row["size_class"],
            f"{row['n_groups']}",
            percent(row["mean"]),
            percent(row["median"]),
            between(row["q25"], row["q75"]),
        )
        for _, row in classes.iterrows()
    ]
    columns = ("species", "group size", "groups", "mean share", "median", "quartiles")
    return together([head, table(columns, rows, called, words=2), *(_trend(row) for _, row in trend.iterrows())])


def _trend(row: "pd.Series[Any]") -> Markup:
    if pd.isna(row["rho"]):
        return uncomputed(f"Trend of {row['species']}", [row["method"]])
    limits, adjusted = between(row["ci_low"], row["ci_high"], "{:.2f}".format), row["p_corrected"]
    p = p_words(row["p"]) if pd.isna(adjusted) else f"adjusted {p_words(adjusted)}"
    rho = f"rank correlation {row['rho']:.2f}" + ("" if limits == "-" else f" ({limits})")
    return tag("p", f"{row['species']}: {rho}, {p}, {_in_words(row['method'])}.")


def _in_words(method: str) -> str:
    """A method as the page calls things."""
    return method.replace("p_corrected", "adjusted p")
