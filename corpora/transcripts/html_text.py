"""HTML as the text that people saw: nothing is fetched, and nothing in it is obeyed.

Python's own parser takes a quadratic time over some broken documents, and mails are broken, so
tags are found by patterns that never look at a character twice.
"""

import html
import re

ENDS_LINE = frozenset({
    "br", "p", "div", "li", "tr", "ul", "ol", "table", "blockquote", "pre", "hr", "section",
    "article", "header", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
BLANKS = re.compile(r"[ \t\r\n\f]+")
NAME = r"<(?P<{0}close>/?)(?P<{0}name>[a-zA-Z][a-zA-Z0-9:-]*+)"
# With quotes in pairs, in which a `>` ends nothing, or else up to the first `>`.
TAG = re.compile(
    NAME.format("")
    + r"(?P<about>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>|"
    + NAME.format("odd_")
    + r"[^<>]*+>|(?P<comment><!--)|<[!?/][^<>]*+>"
)
ALTERNATIVE = re.compile(r"\salt\s?=\s?(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))", re.IGNORECASE)
# Digits are bounded: Python refuses to read numbers of thousands of them.
ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
EDGES = " \t\r\n\f\u00a0"


def html_to_text(document: str) -> str:
    """The text in `document`; a line for each paragraph, item and row, without blank ones.

    Text without any markup is given back as it is.
    """
    if TAG.search(document) is None and ENTITY.search(document) is None:
        return document
    page = _Page()
    place, comments_end = 0, True
    while (match := TAG.search(document, place)) is not None:
        page.say(document[place : match.start()])
        place = match.end()
        if match["comment"]:
            end = document.find("-->", place) if comments_end else -1
            comments_end = end >= 0
            place = end + 3 if comments_end else place
        elif name := match["name"] or match["odd_name"]:
            is_end = bool(match["close"] or match["odd_close"])
            page.mark(name.lower(), match["about"] or "", is_end=is_end)
    page.say(document[place:])
    return page.text()


class _Page:
    """Lines that grow word by word."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._silent = ""  # the element that is open and whose text nobody sees
        self._kept = 0  # open <pre>, whose blanks are meant

    def say(self, words: str) -> None:
        """Take what stands between two tags."""
        if self._silent or not words:
            return
        if "&" in words:
            words = ENTITY.sub(lambda match: html.unescape(match[0]), words)
        if self._kept:
            first, *others = words.split("\n")
            self._lines[-1].append(first)
            self._lines += [[line] for line in others]
        else:
            self._lines[-1].append(BLANKS.sub(" ", words))

    def mark(self, name: str, about: str, *, is_end: bool) -> None:
        """Take a tag."""
        if self._silent:
            if is_end and name == self._silent:
                self._silent = ""
            return
        if name in SILENT and not is_end and not about.endswith("/"):
            self._silent = name
        elif name == "img" and (match := ALTERNATIVE.search(about)) is not None:
            self.say(match[1] or match[2] or match[3] or "")
        elif name in ENDS_LINE and not (is_end and name == "br"):
            self._lines.append([])
        if name == "pre":
            self._kept = max(0, self._kept + (-1 if is_end else 1))

    def text(self) -> str:
        """The lines that hold anything."""
        lines = ("".join(parts).strip(EDGES) for parts in self._lines)
        return "\n".join(line for line in lines if line)
