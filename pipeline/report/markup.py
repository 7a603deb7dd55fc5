"""HTML from plain text, safe by type: whatever is not ``Markup`` already is escaped when it is put into a tag."""

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

_BREAK = re.compile(r" (?=to |\()")
_EMPTY = {"img", "br", "meta", "input"}


class Markup(str):
    """Text that is HTML: made by the functions here only."""


def tag(name: str, /, *inner: str, **attributes: str) -> Markup:
    """An element. ``class_`` becomes ``class``; values and text are escaped."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{given}>" if name in _EMPTY else f"<{name}{given}>{together(inner)}</{name}>")


def together(parts: Iterable[str], between: str = "") -> Markup:
    """Parts side by side."""
    return Markup(escaped(between).join(escaped(part) for part in parts))


def escaped(text: str) -> Markup:
    """Text as HTML shows it."""
    return text if isinstance(text, Markup) else Markup(html.escape(text))


def link(path: str, text: str = "") -> Markup:
    """A link to a file beside the page. Nothing in a path can make it an address elsewhere."""
    return tag("a", text or path, href=quote(path))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str, words: int = 1) -> Markup:
    """A table whose first ``words`` columns are text and whose others are numbers; the first cell names its row."""
    heads = [tag("th", text, scope="col", **_kind(k, words)) for k, text in enumerate(head)]
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(tag("td", _cell(text, k < words), **_kind(k, words)) for k, text in _rest(row)),
        )
        for row in rows
    ]
    inner = [tag("caption", tag("span", caption)), tag("thead", tag("tr", *heads)), tag("tbody", *body)]
    return tag("div", tag("table", *inner), class_="scroll", tabindex="0", role="region", aria_label=caption)


def _cell(text: str, words: bool) -> str:
    """Numbers break before ``to`` and brackets only, so that a wide table becomes narrower and no figure is torn."""
    if words or isinstance(text, Markup) or len(parts := _BREAK.split(text)) == 1:
        return text
    return together((tag("span", part) for part in parts), " ")


def _kind(column: int, words: int) -> dict[str, str]:
    return {} if column < words else {"class_": "number"}


def _rest(row: Sequence[str]) -> Iterable[tuple[int, str]]:
    return enumerate(row[1:], start=1)


def bullets(lines: Iterable[str]) -> Markup:
    """A list."""
    return tag("ul", *(tag("li", line) for line in lines))


def folded(title: str, *inner: str) -> Markup:
    """Something to open on demand."""
    return tag("details", tag("summary", title), *inner)


def section(anchor: str, title: str, *inner: str) -> Markup:
    """A section with its heading."""
    return tag("section", tag("h2", title), *inner, id=anchor)
