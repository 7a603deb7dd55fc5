"""results.html: an evaluation on one page, which works offline from one file. No dates: same results, same bytes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, bullets, folded, table, tag, together
from pipeline.report.page import document
from pipeline.report.pictures import shown

Figure = Mapping[str, Any]  # value, low, high; None where not known


@dataclass(frozen=True)
class Results:
    """What the page of an evaluation says."""

    title: str
    lead: str
    cautions: Sequence[str]
    sections: Sequence[tuple[str, str, Markup]]  # anchor, title, content; without content it is left out
    inputs: Sequence[tuple[str, str, str]]  # what it is, path, SHA-256
    settings: str  # as YAML
    versions: Mapping[str, str]  # program or package to version


def results_page(results: Results, out: Path) -> None:
    """Write the page to ``out``, whole or not at all."""
    head = together([tag("h1", results.title), tag("p", results.lead, class_="lead")])
    sections = [
        ("read-first", "Read this first", bullets(results.cautions) if results.cautions else Markup("")),
        *results.sections,
        ("evaluated", "What was evaluated", _evaluated(results)),
    ]
    document(out, f"{results.title} - evaluation", head, [entry for entry in sections if entry[2]])


def _evaluated(results: Results) -> Markup:
    return together(
        [
            table(("what", "file", "SHA-256"), results.inputs, "Files that the figures rest on", words=3),
            folded("Settings", tag("pre", results.settings)),
            folded("Versions", table(("part", "version"), list(results.versions.items()), "Versions", words=2)),
        ]
    )


def figures_table(figures: Mapping[str, Figure], names: Mapping[str, str], caption: str) -> Markup:
    """A row a figure that ``names`` has: its name, value and, where any has one, interval."""
    there = {key: name for key, name in names.items() if key in figures}
    limits = any(figures[key]["low"] is not None for key in there)
    rows = [(name, value(figures[key]), *([interval(figures[key])] if limits else [])) for key, name in there.items()]
    return table(("figure", "value", *(["interval"] if limits else [])), rows, caption)


def groups_table(
    groups: Mapping[str, Mapping[str, Any]], columns: Mapping[str, str], caption: str, first: str
) -> Markup:
    """A row a group of ``groups``, a column each of ``columns`` that any has; figures have their interval with them."""
    there = {key: name for key, name in columns.items() if any(key in of for of in groups.values())}
    rows = [(name, *(_cell(of.get(key)) for key in there)) for name, of in groups.items()]
    return table((first, *there.values()), rows, caption)


def _cell(of: object) -> str:
    if isinstance(of, Mapping):
        limits = interval(of)
        return value(of) if limits == "-" else f"{value(of)} ({limits})"
    return (
        "-" if of is None else f"{of:,}" if isinstance(of, int) else f"{of:.3f}" if isinstance(of, float) else str(of)
    )


def value(figure: Figure) -> str:
    """The figure; ``-`` where there is none."""
    return "-" if figure["value"] is None else f"{figure['value']:.3f}"


def interval(figure: Figure) -> str:
    """Its interval; ``-`` where there is none."""
    return "-" if figure["low"] is None else f"{figure['low']:.3f} to {figure['high']:.3f}"


def picture(path: Path, title: str, caption: str, alt: str) -> Markup:
    """A figure in the page; ``path`` is its SVG."""
    return shown(FigureEntry(path.stem, "", title, caption, alt, path))


def paragraphs(lines: Iterable[str]) -> Markup:
    """Text."""
    return together(tag("p", line) for line in lines)
