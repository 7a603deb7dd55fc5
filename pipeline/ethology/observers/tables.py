"""What this family gives: the columns of its tables, with their units and meaning."""

from pipeline.columns import Column, Table
from pipeline.tables import TIME_BUDGETS

# fmt: off
_BUDGET = {column.name: column for column in TIME_BUDGETS.columns}
_WHAT = (_BUDGET["set"], _BUDGET["behaviour"])


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "float", unit, meaning, decimals=6, missing=True)


OBSERVERS = Table("observers", (
    Column("method", "str", "", "instantaneous, scan, focal or one-zero"),
    Column("interval_s", "float", "s", "between points, scans and one-zero intervals; how long a focal sample is",
           decimals=6, low=0),
    *_WHAT,
    Column("figure", "str", "", "share of time; share of intervals (one-zero: not a share of time); starts per hour"),
    _number("truth", "", "from the continuous record: share of visible time, or starts per hour of it"),
    _number("mean", "", "mean of the estimates over the offsets that gave one"),
    _number("bias", "", "mean less truth"),
    _number("sd", "", "standard deviation of these estimates: rmse^2 is bias^2 + sd^2"),
    _number("rmse", "", "root of the mean squared error against truth"),
    Column("offsets", "int", "", "times that sampling was started anew and gave an estimate", low=0),
    Column("records", "float", "", "points, animals scanned, samples or intervals written down: mean over offsets",
           decimals=6, low=0),
    _number("missed_share", "", "share of them, of focal time, that was not visible or unknown"),
    _number("truncated_share", "", "focal: share of this behaviour's bouts in the samples that a sample's end cuts"),
    Column("observer_min", "float", "min", "time that one observer needs in the field; see compare.py", decimals=6,
           low=0),
    Column("note", "str", "", "how offsets were chosen, or why there is no estimate"),
))

SPACING = Table("spacing", (
    *_WHAT,
    Column("n", "int", "", "bouts seen from start to stop", low=0),
    _number("mean_s", "s", "their mean duration"),
    _number("sd_s", "s", "its standard deviation"),
    _number("interval_s", "s", "mean + 1.96 sd: points so far apart are taken for independent"),
    Column("note", "str", "", "why there is none"),
))

DESIGN = Table("design", (
    *_WHAT,
    Column("level", "str", "", "what is counted: individual where animals are named, else session"),
    Column("units", "int", "", "of them behind the variances", low=0),
    Column("blocks", "int", "", "blocks of unbroken record behind the variances", low=0),
    _number("share", "", "mean share over the units, each counting once"),
    _number("sd_between", "", "standard deviation of the true share between units, each in a session of its own where"
            " the record has three sessions or more"),
    _number("sd_sessions", "", "what of sd_between is of sessions (as variances); empty where the record does not show"
            " it, and where sessions are what is counted"),
    _number("sd_within_min", "", "standard deviation of a share observed for one minute around the unit's own"),
    Column("difference", "float", "", "between the two conditions, towards one half", decimals=6, low=0, high=1),
    Column("minutes", "float", "min", "visible minutes observed of each unit", decimals=6, low=0),
    _number("needed", "", "units in each condition by simulated tests as contrasts are tested, no fewer than"
            " statistics.min_units; empty where there is no answer, see note"),
    _number("power", "", "simulated power with so many"),
    _number("needed_t", "", "units in each condition by the t test's own formula, at the same level"),
    Column("note", "str", "", "what was assumed, or why there is no answer"),
))
