"""What goes into an agreement, and the tables that come out of it."""

from pipeline.columns import Column, Table

NOTHING = "nothing coded"  # a code of its own where the user says that it is one
UNLINKED = "not linked"  # beside a bout or event to which none of the other coder's is linked

# fmt: off
_VIDEO = Column("video", "str", "", "the video")
_SUBJECT = Column("subject", "str", "", "the animal or track; empty: the whole video")
_PAIR = (
    Column("coder_a", "str", "", "the first of the two coders"),
    Column("coder_b", "str", "", "the second"),
)
_BASIS = Column("basis", "str", "", "time (by time units), bouts or events (by alignment), or all coders (time, all of"
                " them at once)")
_BEHAVIOUR = Column("behaviour", "str", "", "the behaviour, one against the rest; empty: all")
_LIMITS = (
    Column("ci_low", "float", "", "lower limit, see method; empty: none", decimals=6, missing=True),
    Column("ci_high", "float", "", "upper limit, see method; empty: none", decimals=6, missing=True),
)
_METHOD = Column("method", "str", "", "how the limits were made, or why there is no figure or no limits")

CODED = Table("coded", (
    Column("coder", "str", "", "who says so"),
    _VIDEO,
    _SUBJECT,
    Column("session", "str", "", "the session, if the coder tells it; empty: the video is independent of others"),
    Column("behaviour", "str", "", "the behaviour; unknown and not visible: watched, but not to be told"),
    Column("kind", "str", "", "state (has a duration) or event (is counted)"),
    Column("start_s", "float", "s", "start, from the video's first frame", decimals=6, low=0),
    Column("stop_s", "float", "s", "stop, exclusive; as start_s: an event", decimals=6, low=0),
    Column("place", "str", "", "where it stands, for those who have to mend it"),
))

AGREEMENT = Table("agreement", (
    *_PAIR, _BASIS, _BEHAVIOUR,
    Column("figure", "str", "", "kappa; agreement (raw); _tolerance_a, _tolerance_b: with tolerance, by the units of"
           " the first or second coder; kappa_max (the largest that the totals allow); pabak; prevalence_index;"
           " bias_index; weight (with which the behaviours' kappas make up the overall one); alpha (Krippendorff's,"
           " nominal); alpha_unitising (of 1995, of two coders, beginnings and ends); u_alpha (of 2016, of all coders,"
           " bouts as wholes); positive_agreement (of bouts or events)"),
    Column("value", "float", "", "its value; empty where it is not defined, see method", decimals=6, missing=True),
    *_LIMITS, _METHOD,
    Column("n", "float", "", "what it rests on: seconds that both coded (alpha of all coders: two or more; u_alpha:"
           " all), or bouts and events of either", decimals=6, low=0),
    Column("n_units", "int", "", "independent units (sessions, else videos) that hold any of it", low=0),
))

CONFUSION = Table("confusion", (
    *_PAIR, _BASIS,
    Column("behaviour_a", "str", "", f"what the first says; '{UNLINKED}': none of the first's is linked"),
    Column("behaviour_b", "str", "", "what the second says there"),
    Column("amount", "float", "", "seconds (time), or bouts or events", decimals=6, low=0),
))

BUDGETS = Table("budgets", (
    *_PAIR,
    Column("animal", "str", "", "the named animal over all videos, <video>#<track>, or the video"),
    Column("behaviour", "str", "", "the behaviour"),
    Column("share_a", "float", "", "share of the time that both coded, by the first", decimals=6, low=0, high=1),
    Column("share_b", "float", "", "by the second", decimals=6, low=0, high=1),
    Column("compared_s", "float", "s", "the time that both coded: the denominator", decimals=6, low=0),
))

BUDGET_AGREEMENT = Table("budget_agreement", (
    *_PAIR,
    Column("behaviour", "str", "", "the behaviour"),
    Column("n", "int", "", "animals (tracks or videos where none is named) with one share each, see method", low=0),
    Column("bias", "float", "", "mean of share_b - share_a", decimals=6, missing=True),
    Column("bias_low", "float", "", "lower limit of the bias", decimals=6, missing=True),
    Column("bias_high", "float", "", "upper limit of the bias", decimals=6, missing=True),
    Column("loa_low", "float", "", "lower limit of agreement: bias - 1.96 sd", decimals=6, missing=True),
    Column("loa_low_low", "float", "", "its lower limit", decimals=6, missing=True),
    Column("loa_low_high", "float", "", "its upper limit", decimals=6, missing=True),
    Column("loa_high", "float", "", "upper limit of agreement: bias + 1.96 sd", decimals=6, missing=True),
    Column("loa_high_low", "float", "", "its lower limit", decimals=6, missing=True),
    Column("loa_high_high", "float", "", "its upper limit", decimals=6, missing=True),
    Column("concordance", "float", "", "Lin's concordance correlation of the two shares", decimals=6, missing=True),
    Column("concordance_low", "float", "", "its lower limit", decimals=6, missing=True),
    Column("concordance_high", "float", "", "its upper limit", decimals=6, missing=True),
    _METHOD,
))

DISAGREEMENTS = Table("disagreements", (
    *_PAIR, _VIDEO, _SUBJECT,
    Column("start_s", "float", "s", "start, from the video's first frame", decimals=6),
    Column("stop_s", "float", "s", "stop, exclusive; of an event as start_s", decimals=6),
    Column("duration_s", "float", "s", "how long; 0 of an event", decimals=6, low=0),
    Column("behaviour_a", "str", "", "what the first says"),
    Column("behaviour_b", "str", "", "what the second says"),
))

COMPARED = Table("compared", (
    *_PAIR, _VIDEO, _SUBJECT,
    Column("compared_s", "float", "s", "both watched and both coded a state: what the figures by time rest on",
           decimals=6, low=0),
    Column("only_a_s", "float", "s", "the first watched, the second did not: left out", decimals=6, low=0),
    Column("only_b_s", "float", "s", "the second watched, the first did not: left out", decimals=6, low=0),
    Column("one_coded_s", "float", "s", "both watched, one of them coded no state: left out", decimals=6, low=0),
    Column("none_coded_s", "float", "s", "both watched, neither coded a state: left out", decimals=6, low=0),
))


def _sight(coder: str, whose: str) -> tuple[Column, ...]:
    return (
        Column(f"in_sight_{coder}_s", "float", "s", f"of it: in sight, by the {whose}, also where the behaviour is"
               " unknown", decimals=6, low=0),
        Column(f"not_visible_{coder}_s", "float", "s", "of it: recorded as not visible", decimals=6, low=0),
        Column(f"no_record_{coder}_s", "float", "s", "of it: no state recorded", decimals=6, low=0),
        Column(f"out_of_sight_share_{coder}", "float", "", "share of shared_s not in sight: not visible or not"
               " recorded", decimals=6, low=0, high=1),
    )


VISIBILITY = Table("visibility", (
    *_PAIR, _VIDEO, _SUBJECT,
    Column("shared_s", "float", "s", "time that both watched", decimals=6, low=0),
    *_sight("a", "first"), *_sight("b", "second"),
))
