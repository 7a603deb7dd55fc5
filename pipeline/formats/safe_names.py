"""Names as another program takes them: what it stumbles over is replaced, and no two names become one."""

import re
from collections.abc import Iterable
from unicodedata import combining, normalize

_BREAKS = re.compile(r"[^\S ]|[\x00-\x1f\x7f]")


def one_line(text: str) -> str:
    """Text without line ends, tabs and other signs that steer: each becomes a space."""
    return _BREAKS.sub(" ", text).strip()


def shown(path: object) -> str:
    """A path or name as text in UTF-8: bytes of it that are none are escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def word(text: str) -> str:
    """Text as one word of ASCII letters, digits and ``_``, no digit first; accents are dropped, other signs ``_``."""
    bare = "".join(sign for sign in normalize("NFKD", text) if not combining(sign))
    made = re.sub(r"[^A-Za-z0-9]+", "_", bare).strip("_") or "_"
    return f"_{made}" if made[0].isdigit() else made


def distinct(names: Iterable[str], made: Iterable[str], longest: int = 255, fold: bool = False) -> dict[str, str]:
    """The name ``made`` of each name, cut to ``longest``; of those that meet, the later ones end in ``_2``, ``_3`` ...

    ``fold``: names that differ by upper and lower case only meet too.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name, wanted in zip(names, made, strict=True):
        if name in found:
            continue
        tries = (wanted[: longest - len(end)] + end for end in ["", *(f"_{k}" for k in range(2, len(taken) + 3))])
        free = next(one for one in tries if (one.casefold() if fold else one) not in taken)
        taken.add(free.casefold() if fold else free)
        found[name] = free
    return found
