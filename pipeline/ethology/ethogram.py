"""The ethogram: which behaviours there are, in which exclusive sets, and how a recognizer's words fit into it.

A state has a duration (time budgets, bouts), an event is counted and its duration means nothing (Altmann 1974,
Behaviour 49: 227-267; Martin and Bateson, "Measuring Behaviour"). Within a set exactly one behaviour holds at a
time, so that shares of time sum to 1 within a set and never across sets.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from pipeline.errors import ModelError
from pipeline.ethology.palette import NOT_VISIBLE_COLOUR, UNKNOWN_COLOUR, assigned

UNKNOWN = "unknown"
NOT_VISIBLE = "not visible"
RESERVED = (UNKNOWN, NOT_VISIBLE)  # no ethogram may define them; a recognizer's word may be relabelled to them
NOT_FOLLOWED = "not followed"  # in files that leave no hole in an animal's record: it has no track there


class Kind(Enum):
    """Whether a behaviour lasts or happens."""

    state = "state"
    event = "event"


@dataclass(frozen=True)
class Behaviour:
    """One behaviour of an ethogram; ``ValueError`` where it contradicts itself."""

    name: str = ""
    colour: str = ""  # #RRGGBB; empty: the next of the palette
    kind: Kind = Kind.state
    visible: bool = True  # False: the label says that the animal cannot be seen (KABR's Occluded)
    set: str = "behaviour"  # the set of mutually exclusive behaviours it belongs to
    rest: bool = False  # True: stands for "nothing else of this set"; no recognizer gives it
    definition: str = field(default="", compare=False)  # what counts as it, in words; empty: what the card says

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.set.strip():
            raise ValueError(f"a behaviour needs a name and a set, got name={self.name!r}, set={self.set!r}")
        if self.name in RESERVED:
            raise ValueError(f"a behaviour cannot be named {self.name!r}: the word is reserved")
        if self.colour and not re.fullmatch("#[0-9A-Fa-f]{6}", self.colour):
            raise ValueError(f"colour of {self.name} must be like #0072B2, got {self.colour!r}")
        if self.rest and (not self.visible or self.kind is Kind.event):
            raise ValueError(f"{self.name} stands for the rest of its set: it must be a visible state")


@dataclass(frozen=True)
class EthogramSettings:
    """An ethogram as written down. Without behaviours the recognizer's own vocabulary is taken, as one set of states.

    ``relabel`` maps words of the recognizer to words of the ethogram; words the recognizer does not have are ignored.
    """

    behaviours: list[Behaviour]
    relabel: dict[str, str]

    def __post_init__(self) -> None:
        names = [behaviour.name for behaviour in self.behaviours]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"ethogram names {', '.join(twice)} twice")
        for name in dict.fromkeys(behaviour.set for behaviour in self.behaviours):
            _check_set(name, [behaviour for behaviour in self.behaviours if behaviour.set == name])
        if wrong := [word for word, name in self.relabel.items() if not isinstance(name, str)]:
            raise ValueError(f"ethogram.relabel must give one word for {', '.join(wrong)}")
        if names and (lost := [word for word in self.relabel.values() if word not in {*names, *RESERVED}]):
            there = ", ".join(names)
            raise ValueError(f"ethogram.relabel leads to {', '.join(lost)}, not in the ethogram; it has {there}")


def _check_set(name: str, members: Sequence[Behaviour]) -> None:
    if len({behaviour.kind for behaviour in members if behaviour.visible}) > 1:
        raise ValueError(f"set {name!r} holds both states and events; give the events a set of their own")
    if sum(behaviour.rest for behaviour in members) > 1:
        raise ValueError(f"set {name!r} has several behaviours with rest: true; only one can take what is left")


def tells_nothing(word: str) -> bool:
    """Does a file say with it that nothing is known of the behaviour, not visible or not followed among it?

    Where there are several sets, our exports write ``unknown (posture)``.
    """
    return re.sub(r" \([^()]*\)$", "", word) in (*RESERVED, NOT_FOLLOWED)


@dataclass(frozen=True)
class Ethogram:
    """An ethogram resolved against one recognizer: only what that recognizer can tell is in it.

    A behaviour the recognizer never gives is left out rather than reported with a share of 0.
    """

    all: tuple[Behaviour, ...]  # every behaviour in use, also those with visible False; colours filled in
    places: tuple[tuple[str, str], ...]  # the recognizer's words in order, each with its name here or a reserved one

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """What tables are about: the visible behaviours, in the ethogram's order."""
        return tuple(behaviour for behaviour in self.all if behaviour.visible)

    @property
    def sets(self) -> tuple[str, ...]:
        """The exclusive sets with a visible behaviour, in order of first mention."""
        return tuple(dict.fromkeys(behaviour.set for behaviour in self.behaviours))

    def names(self, of_set: str | None = None) -> tuple[str, ...]:
        """Names of the visible behaviours of one set, or of all."""
        return tuple(b.name for b in self.behaviours if of_set in (None, b.set))

    def kind(self, of_set: str) -> Kind:
        """Whether a set holds states or events."""
        return next(behaviour.kind for behaviour in self.behaviours if behaviour.set == of_set)

    @property
    def colours(self) -> dict[str, str]:
        """``#RRGGBB`` of every visible behaviour, then of unknown (grey) and not visible (light)."""
        colours = {behaviour.name: behaviour.colour for behaviour in self.behaviours}
        return colours | {UNKNOWN: UNKNOWN_COLOUR, NOT_VISIBLE: NOT_VISIBLE_COLOUR}

    @property
    def definitions(self) -> dict[str, str]:
        """What counts as each behaviour, in words; those are left out of which nothing is said."""
        return {behaviour.name: behaviour.definition for behaviour in self.all if behaviour.definition}

    def defined_as(self, others: Iterable["Ethogram"]) -> "Ethogram":
        """The same, with a definition where all the others have that one."""
        shared = set.intersection(*({*other.definitions.items()} for other in others))
        told = dict(shared & {*self.definitions.items()})
        return replace(self, all=tuple(replace(one, definition=told.get(one.name, "")) for one in self.all))


def resolve(
    settings: EthogramSettings,
    card_behaviours: Sequence[str],
    recognizer: str = "",
    definitions: Mapping[str, str] | None = None,
) -> Ethogram:
    """Give every behaviour of a recognizer its place. Several may share one: their probabilities then add.

    ``definitions`` of the card hold for behaviours without one of their own, by the recognizer's words. ``ModelError``
    names the behaviours without a place and the places there are.
    """
    places = tuple((word, settings.relabel.get(word, word)) for word in card_behaviours)
    used = dict.fromkeys(name for _, name in places if name not in RESERVED)
    defined = settings.behaviours or [Behaviour(name) for name in used]
    has = [behaviour.name for behaviour in defined]
    if lost := [word for word, name in places if name not in {*has, *RESERVED}]:
        raise ModelError(_no_place(lost, has, recognizer))
    meant = _meant(places, definitions or {})
    coloured = [
        replace(b, colour=b.colour or assigned(number), definition=b.definition or meant.get(b.name, ""))
        for number, b in enumerate(defined)
    ]
    heard = {behaviour.set for behaviour in coloured if behaviour.name in used}
    kept = tuple(b for b in coloured if b.name in used or (b.rest and b.set in heard))
    if not any(behaviour.visible for behaviour in kept):
        raise ModelError(f"{_giver(recognizer)} gives no behaviour of a visible animal: {', '.join(card_behaviours)}")
    return Ethogram(kept, places)


def _meant(places: Sequence[tuple[str, str]], definitions: Mapping[str, str]) -> dict[str, str]:
    """The definition of each name, of several words those of all."""
    meant: dict[str, list[str]] = {}
    for word, name in places:
        meant.setdefault(name, []).extend([definitions[word]] if word in definitions else [])
    return {name: "; or ".join(several) for name, several in meant.items()}


def _no_place(lost: Sequence[str], has: Sequence[str], recognizer: str) -> str:
    hint = ", ".join(f"{word}: ..." for word in lost)
    return (
        f"{_giver(recognizer)} gives {', '.join(lost)}, which ethogram has no place for; it has {', '.join(has)}; "
        f"add ethogram.relabel={{{hint}}}"
    )


def _giver(recognizer: str) -> str:
    return f"recognizer {recognizer!r}" if recognizer else "the recognizer"
