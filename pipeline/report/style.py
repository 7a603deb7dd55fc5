"""How every figure is made and saved: one look, sizes in inches, the same bytes for the same tables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.artifacts import whole, write_text
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.report.colours import colour_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN = 11.0
IN_PAGE_BYTES = 300_000  # an SVG up to this size is put into a page; of a larger one its pixels
TEXT_IN = 0.075  # width of a letter of the labels, on average
GREY = "#5a5a5a"
PERCENT_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
PERCENT_LABELS = ("0 %", "20 %", "40 %", "60 %", "80 %", "100 %")

_LOOK = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same letters on every machine
    "font.size": 9.0,
    "text.parse_math": False,  # a dollar sign in a file's name is a dollar sign
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "hatch.linewidth": 0.6,
    "path.simplify_threshold": 0.5,  # pixels: a path of 36,000 points stays a small file
    "svg.fonttype": "none",  # letters stay letters in an editor, and take a tenth of the bytes
    "svg.hashsalt": "ethopipe",
    "pdf.fonttype": 42,  # the same
}


_PACKED = {"compress_level": 4, "compress_type": 0}  # as small as by default, of a photograph in a third of the time
_PLACES = re.compile(r' (?:d|x|y)="[^"]+"')  # of an SVG
_DIGITS = re.compile(r"(?<=\.\d\d)\d+")  # beyond a hundredth of a point, which no printer shows
_UNTURNED = re.compile(r' transform="rotate\(-0 [^"]*"')  # of letters
_LETTERS = "font-family: 'DejaVu Sans'"
_ALIKE = f"{_LETTERS}, Verdana, sans-serif"  # as wide, on machines that have not the first
_PDF_SAYS = ("CreationDate", "Creator", "Producer")  # what a PDF tells of its making: nothing


@contextmanager
def styled() -> Iterator[None]:
    """The look of the project, whatever the user's own matplotlibrc says."""
    import matplotlib

    default = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}
    with matplotlib.rc_context({**default, **_LOOK}):
        yield


def save(figure: "Figure", path: Path, dpi: int, png: bool = True, pdf: bool = False) -> list[Path]:
    """Write ``path`` (.svg), and PNG and PDF beside it where asked for, without dates or versions in them.

    Of an SVG that is too large for a page there is always a PNG, which the page shows. Gives the files.
    """
    drawn, looks = StringIO(), dict[str, Any](dpi=dpi, facecolor="white")
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None}, **looks)
    text = _PLACES.sub(lambda found: _DIGITS.sub("", found[0]), _UNTURNED.sub("", drawn.getvalue()))
    text = text.replace(_LETTERS, _ALIKE)
    write_text(path, text)
    wrote = [path]
    if png or len(text) > IN_PAGE_BYTES:
        wrote.append(path.with_suffix(".png"))
        with whole(wrote[-1]) as part:
            figure.savefig(part, metadata={"Software": None}, pil_kwargs=_PACKED, **looks)
    if pdf:
        wrote.append(path.with_suffix(".pdf"))
        with whole(wrote[-1]) as part:
            figure.savefig(part, metadata=dict.fromkeys(_PDF_SAYS), **looks)
    return wrote


def sheet(width_in: float, height_in: float) -> "Figure":
    """An empty figure with no global state behind it."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_in, height_in))


def panel(figure: "Figure", left: float, bottom: float, width: float, height: float) -> "Axes":
    """Axes at a place in inches from the lower left corner."""
    whole_width, whole_height = figure.get_size_inches()
    return figure.add_axes((left / whole_width, bottom / whole_height, width / whole_width, height / whole_height))


def plate(colour: str) -> dict[str, Any]:
    """What a label stands on that lies over lines; an edge round each letter would be ten times the bytes."""
    return {"facecolor": colour, "alpha": 0.7, "linewidth": 0, "pad": 1.0}


def words_only(title: str, words: str) -> "Figure":
    """A figure that says in words why there is nothing to draw."""
    figure = sheet(WIDTH_IN, 1.6)
    head(figure, title)
    figure.text(0.5, 0.4, words, ha="center", va="center", size=11, color=GREY)
    return figure


def head(figure: "Figure", title: str) -> None:
    """The title at the upper left."""
    height = figure.get_size_inches()[1]
    figure.text(0.15 / figure.get_size_inches()[0], 1 - 0.12 / height, title, size=11, weight="bold", va="top")


def foot(figure: "Figure", note: str) -> None:
    """A note at the lower left."""
    width, height = figure.get_size_inches()
    figure.text(0.15 / width, 0.1 / height, note, size=8, color=GREY, va="bottom")


def short(text: str, letters: int) -> str:
    """The text, its middle left out where it is longer than so many letters."""
    if len(text) <= letters:
        return text
    keep = letters - 1
    return f"{text[: keep - keep // 2]}…{text[len(text) - keep // 2 :]}"


def swatch(behaviour: str, colours: Mapping[str, str]) -> dict[str, Any]:
    """How a behaviour's area is filled: its colour; 'not visible' is light and hatched."""
    if behaviour == NOT_VISIBLE:
        return {"facecolor": colour_of(behaviour, colours), "edgecolor": "#9a9a9a", "hatch": "//////", "linewidth": 0.0}
    return {"facecolor": colour_of(behaviour, colours)}


def legend_height(names: Sequence[str], width_in: float) -> float:
    """Inches that ``legend`` takes for these names."""
    return 0.22 * -(-len(names) // _legend_columns(names, width_in)) + 0.08 if names else 0.0


def legend(figure: "Figure", names: Sequence[str], colours: Mapping[str, str], left: float, bottom: float) -> None:
    """The behaviours' names beside their colours, in rows, from ``bottom`` upwards."""
    from matplotlib.patches import Patch

    width, height = figure.get_size_inches()
    handles = [Patch(label=short(name, 40), **swatch(name, colours)) for name in names]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(left / width, bottom / height),
        ncols=_legend_columns(names, width - left),
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.2,
        columnspacing=1.4,
        labelspacing=0.45,
    )


def _legend_columns(names: Sequence[str], width_in: float) -> int:
    """The most columns, filled from top to bottom, that fit."""
    widths = [0.5 + TEXT_IN * min(len(name), 40) for name in names]
    for columns in range(len(names), 1, -1):
        rows = -(-len(names) // columns)
        if sum(max(widths[start : start + rows]) for start in range(0, len(names), rows)) <= width_in:
            return -(-len(names) // rows)
    return 1


def clock(seconds: float) -> str:
    """``m:ss``, with hours from one hour on."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def time_ticks(duration_s: float) -> list[float]:
    """Round moments, at most eleven, from 0 to the duration; under five seconds in tenths."""
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
    step = next((step for step in steps if duration_s / step <= 10), 7200)
    return [k * step for k in range(int(duration_s / step + 1e-9) + 1)]


def time_label(seconds: float, duration_s: float) -> str:
    """A tick's label: ``m:ss``, or seconds with a decimal in a very short video."""
    return f"{seconds:.1f} s" if duration_s < 5 else clock(seconds)
