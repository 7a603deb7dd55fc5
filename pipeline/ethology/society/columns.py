"""Columns that several tables of this family share."""

from pipeline.columns import Column, p_value

# fmt: off
VIDEO = Column("video", "str", "", "key of the video")
SESSION = Column("session", "str", "", "the session; empty where it spans several")
SPECIES = Column("species", "str", "", "species; 'all': of all species together")
TRACK = Column("track", "int", "", "the animal's number within its video", low=0)
FRAME = Column("frame", "int", "", "source frame of the instant", low=0)
TIME = Column("time_s", "float", "s", "the instant, seconds since the video's first frame", decimals=6)
LASTS = Column("lasts_s", "float", "s", "what the instant stands for: until the next or the end", decimals=6, low=0)
SUBJECT = Column("subject", "str", "", "the named individual, or <video>#<track>")
METHOD = Column("method", "str", "", "how the figure was made, what it says, or why there is none")
N_SESSIONS = Column("n_sessions", "int", "", "sessions behind the figure", low=0)
N_TRACKS = Column("n_tracks", "int", "", "tracks behind the figure; a track is a fragment, never a replicate", low=0)
N_INSTANTS = Column("n_instants", "int", "", "instants behind the figure; they are no replicates", low=0)


def figure(name: str, unit: str, meaning: str, low: float | None = None, high: float | None = None) -> Column:
    """A number that may be missing."""
    return Column(name, "float", unit, meaning, 6, low, high, missing=True)


CI = (
    figure("ci_low", "", "lower limit, see method; empty: none"),
    figure("ci_high", "", "upper limit, see method; empty: none"),
)
P = p_value("p", "share of what chance alone gives that is at least as extreme, see method; empty: not tested")
P_CORRECTED = p_value("p_corrected", "p, corrected for the number of tests, see method; empty: none of them")
# fmt: on
