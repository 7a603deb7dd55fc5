"""The tables of this family: their columns, types, units and meaning."""

from pipeline.columns import Column, Table, p_value

COMPARISON = ["by", "first", "second"]  # what tells one comparison from another

# fmt: off


def _figure(name: str, meaning: str) -> Column:
    return Column(name, "float", "", meaning, decimals=6, missing=True)


def _measure(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "float", unit, meaning, decimals=6, low=0, missing=True)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int", "", meaning, low=0)


_PAIR = (
    Column("by", "str", "", "the column whose values are the two conditions"),
    Column("first", "str", "", "the first condition"),
    Column("second", "str", "", "the second condition"),
    Column("set", "str", "", "the set of mutually exclusive behaviours, or of events"),
)
_UNITS = (
    _count("units_first", "units (animals or sessions) with recognized time in the first condition"),
    _count("units_second", "units in the second condition"),
)
_REPLICATE = Column("replicate", "str", "", "what is independent, and shuffled whole: session, individual, or linked"
                    " (sessions that share animals which keep to one condition, animals of the same session only)")
_REPLICATES = (
    _count("replicates_first", "replicates in the first condition"),
    _count("replicates_second", "replicates in the second condition"),
    _count("replicates_both", "replicates that are in both: their two halves change places"),
)
_CONSTANT = Column("constant_within_session", "bool", "", "True where no session has both conditions: animals of a"
                   " session are no replicates of it")
_ARRANGEMENTS = _count("arrangements", "ways to shuffle, up to 1e9, all of them tried where method says so; no p is"
                       " under 1 / arrangements")
_CORRECTION = Column("correction", "str", "", "over how many tests p was corrected, and over which it was not; empty"
                     " where nothing was tested")
_METHOD = Column("method", "str", "", "how the figures were made, and why one is empty")

BUDGET_CONTRASTS = Table("budget_contrasts", (
    *_PAIR,
    Column("behaviour", "str", "", "the behaviour; 'all': all of them at once"),
    _figure("mean_first", "mean over units of the share of recognized time, in the first condition"),
    _figure("mean_second", "in the second condition"),
    _figure("difference", "mean_second - mean_first; of 'all': total variation of the means"),
    _figure("difference_low", "lower limit of the difference"),
    _figure("difference_high", "upper limit of the difference"),
    p_value("p", "two-sided, of the difference among those with the conditions shuffled over replicates"),
    p_value("p_corrected", "p corrected for the number of tests, see correction"),
    _figure("log_ratio", "difference of the means of centred log-ratios (natural); of 'all': Aitchison distance, which"
            " is that of isometric log-ratios too"),
    _figure("log_ratio_low", "lower limit of log_ratio"),
    _figure("log_ratio_high", "upper limit of log_ratio"),
    p_value("p_log_ratio", "as p, of log_ratio"),
    p_value("p_log_ratio_corrected", "p_log_ratio corrected, see correction"),
    _figure("log_ratio_half_delta", "log_ratio with half of delta: how much the zeros decide"),
    _figure("log_ratio_double_delta", "log_ratio with twice delta"),
    _count("zeros_first", "units of the first condition never seen in the behaviour"),
    _count("zeros_second", "units of the second condition never seen in the behaviour"),
    Column("delta", "float", "", "share that stands for a zero in log-ratios", decimals=6, low=0),
    *_UNITS, _REPLICATE, *_REPLICATES, _CONSTANT,
    _ARRANGEMENTS, _CORRECTION, _METHOD,
))

BOUT_CONTRASTS = Table("bout_contrasts", (
    *_PAIR,
    Column("behaviour", "str", "", "the behaviour"),
    Column("kind", "str", "", "state (has a duration) or event (is counted)"),
    _measure("starts_per_h_first", "1/h", "mean over units of the bouts whose start was seen, or of the events, an hour"
             " of recognized time (of events: in sight), in the first condition"),
    _measure("starts_per_h_second", "1/h", "in the second condition"),
    _figure("rate_ratio", "starts_per_h_second / starts_per_h_first; empty where one is 0"),
    _figure("rate_ratio_low", "lower limit of rate_ratio"),
    _figure("rate_ratio_high", "upper limit of rate_ratio"),
    p_value("p_rate", "two-sided, of the logarithm of rate_ratio among those with the conditions shuffled over"
            " replicates"),
    p_value("p_rate_corrected", "p_rate corrected for the number of tests, see correction"),
    _measure("length_s_first", "s", "mean length of a bout in the first condition, those that the record cuts allowed"
             " for: mean over units of the share of time in it / mean over units of the bouts seen to end a second;"
             " empty where too few were seen to end (bouts.min_ended)"),
    _measure("length_s_second", "s", "in the second condition"),
    _figure("length_ratio", "length_s_second / length_s_first"),
    _figure("length_ratio_low", "lower limit of length_ratio"),
    _figure("length_ratio_high", "upper limit of length_ratio"),
    p_value("p_length", "as p_rate, of length_ratio"),
    p_value("p_length_corrected", "p_length corrected for the number of tests, see correction"),
    _count("starts_first", "bouts whose start was seen, in the first condition"),
    _count("starts_second", "in the second condition"),
    _count("ends_first", "bouts that were seen to end, in the first condition"),
    _count("ends_second", "in the second condition"),
    *_UNITS, _REPLICATE, *_REPLICATES,
    _count("replicates_ends_first", "replicates of the first condition in which a bout was seen to end"),
    _count("replicates_ends_second", "replicates of the second condition in which a bout was seen to end"),
    _CONSTANT, _ARRANGEMENTS, _CORRECTION, _METHOD,
))

TRANSITION_CONTRASTS = Table("transition_contrasts", (
    *_PAIR,
    Column("form", "str", "", "bout: from one bout to the next, never to itself; interval: every step_s, itself"
           " allowed"),
    Column("step_s", "float", "s", "step of the interval form; empty for the bout form", decimals=6, missing=True),
    Column("from", "str", "", "the behaviour before; 'all': rows together, weighted by their steps"),
    _count("steps_first", "steps out of it in the first condition"),
    _count("steps_second", "steps out of it in the second"),
    _measure("total_variation", "", "half the summed differences of the row probabilities: 0 alike, 1 nothing in"
             " common"),
    p_value("p_permuted", "of total_variation among those with the conditions shuffled over the replicates"),
    p_value("p_corrected", "p_permuted corrected for the number of tests, see correction"),
    _count("permutations", "shuffles behind p_permuted"),
    _REPLICATE, *_REPLICATES, _CONSTANT,
    _figure("g2_steps", "likelihood ratio of homogeneity with steps as if independent: not the test to report"),
    _count("df_steps", "its degrees of freedom"),
    p_value("p_steps", "of g2_steps by chi-square; 1e-300: that or less"),
    _CORRECTION, _METHOD,
))
