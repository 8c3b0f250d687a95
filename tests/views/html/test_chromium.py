"""The page in a real browser, opened as a file: it asks for nothing, breaks no rule of its policy, and does what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.model.finding import Note, Severity
from scanner.model.source import Source, Span
from scanner.results import Base, Report
from scanner.views.html import findings as rows
from tests.browser import MISSING, Browser, chromium
from tests.npm import npm_package
from tests.report.reports import WORKFLOW, finding, report, span
from tests.support import CORPUS, NOW, ROOT, snowfence
from tests.views.html.pages import page

pytestmark = [pytest.mark.registry, pytest.mark.skipif(bool(MISSING), reason=MISSING)]

SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)
VISIBLE = "return [...document.querySelectorAll('#list .finding')].filter(one => one.checkVisibility()).map(one => one.id)"
STATUS = "return document.getElementById('status').textContent"
FOCUSED = "const row = document.activeElement.closest('.finding'); return row && row.id"
ESCAPE, ENTER, DOWN = "\ue00c", "\ue007", "\ue015"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as one:
        one.size(1280, 900)
        yield one


@pytest.fixture(scope="module")
def outsiders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scanned(ROOT / "fixtures" / "outsiders", tmp_path_factory.mktemp("outsiders") / "report.html")


def scanned(repository: Path, file: Path) -> Path:
    """The page of a repository, as the command writes it."""
    snowfence("scan", repository, "--now", NOW, "--fail-on", "none", "--quiet", "--output", f"html={file}")
    return file


def written(folder: Path, of: Report, *, only_new: bool = False) -> Path:
    file = folder / "report.html"
    file.write_text(page(of, only_new=only_new), "utf-8")
    return file


def varied() -> Report:
    """Findings of all severities in two files; one is new."""
    other = Source(".github/workflows/other.yml", "workflow", "on: push\n")
    found = [
        finding(span(source, "push"), f"number {number} of {source.path}", severity=severity)._replace(
            fingerprint=f"{number:016x}:{source.path}"
        )
        for source in (WORKFLOW, other)
        for number, severity in enumerate(SEVERITIES)
    ]
    known = frozenset(one.fingerprint for one in found[1:])
    return report(*found)._replace(base=Base("main", known, ()))


def anchor(number: int) -> str:
    """The name on the page of the finding of `varied` with a 1-based number."""
    path = "ci" if number <= len(SEVERITIES) else "other"
    return f"f-{(number - 1) % len(SEVERITIES):016x}--github-workflows-{path}-yml"


def test_it_opens_from_a_file_without_an_error_and_asks_for_nothing(
    browser: Browser, outsiders: Path
) -> None:
    browser.open(outsiders)
    assert browser.said() == []
    asked = [url for url in browser.asked() if url != "about:blank"]
    assert asked == [outsiders.resolve().as_uri()]
    assert browser.ask("return performance.getEntriesByType('resource').length") == 0


def test_filters_and_the_search_leave_what_fits(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, varied()))
    assert len(browser.ask(VISIBLE)) == 10
    browser.ask("document.querySelector('.tile.high').click()")
    assert browser.ask(VISIBLE) == [anchor(2), anchor(7)]
    browser.ask("const file = document.getElementById('file'); file.value = '.github/workflows/other.yml'; "
                "file.dispatchEvent(new Event('change'))")  # fmt: skip
    assert browser.ask(VISIBLE) == [anchor(7)]
    assert browser.ask(STATUS) == "1 of 10 findings"
    browser.ask("document.getElementById('reset').click()")
    browser.press("number 4", ESCAPE)
    assert len(browser.ask(VISIBLE)) == 10
    browser.press("/", "number 4 OTHER")
    _soon(browser, "return document.getElementById('status').textContent.startsWith('1 of')")
    assert browser.ask(VISIBLE) == [anchor(10)]
    browser.press(ESCAPE)
    browser.ask("document.getElementById('only-new').click()")
    assert len(browser.ask(VISIBLE)) == 1
    assert browser.said() == []


def test_a_scan_of_what_is_new_begins_with_that(browser: Browser, tmp_path: Path) -> None:
    made = varied()
    known = frozenset(one.fingerprint for one in made.findings[:-1])  # what is new is the least severe
    made = made._replace(base=Base("main", known, ()))
    browser.open(written(tmp_path, made, only_new=True))
    assert browser.ask(VISIBLE) == [anchor(10)]
    assert browser.ask(STATUS) == "1 of 10 findings"
    browser.ask("document.getElementById('reset').click()")
    assert len(browser.ask(VISIBLE)) == 10
    browser.open(written(tmp_path, made))
    assert browser.ask(VISIBLE)[:2] == [anchor(10), anchor(1)]
    assert browser.ask("return document.getElementById('only-new').checked") is False
    assert browser.said() == []


def test_groups_and_order_are_chosen(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, varied()))
    titles = "return [...document.querySelectorAll('#list h3 .name')].map(one => one.textContent)"
    choose = "const one = document.getElementById(arguments[0]); one.value = arguments[1]; one.dispatchEvent(new Event('change'))"
    assert len(browser.ask(titles)) == 1
    browser.ask(choose, "group", "file")
    assert browser.ask(titles) == [".github/workflows/ci.yml", ".github/workflows/other.yml"]
    browser.ask(choose, "group", "none")
    assert browser.ask(titles) == []
    assert browser.ask(VISIBLE)[:4] == [anchor(1), anchor(6), anchor(2), anchor(7)]
    browser.ask(choose, "sort", "place")
    assert browser.ask(VISIBLE)[:2] == [anchor(1), anchor(2)]


def test_the_keyboard_goes_through_the_list(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, varied()))
    browser.press("/", DOWN)
    assert browser.ask(FOCUSED) == anchor(1)
    browser.press(DOWN, "j", "k", ENTER)
    assert browser.ask(FOCUSED) == anchor(6)
    assert browser.ask("return document.getElementById(arguments[0]).open", anchor(6))
    browser.press(ESCAPE)
    assert not browser.ask("return document.getElementById(arguments[0]).open", anchor(6))


def test_a_link_to_a_finding_opens_it(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, varied()), f"#{anchor(7)}")
    _soon(browser, f"return document.getElementById('{anchor(7)}').open")
    assert browser.ask(FOCUSED) == anchor(7)
    browser.ask(f"document.querySelector('.tile.low').click(); location.hash = '#{anchor(2)}'")
    _soon(browser, f"return document.getElementById('{anchor(2)}').open")
    assert anchor(2) in browser.ask(VISIBLE)


def test_a_node_shows_its_facts_and_a_finding_its_node(browser: Browser, outsiders: Path) -> None:
    browser.open(outsiders)
    panel = "return document.querySelector('.picture:not([hidden]) .panel').textContent"
    before = browser.ask(panel)
    node = "document.querySelector('.picture:not([hidden]) .node.kind-job')"
    box = browser.ask(f"{node}.scrollIntoView({{block: 'center'}}); const b = {node}.getBoundingClientRect(); "
                      "return [b.left + b.width / 2, b.top + b.height / 2]")  # fmt: skip
    _click(browser, *box)
    after = browser.ask(panel)
    assert after != before
    assert browser.ask(f"return {node}.classList.contains('selected')")
    shown = browser.ask(
        "const b = document.querySelector('.finding [data-show]'); b.click(); return b.dataset.show"
    )
    assert browser.ask("return document.querySelector('.node.selected').id") == shown
    assert browser.ask("return document.activeElement.id") == shown
    scale = "return document.querySelector('.picture:not([hidden]) .world').getAttribute('transform')"
    here = browser.ask(scale)
    browser.press("+")
    assert browser.ask(scale) != here
    browser.press("0")
    assert browser.said() == []


def test_the_search_finds_what_a_row_opens_on(browser: Browser, tmp_path: Path) -> None:
    one, other = (
        finding(span(WORKFLOW, text), text)._replace(fingerprint=f"{number:032x}:1", subject=f"job:{text}")
        for number, text in enumerate(("push", "build"))
    )
    one = one._replace(flow=(Note(span(WORKFLOW, "checkout"), "from"), Note(one.at, "to")))
    browser.open(written(tmp_path, report(one, other)))
    shown = "return [...document.querySelectorAll('#list .finding')].filter(one => one.checkVisibility()).map(one => one.querySelector('.said').textContent)"
    for words, said in ((f"{1:032x}", "build"), ("job:push", "push"), ("ci.yml:5", "push")):
        browser.press("/")
        browser.ask("document.getElementById('search').value = ''")
        browser.press(words)
        _soon(browser, "return document.getElementById('status').textContent.startsWith('1 of')")
        assert browser.ask(shown) == [said]
        browser.press(ESCAPE)


def test_facts_come_with_a_choice_and_leave_the_drawing_as_it_is(browser: Browser, outsiders: Path) -> None:
    browser.open(outsiders)
    size = "const b = document.querySelector('.canvas').getBoundingClientRect(); return [b.width, b.height]"
    panel = "return document.querySelector('.panel').checkVisibility()"
    before = browser.ask(size)
    assert not browser.ask(panel)
    browser.ask(
        "document.querySelector('.world .kind-job').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    assert browser.ask(panel)
    assert browser.ask(size) == before
    said = browser.ask("return document.querySelector('.picture [role=status]').textContent")
    assert said
    assert said == browser.ask("return document.querySelector('.panel h4').textContent")
    assert browser.ask("return document.querySelector('.panel').getAttribute('aria-live')") is None
    browser.ask("document.querySelector('.panel .close').click()")
    assert not browser.ask(panel)


def test_the_buttons_cover_nothing_of_the_drawing(browser: Browser, outsiders: Path) -> None:
    browser.open(outsiders)
    try:
        for width in (375, 1280, 1900):
            browser.size(width, 900)
            buttons, canvas = browser.ask(
                "const panel = document.querySelector('.picture:not([hidden])'); return ['.zoom', '.canvas'].map(name => "
                "{const r = panel.querySelector(name).getBoundingClientRect(); return [r.top, r.bottom, r.right]})"
            )
            assert buttons[0] < buttons[1] <= canvas[0]
            assert buttons[2] <= width
        scale = "return document.querySelector('.picture:not([hidden]) .world').getScreenCTM().a"
        before = browser.ask(scale)
        for which, least, most in (("in", 1.3, 1.5), ("out", 0.99, 1.01)):
            browser.ask(f"document.querySelector('.picture:not([hidden]) [data-zoom={which}]').click()")
            assert least < browser.ask(scale) / before < most
    finally:
        browser.size(1280, 900)


def test_a_choice_lights_the_whole_way(browser: Browser, outsiders: Path) -> None:
    browser.open(outsiders)
    lit = (
        "const node = [...document.querySelectorAll('.world .kind-job')].find(one => one.querySelector('.name').textContent === arguments[0]); "
        "node.dispatchEvent(new MouseEvent('click', {bubbles: true})); "
        "return [...document.querySelectorAll('.world .near .name')].map(one => one.textContent)"
    )
    found = browser.ask(lit, "asked")
    assert {"pull.yml", "writes statuses", "anyone who opens a pull request"} <= set(found)
    assert not {"build", "triage.yml", "anyone who opens an issue"} & set(found)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
@pytest.mark.parametrize("name", ["astral-sh__uv", "Lehmanator__nix-configs"])
@pytest.mark.parametrize("width", [375, 1440, 1920])
def test_a_big_picture_begins_at_its_root_and_can_be_read(
    browser: Browser, tmp_path: Path, name: str, width: int
) -> None:
    repository = CORPUS / "open" / name
    if not repository.is_dir():
        pytest.skip(f"{name} is not in the corpus")
    browser.size(width, 900)
    browser.open(scanned(repository, tmp_path / "report.html"))
    root, frame, scale = browser.ask(
        "const canvas = document.querySelector('.picture:not([hidden]) .canvas'), b = e => {const r = e.getBoundingClientRect(); "
        "return [r.left, r.top, r.right, r.bottom]}; const world = canvas.querySelector('.world'); "
        "return [b(world.querySelector('.node')), b(canvas), world.getScreenCTM().a]"
    )
    assert 11 * scale >= 10
    assert frame[1] <= root[1] < root[3] <= frame[3]
    assert frame[0] <= root[0] < frame[2]
    browser.size(1280, 900)


def test_on_paper_the_worst_is_open_and_the_rules_are_not(browser: Browser, outsiders: Path) -> None:
    browser.open(outsiders)
    open = "return [...document.querySelectorAll('details[open]')].map(one => one.className)"
    browser.ask("document.querySelector('.guide').open = true")
    before = browser.ask(open)
    browser.ask("dispatchEvent(new Event('beforeprint'))")
    found = browser.ask(open)
    assert any("critical" in one for one in found)
    assert any("chapter" in one for one in found)
    assert not [one for one in found if "guide" in one or "area" in one or " low" in one]
    browser.ask("dispatchEvent(new Event('afterprint'))")
    assert browser.ask(open) == before


def test_text_of_the_input_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    attack = "\"'></title></style></script><img src=x onerror='window.owned=1'><script>window.owned=1</script><svg onload='owned=1'>"
    workflows = tmp_path / "evil" / ".github" / "workflows"
    workflows.mkdir(parents=True)
    name = attack.replace("/", "")[:200]
    quoted = '"' + attack.replace("\\", "\\\\").replace('"', '\\"') + '"'
    (workflows / f"{name}.yml").write_text(
        f"name: {quoted}\non: [pull_request_target, issues]\njobs:\n  a:\n    name: {quoted}\n    runs-on: {quoted}\n"
        f"    env: {{A: {quoted}}}\n    steps:\n      - name: {quoted}\n        uses: evil/{quoted[1:-1].replace(' ', '')}@v1\n"
        "      - run: echo ${{ github.event.issue.title }}\n",
        "utf-8",
    )
    label = attack.replace("\\", "\\\\").replace('"', '\\"')
    (tmp_path / "evil" / "flake.lock").write_text(
        f'{{"nodes": {{"root": {{"inputs": {{"{label}": "x"}}}}, "x": {{"locked": {{"type": "github", "owner": "{label}", '
        f'"repo": "{label}", "rev": "{"0" * 40}", "narHash": "sha256-x", "lastModified": 1}}, "original": {{"type": "github", '
        f'"owner": "{label}", "repo": "{label}"}}}}}}, "root": "root", "version": 7}}',
        "utf-8",
    )
    browser.open(scanned(tmp_path / "evil", tmp_path / "report.html"))
    browser.ask("for (const one of document.querySelectorAll('details')) one.open = true; "
                "for (const one of document.querySelectorAll('.node')) one.dispatchEvent(new MouseEvent('click', {bubbles: true}))")  # fmt: skip
    assert browser.ask("return window.owned === undefined")
    assert (
        browser.ask(
            "return document.querySelectorAll('img, script:not(:last-of-type), [onload], [onerror], iframe').length"
        )
        == 0
    )
    assert browser.ask("return document.scripts.length") == 1
    assert len(browser.ask(VISIBLE)) > 2
    assert browser.said() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 768, 1920])
def test_no_width_makes_the_page_scroll_sideways(
    browser: Browser, outsiders: Path, width: int, scheme: str
) -> None:
    browser.scheme(scheme)
    browser.size(width, 900)
    browser.open(outsiders)
    browser.ask("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.ask("return document.documentElement.scrollWidth") <= width
    ground = browser.ask("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 200) == (scheme == "dark")
    browser.size(1280, 900)


def test_the_switch_overrides_the_colours_of_the_system(browser: Browser, outsiders: Path) -> None:
    browser.scheme("light")
    browser.open(outsiders)
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = browser.ask(ground)
    browser.ask("document.querySelector('.theme [data-theme=dark]').click()")
    assert browser.ask(ground) != light
    browser.ask("document.querySelector('.theme [data-theme=auto]').click()")
    assert browser.ask(ground) == light


def test_without_the_script_all_of_it_is_readable(browser: Browser, outsiders: Path, tmp_path: Path) -> None:
    html = outsiders.read_text("utf-8")
    start = html.rindex("<script>")
    still = tmp_path / "still.html"
    still.write_text(html[:start] + html[html.rindex("</script>") + len("</script>") :], "utf-8")
    browser.open(still)
    assert browser.ask(
        "return [...document.querySelectorAll('.picture')].every(one => one.checkVisibility())"
    )
    assert not browser.ask("return document.querySelector('.filter').checkVisibility()")
    browser.ask("document.querySelector('.finding > summary').click()")
    assert browser.ask("return document.querySelector('.finding .excerpt').checkVisibility()")


def test_thousands_of_findings_are_filtered(browser: Browser, tmp_path: Path) -> None:
    source = Source("many.yml", "workflow", "on: push\n" * 5_000)
    many = [
        finding(
            Span(source, 9 * number, 9 * number + 2),
            f"number {number}",
            severity=SEVERITIES[number % 5],
            flow=(Note(Span(source, 0, 2), "from here"),),
        )
        for number in range(5_000)
    ]
    browser.open(written(tmp_path, report(*many)))
    assert browser.ask(STATUS) == "5,000 of 5,000 findings"
    browser.press("/", "5000")
    _soon(browser, "return document.getElementById('status').textContent.startsWith('1 of')")
    assert browser.ask(VISIBLE) == ["f-0123456789abcdef-1_5000"]


def test_findings_without_room_are_counted(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS", 20)
    browser.open(written(tmp_path, report(*[finding(span(WORKFLOW, "push"))] * 25)))
    assert browser.ask(STATUS) == "20 of 25 findings"


@pytest.fixture(scope="module")
def axe(pytestconfig: pytest.Config) -> str:
    """The source of axe-core, of npm's registry: what checks pages for WCAG."""
    return (npm_package(pytestconfig, "axe-core", "4.11.0") / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    browser: Browser, axe: str, outsiders: Path, tmp_path: Path, scheme: str
) -> None:
    pages = [outsiders, written(tmp_path, report())]
    if CORPUS.is_dir():
        pages.append(scanned(CORPUS / "blazedots", tmp_path / "blazedots.html"))
    browser.scheme(scheme)
    for file in pages:
        browser.open(file)
        browser.ask("for (const one of [...document.querySelectorAll('details')].slice(0, 60)) one.open = true; "
                    "document.querySelector('.node').dispatchEvent(new MouseEvent('click', {bubbles: true}))")  # fmt: skip
        # What is not drawn since it is out of view has no place yet, and axe would take other colours for its ground.
        browser.ask(
            "for (const one of document.querySelectorAll('.finding, .drawn')) one.style.contentVisibility = 'visible'"
        )
        browser.ask(f"{axe}; window.axe = axe")
        found = browser.driver.execute_async_script(
            "const done = arguments[0]; window.axe.run(document, {resultTypes: ['violations'], rules: {'label-content-name-mismatch': {enabled: true}}})"
            ".then(r => done(r.violations.filter(v => ['serious', 'critical'].includes(v.impact) || "
            "['skip-link', 'empty-table-header'].includes(v.id)).map(v => [v.id, v.nodes.length, "
            "v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + ' ' + n.failureSummary)])))"
        )
        assert found == []


def _click(browser: Browser, x: float, y: float) -> None:
    """A click of the mouse at a place of the view."""
    for kind in ("mousePressed", "mouseReleased"):
        browser.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
        )


def _soon(browser: Browser, script: str) -> None:
    """Waits until a script returns true."""
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(browser.driver, 10, poll_frequency=0.02).until(lambda _: browser.ask(script))
