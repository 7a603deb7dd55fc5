"""Which conditions are compared: a column of what the user says of animals, sessions and spans, and two of its values.

The setting ``compare`` names one column, several, or each with its two values::

    sex        [sex, habitat]        {herd: [Large, Small], sex: []}
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.errors import UsageError
from pipeline.ethology.covariates import no_such_column, told_columns
from pipeline.ethology.sequences.stretches import as_words
from pipeline.tables import BOUTS, INDIVIDUALS

_SPECIES = "species"  # of every bout; which there are is known only afterwards


@dataclass(frozen=True)
class Comparison:
    """A column and the two of its values that are compared, in that order; none: the two that there are."""

    by: str
    conditions: tuple[str, ...] = ()


def comparisons(given: Any) -> tuple[Comparison, ...]:
    """What the setting ``compare`` asks for; ``UsageError`` where it says something else than columns and values."""
    each = {given: []} if isinstance(given, str) and given else given or {}
    if isinstance(each, Mapping):
        pairs = [(by, values or []) for by, values in each.items()]
    else:
        pairs = [(by, []) for by in each] if isinstance(each, (list, tuple)) else [("", [])]
    columns = [by for by, _ in pairs]
    if not all(isinstance(by, str) and by for by in columns) or len(set(columns)) < len(columns):
        raise UsageError(
            f"compare must name columns, each once, as compare=sex or compare=[sex,habitat]; got {given!r}"
        )
    return tuple(Comparison(by, _two(by, values)) for by, values in pairs)


def _two(by: str, values: Any) -> tuple[str, ...]:
    words = tuple(map(str, values)) if isinstance(values, (list, tuple)) else ()
    if values and (len(words) != 2 or words[0] == words[1]):
        raise UsageError(f"compare must name two values of {by}, as {_asked(by, ['one', 'other'])}; got {values}")
    return words


def settled(wanted: Sequence[Comparison], *told: pd.DataFrame | None) -> tuple[Comparison, ...]:
    """The comparisons, each with its two values as the user's tables have them; ``told`` are those that there are.

    ``UsageError`` gives all faults at once: columns that none of them has, values that no row has, and columns of which
    two values have to be chosen.
    """
    known = told_columns(*told) - {*BOUTS.names, *INDIVIDUALS.names} | {_SPECIES}
    if lost := [one.by for one in wanted if one.by not in known]:
        raise no_such_column("compare", lost, known)
    found, faults = [], []
    for one in wanted:
        try:
            found.append(Comparison(one.by, _settled(one, _values(one.by, told))))
        except UsageError as error:
            faults.append(str(error))
    if faults:
        raise UsageError("; ".join(faults))
    return tuple(found)


def _settled(one: Comparison, values: Collection[str]) -> tuple[str, str]:
    if one.by == _SPECIES:
        if not one.conditions:
            example = _asked(_SPECIES, ["zebra", "giraffe"])
            raise UsageError(f"compare: name the two species, as {example}; which there are is known only afterwards")
        values = one.conditions
    if lost := [value for value in one.conditions if value not in values]:
        there = ", ".join(sorted(values)) or "no values"
        raise UsageError(f"compare: no row has {one.by} {' or '.join(lost)}; there are {there}")
    return _pair(one.by, one.conditions, values, _asked(one.by, sorted(values)[:2]))


def _values(by: str, told: Sequence[pd.DataFrame | None]) -> set[str]:
    """The words that the user's tables have in a column."""
    return {word for table in told if table is not None and by in table for word in as_words(table[by])} - {""}


def two_conditions(bouts: pd.DataFrame, by: str, conditions: Sequence[str] = ()) -> tuple[str, str]:
    """The two values of a column of the bouts table that are compared: ``conditions``, or those that there are.

    A condition that no bout has is one without any time. ``UsageError`` where there is no such column, or no choice
    of two.
    """
    if by not in bouts:
        raise UsageError(f"the bouts table has no column {by}; it has {', '.join(map(str, bouts.columns))}")
    return _pair(by, conditions, set(as_words(bouts[by])) - {""}, "conditions")


def _pair(by: str, conditions: Sequence[str], values: Collection[str], how: str) -> tuple[str, str]:
    wanted = list(conditions) or sorted(values)
    if len(set(wanted)) != 2 or len(wanted) != 2:
        there = ", ".join(sorted(values)) or "no value"
        choice = f"; name two as {how}" if len(values) > 1 else ""
        raise UsageError(f"a comparison needs two values of column {by}, which has {there}{choice}")
    return wanted[0], wanted[1]


def _asked(by: str, values: Sequence[str]) -> str:
    """How two values are asked for on the command line."""
    return f"compare='{{{by}: [{', '.join(map(_typed, values))}]}}'"


def _typed(value: str) -> str:
    """A value as it is typed: in quotation marks where it would be taken for a number or something else."""
    word = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", value)
    plain = word and value.lower() not in (
        "true",
        "false",
        "null",
        "nan",
        "inf",
    )
    return value if plain else f'"{value}"'
