"""What this family gives: the columns of its tables, with their units and meaning."""

from pipeline.columns import Column, Table
from pipeline.tables import BOUTS, TIME_BUDGETS

# fmt: off
_BUDGET = {column.name: column for column in TIME_BUDGETS.columns}
_BOUT = {column.name: column for column in BOUTS.columns}
_UNIT = tuple(_BUDGET[name] for name in ("level", "unit", "session", "species", "set", "behaviour"))
_N = tuple(_BUDGET[name] for name in ("n_individuals", "n_sessions", "n_tracks"))
_METHOD = Column("method", "str", "", "how times and their limits were made, or why there are none")
_OBSERVED = Column("observed_s", "float", "s", "animal seconds with a box: the effort", decimals=6, low=0)
_VISIBLE = Column("visible_s", "float", "s", "animal seconds visible and recognized; for events, in sight", decimals=6,
                  low=0)

_BRIDGED = Column("bridged_s", "float", "s", "bouts of the behaviour that gaps up to this long part count as one, which"
                  " the gaps are in; 0: bouts as recorded", decimals=6, low=0)


def _time(name: str, meaning: str) -> Column:
    return Column(name, "float", "s", meaning, decimals=6, missing=True)


def _survival(what: str) -> tuple[Column, ...]:
    """The columns of ``figures.of_times``."""
    return (
        Column("n", "int", "", f"{what} behind the quantiles", low=0),
        Column("n_complete", "int", "", "of them those seen to their end; the others are lower bounds", low=0),
        _time("median_s", "median by Kaplan-Meier; empty where over half outlast the record, or too few ended"),
        _time("q1_s", "the time by which a quarter has ended"),
        _time("q3_s", "the time by which three quarters have ended; empty where they have not"),
        _time("median_low_s", "lower limit of the median, see method"),
        _time("median_high_s", "upper limit of the median; empty where it is open"),
        _time("mean_s", "mean of the complete ones only: too short where long ones are cut off"),
        _time("mean_low_s", "lower limit of that mean"),
        _time("mean_high_s", "upper limit of that mean"),
    )


DURATIONS = Table("durations", (
    *_UNIT, *_N, _OBSERVED, _VISIBLE,
    Column("share", "float", "", "share of visible_s in the behaviour, after bout smoothing; gaps that are bridged are"
           " not in it", decimals=6, missing=True),
    Column("share_low", "float", "", "lower limit of the share, see share_method", decimals=6, missing=True),
    Column("share_high", "float", "", "upper limit of the share", decimals=6, missing=True),
    Column("share_method", "str", "", "how the share's limits were made, or why there are none"),
    _BRIDGED,
    Column("bouts", "int", "", "all bouts", low=0),
    Column("cut_start", "int", "", "bouts whose start was not seen: in no duration", low=0),
    Column("cut_stop", "int", "", "bouts whose stop was not seen; some of cut_start too", low=0),
    Column("censored_share", "float", "", "share of all bouts cut off at either end", decimals=6, missing=True),
    *_survival("bouts whose start was seen,"), _METHOD,
))

GAPS = Table("gaps", (
    *_UNIT, *_N, _BRIDGED,
    Column("cut_start", "int", "", "times before a first bout: their start was not seen, they are in no figure", low=0),
    *_survival("gaps after a bout whose stop was seen,"), _METHOD,
))

RATES = Table("rates", (
    *_UNIT, _BOUT["kind"], *_N, _BRIDGED, _VISIBLE,
    Column("watched_s", "float", "s", "visible_s without the first bridged_s after each break, in which no start can be"
           " told", decimals=6, low=0),
    Column("bouts", "int", "", "bouts or events, also those that the record cuts", low=0),
    Column("per_h", "float", "1/h", "bouts / visible_s: more where the record is broken often", decimals=6,
           missing=True),
    Column("low", "float", "1/h", "lower limit of per_h, see method", decimals=6, missing=True),
    Column("high", "float", "1/h", "upper limit of per_h", decimals=6, missing=True),
    Column("starts", "int", "", "bouts whose start was seen; of events, all", low=0),
    Column("starts_per_h", "float", "1/h", "starts / watched_s: breaks of the record add none", decimals=6,
           missing=True),
    Column("starts_low", "float", "1/h", "lower limit of starts_per_h", decimals=6, missing=True),
    Column("starts_high", "float", "1/h", "upper limit of starts_per_h", decimals=6, missing=True),
    _METHOD,
))

STARTS = Table("starts", (
    _BOUT["video"],
    Column("time_s", "float", "s", "the moment from which latencies count, seconds since the video's first frame",
           low=0),
    Column("what", "str", "", "what happened then"),
))

OCCURRENCES = Table("occurrences", (
    *(_BOUT[name] for name in ("subject", "session", "video", "track", "species", "set", "behaviour")),
    Column("what", "str", "", "the start: that of the record, or what the table of starts says"),
    Column("from_s", "float", "s", "when it was, seconds since the video's first frame", decimals=6),
    Column("latency_s", "float", "s", "from there to the behaviour's first occurrence; 0 where it was already going"
           " on; where occurred is False, how long it was looked for in vain", decimals=6, low=0),
    Column("occurred", "bool", "", "False: it did not occur before the animal was out of sight or the record ended"),
))

LATENCIES = Table("latencies", (
    Column("what", "str", "", "the start that it counts from"),
    *_UNIT, *_N, _BRIDGED,
    Column("at_start", "int", "", "of n, those in which the behaviour was already going on: latency 0", low=0),
    *_survival("starts at which the animal was in sight,"), _METHOD,
))

MERGED = Table("merged", (
    *(_BOUT[name] for name in ("subject", "session", "video", "track", "species", "set", "behaviour", "kind")),
    *(_BOUT[name] for name in ("start_s", "stop_s", "duration_s")),
    Column("behaviour_s", "float", "s", "of duration_s that in the behaviour itself, without the gaps", decimals=6,
           low=0),
    Column("parts", "int", "", "bouts of the record that were joined", low=1),
    _BOUT["censored_start"], _BOUT["censored_stop"],
))

PARTS = ("1", "2", "3")  # processes of a mixture, from the fastest
CRITERIA = Table("criteria", (
    *_UNIT,
    Column("family", "str", "", "exponential or log-normal; empty where there are too few gaps to fit"),
    Column("processes", "int", "", "how many are mixed; 1: no criterion", low=0),
    Column("gaps", "int", "", "complete gaps", low=0),
    Column("cut_gaps", "int", "", "gaps cut by the record: lower bounds", low=0),
    Column("left_out", "int", "", "gaps not longer than shortest_s", low=0),
    *(Column(f"weight_{k}", "float", "", f"share of the gaps that are of process {k}", decimals=6, missing=True)
      for k in PARTS),
    *(_time(f"centre_{k}_s", f"mean of process {k}, of a log-normal one its median") for k in PARTS),
    *(Column(f"spread_{k}", "float", "", f"of a log-normal process {k}: standard deviation of the logarithm",
             decimals=6, missing=True) for k in PARTS),
    Column("log_likelihood", "float", "", "natural logarithm, of times in seconds", decimals=6, missing=True),
    Column("bic", "float", "", "Bayesian information criterion: the lowest is chosen", decimals=6, missing=True),
    Column("chosen", "bool", "", "True for the lowest bic of this behaviour"),
    _time("split_1_s", "the gap at which processes 1 and 2 are equally likely"),
    _time("split_2_s", "the gap at which processes 2 and 3 are equally likely"),
    _time("criterion_s", "the last of these: longer gaps part bouts"),
    _time("low_s", "lower limit of the criterion, of the chosen mixture"),
    _time("high_s", "upper limit of the criterion"),
    _METHOD,
))

SENSITIVITY = Table("sensitivity", (
    *_UNIT,
    Column("gap_s", "float", "s", "gaps up to this long are bridged", decimals=6, low=0),
    Column("bouts", "int", "", "bouts that are left, those cut off among them", low=0),
    _time("mean_s", "mean duration of these, the bridged gaps in it; those cut off as long as they were seen"),
    Column("joined_share", "float", "", "share of the gaps that are bridged", decimals=6, missing=True),
))
