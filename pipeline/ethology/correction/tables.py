"""The tables of this family: their columns, types, units and meaning."""

from pipeline.columns import Column, Table

PAIRED = " & "  # between the names of two observers held against each other

# fmt: off
_SET = Column("set", "str", "", "the set of mutually exclusive states")
_BEHAVIOUR = Column("behaviour", "str", "", "the behaviour, or the name of several that were merged")
_MERGED = Column("merged", "str", "", "the behaviours that were merged into it, as 'Run + Trot'; empty: none")
_METHOD = Column("method", "str", "", "how the figures and their limits were made, and why one is empty")
_N = (
    Column("n_individuals", "int", "", "named individuals behind the figure; 0 where nobody is named", low=0),
    Column("n_sessions", "int", "", "sessions behind the figure", low=0),
    Column("n_tracks", "int", "", "tracks behind the figure; a track is a fragment, never a replicate", low=0),
)


def _share(name: str, meaning: str) -> Column:
    return Column(name, "float", "", meaning, decimals=6, low=0, high=1, missing=True)


_CHOSE = Column("chose_checkpoint", "bool", "", "the clips are known, by the model's card, to have also chosen its best"
                " weights, and so flatter it")

HELD_OUT = Table("held_out", (
    Column("recording", "str", "", "what is independent of the others: the recording, or group, of the clip"),
    Column("species", "str", "", "the species; empty: not told"),
    _SET,
    Column("true", "str", "", "what the clip shows; also 'not visible'"),
    Column("told", "str", "", "what a run would tell of it; also 'unknown' and 'not visible'"),
    _CHOSE,
))

CONFUSIONS = Table("confusions", (
    _SET,
    Column("species", "str", "", "the species whose matrix it is, shrunk towards that of all; 'all': of all clips"),
    Column("true", "str", "", "what the clips show"),
    Column("told", "str", "", "what is told of them; also 'unknown'"),
    Column("clips", "int", "", "held-out clips of this species", low=0),
    Column("true_clips", "int", "", "held-out clips of this species that show it", low=0),
    Column("true_recordings", "int", "", "recordings of this species that show it", low=0),
    _share("rate", "probability to be told so where it is true; rows of one 'true' sum to 1"),
    _share("predictive", "probability to be true where it is told; rows of one 'told' sum to 1"),
    Column("condition", "float", "", "condition number (2-norm) of the matrix of rates: by how much the inverse can"
           " blow up an error", decimals=3, missing=True),
    _CHOSE,
))

CORRECTED = Table("corrected_budgets", (
    Column("level", "str", "", "what a unit is: pooled, species, session, individual, or a column of the bouts"),
    Column("unit", "str", "", "which one; 'all' of the pooled rows"),
    Column("weighting", "str", "", "pooled (all time together), or mean (over named animals recognized for"
           " statistics.min_visible_s in the unit, each counting as much)"),
    _SET, _BEHAVIOUR, _MERGED,
    _share("raw", "share of recognized time, as told"),
    _share("raw_low", "lower limit of raw"),
    _share("raw_high", "upper limit of raw"),
    Column("raw_method", "str", "", "how raw and its limits were made"),
    _share("corrected", "share of told and unknown time, by constrained inversion of the confusion matrix"),
    _share("corrected_low", "lower limit of corrected, see method; empty at 0 and 1, where no spread tells"),
    _share("corrected_high", "upper limit of corrected"),
    _share("poststratified", "share of told and unknown time, by what is true where it is told; right only where"
           " behaviours are as frequent as among the held-out clips"),
    _share("poststratified_low", "lower limit of poststratified, see method"),
    _share("poststratified_high", "upper limit of poststratified"),
    _METHOD,
    Column("condition", "float", "", "the largest condition number of the matrices used", decimals=3, missing=True),
    Column("clips", "int", "", "held-out clips that show the behaviour, of all species", low=0),
    Column("recordings", "int", "", "recordings that they come from", low=0),
    *_N,
    Column("told_s", "float", "s", "recognized time: the denominator of raw", decimals=6, low=0),
    Column("unknown_s", "float", "s", "time in sight of which nothing is told", decimals=6, low=0),
))

_WINDOW = Column("window", "int", "", "number of the window, in the shuffled order of the sheet", low=1)
_WHERE = (
    Column("video", "str", "", "the video"),
    Column("track", "int", "", "the animal's number in it", low=0),
    Column("at_s", "float", "s", "the moment that is asked about, from the video's first frame", decimals=3, low=0),
)

AUDIT_SHEET = Table("audit", (
    _WINDOW, *_WHERE,
    Column("start_s", "float", "s", "start of the window around it", decimals=3, low=0),
    Column("stop_s", "float", "s", "end of the window", decimals=3, low=0),
    Column("frame", "int", "", "source frame of the moment", low=0),
    Column("behaviour", "str", "", "to be filled in: what the animal does at that moment; 'not visible'; 'unknown':"
           " it is in sight, but cannot be told"),
    Column("note", "str", "", "anything"),
))

AUDIT_KEY = Table("audit_key", (
    _WINDOW, *_WHERE, _SET,
    Column("told", "str", "", "what the run tells of that moment: not for the eyes of who fills in the sheet"),
    Column("session", "str", "", "the session; with told: the stratum"),
    Column("species", "str", "", "the species"),
    Column("stratum_s", "float", "s", "animal time told so in that session", decimals=6, low=0),
    Column("stratum_windows", "int", "", "windows drawn from it, each moment of it as likely", low=1),
    Column("weight_s", "float", "s", "time that the window stands for: stratum_s / stratum_windows", decimals=6, low=0),
))

AUDIT = Table("audit_accuracy", (
    Column("observer", "str", "", "who filled in the sheet; 'a & b': both held against each other"),
    _SET,
    Column("behaviour", "str", "", "the behaviour; empty: all"),
    Column("figure", "str", "", "accuracy (share of told time that is told rightly), kappa, precision (of the time told"
           " so), recall (of the time that is so), share (of the time in sight that is so), share_told (of told time"
           " that is told so), agreement and kappa of two observers"),
    Column("value", "float", "", "its value, weighted by the design; empty where nothing tells", decimals=6,
           missing=True),
    Column("se", "float", "", "its standard error; empty without limits", decimals=6, low=0, missing=True),
    Column("ci_low", "float", "", "lower limit, see method", decimals=6, missing=True),
    Column("ci_high", "float", "", "upper limit, see method", decimals=6, missing=True),
    Column("n", "int", "", "answered windows behind it", low=0),
    _METHOD,
))

AUDIT_ERRORS = Table("audit_errors", (
    Column("observer", "str", "", "who filled in the sheet"),
    _SET,
    Column("told", "str", "", "what the run tells; also 'unknown'"),
    Column("true", "str", "", "what the observer says; also 'not visible'"),
    Column("windows", "int", "", "so many windows", low=0),
    Column("drawn", "int", "", "windows told so that were drawn, answered or not", low=0),
    Column("unknown", "int", "", "of these the observer says 'unknown': in sight, but not to be told", low=0),
    _share("share", "estimated share of the audited time"),
    Column("se", "float", "", "its standard error", decimals=6, low=0, missing=True),
))
