"""What is independent in a comparison: sessions, animals, or groups of both that nothing links.

Animals of a session share whatever else is special that day, and sessions of an animal whatever else is special to it.
Which of the two is mixed with the condition decides (Hurlbert 1984, Ecol Monogr 54: 187-211). A row an animal, a column
a session, a letter the condition::

    A A B B     A A A A     A A . .     A B . .
    A A B B     B B B B     . . B B     . . A B
    sessions    animals     linked groups: what is left where animals and sessions keep to one condition both

"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline.ethology.contrasts.settings import Replicate
from pipeline.ethology.sums import distinct_pairs
from pipeline.types import BoolArray, IntArray

_MIXED = 0.5  # of the pairs of sightings that chance would put in both conditions; at most so many: they keep to one


class Independent(Enum):
    """What one replicate is."""

    session = "session"
    individual = "individual"  # with all its sessions
    linked = "linked"  # sessions that share animals, animals that share a session

    @property
    def word(self) -> str:
        """One of them."""
        return {"session": "session", "individual": "named animal", "linked": "linked group"}[self.value]

    @property
    def over(self) -> str:
        """What limits and shuffles go over."""
        return {"session": "sessions", "individual": "animals", "linked": "linked groups"}[self.value]


@dataclass(frozen=True)
class Independence:
    """The replicate ``[n]`` of each row, from 0, what it is, and whether no session has both conditions."""

    place: IntArray
    kind: Independent
    constant: bool

    @classmethod
    def of(cls, individual: IntArray, session: IntArray, half: IntArray, asked: Replicate) -> "Independence":
        """From rows of these individuals (-1: nobody named it), sessions and halves (0 or 1) ``[n]``.

        Sessions are the replicates where the condition is theirs, or where they are ``asked`` for, else animals. Where
        animals keep to a condition too, so are all that animals link; sessions that show one animal alone are one, and
        so are animals of a session that are seen in no other.
        """
        pair, cell = distinct_pairs(individual, session)
        (_, who), (_, day) = (np.unique(one, return_inverse=True) for one in pair.T)
        seen, _ = distinct_pairs(cell, half)
        animal, at, condition = who[seen[:, 0]], day[seen[:, 0]], seen[:, 1]
        named = pair[:, 0] >= 0
        told = named[seen[:, 0]]
        of_sessions = asked is Replicate.session or _keep(at, animal, condition)
        if of_sessions:
            every = _keep(animal[told], at[told], condition[told])
            links = named & (every | (np.bincount(day)[day] == 1))
        else:
            links = np.bincount(who)[who] == 1
        group = _groups(day if of_sessions else who, who if of_sessions else day, links)
        kind = _kind(group, day, who if named.all() else None)
        return cls(group[cell], kind, len(np.unique(at)) == len(distinct_pairs(at, condition)[0]))

    @classmethod
    def of_rows(cls, who: pd.DataFrame, half: BoolArray, asked: Replicate) -> "Independence":
        """From rows with ``individual`` (empty: nobody named it) and ``session``; ``half [n]``: in the second?"""
        session = pd.factorize(who["session"])[0].astype(np.int64)
        return cls.of(individuals(who), session, half.astype(np.int64), asked)

    def units(self, who: pd.DataFrame) -> IntArray:
        """The unit ``[n]`` of each such row of named animals, from 0: an animal in one replicate."""
        return distinct_pairs(individuals(who), self.place)[1]

    def words(self, by: str) -> list[str]:
        """What is to be known of a column whose replicates are no matter of course."""
        if self.kind is Independent.linked:
            shared = f"sessions that share animals which keep to one {by}"
            return [f"a linked group is one replicate: {shared}, or animals that are seen in the same session only"]
        if not self.constant:
            return []
        nested = {
            Independent.session: ": sessions are the replicates, not their animals",
            Independent.individual: ", each of one animal: animals are the replicates, not their sessions",
        }
        return [f"{by} is constant within each session{nested[self.kind]}"]


def individuals(who: pd.DataFrame) -> IntArray:
    """The animal of each row ``[n]`` by a number, from 0; -1 where nobody named it."""
    return pd.factorize(who["individual"].where(who["individual"] != ""))[0].astype(np.int64)


def _keep(of: IntArray, what: IntArray, half: IntArray) -> bool:
    """Do animals (sessions) keep to one half? ``of`` are those of sightings, ``what`` the sessions (animals).

    Pairs of sightings of one are in both halves at most half as often as if each of ``what`` fell to it by chance. True
    where there is no pair.
    """
    sightings, _ = distinct_pairs(of, 2 * what + half)
    counts = np.zeros((int(of.max(initial=-1)) + 1, 2))
    np.add.at(counts, (sightings[:, 0], sightings[:, 1] % 2), 1)
    whole = np.bincount(distinct_pairs(what, half)[0][:, 1], minlength=2)
    pairs, of_all = (n * (n - 1) / 2 for n in (counts.sum(axis=1), whole.sum()))
    return bool(counts.prod(axis=1).sum() * of_all <= _MIXED * whole.prod() * pairs.sum())


def _groups(place: IntArray, other: IntArray, links: BoolArray) -> IntArray:
    """The group ``[c]`` of each cell by its place, from 0; places that ``links [c]`` join to one other are one."""
    number = len(np.unique(place))
    nodes = number + len(np.unique(other))
    ends = place[links], number + other[links]
    label = connected_components(coo_array((np.ones(links.sum()), ends), shape=(nodes, nodes)), directed=False)[1]
    return np.unique(label[place], return_inverse=True)[1].reshape(-1).astype(np.int64)


def _kind(group: IntArray, day: IntArray, who: IntArray | None) -> Independent:
    """What one of the groups is; ``who`` is None where somebody has no name, and may be several."""
    for kind, of in ((Independent.session, day), (Independent.individual, who)):
        if of is not None and len(distinct_pairs(group, of)[0]) == len(np.unique(group)):
            return kind
    return Independent.linked
