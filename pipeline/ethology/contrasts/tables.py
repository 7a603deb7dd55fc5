"""The tables of this family: their columns, types, units and meaning."""

from pipeline.columns import Column, Table

# fmt: off


def _figure(name: str, meaning: str) -> Column:
    return Column(name, "float", "", meaning, decimals=6, missing=True)


def _p(name: str, meaning: str) -> Column:
    return Column(name, "float", "", meaning, decimals=6, low=0, high=1, missing=True)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int", "", meaning, low=0)


_PAIR = (
    Column("by", "str", "", "the column whose values are the two conditions"),
    Column("first", "str", "", "the first condition"),
    Column("second", "str", "", "the second condition"),
    Column("set", "str", "", "the set of mutually exclusive states"),
)
_REPLICATE = Column("replicate", "str", "", "what is independent, and shuffled whole: session or individual")
_REPLICATES = (
    _count("replicates_first", "replicates in the first condition"),
    _count("replicates_second", "replicates in the second condition"),
    _count("replicates_both", "replicates that are in both: their two halves change places"),
)
_CONSTANT = Column("constant_within_session", "bool", "", "True where no session has both conditions: animals of a"
                   " session are no replicates of it, the session is")
_METHOD = Column("method", "str", "", "how the figures were made, and why one is empty")

BUDGET_CONTRASTS = Table("budget_contrasts", (
    *_PAIR,
    Column("behaviour", "str", "", "the behaviour; 'all': all of them at once"),
    _figure("mean_first", "mean over units of the share of recognized time, in the first condition"),
    _figure("mean_second", "in the second condition"),
    _figure("difference", "mean_second - mean_first; of 'all': total variation of the means"),
    _figure("difference_low", "lower limit of the difference"),
    _figure("difference_high", "upper limit of the difference"),
    _p("p", "two-sided, of the difference among those with the conditions shuffled over replicates"),
    _p("p_corrected", "p corrected for the behaviours of the set"),
    _figure("log_ratio", "difference of the means of centred log-ratios (natural); of 'all': Aitchison distance, which"
            " is that of isometric log-ratios too"),
    _figure("log_ratio_low", "lower limit of log_ratio"),
    _figure("log_ratio_high", "upper limit of log_ratio"),
    _p("p_log_ratio", "as p, of log_ratio"),
    _p("p_log_ratio_corrected", "p_log_ratio corrected for the behaviours of the set"),
    _figure("log_ratio_half_delta", "log_ratio with half of delta: how much the zeros decide"),
    _figure("log_ratio_double_delta", "log_ratio with twice delta"),
    _count("zeros_first", "units of the first condition never seen in the behaviour"),
    _count("zeros_second", "units of the second condition never seen in the behaviour"),
    Column("delta", "float", "", "share that stands for a zero in log-ratios", decimals=6, low=0),
    _count("units_first", "units (animals or sessions) with recognized time in the first condition"),
    _count("units_second", "units in the second condition"),
    _REPLICATE, *_REPLICATES, _CONSTANT,
    _count("arrangements", "ways to shuffle, up to 1e9, all of them tried where method says so; no p is under 1 /"
           " arrangements"),
    _METHOD,
))

TRANSITION_CONTRASTS = Table("transition_contrasts", (
    *_PAIR,
    Column("form", "str", "", "bout: from one bout to the next, never to itself; interval: every step_s, itself"
           " allowed"),
    Column("step_s", "float", "s", "step of the interval form; empty for the bout form", decimals=6, missing=True),
    Column("from", "str", "", "the behaviour before; 'all': rows together, weighted by their steps"),
    _count("steps_first", "steps out of it in the first condition"),
    _count("steps_second", "steps out of it in the second"),
    _p("total_variation", "half the summed differences of the row probabilities: 0 alike, 1 nothing in common"),
    _p("p_permuted", "of total_variation among those with the conditions shuffled over the replicates"),
    _p("p_corrected", "p_permuted corrected for the behaviours of the set and form"),
    _count("permutations", "shuffles behind p_permuted"),
    _REPLICATE, *_REPLICATES, _CONSTANT,
    _figure("g2_steps", "likelihood ratio of homogeneity with steps as if independent: not the test to report"),
    _count("df_steps", "its degrees of freedom"),
    _p("p_steps", "of g2_steps by chi-square"),
    _METHOD,
))
