"""The page of a scan: one file that needs nothing else, neither a server nor the network.

Its Content-Security-Policy allows one style sheet and one script, both ours and named by their SHA-256, and nothing else: text of the scanned
files that were taken for markup could neither run nor load anything. Without the script all of it can be read.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from scanner.knowledge.tables import Knowledge
from scanner.results import Report
from scanner.views.html import appendix
from scanner.views.html.findings import SHOWN, Numbered, by_subject, groups, numbered
from scanner.views.html.markup import NOTHING, Markup, joined, short, tag, text
from scanner.views.html.part import Part
from scanner.views.html.pictures import pictures, shown_subjects, tabs_of
from scanner.views.html.summary import counts, header, scores

_COMMAND: Final = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_HERE: Final = Path(__file__).parent
_FILES: Final = 500
"""Files in the choice of the filter."""


def write(
    whole: Report, repositories: Sequence[Part], knowledge: Knowledge, *, only_new: bool = False
) -> str:
    """The page of a scan; `whole` is the report on all repositories together, as the other formats have it. With `only_new` its list
    begins with what the base does not have and shows the others when they are asked for."""
    found = numbered(whole)
    tabs, left_out = tabs_of(repositories, knowledge)
    guides = appendix.guides_of(whole)
    titles = {one.rule.id: one.title for one in guides}
    main = tag(
        "main",
        {"id": "main", "tabindex": -1},
        tag("div", "overview", counts(whole), scores(repositories)),
        pictures(tabs, left_out, by_subject(found)),
        _findings(whole, found, groups(whole, found, shown_subjects(tabs), titles), only_new),
        appendix.gone(whole),
        appendix.undecided(whole),
        appendix.problems(whole),
        appendix.taken_out(whole),
        appendix.exposure(repositories, knowledge),
        appendix.inputs(repositories, knowledge),
        appendix.guides(guides),
    )
    body = joined((_skip("findings" if found else "main"), header(whole), main))
    return _document(whole, _inert(body), drawn=bool(tabs))


def _skip(to: str) -> Markup:
    """The first link, for those who go through a page by its stops."""
    return tag(
        "a",
        {"class": "skip", "href": f"#{to}"},
        text("To the findings" if to == "findings" else "To the results"),
    )


def _document(whole: Report, body: Markup, *, drawn: bool) -> str:
    style = _asset("page.css") + _asset("picture/picture.css")
    script = _script("page.js", *(("pictures.js",) if drawn else ()))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = joined(
        (
            tag("meta", {"charset": "utf-8"}),
            tag("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
            tag("meta", {"name": "referrer", "content": "no-referrer"}),
            tag("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            tag("meta", {"name": "color-scheme", "content": "light dark"}),
            tag("title", None, text("snowfence: "), short(whole.root, 200)),
            Markup(f"<style>{style}</style>"),
        ),
        "\n",
    )
    end = Markup(f"<script>{script}</script>")
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n{end}\n</body>\n</html>\n'


def _inert(body: Markup) -> Markup:
    """The same HTML, holding no workflow command: a page may be written to a log (see `report/escape.py`)."""
    return Markup(_COMMAND.sub(r"\1&#58;", body.replace("##[", "#&#35;[")))


def _asset(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _script(*names: str) -> str:
    """One function of several files, without what is there for its readers only."""
    lines = [line.strip() for name in names for line in _asset(name).splitlines()]
    body = "\n".join(line for line in lines if line and not line.startswith("//"))
    return f'(() => {{\n"use strict";\n{body}\n}})();'


def _hash(of: str) -> str:
    return f"sha256-{b64encode(sha256(of.encode()).digest()).decode()}"


# ---------------------------------------------------------------- the list and its filter


def _findings(report: Report, found: list[Numbered], rows: Markup, only_new: bool) -> Markup:
    if not found:
        return NOTHING
    return tag(
        "section",
        {"id": "findings", "aria-labelledby": "findings-title"},
        tag("h2", {"id": "findings-title", "tabindex": -1}, text("Findings")),
        _filter(report, found, only_new),
        tag(
            "p",
            {
                "class": "status needs-js",
                "id": "status",
                "role": "status",
                "aria-live": "polite",
                "data-total": len(found),
            },
            text(f"{len(found):,} of {len(found):,} findings"),
        ),
        tag("div", {"id": "list"}, rows),
        tag(
            "p",
            {"class": "remark", "id": "nothing", "hidden": True},
            text("No finding is like that; Reset shows all of them."),
        ),
    )


def _filter(report: Report, found: list[Numbered], only_new: bool) -> Markup:
    rules = sorted({one.finding.rule for one in found})
    files = sorted({one.finding.at.shown for one in found})[:_FILES]
    new = NOTHING
    if report.base is not None:
        box = tag("input", {"type": "checkbox", "id": "only-new", "checked": only_new})
        new = tag("label", "check", box, text(" new only"))
    return tag(
        "div",
        {"class": "filter needs-js", "role": "search", "aria-label": "filter of the findings"},
        tag(
            "label",
            "search",
            tag("span", "hidden", text("search")),
            tag(
                "input",
                {"type": "search", "id": "search", "placeholder": "Search  ( / )", "autocomplete": "off"},
            ),
        ),
        _choice("rule", "rule", [("", "all rules"), *((one, one) for one in rules)]),
        _choice("file", "file", [("", "all files"), *((one[:SHOWN], one) for one in files)]),
        _choice("group", "group by", [("rule", "by rule"), ("file", "by file"), ("none", "in one list")]),
        _choice("sort", "sort by", [("severity", "worst first"), ("place", "by place")]),
        new,
        tag("button", {"type": "button", "id": "open", "class": "act"}, text("Open all")),
        tag("button", {"type": "button", "id": "reset", "class": "act", "hidden": True}, text("Reset")),
    )


def _choice(id: str, label: str, values: Sequence[tuple[str, str]]) -> Markup:
    options = [tag("option", {"value": value}, short(said, 90)) for value, said in values]
    return tag("label", None, tag("span", "hidden", text(label)), tag("select", {"id": id}, *options))
