"""Are bouts that were found as many and as long as the true ones?

A moment's doubt of a recognizer cuts a bout in two and puts one of another behaviour between them. That hardly moves a
time budget, but bouts and transitions of the behaviour are then not to be trusted.
"""

from dataclasses import dataclass

AS_TRUE = (0.8, 1.25)  # found / true; outside, bouts and transitions are pointed out


@dataclass(frozen=True)
class BoutRatios:
    """Bouts of one behaviour, found / true: their number (None: found, but none is true; 1: neither) and mean duration
    (None: there is none on one side).
    """

    number: float | None
    length: float | None

    @classmethod
    def of(cls, true: int, found: int, true_s: float, found_s: float) -> "BoutRatios":
        """From the numbers of bouts, and the seconds that all of them last together."""
        both = bool(true and found)
        number = found / true if true else (None if found else 1.0)
        return cls(number, (found_s / found) / (true_s / true) if both else None)

    @property
    def off(self) -> bool:
        """Is one of the two outside ``AS_TRUE``, or are there bouts of what never is?"""
        low, high = AS_TRUE
        return self.number is None or not all(
            low <= one <= high for one in (self.number, self.length) if one is not None
        )

    def __str__(self) -> str:
        """``1.62 times as many bouts as true, 0.55 times as long``."""
        if self.number is None:
            return "bouts of it where none is true"
        if self.length is None:
            return "none of its bouts found" if self.number == 0 else "no bout of it, true or found"
        return f"{self.number:.2f} times as many bouts as true, {self.length:.2f} times as long"
