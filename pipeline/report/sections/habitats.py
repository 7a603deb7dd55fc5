"""Habitats: how long animals were in each, and what they did there."""

import pandas as pd

from pipeline.report.markup import Markup, folded, table, tag, together
from pipeline.report.sections.common import between, by_set, excluded_share, uncomputed
from pipeline.report.words import duration, percent


def habitats(time: pd.DataFrame, budgets: pd.DataFrame) -> Markup:
    """HABITAT_TIME and HABITAT_BUDGETS, folded away; without polygons, why there is nothing."""
    head = tag("h3", "Habitats")
    if time.empty:
        return together([head, uncomputed("Time in habitats", ["no polygons were given (habitats=FILE.geojson)"])])
    track = time["subject"].str.contains("#")
    parts = time.assign(animal=time["subject"].where(~track), track=time["subject"].where(track))
    sums = parts.groupby(["species", "habitat"], as_index=False).agg(
        seconds=("seconds", "sum"), animals=("animal", "nunique"), tracks=("track", "nunique")
    )
    whole = sums.groupby("species")["seconds"].transform("sum")
    rows = [
        (
            row["species"],
            row["habitat"],
            duration(row["seconds"]),
            percent(row["seconds"] / total),
            str(row["animals"] or "-"),
            str(row["tracks"] or "-"),
        )
        for (_, row), total in zip(sums.iterrows(), whole, strict=True)
    ]
    columns = ("species", "habitat", "animals' time", "share", "named animals", "tracks without a name")
    time_there = folded("Time in habitats", table(columns, rows, "Pooled over animals", words=2))
    return together([head, time_there, *(_in_habitats(title, own) for title, own in by_set(budgets))])


def _in_habitats(title: str, budgets: pd.DataFrame) -> Markup:
    """What animals do in each habitat: means over named animals where there are any, else pooled shares."""
    named = budgets["mean_share"].notna().any()
    share, low, high, method = (f"mean_{name}" if named else name for name in ("share", "ci_low", "ci_high", "method"))
    rows = []
    for (kind, habitat), own in budgets[budgets["visible_s"] > 0].groupby(["species", "habitat"]):
        first, limits = own.iloc[0], map(between, own[low], own[high])
        cells = (
            percent(value) + ("" if limit == "-" else f" ({limit})") if pd.notna(value) else "-"
            for value, limit in zip(own[share], limits, strict=True)
        )
        behind = f"{first['n_sessions']} / {first['n_individuals'] or '-'} / {first['n_tracks']}"
        rows.append(
            (str(kind), str(habitat), behind, duration(first["visible_s"]), percent(excluded_share(first)), *cells)
        )
    what = (
        "Means over the animals recognized there for statistics.min_visible_s, each weighing the same"
        if named
        else "Pooled over animals"
    )
    told = set(budgets.loc[budgets["visible_s"] > 0, method])
    how = told.pop() if len(told) == 1 else "in brackets the interval, where there are units enough"
    names = budgets["behaviour"].drop_duplicates()
    head = ("species", "habitat", "sessions / animals / tracks", "recognized", "left out", *names)
    caption = f"Share of the recognized time in each habitat. {what}; {how}"
    return folded(f"Behaviour in habitats{title}", table(head, rows, caption, words=2))
