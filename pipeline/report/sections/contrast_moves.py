"""Two conditions compared: what follows what."""

from typing import Any

import pandas as pd

from pipeline.ethology.tally import ALL
from pipeline.report.markup import Markup, table, tag, together
from pipeline.report.sections.common import listed, note, uncomputed
from pipeline.report.sections.contrast_words import over, replicate, replicates
from pipeline.report.transition_graph import LEVEL
from pipeline.report.words import p_number, p_words

_EVERY = "Counts are of all animals with a transition, also of those recognized too briefly to have a share of time."


def told(rows: pd.DataFrame) -> Markup:
    """All that follows as one, and the behaviours after which something else follows in one condition."""
    bouts = rows[rows["form"] == "bout"]
    whole, own = bouts[bouts["from"] == ALL].iloc[0], bouts[bouts["from"] != ALL]
    if pd.isna(whole["p_permuted"]):  # then nothing is tested: no behaviour has more replicates than all together
        return uncomputed("What follows what, in both conditions", [whole["method"]])
    tested = own[own["p_corrected"].notna()]
    return together([_altogether(whole), _each(tested), _untested(own.drop(tested.index), whole)])


def _altogether(whole: "pd.Series[Any]") -> Markup:
    """The test of all transitions as one."""
    told = "" if whole["p_permuted"] < LEVEL else " not shown to differ, which is no proof that they are alike;"
    words = (
        f"all transitions together:{told} total variation {whole['total_variation']:.2f} (0: the same, 1: nothing in "
        f"common), {p_words(whole['p_permuted'])} ({replicates(whole)}; {whole['method']}). {_EVERY}"
    )
    return tag("p", tag("b", "What follows what, in both conditions: "), words)


def _each(tested: pd.DataFrame) -> Markup:
    """The behaviours that were tested singly; nothing where none was."""
    if tested.empty:
        return Markup("")
    differ = tested[tested["p_corrected"] < LEVEL]
    how = f"{tested['method'].iloc[0]}{over(tested)}"
    if differ.empty:
        return note(f"What follows {listed(tested['from'].tolist())} is not shown to differ ({how}).")
    body = [
        (
            row["from"],
            f"{row['steps_first']:,}",
            f"{row['steps_second']:,}",
            f"{row['total_variation']:.2f}",
            p_number(row["p_corrected"]),
        )
        for _, row in differ.iterrows()
    ]
    first, second = differ[["first", "second"]].iloc[0]
    head = ("after", f"steps in {first}", f"steps in {second}", "total variation", "adjusted p")
    return table(head, body, f"Other behaviours follow these (0: the same, 1: nothing in common): {how}")


def _untested(rows: pd.DataFrame, whole: "pd.Series[Any]") -> Markup:
    """The behaviours that too few replicates were seen to leave, with how many; nothing where there are none."""
    if rows.empty:
        return Markup("")
    few = [f"{row['from']} ({row['replicates_first']} / {row['replicates_second']})" for _, row in rows.iterrows()]
    return note(
        f"Not tested singly, as too few {replicate(whole)}s of {whole['first']} / {whole['second']} were seen to leave "
        f"it (statistics.min_units): {listed(few)}."
    )
