"""Two conditions compared: how often bouts begin, and how long they last."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from pipeline.ethology.ethogram import Kind
from pipeline.report.markup import Markup, table, tag, together
from pipeline.report.sections.common import between, filled, listed, seconds
from pipeline.report.sections.contrast_words import two_ways
from pipeline.report.transition_graph import LEVEL
from pipeline.report.words import p_number, p_words

_WHAT = (
    "More of the time in a behaviour means that its bouts begin more often, or last longer, or both. Bouts that the "
    "record cuts are allowed for: their time counts, and a start or an end where it was seen. Rates are means over "
    "what has a budget above, each weighing the same; under Bouts they are of all time together."
)


def told(own: pd.DataFrame) -> Markup:
    """What differs of bouts, and what is not shown to, in plain words; ``own`` are ``seen_bouts`` of a comparison."""
    parts = [tag("p", tag("b", "How often, and how long: "), _WHAT)]
    for of, sentence, what in (("rate", _often, "how often they begin"), ("length", _long, "how long they last")):
        adjusted = own[f"p_{of}_corrected"]
        parts += [sentence(row) for _, row in own[adjusted < LEVEL].iterrows()]
        if same := own.loc[adjusted >= LEVEL, "behaviour"].tolist():
            parts.append(tag("p", tag("b", f"Not shown to differ in {what}: "), f"{listed(same)}."))
    return together(parts)


def told_of_events(own: pd.DataFrame) -> Markup:
    """The same of events."""
    adjusted = own["p_rate_corrected"]
    parts = [_often(row) for _, row in own[adjusted < LEVEL].iterrows()]
    if same := own.loc[adjusted >= LEVEL, "behaviour"].tolist():
        parts.append(tag("p", tag("b", "Not shown to differ in how often they happen: "), f"{listed(same)}."))
    return together(parts)


def numbers_of_events(title: str, own: pd.DataFrame, how: str) -> Markup:
    """Events an hour, a row an event, as ``numbers``."""
    caption = f"Events an hour in sight, {title}: {how}. {_ratio_words(own)}"
    cells = [_cells(row, "rate", "starts", _per_h) for _, row in own.iterrows()]
    return table(*filled((*_head(own), "events seen"), cells), caption)


def _head(own: pd.DataFrame) -> tuple[str, ...]:
    first, second = own[["first", "second"]].iloc[0]
    return ("behaviour", first, second, "ratio", "interval", "p", "adjusted p")


def _ratio_words(own: pd.DataFrame) -> str:
    first, second = own[["first", "second"]].iloc[0]
    return f"Ratio: {second} by {first} (1: alike){two_ways(own)}"


def numbers(title: str, own: pd.DataFrame, how: str) -> Markup:
    """Starts an hour and mean lengths, a row a behaviour: both conditions, and their ratio with limits and p."""
    head = _head(own)
    often = f"Starts an hour, {title}: {how}. {_ratio_words(own)}"
    long = (
        f"Mean lengths, {title}, made in the same way: the mean of the shares of time in it by the mean of the bouts "
        "seen to end a second, so that what the record cuts counts, and a length may be longer than any film. They are "
        "to be compared, the medians under Bouts to be cited. None (-) where fewer than bouts.min_ended were seen to "
        "end in a condition"
    )
    rows = [row for _, row in own.iterrows()]
    return together(
        [
            table(*filled((*head, "starts seen"), [_cells(row, "rate", "starts", _per_h) for row in rows]), often),
            table(*filled((*head, "ends seen"), [_cells(row, "length", "ends", seconds) for row in rows]), long),
        ]
    )


def _cells(row: "pd.Series[Any]", of: str, counted: str, written: Callable[[float], str]) -> tuple[str, ...]:
    mean = {"rate": "starts_per_h", "length": "length_s"}[of]
    return (
        row["behaviour"],
        written(row[f"{mean}_first"]),
        written(row[f"{mean}_second"]),
        _ratio(row[f"{of}_ratio"]),
        between(row[f"{of}_ratio_low"], row[f"{of}_ratio_high"], _ratio),
        p_number(row[f"p_{of}"]),
        p_number(row[f"p_{of}_corrected"]),
        f"{row[f'{counted}_first']:,} / {row[f'{counted}_second']:,}",
    )


def _often(row: "pd.Series[Any]") -> Markup:
    more = "more" if row["starts_per_h_second"] > row["starts_per_h_first"] else "less"
    does = "happens" if row["kind"] == Kind.event.value else "begins"
    what = f"{row['behaviour']} {does} {more} often in {row['second']} than in {row['first']}: "
    rates = f"{_per_h(row['starts_per_h_second'])} against {_per_h(row['starts_per_h_first'])} times an hour"
    return tag("p", tag("b", what), f"{rates} ({_sure(row, 'rate')}).")


def _long(row: "pd.Series[Any]") -> Markup:
    longer = "longer" if row["length_ratio"] > 1 else "shorter"
    what = f"Bouts of {row['behaviour']} are {longer} in {row['second']} than in {row['first']}: "
    lengths = f"{seconds(row['length_s_second'])} against {seconds(row['length_s_first'])} on average"
    return tag("p", tag("b", what), f"{lengths} ({_sure(row, 'length')}).")


def _sure(row: "pd.Series[Any]", of: str) -> str:
    limits = between(row[f"{of}_ratio_low"], row[f"{of}_ratio_high"], _ratio)
    ratio = "" if pd.isna(row[f"{of}_ratio"]) else f"ratio {_ratio(row[f'{of}_ratio'])}, {limits}; "
    return f"{ratio}adjusted {p_words(row[f'p_{of}_corrected'])}"


def _per_h(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.1f}"


def _ratio(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.2f}"
