"""The tables of this family: their columns, types, units and meaning."""

from pipeline.columns import Column, Table, p_value

# fmt: off
_GROUP = (
    Column("level", "str", "", "pooled, or the column that tells groups apart: species, or one of the user's"),
    Column("unit", "str", "", "which group: 'all', or the column's value"),
    Column("species", "str", "", "the species; 'all' in the pooled rows"),
    Column("set", "str", "", "the set of mutually exclusive states"),
)
_FORM = (
    Column("form", "str", "", "bout: from one bout to the next, never to itself; interval: every step_s, itself"
           " allowed"),
    Column("step_s", "float", "s", "step of the interval form; empty for the bout form", decimals=6, missing=True),
)
_LAG = Column("lag", "int", "", "codes from the one before to the one after: 1 is the next", low=1)
_METHOD = Column("method", "str", "", "how the figures were made, and why one is empty")
_N = (
    Column("n_individuals", "int", "", "named individuals behind the figure; 0 where nobody is named", low=0),
    Column("n_sessions", "int", "", "sessions behind the figure", low=0),
    Column("n_tracks", "int", "", "tracks behind the figure; a track is a fragment, never a replicate", low=0),
)
_N_SEEN = (
    Column("n_individuals", "int", "", "named individuals in which the transition was seen; 0 where nobody is named",
           low=0),
    Column("n_sessions", "int", "", "sessions in which it was seen", low=0),
    Column("n_tracks", "int", "", "tracks in which it was seen; a track is a fragment, never a replicate", low=0),
)
_BEHAVIOUR = Column("behaviour", "str", "", "the state")


def _share(name: str, meaning: str) -> Column:
    return Column(name, "float", "", meaning, decimals=6, low=0, high=1, missing=True)


def _figure(name: str, meaning: str, unit: str = "", low: float | None = None) -> Column:
    return Column(name, "float", unit, meaning, decimals=6, low=low, missing=True)


STEPS = Table("transition_tests", (
    *_GROUP, *_FORM, _LAG,
    Column("from", "str", "", "the behaviour before"),
    Column("to", "str", "", "the behaviour after"),
    Column("count", "int", "", "times seen within one animal's unbroken record", low=0),
    Column("row_total", "int", "", "steps out of 'from'", low=0),
    Column("column_total", "int", "", "steps into 'to'", low=0),
    Column("total", "int", "", "all steps of the table", low=0),
    _share("p_row", "count / row_total"),
    _share("p_all", "count / total"),
    _share("p_all_low", "lower limit of p_all, see p_all_method"),
    _share("p_all_high", "upper limit of p_all"),
    Column("p_all_method", "str", "", "how these were made, or why there are none; those of p_row are in"
           " transitions.csv"),
    _figure("expected", "count that chance would give, see method", low=0),
    Column("sparse", "bool", "", "True where too little is expected to trust residual and effect sizes"),
    _figure("residual", "adjusted residual: standard normal if chance is all there is"),
    _figure("odds_ratio", "odds of 'to' after 'from' over those after another; empty where infinite", low=0),
    _figure("yules_q", "Yule's Q of the same two by two table, -1 to 1"),
    _figure("yules_q_chance", "Yule's Q of the expected counts: what yules_q is by chance; 0 where codes may repeat"),
    _figure("kappa", "transformed kappa: -1 never, 0 chance, 1 as often as the totals allow"),
    p_value("p_permuted", "two-sided, of the count among those of the codes in other orders, within each unbroken"
            " stretch"),
    p_value("p_corrected", "p_permuted, corrected for the cells of this table, see method"),
    Column("permutations", "int", "", "other orders behind p_permuted", low=0),
    _METHOD, *_N_SEEN,
))

WHOLE = Table("transition_models", (
    *_GROUP, *_FORM, _LAG,
    Column("total", "int", "", "all steps of the table", low=0),
    Column("stretches", "int", "", "unbroken stretches with such a step", low=0),
    _figure("g2", "likelihood ratio against chance, over the whole table", low=0),
    Column("df", "int", "", "degrees of freedom; 0 where the totals leave no choice", low=0),
    p_value("p", "of g2 by chi-square (1e-300: that or less); steps count as independent, animals as alike"),
    Column("sparse_cells", "int", "", "cells that expect too little; where there are many, p is not to be trusted",
           low=0),
    _METHOD, *_N,
))

ORDER = Table("transition_order", (
    *_GROUP, *_FORM,
    Column("order", "int", "", "how many codes back the next one depends on: 0, 1 or 2", low=0, high=2),
    Column("steps", "int", "", "codes with two before them in their stretch: what all orders are fitted to", low=0),
    Column("parameters", "int", "", "free probabilities; what cannot be has none", low=0),
    _figure("log_likelihood", "of the steps, in nats"),
    _figure("aic", "Akaike's criterion: smaller is better"),
    _figure("bic", "Schwarz's criterion: smaller is better, and simpler ones more so"),
    _figure("g2", "likelihood ratio of this order against the one below; empty for 0", low=0),
    Column("df", "int", "", "its degrees of freedom", low=0),
    p_value("p", "of g2 by chi-square (1e-300: that or less); steps count as independent, animals as alike"),
    Column("best_aic", "bool", "", "True where aic is smallest; of two behaviours that take turns nowhere"),
    Column("best_bic", "bool", "", "True where bic is smallest; of two behaviours that take turns nowhere"),
    _METHOD, *_N,
))

DWELLS = Table("dwell_times", (
    *_GROUP, _BEHAVIOUR,
    Column("ended", "int", "", "bouts seen from start to stop", low=0),
    Column("right_censored", "int", "", "bouts whose start was seen and whose stop was not", low=0),
    Column("left_censored", "int", "", "bouts whose start was not seen: left out", low=0),
    _figure("mean_s", "mean of the ended bouts: too short where long ones are cut more often", "s", 0),
    _figure("ci_low", "lower limit of mean_s, see method", "s", 0),
    _figure("ci_high", "upper limit of mean_s, see method", "s", 0),
    _figure("median_s", "median of the ended bouts", "s", 0),
    _figure("cv", "standard deviation over mean of the ended bouts: 1 if exponential", low=0),
    _figure("survival_mean_s", "area below the Kaplan-Meier curve up to the longest bout", "s", 0),
    _figure("survival_median_s", "time after which half still go on by Kaplan-Meier; empty where over half do to the"
            " end", "s", 0),
    _figure("rate_per_s", "exponential: ended bouts over their and the censored ones' time", "1/s", 0),
    _figure("weibull_shape", "over 1: the longer it lasts, the sooner it ends; 1: no memory", low=0),
    _figure("weibull_g2", "likelihood ratio of Weibull against exponential: chi-square were bouts independent", low=0),
    _figure("shape_low", "lower limit of weibull_shape over the independent units; empty where too few", low=0),
    _figure("shape_high", "upper limit of weibull_shape", low=0),
    p_value("shape_p", "of weibull_shape being 1, as its limits are made; animals that differ alone make it < 1"),
    p_value("shape_p_corrected", "shape_p corrected for the behaviours of this group and set"),
    _figure("gamma_shape", "gamma's shape; 1: no memory", low=0),
    _figure("gamma_g2", "likelihood ratio of gamma against exponential, in the same way", low=0),
    _METHOD, *_N,
))

SURVIVAL = Table("dwell_survival", (
    *_GROUP, _BEHAVIOUR,
    Column("time_s", "float", "s", "since the start of the bout", decimals=6, low=0),
    Column("at_risk", "int", "", "bouts that last at least as long and were followed so far", low=0),
    Column("ended", "int", "", "bouts that ended then", low=0),
    Column("survival", "float", "", "share of bouts that last longer (Kaplan-Meier)", decimals=6, low=0, high=1),
))

SEMI_MARKOV = Table("semi_markov", (
    *_GROUP, _BEHAVIOUR,
    Column("steps_out", "int", "", "transitions out of the behaviour in the embedded chain (form bout, lag 1)", low=0),
    _share("visits", "share of bouts that the embedded chain comes to in the long run"),
    _figure("dwell_s", "survival_mean_s of dwell_times", "s", 0),
    _share("share_implied", "share of time that visits and dwell times come to in the long run"),
    _share("share_observed", "share of the recognized seconds in these stretches"),
    _figure("seconds", "recognized seconds in these stretches", "s", 0),
    _METHOD, *_N,
))
