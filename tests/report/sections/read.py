"""What is written in Markup, as a person reads it."""

import html
import re


def words(markup: str) -> str:
    """The text without its tags, one space between words."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def rows(markup: str) -> list[list[str]]:
    """The cells of every row of every table."""
    return [
        [words(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row)]
        for row in re.findall(r"<tr>.*?</tr>", markup)
    ]
