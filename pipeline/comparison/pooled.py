"""Several comparisons as one: what adds up is added up, as if it were one longer scene."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.comparison.budgets import FORMS, Budgets, budget_figures, of_animals, transition_figures
from pipeline.simulate.record import words

Comparison = dict[str, Any]


def pooled(comparisons: Sequence[Comparison]) -> Comparison:
    """What ``comparison.told`` prints of one: budgets, of all and of animals, bouts and transitions."""
    names = tuple(words(pd.Series([name for one in comparisons for name in one["per_behaviour"]], dtype="str")))
    true, found = (_side(comparisons, side, names) for side in ("true", "found"))
    budget = budget_figures(true, found)
    animals = [row for one in comparisons for row in one["budgets_of_animals"]["per_animal"].values()]
    return {
        "per_behaviour": budget.pop("per_behaviour"),
        "time_budget": budget,
        "budgets_of_animals": of_animals(animals),
        **{key: transition_figures(true, found, form) for key, form in FORMS.items()},
    }


def _side(comparisons: Sequence[Comparison], side: str, names: tuple[str, ...]) -> Budgets:
    """One side of all comparisons."""
    rows = [one["per_behaviour"] for one in comparisons]

    def total(what: str) -> "pd.Series[Any]":
        return pd.Series({name: sum(of.get(name, {}).get(f"{side}_{what}", 0) for of in rows) for name in names})

    counts = {form: _added([one[key]["counts"][side] for one in comparisons], names) for key, form in FORMS.items()}
    return Budgets(names, total("s"), total("bouts"), total("bouts_s"), counts)


def _added(counts: Sequence[dict[str, dict[str, int]]], names: tuple[str, ...]) -> pd.DataFrame:
    cells = [(before, after, n) for one in counts for before, row in one.items() for after, n in row.items()]
    sums = pd.DataFrame(cells, columns=["from", "to", "n"]).groupby(["from", "to"])["n"].sum().unstack()
    return sums.reindex(index=names, columns=names).fillna(0.0)
