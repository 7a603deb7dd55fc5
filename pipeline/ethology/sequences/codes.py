"""Code sequences in both forms, and what follows what in them at any lag (see ``steps.py``)."""

from dataclasses import dataclass

import numpy as np

from pipeline.ethology.sequences.stretches import Stretches
from pipeline.ethology.steps import moments_in
from pipeline.types import IntArray


@dataclass(frozen=True)
class Codes:
    """``n`` codes in order, by stretch. ``step_s`` None: one code a bout, which never repeats; else one a moment."""

    code: IntArray  # [n]
    stretch: IntArray  # [n] never falls
    bout: IntArray  # [n] the row of the bout that each comes from
    kinds: int  # K
    step_s: float | None

    @property
    def form(self) -> str:
        """The word of the tables: ``bout`` or ``interval``."""
        return "bout" if self.step_s is None else "interval"

    def repeats(self, lag: int) -> bool:
        """Can a code follow itself at this lag?"""
        return self.step_s is not None or lag > 1


def bout_codes(of: Stretches) -> Codes:
    """One code a bout."""
    return Codes(of.code, of.stretch, np.arange(len(of), dtype=np.int64), len(of.names), None)


def sampled_codes(of: Stretches, step_s: float) -> Codes:
    """The code in force at each moment 0, ``step_s``, 2 ``step_s`` ... of the video's clock that lies in a bout."""
    start, stop = of.bouts["start_s"].to_numpy(), of.bouts["stop_s"].to_numpy()
    bout = np.repeat(np.arange(len(of), dtype=np.int64), np.maximum(moments_in(start, stop, step_s), 0))
    return Codes(of.code[bout], of.stretch[bout], bout, len(of.names), step_s)


def pairs(stretch: IntArray, lag: int) -> IntArray:
    """Places of the codes that have another one ``lag`` further on in their stretch."""
    return np.flatnonzero(stretch[lag:] == stretch[:-lag]).astype(np.int64)


def counted(codes: Codes, lag: int) -> IntArray:
    """How often each code ``[K, .]`` was followed by each ``[., K]``, ``lag`` codes later."""
    before = pairs(codes.stretch, lag)
    flat = codes.code[before] * codes.kinds + codes.code[before + lag]
    return np.bincount(flat, minlength=codes.kinds**2).reshape(codes.kinds, codes.kinds).astype(np.int64)
