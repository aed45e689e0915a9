"""HTML as the text that people saw: nothing is fetched, and nothing in it is obeyed."""

import re
from html.parser import HTMLParser

ENDS_LINE = frozenset({
    "br", "p", "div", "li", "tr", "ul", "ol", "table", "blockquote", "pre", "hr", "section",
    "article", "header", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
BLANKS = re.compile(r"[ \t\r\n\f]+")
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


def html_to_text(html: str) -> str:
    """The text in `html`; a line for each paragraph, item and row, and no blank lines around.

    Text without any markup is given back as it is.
    """
    if MARKUP.search(html) is None:
        return html
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[list[str]] = [[]]
        self._silent: list[str] = []
        self._kept = 0  # open <pre>, whose blanks are meant

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        elif tag == "img" and (alternative := dict(attrs).get("alt")):
            self._lines[-1].append(alternative)
        if tag in ENDS_LINE:
            self._lines.append([])
        self._kept += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in SILENT:
            self._silent.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        if tag in ENDS_LINE and tag != "br":
            self._lines.append([])
        self._kept = max(0, self._kept - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._kept:
            first, *others = data.split("\n")
            self._lines[-1].append(first)
            self._lines += [[line] for line in others]
        else:
            self._lines[-1].append(BLANKS.sub(" ", data))

    def text(self) -> str:
        lines = ("".join(parts).strip(" \t\r\n\f\u00a0") for parts in self._lines)
        return "\n".join(line for line in lines if line)
