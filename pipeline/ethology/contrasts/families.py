"""Over how many tests each p is corrected: those of its kind in one comparison, or in all comparisons of a study.

Shares, log-ratios, rates, lengths and transitions are kinds of their own: each asks another question of the same time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.columns import Table
from pipeline.ethology.contrasts.settings import ContrastSettings, Family
from pipeline.ethology.contrasts.tables import BOUT_CONTRASTS, BUDGET_CONTRASTS, COMPARISON, TRANSITION_CONTRASTS
from pipeline.ethology.sequences.permutation import corrected
from pipeline.ethology.sequences.settings import Correction
from pipeline.ethology.tally import ALL
from pipeline.words import plural

_KINDS = {  # columns of p and of p corrected, by what is tested
    BUDGET_CONTRASTS.name: {"share": ("p", "p_corrected"), "log-ratio": ("p_log_ratio", "p_log_ratio_corrected")},
    BOUT_CONTRASTS.name: {"rate": ("p_rate", "p_rate_corrected"), "length": ("p_length", "p_length_corrected")},
    TRANSITION_CONTRASTS.name: {"transition row": ("p_permuted", "p_corrected")},
}


def table_of(rows: Sequence[Mapping[str, Any]], table: Table, settings: ContrastSettings) -> pd.DataFrame:
    """A comparison's rows as declared, p corrected over them; what a row does not give is empty."""
    made = pd.DataFrame(rows).reindex(columns=table.names).assign(correction="") if rows else table.empty()
    return together([table.cast(made)], table, settings)


def together(compared: Sequence[pd.DataFrame], table: Table, settings: ContrastSettings) -> pd.DataFrame:
    """The same table of several comparisons as one; p corrected over those that are of one family with it.

    A figure of all behaviours is no test among them: its p stays as it is.
    """
    whole = pd.concat(compared, ignore_index=True)
    study, every = settings.family is Family.study, comparisons(whole)
    others = f"; not over {plural(every - 1, 'other comparison')} asked for" if not study and every > 1 else ""
    words = f" in all {every} comparisons" if study and every > 1 else others
    kept = [name for name in ("set", "form", "step_s", *([] if study else COMPARISON)) if name in whole]
    families = whole.groupby(kept, dropna=False, sort=False)
    found = [_corrected(family, table, settings.correction, words) for _, family in families]
    return pd.concat(found).sort_index() if found else whole


def comparisons(contrasts: pd.DataFrame) -> int:
    """How many comparisons a table is of."""
    return len(contrasts[COMPARISON].drop_duplicates())


def _corrected(family: pd.DataFrame, table: Table, correction: Correction, words: str) -> pd.DataFrame:
    """The rows of one family, with how many tests of each kind it has."""
    made, told = {}, []
    of_one = family["from" if "from" in family else "behaviour"] != ALL
    for what, (p, adjusted) in _KINDS[table.name].items():
        values = family[p].where(of_one).to_numpy(dtype=np.float64)
        made[adjusted] = corrected(values, correction).round(6)
        told += [plural(tests, what)] if (tests := int(np.isfinite(values).sum())) else []
    tested = np.isfinite(list(made.values())).any(axis=0)
    how = f"{correction.value} over {' and over '.join(told)}{words}"
    return family.assign(**made, correction=np.where(tested, how, ""))
