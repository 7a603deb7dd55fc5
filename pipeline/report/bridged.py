"""Up to which gaps bouts were joined, in words."""

import pandas as pd


def bridged_gaps(durations: pd.DataFrame) -> str:
    """``2 s (Graze, Walk), 4.1 s (Rest)``, of the pooled rows of ``durations``; empty where no gap was bridged."""
    joined = durations[(durations["level"] == "pooled") & (durations["bridged_s"] > 0)]
    gaps = joined.groupby(joined["bridged_s"].map("{:.3g} s".format), sort=False)["behaviour"].unique()
    return ", ".join(f"{gap} ({', '.join(names)})" for gap, names in gaps.items())
