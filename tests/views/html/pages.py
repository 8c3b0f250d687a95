"""Pages made of reports in memory, and what stands in them."""

from collections import Counter
from html.parser import HTMLParser

from scanner.policy.load import load_policies
from scanner.results import Report
from scanner.views.html.page import write
from scanner.views.html.part import Part
from tests.memory import KNOWLEDGE, repository

POLICY = load_policies([])

FILES = {
    "flake.lock": '{"nodes": {"root": {"inputs": {}}}, "root": "root", "version": 7}',
    ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{uses: good/action@v1}]\n",
}


def page(report: Report, files: dict[str, str] | None = None, *, only_new: bool = False) -> str:
    """The page of a report on one repository."""
    graph, _ = repository(FILES if files is None else files)
    parts = [Part("", report, graph, frozenset({"workflow"}), POLICY)]
    return write(report, parts, KNOWLEDGE, only_new=only_new)


class Elements(HTMLParser):
    """Counts elements; keeps what attributes hold, the text, and all that could run or load something."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] += 1
        self._inside = tag
        for name, value in attrs:
            self.attributes[name] += 1
            if name == "id":
                self.ids[value or ""] += 1
            if name in ("href", "src", "action", "xlink:href"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)
