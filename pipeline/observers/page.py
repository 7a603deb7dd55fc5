"""An agreement in words: what is printed, and the sections and cautions of its page."""

from collections.abc import Iterator, Sequence

from pipeline.ethology.agreement import tables as t
from pipeline.ethology.agreement.tables import NOTHING
from pipeline.evaluation.results import Told, few, of_units, resampled, shown
from pipeline.observers.coders import bouts_file
from pipeline.observers.settings import AgreePlan
from pipeline.observers.sight_page import in_sight, sentence
from pipeline.observers.summary import Made, Pair
from pipeline.report.markup import Markup, table, tag, together
from pipeline.report.results import figures_table, groups_table, picture, value
from pipeline.report.style import clock
from pipeline.report.words import duration, percent, plural

FEW_S = 60.0  # seconds of a behaviour that either says, under which its figures say little
LONGEST = 25  # disagreements that the page lists
PARADOX = (0.9, 0.4)  # agreement above, kappa below: rare or overwhelming behaviours make kappa low
UNIT = "independent unit"
_TIME = {
    "kappa": "kappa",
    "kappa_tolerance_a": "kappa with tolerance, {a}'s time",
    "kappa_tolerance_b": "kappa with tolerance, {b}'s time",
    "agreement": "agreement (share of time)",
    "agreement_tolerance_a": "agreement with tolerance, {a}'s time",
    "agreement_tolerance_b": "agreement with tolerance, {b}'s time",
    "kappa_max": "largest kappa that the totals allow",
    "pabak": "PABAK (kappa were all equally frequent)",
    "alpha": "Krippendorff's alpha",
    "alpha_unitising": "unitising alpha (beginnings and ends)",
}
_ALL = {"alpha": "Krippendorff's alpha", "u_alpha": "u-alpha (bouts as wholes)"}
_LINKS = {"kappa": "alignment kappa, {basis}", "agreement": "linked to the same, {basis}"}
_COLUMNS = {
    "n": "either, s", "kappa": "kappa", "kappa_max": "largest", "agreement": "agreement", "pabak": "PABAK",
    "prevalence_index": "prevalence", "bias_index": "bias", "weight": "weight",
    "alpha_unitising": "unitising alpha",
}  # fmt: skip


def told(made: Made, pairs: Sequence[Pair], plan: AgreePlan) -> Told:
    """The agreement in words; the pictures lie in ``plan.out`` already."""
    sections: list[tuple[str, str, Markup]] = []
    lines, cautions = [], []
    if "all_coders" in made:
        sections.append(("all", "All coders", figures_table(made["all_coders"], _ALL, "By time, nominal")))
        told_of = (f"{name} {shown(made['all_coders'][key])}" for key, name in _ALL.items())
        lines.append(f"all {len(plan.names)} coders: {', '.join(told_of)}")
    for pair, of in zip(pairs, made["pairs"], strict=True):
        between = f" ({' and '.join(pair.coders)})" if pair.suffix else ""
        sections += [(anchor + pair.suffix, title + between, text) for anchor, title, text in _sections(pair, of, plan)]
        lines += _lines(of)
        cautions += [f"{text[:-1]}{between}." for text in _cautions(of, plan)]
    cautions += _of_tracks(plan)
    return Told(
        title=" beside ".join(plan.names),
        lead="; ".join(_lead(of) for of in made["pairs"]) + ".",
        cautions=cautions,
        sections=sections,
        lines=lines,
        inputs=[
            (f"coder {name}", bouts_file(path) or path) for name, path in zip(plan.names, plan.coders, strict=True)
        ],
    )


def _lead(of: Made) -> str:
    amounts = [f"{duration(of['compared_s'])} that both coded"] if "time" in of["figures"] else []
    amounts += [f"{of['figures']['events']['kappa']['n']:,.0f} events of either"] if "events" in of["figures"] else []
    where = f"{plural(of['animals'], 'animal')} in {plural(of['videos'], 'video')}"
    return f"{of['coder_a']} and {of['coder_b']}: {', '.join(amounts)}, of {where}"


def _sections(pair: Pair, of: Made, plan: AgreePlan) -> Iterator[tuple[str, str, Markup]]:
    names = dict(zip("ab", pair.coders, strict=True))
    caption = f"{names['a']} and {names['b']}; {resampled(of['units'], plan, UNIT)} (sessions, else videos)"
    for basis, figures in of["figures"].items():
        words = {key: text.format(**names, basis=basis) for key, text in (_TIME if basis == "time" else _LINKS).items()}
        yield f"in-short-{basis}", f"In short, by {basis}", figures_table(figures, words, caption)
    if "time" in of["figures"]:
        yield "behaviours", "Each behaviour", _behaviours(of)
        what = f"Seconds by what {names['a']} says (rows) and what {names['b']} says there (columns)."
        drawn = picture(
            plan.out / f"confusion{pair.suffix}.svg", "Confusion", what, "The seconds are in confusion.csv."
        )
        yield "confusion", "What is taken for what", drawn
        what = f"Share of each behaviour by animal: {names['b']} less {names['a']} over their mean."
        file = plan.out / f"budgets{pair.suffix}.svg"
        limits = _limits(pair)
        yield (
            "budgets",
            "Time budgets",
            together([picture(file, "Bland-Altman", what, "The figures are below."), limits]),
        )
    if of["visibility"]:
        yield "in-sight", "In sight", in_sight(pair, of)
    yield "disagreements", "To look at together", _disagreements(pair)
    yield "compared", "What was compared", _compared(pair, of)


def _behaviours(of: Made) -> Markup:
    """Each behaviour against the rest; the overall kappa is the mean of these kappas by their weights."""
    groups: dict[str, Made] = {}
    for name, bases in of["per_behaviour"].items():
        time = bases.get("time", {})
        if time:
            groups[name] = {"n": f"{time['kappa']['n']:,.0f}"} | {key: time.get(key) for key in _COLUMNS if key != "n"}
        for basis in ("bouts", "events"):
            if found := bases.get(basis, {}).get("positive_agreement"):
                groups.setdefault(name, {})[basis] = found
    columns = _COLUMNS | {"bouts": "bouts linked alike", "events": "events linked alike"}
    note = "Each behaviour against the rest; prevalence far from 0 makes kappa low by itself; in brackets the interval"
    return groups_table(groups, columns, note, "behaviour")


def _limits(pair: Pair) -> Markup:
    """Bias, limits of agreement and concordance of each behaviour."""
    rows = [
        (
            str(row["behaviour"]), str(row["n"]), _number(row["bias"], row["bias_low"], row["bias_high"]),
            _number(row["loa_low"]), _number(row["loa_high"]),
            _number(row["concordance"], row["concordance_low"], row["concordance_high"]), str(row["method"]),
        )
        for _, row in pair.tables[t.BUDGET_AGREEMENT.name].iterrows()
    ]  # fmt: skip
    head = ("behaviour", "animals", "bias", "limits of agreement: from", "to", "concordance", "method")
    return table(head, rows, "Shares of time: second less first")


def _number(value: float, low: float = float("nan"), high: float = float("nan")) -> str:
    """A number, its limits in brackets; ``-`` where there is none."""
    if value != value:
        return "-"
    return f"{value:.3f}" if low != low else f"{value:.3f} ({low:.3f} to {high:.3f})"


def _disagreements(pair: Pair) -> Markup:
    """The longest stretches on which the two disagree."""
    found = pair.tables[t.DISAGREEMENTS.name]
    if found.empty:
        return tag("p", "There is none.")
    rows = [
        (
            str(row["video"]), str(row["subject"]), f"{clock(row['start_s'])} ({row['start_s']:.1f} s)",
            f"{row['duration_s']:.1f}", str(row["behaviour_a"]), str(row["behaviour_b"]),
        )
        for _, row in found.head(LONGEST).iterrows()
    ]  # fmt: skip
    more = f"the {len(rows)} longest of {len(found):,}; all are in disagreements.csv"
    head = ("video", "animal", "from", "lasts, s", *pair.coders)
    return table(head, rows, f"Stretches on which they disagree, {more}", words=2)


def _compared(pair: Pair, of: Made) -> Markup:
    """What was compared and what was left out, in all and by animal and video."""
    names = {
        "compared_s": "both coded", "only_a_s": f"only {pair.coders[0]} watched",
        "only_b_s": f"only {pair.coders[1]} watched", "one_coded_s": "only one coded", "none_coded_s": "neither coded",
    }  # fmt: skip
    rows = [("all", "", *(f"{of[key]:,.1f}" for key in names))]
    rows += [
        (str(row["video"]), str(row["subject"]), *(f"{row[key]:,.1f}" for key in names))
        for _, row in pair.tables[t.COMPARED.name].iterrows()
    ]
    return table(("video", "animal", *names.values()), rows, "Seconds", words=2)


def _cautions(of: Made, plan: AgreePlan) -> Iterator[str]:
    yield from of_units(of["units"], plan, UNIT)
    yield from _left_out(of)
    time = {name: bases["time"] for name, bases in of["per_behaviour"].items() if "time" in bases and name != NOTHING}
    yield from few({name: figures["kappa"]["n"] for name, figures in time.items()}, FEW_S, "{:.0f} s")
    yield from _undefined(of)
    yes, no = PARADOX
    odd = [
        name
        for name, figures in time.items()
        if (kappa := figures["kappa"]["value"]) is not None and kappa < no and figures["agreement"]["value"] >= yes
    ]
    if odd:
        yield (
            f"Kappa of {', '.join(odd)} is low although they agree in over {percent(yes)} of the time: it is rare or "
            "nearly always there, and chance alone would do nearly as well; read PABAK and the prevalence beside it."
        )


def _undefined(of: Made) -> Iterator[str]:
    """Which kappas there are not, and why."""
    for basis, figures in of["figures"].items():
        if figures["kappa"]["value"] is None:
            hint = "; nothing_coded=true counts the time without a state as one" if basis == "time" else ""
            yield f"Kappa by {basis} is {figures['kappa']['method']}{hint}."


def _left_out(of: Made) -> Iterator[str]:
    """What is to be said of the seconds that enter no figure by time."""
    parts = {
        f"only {of['coder_a']} watched": of["only_a_s"],
        f"only {of['coder_b']} watched": of["only_b_s"],
        "both watched and only one coded a state": of["one_coded_s"],
        "both watched and neither coded a state": of["none_coded_s"],
    }
    if lost := [f"{duration(seconds)} that {what}" for what, seconds in parts.items() if seconds > 0]:
        yield f"Left out beside {duration(of['compared_s'])} compared: {', '.join(lost)}."


def _of_tracks(plan: AgreePlan) -> Iterator[str]:
    """Two tables of bouts without their runs: nobody can check who their tracks are."""
    if sum(path.is_file() and bouts_file(path) is not None for path in plan.coders) > 1:
        yield (
            "Where animals are told by track numbers in two tables of bouts, the numbers are taken to mean the same "
            "animals: that is so only if both go back to the same tracks; give the runs' folders to have it checked."
        )


def _lines(of: Made) -> list[str]:
    """What is printed of two coders."""
    names = {"a": of["coder_a"], "b": of["coder_b"]}
    lines = [_lead(of)]
    for basis, figures in of["figures"].items():
        words = _TIME if basis == "time" else _LINKS
        lines += [f"  {words[key].format(**names, basis=basis):44s} {shown(figure)}" for key, figure in figures.items()]
    by_time = {name: bases["time"] for name, bases in of["per_behaviour"].items() if "time" in bases}
    if by_time:
        wide = max(10, *map(len, by_time))
        lines.append(f"  {'behaviour':{wide}s}  either      kappa  agreement  prevalence   bias")
        for name, figures in by_time.items():
            keys = ("kappa", "agreement", "prevalence_index", "bias_index")
            cells = [value(figures[key]) if key in figures else "-" for key in keys]
            row = f"{cells[0]:>9s}{cells[1]:>11s}{cells[2]:>12s}{cells[3]:>7s}"
            lines.append(f"  {name:{wide}s} {figures['kappa']['n']:8.1f} s{row}")
    seen = [sentence(of)] if of["visibility"] else []
    notes = [*seen, *_undefined(of), *_left_out(of), plural(of["disagreements"], "disagreement")]
    return lines + [f"  {text}" for text in notes]
