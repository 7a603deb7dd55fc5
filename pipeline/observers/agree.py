"""``ethopipe agree``: what coders say of the same animals, beside one another, as figures, tables and a page."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import write_csv, write_table
from pipeline.chain.progress import Progress
from pipeline.columns import dictionary
from pipeline.errors import UsageError
from pipeline.ethology.agreement import agree as pure
from pipeline.ethology.agreement import tables as t
from pipeline.ethology.agreement.budgets import long_enough
from pipeline.evaluation.results import DPI, finish
from pipeline.observers.joining import joined
from pipeline.observers.page import told
from pipeline.observers.settings import AgreePlan
from pipeline.observers.summary import Pair, pairs_of, summary
from pipeline.report.bland_altman import budget_agreement_figure
from pipeline.report.recognition import confusion_figure
from pipeline.report.style import save, styled

FILE = "agreement.json"
_TABLES = (t.AGREEMENT, t.CONFUSION, t.BUDGETS, t.BUDGET_AGREEMENT, t.DISAGREEMENTS, t.COMPARED, t.VISIBILITY)


def agree(plan: AgreePlan, progress: Progress) -> dict[str, Any]:
    """Reckon, write everything into ``plan.out``, say the figures; the contents of ``agreement.json``."""
    if plan.out.is_dir() and any(plan.out.iterdir()) and not (plan.out / FILE).is_file():
        raise UsageError(f"out={plan.out} holds files that are not of ethopipe agree; choose another folder")
    coded = joined(plan)
    tables = pure.agree(coded, plan.how, plan.names)
    for table in _TABLES:
        write_table(plan.out / f"{table.name}.csv", tables[table.name], table)
    write_csv(plan.out / "dictionary.csv", dictionary(_TABLES))
    pairs = pairs_of(plan.names, tables)
    for pair in pairs:
        _draw(pair, plan)
    made = summary(coded, tables, pairs, plan)
    return finish(plan, made, told(made, pairs, plan), progress, FILE)


def _draw(pair: Pair, plan: AgreePlan) -> None:
    """The pictures of two coders: ``confusion*.png`` and ``budgets*.png``."""
    seconds = _cells(pair.tables)
    with styled():
        if len(seconds):
            names = list(seconds.index)
            figure = confusion_figure(seconds.to_numpy(dtype=np.float64), names, names, "shared s", pair.coders)
            save(figure, plan.out / f"confusion{pair.suffix}.svg", DPI)
            limits = pair.tables[t.BUDGET_AGREEMENT.name]
            budgets = long_enough(pair.tables[t.BUDGETS.name], plan.how)
            save(budget_agreement_figure(budgets, limits, pair.coders), plan.out / f"budgets{pair.suffix}.svg", DPI)


def _cells(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Seconds by what the first (rows) and the second says, both in the order of the table, which is by alphabet."""
    rows = tables[t.CONFUSION.name]
    rows = rows[rows["basis"] == "time"]
    names = list(dict.fromkeys(rows["behaviour_a"]))
    cells = rows.pivot_table(index="behaviour_a", columns="behaviour_b", values="amount", aggfunc="sum")
    return cells.reindex(index=names, columns=names)
