"""The figures of what goes deeper than shares and counts: bouts, sequences, virtual observers, society, contrasts."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from pipeline import tables as declared
from pipeline.ethology.contrasts.tables import BOUT_CONTRASTS, BUDGET_CONTRASTS, COMPARISON
from pipeline.ethology.correction.tables import CORRECTED
from pipeline.ethology.durations.gaps import single_gaps
from pipeline.ethology.durations.tables import CRITERIA, DURATIONS, SENSITIVITY
from pipeline.ethology.ethogram import Ethogram, Kind
from pipeline.ethology.observers.tables import OBSERVERS
from pipeline.ethology.record import record
from pipeline.ethology.sequences.tables import STEPS
from pipeline.ethology.society.pair_tables import ASSOCIATIONS
from pipeline.ethology.society.tables import FISSION_FUSION, GROUP_INSTANTS, SUBGROUPS
from pipeline.report import style
from pipeline.report.answers import doubts
from pipeline.report.audited import audit_of, by_figure, by_observer
from pipeline.report.contrast import (
    any_tested,
    bout_figure,
    bouts_of,
    compared,
    contrast_figure,
    event_figure,
    events_of,
    of_kind,
    seen,
    seen_bouts,
)
from pipeline.report.criterion import gap_figure, sensitivity_figure
from pipeline.report.figures import Desk, FigureEntry
from pipeline.report.group import group_figure
from pipeline.report.heatmap import FEW
from pipeline.report.network import association_figure
from pipeline.report.observers import observers_figure
from pipeline.report.pairs import pairs_figure
from pipeline.report.settings import ReportSettings
from pipeline.report.style import styled
from pipeline.report.transition_graph import chance_rows, transition_graph_figure
from pipeline.report.words import plural, readable

_GRAPH = (
    "Points: behaviours, as large as their share of time; arrows: from one bout to the next, as wide as the "
    "probability given the one before, which stands beside the wider ones; dotted, and all of one width, where the one "
    f"before was left fewer than {FEW} times, too few for a probability."
)
_SENSITIVITY = "How many bouts as recorded are left, and how long they are, if gaps up to so many seconds are bridged."
_GAPS = "Left the share of gaps that are longer, right how many there are of each length, with the fitted mixture."
_OBSERVERS = (
    "Bias (above) and error (below) of a share of time as each way of sampling would have found it, by its interval; "
    "one-zero's share, of the intervals recognized from end to end, is none, and drawn on a scale of its own."
)
_CONTRAST = "Mean shares in two conditions, and their difference"
_BOUTS = "How many times as often bouts begin in one condition as in the other, and how many times as long they last"
_EVENTS = "How often events happen in two conditions, and how many times as often in one as in the other"
_TESTED = "; limits (not adjusted), and adjusted p, bold: p < 0.05"
_NETWORK = "Named animals, nearer to each other the more often they were together; lines as wide as their index."
_GROUP = (
    "Mean distance to the nearest neighbour at each instant; animals by species; and the sizes of subgroups with the "
    "moments at which they part and join."
)
_AUDIT = (
    "Hollow: share of the recognized time that is so according to the recognizer. Filled: share of all audited time in "
    "sight that is so according to the observer; unknown time counts where it was answered."
)
_CORRECTED = "Hollow: share as recognized. Filled: corrected by what the recognizer takes its held-out clips for."
_PAIR = (("raw", "first"), ("corrected", "second"))


def draw_deeper(
    found: Mapping[str, pd.DataFrame], ethogram: Ethogram, settings: ReportSettings, folder: Path
) -> list[FigureEntry]:
    """Draw what is over all videos into ``folder``; ``found`` are tables by name, one that is empty has no figure."""
    desk = Desk(ethogram.colours, settings, folder)
    with styled():
        return [
            *_graphs(desk, found),
            *_criteria(desk, found, ethogram),
            *_by_set(desk, found),
            *_contrasts(desk, found.get(BUDGET_CONTRASTS.name, BUDGET_CONTRASTS.empty())),
            *_bout_contrasts(desk, found.get(BOUT_CONTRASTS.name, BOUT_CONTRASTS.empty())),
            *_network(desk, found[ASSOCIATIONS.name]),
            *_audits(desk, found),
            *_corrected(desk, found.get(CORRECTED.name, CORRECTED.empty())),
        ]


def draw_space(
    key: str, found: Mapping[str, pd.DataFrame], settings: ReportSettings, folder: Path
) -> list[FigureEntry]:  # fmt: skip
    """Draw one video's distances and subgroups: ``found`` has those of all videos."""
    desk, name = Desk({}, settings, folder), readable(key)
    near, parts, changes = (found[one.name] for one in (GROUP_INSTANTS, SUBGROUPS, FISSION_FUSION))
    near, parts, changes = (one[one["video"] == key] for one in (near, parts, changes))
    if near.empty:
        return []
    with styled():
        title, moments = f"Group: {name}", plural(near["time_s"].nunique(), "instant")
        alt = (
            f"Lines, areas and dots over {moments}, {plural(len(changes), 'change')} marked; the data are in "
            "group_instants.csv and subgroups.csv."
        )
        entry = FigureEntry("group", key, title, _GROUP, alt, desk.path("group", key))
        return [desk.saved(group_figure(near, parts, changes, title), entry)]


def _graphs(desk: Desk, found: Mapping[str, pd.DataFrame]) -> Iterator[FigureEntry]:
    """A transition graph a set."""
    steps, budgets = chance_rows(found[STEPS.name]), found[declared.TIME_BUDGETS.name]
    pooled = budgets[budgets["level"] == "pooled"]
    for of, name, rows in _sets(steps):
        shares = pooled[pooled["set"] == rows["set"].iloc[0]].set_index("behaviour")["share"].dropna()
        title = f"Transition graph{of}"
        alt = f"Graph of {plural(int(rows['count'].sum()), 'transition')}; the numbers are in transition_tests.csv."
        entry = FigureEntry("graph", "", title, _GRAPH, alt, desk.path("transition_graph", name))
        figure = transition_graph_figure(rows, shares.to_dict(), desk.colours, title)
        yield desk.saved(figure, entry)


def _criteria(desk: Desk, found: Mapping[str, pd.DataFrame], ethogram: Ethogram) -> Iterator[FigureEntry]:
    """The gaps of each behaviour whose criterion could be fitted, folded away."""
    criteria = found[CRITERIA.name]
    pooled = criteria[criteria["level"] == "pooled"]
    fitted = pooled[pooled["chosen"] & pooled["criterion_s"].notna()]
    if fitted.empty:
        return
    gaps = single_gaps(record(found[declared.BOUTS.name], ethogram))
    of_all = found[DURATIONS.name].query("level == 'pooled'")
    bridged = of_all.set_index(["set", "behaviour"])["bridged_s"].to_dict()
    for (of_set, name), _ in fitted.groupby(["set", "behaviour"], sort=False):
        mine, fits = (one[(one["set"] == of_set) & (one["behaviour"] == name)] for one in (gaps, pooled))
        title, alt = f"Gaps between bouts of {name}", f"Curves of {plural(len(mine), 'gap')}; data in criteria.csv."
        entry = FigureEntry("gaps", "", title, _GAPS, alt, desk.path("gaps", str(of_set), str(name)), detail=True)
        figure = gap_figure(mine, fits, bridged.get((str(of_set), str(name)), 0.0), title)
        yield desk.saved(figure, entry)


def _by_set(desk: Desk, found: Mapping[str, pd.DataFrame]) -> Iterator[FigureEntry]:
    """Sensitivity to the bridged gap, and virtual observers."""
    sensitivity = found[SENSITIVITY.name]
    pooled = sensitivity[(sensitivity["level"] == "pooled") & (sensitivity["bouts"] > 0)]
    for of, name, rows in _sets(pooled):
        title, alt = f"Bouts by the bridged gap{of}", "Lines, one a behaviour; the numbers are in sensitivity.csv."
        entry = FigureEntry("sensitivity", "", title, _SENSITIVITY, alt, desk.path("bout_sensitivity", name))
        yield desk.saved(sensitivity_figure(rows, desk.colours, title), entry)
    sampled = found[OBSERVERS.name]
    for of, name, rows in _sets(sampled[sampled["rmse"].notna()]):
        title, alt = f"Virtual observers{of}", "Lines, one a behaviour; the numbers are in observers.csv."
        entry = FigureEntry("observers", "", title, _OBSERVERS, alt, desk.path("virtual_observers", name))
        yield desk.saved(observers_figure(rows, desk.colours, title), entry)


def _contrasts(desk: Desk, contrasts: pd.DataFrame) -> Iterator[FigureEntry]:
    """Each comparison in which somebody was seen doing something."""
    for title, rows in compared(contrasts):
        if len(own := seen(rows)):
            alt = "Points of two conditions, a line a behaviour; the numbers are in budget_contrasts.csv."
            path = desk.path("contrast", *map(str, rows.iloc[0][[*COMPARISON, "set"]]))
            entry = FigureEntry("contrast", "", title, _told(_CONTRAST, own), alt, path)
            yield desk.saved(contrast_figure(own, desk.colours, title), entry)


def _told(what: str, rows: pd.DataFrame) -> str:
    """A caption with what stands beside the points, where anything was tested."""
    return f"{what}{_TESTED if any_tested(rows) else ''}."


def _bout_contrasts(desk: Desk, contrasts: pd.DataFrame) -> Iterator[FigureEntry]:
    """Each comparison in which a bout was seen to begin or to end, or an event."""
    alt = "Points of ratios, a line a behaviour; the numbers are in bout_contrasts.csv."
    for kind, name, caption, draw in (
        (Kind.state, bouts_of, _BOUTS, bout_figure),
        (Kind.event, events_of, _EVENTS, event_figure),
    ):
        for title, rows in compared(of_kind(contrasts, kind)):
            if len(own := seen_bouts(rows)):
                path = desk.path("bout_contrast", *map(str, rows.iloc[0][[*COMPARISON, "set"]]))
                entry = FigureEntry("bout_contrast", "", name(title), _told(caption, own), alt, path)
                yield desk.saved(draw(own, desk.colours, entry.title), entry)


def _network(desk: Desk, associations: pd.DataFrame) -> Iterator[FigureEntry]:
    named = associations[(associations["level"] == "individual") & associations["sri"].notna()]
    if len(named):
        title, alt = "Association network", f"Graph of {plural(len(named), 'pair')}; data in associations.csv."
        entry = FigureEntry("network", "", title, _NETWORK, alt, desk.path("association_network"))
        yield desk.saved(association_figure(named, title), entry)


def _audits(desk: Desk, found: Mapping[str, pd.DataFrame]) -> Iterator[FigureEntry]:
    """Told and true shares, a figure an observer."""
    people, doubted = list(by_observer(audit_of(found))), doubts(found)
    for name, rows in people:
        ways = by_figure(rows)
        true, told = ways["share"], ways["share_told"]
        if true["value"].isna().all() or told["value"].isna().all():
            continue
        pairs = {"first": told["value"], "first_low": told["ci_low"], "first_high": told["ci_high"]}
        pairs |= {"second": true["value"], "second_low": true["ci_low"], "second_high": true["ci_high"]}
        of, part = (f" ({name})", name) if len(people) > 1 else ("", "")
        title, alt = (
            f"Recognized and audited shares{of}",
            "Two points a behaviour; the numbers are in audit_accuracy.csv.",
        )
        caption = " ".join([_AUDIT, *([doubted[name]] if name in doubted else [])])
        entry = FigureEntry("audit", "", title, caption, alt, desk.path("audit", part))
        data = pd.DataFrame(pairs).rename_axis("behaviour").reset_index()
        yield desk.saved(
            pairs_figure(
                data,
                ("recognized, of recognized time", f"{style.short(name, 20)}, of time in sight"),
                desk.colours,
                title,
            ),
            entry,
        )


def _corrected(desk: Desk, budgets: pd.DataFrame) -> Iterator[FigureEntry]:
    """Raw and corrected shares of all animals."""
    pooled = budgets[(budgets["level"] == "pooled") & (budgets["weighting"] == "pooled")]
    for of, name, rows in _sets(pooled[pooled["corrected"].notna()]):
        title, alt = (
            f"Raw and corrected shares{of}",
            "Two points a behaviour; the numbers are in corrected_budgets.csv.",
        )
        entry = FigureEntry("corrected", "", title, _CORRECTED, alt, desk.path("corrected_budgets", name))
        called = {f"{one}{end}": f"{new}{end}" for one, new in _PAIR for end in ("", "_low", "_high")}
        figure = pairs_figure(rows.rename(columns=called), ("as recognized", "corrected"), desk.colours, title)
        yield desk.saved(figure, entry)


def _sets(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Of each set: what is added to a title and to a file's name where there are several, and its rows."""
    several = rows["set"].nunique() > 1
    for name, own in rows.groupby("set", sort=False):
        yield (f" ({name})", str(name), own) if several else ("", "", own)
