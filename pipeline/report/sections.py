"""The page's sections that are made of tables: videos, sample sizes, time budgets, transitions, time left out."""

from collections.abc import Sequence

import pandas as pd

from pipeline.ethology.units import TRACK
from pipeline.report.bars import KEYS
from pipeline.report.markup import Markup, folded, link, table, tag, together
from pipeline.report.summary import VideoLine
from pipeline.report.words import duration, percent, readable

_LONG = ["pooled", "species"]  # units whose behaviours are listed one below the other, with all that is known
MOST_ROWS = 60  # of a table in the page; the rest is in the CSV


def videos_table(videos: Sequence[VideoLine]) -> Markup:
    """One row a video: what happened to it, and what was seen in it."""
    head = ("video", "status", "footage", "files", "frames read", "tracks", "at once", "visible")
    rows = [
        (
            readable(video.key),
            _status(video),
            _footage(video),
            together([link(path, path.rpartition("/")[2]) for path in video.files], ", "),
            _frames(video),
            f"{video.tracks}",
            f"{video.most_at_once}",
            duration(video.visible_s),
        )
        for video in videos
    ]
    return table(head, rows, "Videos of this run; visible: animals' time in sight and recognized, added up", words=4)


def _status(video: VideoLine) -> Markup:
    """The status as a word, with its reason and warnings below it."""
    notes = [note for note in (video.reason, *video.warnings) if note]
    mark = tag("span", video.status, class_=f"status {video.status}")
    return together([mark, *(tag("div", note, class_="note") for note in notes)])


def _footage(video: VideoLine) -> str:
    if not video.decoded:
        return "-"
    return ", ".join([duration(video.duration_s), f"{video.width} x {video.height}", video.timestamps])


def _frames(video: VideoLine) -> str:
    if video.announced is None or video.announced == video.decoded:
        return f"{video.decoded:,}"
    return f"{video.decoded:,} of {video.announced:,}"


def sample_table(budgets: pd.DataFrame) -> Markup:
    """How much stands behind every figure: one row a unit."""
    units = _units(budgets)
    head = ("unit", "level", "sessions", "named animals", "tracks", "most at once", "visible", "left out")
    rows = [
        (
            _name(unit),
            unit["level"],
            f"{unit['n_sessions']}",
            f"{unit['n_individuals']}" if unit["n_individuals"] else "none",
            f"{unit['n_tracks']}",
            f"{unit['most_at_once']}",
            duration(unit["visible_s"]),
            percent(_left_out(unit)),
        )
        for _, unit in units.head(MOST_ROWS).iterrows()
    ]
    caption = "Sample sizes; left out: share of tracked time out of sight or not recognized"
    return together([table(head, rows, caption, words=2), _more(len(units))])


def budget_tables(budgets: pd.DataFrame) -> Markup:
    """The shares: in full for all animals and each species, side by side for sessions and named animals."""
    parts: list[Markup] = []
    for name, of_set in budgets.groupby("set", sort=False):
        title = f" ({name})" if budgets["set"].nunique() > 1 else ""
        for level in _LONG:
            for _, unit in of_set[of_set["level"] == level].groupby(KEYS, sort=False):
                full = _full(unit, title)
                parts.append(
                    full if level == "pooled" else folded(f"Time budget of {_name(unit.iloc[0])}{title}", full)
                )
        rest = of_set[~of_set["level"].isin([*_LONG, TRACK]) & of_set["share"].notna()]
        if not rest.empty:
            parts.append(folded(f"Time budgets of sessions and named animals{title}", _wide(rest)))
    return together(parts)


def _full(unit: pd.DataFrame, title: str) -> Markup:
    """One unit's behaviours, a row each; events have rates and no share."""
    limits = unit["ci_low"].notna().any()
    head = (
        "behaviour",
        "share",
        *(["interval"] if limits else []),
        "time",
        "bouts",
        "bouts per hour",
        "cut short",
    )
    rows = [
        (
            row["behaviour"],
            percent(row["share"]),
            *([f"{percent(row['ci_low'])} to {percent(row['ci_high'])}"] if limits else []),
            duration(row["behaviour_s"]),
            f"{row['bouts']:,}",
            "-" if pd.isna(row["bouts_per_h"]) else f"{row['bouts_per_h']:.1f}",
            percent(row["censored_share"]),
        )
        for _, row in unit.iterrows()
    ]
    method = "; ".join(unit["method"].unique())
    caption = f"{_name(unit.iloc[0])}{title}: {method}. Cut short: bouts whose start or end was not seen"
    return table(head, rows, caption[0].upper() + caption[1:])


def _wide(units: pd.DataFrame) -> Markup:
    shares = units.pivot_table(index=KEYS, columns="behaviour", values="share", sort=False)
    shares = shares[units["behaviour"].drop_duplicates().tolist()]
    visible = units.groupby(KEYS, sort=False)["visible_s"].first()
    rows = [
        (_name(dict(zip(KEYS, key, strict=True))), duration(visible[key]), *(percent(value) for value in values))
        for key, values in zip(shares.index[:MOST_ROWS], shares.to_numpy(), strict=False)
    ]
    head = ("unit", "visible", *shares.columns)
    return together([table(head, rows, "Share of visible, recognized time"), _more(len(shares))])


def transition_tables(transitions: pd.DataFrame) -> Markup:
    """The pooled transitions as numbers: a table a form and set, probability and count in each cell."""
    pooled = transitions[transitions["level"] == "pooled"]
    parts = []
    for (form, name), rows in pooled.groupby(["form", "set"], sort=False):
        counts = rows.pivot_table(index="from", columns="to", values="count", sort=False, aggfunc="sum")
        names = [
            behaviour for behaviour in counts.index if counts.loc[behaviour].sum() or counts.get(behaviour, 0).sum()
        ]
        shares = rows.set_index(["from", "to"])["p"]
        body = [(start, *(_chance(shares, counts, start, stop) for stop in names)) for start in names]
        title = f"Transitions as numbers: {form} form" + (f", {name}" if pooled["set"].nunique() > 1 else "")
        parts.append(folded(title, table(("from / to", *names), body, "Probability given the row, and count")))
    return together(parts)


def _chance(shares: "pd.Series[float]", counts: pd.DataFrame, start: str, stop: str) -> str:
    count = counts[stop].get(start, 0) if stop in counts else 0
    return f"{shares[start, stop]:.2f} ({int(count)})" if count > 0 else "-"


def excluded_table(excluded: pd.DataFrame) -> Markup:
    """Time that is in no statistic, by cause; empty where there is none."""
    if excluded.empty:
        return Markup("")
    several = excluded["set"].replace("", pd.NA).nunique() > 1
    sums = excluded.groupby(["cause", "reason", "set"], sort=False, as_index=False)[["footage_s", "animal_s"]].sum()
    head = ("why", "reason", *(["set"] if several else []), "footage", "animals' time")
    rows = [
        (
            row["cause"],
            row["reason"] or "-",
            *([row["set"] or "-"] if several else []),
            duration(row["footage_s"]) if row["footage_s"] else "-",
            duration(row["animal_s"]),
        )
        for _, row in sums.iterrows()
    ]
    return table(head, rows, "Time in no statistic, over all videos", words=3 if several else 2)


def _units(budgets: pd.DataFrame) -> pd.DataFrame:
    """One row a unit above single tracks, from the whole to its parts."""
    units = budgets[budgets["level"] != TRACK].drop_duplicates(KEYS)  # single tracks are left to the CSV
    order = {level: k for k, level in enumerate(units["level"].unique())}
    return units.assign(order=units["level"].map(order)).sort_values("order", kind="stable")


def _name(unit: "pd.Series | dict[str, str]") -> str:
    if unit["level"] == "pooled":
        return "all animals pooled"
    name = readable(unit["unit"])
    return name if unit["species"] in ("", "all", unit["unit"]) else f"{name}, {unit['species']}"


def _left_out(unit: "pd.Series") -> float:
    tracked = unit["visible_s"] + unit["excluded_s"]
    return float(unit["excluded_s"] / tracked) if tracked else float("nan")


def _more(count: int) -> Markup:
    left = count - MOST_ROWS
    return tag("p", f"{left} more rows are in time_budgets.csv.", class_="note") if left > 0 else Markup("")
