"""How much of the time two coders had the animals in sight, in words and as a section of the page."""

from pipeline.ethology.agreement import tables as t
from pipeline.ethology.agreement.visibility import PARTS
from pipeline.observers.summary import Made, Pair
from pipeline.report.markup import Markup, table, tag, together
from pipeline.report.words import duration, percent, plural

_WORDS = {"in_sight": "in sight", "not_visible": "not visible", "no_record": "not recorded"}


def sentence(of: Made) -> str:
    """Both shares, and what they rest on."""
    sight = of["visibility"]
    a, b = (percent(sight[f"out_of_sight_share_{coder}"]) for coder in "ab")
    return (
        f"{of['coder_a']} had the animals out of sight for {a} of the time that both watched, {of['coder_b']} for {b} "
        f"({duration(sight['shared_s'])}, {plural(sight['animals'], 'animal')}, "
        f"{plural(sight['units'], 'session or video', 'sessions or videos')})."
    )


def in_sight(pair: Pair, of: Made) -> Markup:
    """The section: the sentence, what it leaves open, and the seconds of each animal and video."""
    sight = of["visibility"]
    lost = [
        f"{duration(seconds)} of {of[f'coder_{coder}']}"
        for coder in "ab"
        if (seconds := sight[f"no_record_{coder}_s"]) > 0
    ]
    open_to = f"Of it {' and '.join(lost)} is not recorded at all, which counts as out of sight. " if lost else ""
    caveat = (
        f"{open_to}There is no interval: two records of the same animals are one comparison, however long they are. An "
        "animal that nobody named is known by its track, and out of sight only within it."
    )
    return together([tag("p", sentence(of)), tag("p", caveat), _seconds(pair, of)])


def _seconds(pair: Pair, of: Made) -> Markup:
    columns = {f"{part}_{coder}_s": f"{name}: {_WORDS[part]}" for coder, name in _named(pair) for part in PARTS}
    names = {"shared_s": "both watched"} | columns
    rows = [("all", "", *(f"{of['visibility'][key]:,.1f}" for key in names))]
    rows += [
        (str(row["video"]), str(row["subject"]), *(f"{row[key]:,.1f}" for key in names))
        for _, row in pair.tables[t.VISIBILITY.name].iterrows()
    ]
    return table(("video", "animal", *names.values()), rows, "Seconds in sight and out of it", words=2)


def _named(pair: Pair) -> list[tuple[str, str]]:
    return list(zip("ab", pair.coders, strict=True))
