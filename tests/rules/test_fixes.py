"""Every fix that an example of a page offers makes its finding go away, and nothing else happens."""

import re
from collections import Counter
from random import Random

import pytest
import yaml

from scanner.discover import kind_of
from scanner.engine import AnyRule, Context
from scanner.model.finding import Edit, Fix, Hit
from scanner.rules.pages import Example
from tests import notation
from tests.memory import KNOWLEDGE, NOW, repository
from tests.notation import reworded
from tests.rules.test_pages import RULES, answers
from tests.support import CORPUS, ROOT

OFFERING = 12
"""Rules that offer a fix in an example, at least."""

STRICT = yaml.safe_load((ROOT / "policies" / "strict.yaml").read_text("utf-8"))["rules"]
STRICT = {id: one["options"] for id, one in STRICT.items() if isinstance(one, dict) and "options" in one}
"""The options of the strictest pack, by rule."""

CASES = [
    (id, rule, example)
    for id, (rule, page) in RULES.items()
    for example in page.examples
    if example.verdict == "bad"
]
FIXES = [
    pytest.param(rule, example, number, id=f"{id}:{example.line}:{number}")
    for id, rule, example in CASES
    for number, answer in enumerate(answers(rule, example))
    if isinstance(answer, Hit) and answer.fix is not None
]


def applied(files: dict[str, str], fix: Fix) -> dict[str, str]:
    """Files with a fix; its edits do not overlap."""
    files = dict(files)
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.at.path, []).append(edit)
    for path, edits in by_path.items():
        text, last = files[path], len(files[path]) + 1
        for edit in sorted(edits, key=lambda one: (one.at.start, one.at.end), reverse=True):
            assert edit.at.source.text == files[path]
            assert 0 <= edit.at.start <= edit.at.end <= min(last, len(text))
            assert (edit.at.end, edit.at.start) != (last, last)
            last = edit.at.start
            text = text[: edit.at.start] + edit.text + text[edit.at.end :]
        files[path] = text
    return files


def said(rule: AnyRule, example: Example) -> Counter[tuple[str, ...]]:
    """What a rule finds, by what identifies it where lines move."""
    return Counter(
        (hit.at.path, hit.subject, hit.variant or "", *hit.evidence)
        for hit in answers(rule, example)
        if isinstance(hit, Hit)
    )


@pytest.mark.parametrize(("rule", "example", "number"), FIXES)
def test_a_fix_repairs_its_finding_and_breaks_nothing(rule: AnyRule, example: Example, number: int) -> None:
    hit = answers(rule, example)[number]
    assert isinstance(hit, Hit)
    assert hit.fix is not None
    assert hit.fix.what
    assert hit.fix.what[0].islower() or hit.fix.what[0] == "`"
    assert not hit.fix.what.endswith(".")
    files = applied(example.files, hit.fix)
    assert files != example.files
    fixed = example._replace(files=files)
    # The file is still read, and not worse than before.
    before, after = repository(example.files)[1], repository(files)[1]
    assert [one.message for one in after] == [one.message for one in before]
    # This finding is gone, and no other has come.
    left, found = said(rule, fixed), said(rule, example)
    assert left.total() == found.total() - 1, left - found
    # What still is to be done is the same that was to be done, so that it can be done in any order.
    for other in answers(rule, fixed):
        if isinstance(other, Hit) and other.fix is not None:
            assert applied(files, other.fix) != files
    # No rule says anything new, not even where all that it can say is asked for.
    for id, (another, _) in RULES.items():
        asked: tuple[dict[str, object] | None, ...] = ({}, STRICT.get(id))
        for options in asked:
            if options is None or another.last or (id == rule.id and not options):
                continue
            alone = example._replace(options=options, also=())
            new = said(another, alone._replace(files=files))
            old = said(another, alone)
            assert new.total() <= old.total(), (id, options, new - old)


@pytest.mark.parametrize(("rule", "example", "number"), FIXES)
def test_a_fix_keeps_line_breaks_and_the_rest(rule: AnyRule, example: Example, number: int) -> None:
    """A file with the line breaks of Windows has no others afterwards, and says the same."""
    dos = example._replace(files={path: text.replace("\n", "\r\n") for path, text in example.files.items()})
    hits = answers(rule, dos)
    if number >= len(hits):
        pytest.skip("the rule says something else of such a file")
    hit = hits[number]
    if not isinstance(hit, Hit) or hit.fix is None:
        return  # it need not be offered
    files = applied(dos.files, hit.fix)
    assert not any("\n" in text.replace("\r\n", "") for text in files.values())
    assert said(rule, dos._replace(files=files)).total() == said(rule, dos).total() - 1


# ---------------------------------------------------------------- real files


def found(rule: AnyRule, files: dict[str, str]) -> list[Hit]:
    graph, problems = repository(files)
    context = Context(graph, problems, KNOWLEDGE, NOW, rule.options())
    return [answer for answer in rule.check(context) if isinstance(answer, Hit)]


@pytest.mark.registry  # 150 repositories
@pytest.mark.parametrize("id", sorted({str(case.id).partition(":")[0] for case in FIXES} - {"unused-ignore"}))
def test_fixes_of_real_files(id: str) -> None:
    """All fixes of a rule in a repository at once: the file is read as before, and only what has no fix is left to say."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not here")
    rule = RULES[id][0]
    for folder in sorted((CORPUS / "open").iterdir()):
        files = {
            str(file.relative_to(folder)): file.read_bytes().decode("utf-8-sig", "replace")
            for file in folder.rglob("*")
            if file.is_file() and kind_of(str(file.relative_to(folder)))
        }
        hits = found(rule, files)
        edits = tuple(dict.fromkeys(edit for hit in hits if hit.fix is not None for edit in hit.fix.edits))
        if not edits:
            continue
        fixed = applied(files, Fix("all", edits))
        # Who calls a workflow may now be told to give it less.
        edited = {path for path, text in files.items() if fixed[path] != text}
        left = [hit for hit in found(rule, fixed) if hit.at.path in edited]
        assert len(left) == sum(hit.fix is None and hit.at.path in edited for hit in hits), folder.name
        before, after = repository(files)[1], repository(fixed)[1]
        assert [one.message for one in after] == [one.message for one in before], folder.name


def test_many_rules_offer_fixes() -> None:
    assert len({str(case.id).partition(":")[0] for case in FIXES}) >= OFFERING


# ---------------------------------------------------------------- other notations

REWORDED = 40
"""Other notations of each example."""

YAML = frozenset(("workflow", "action", "dependabot", "pre-commit"))

EXAMPLES = {
    (id, example.line): (rule, example)
    for id, rule, example in CASES
    if any(isinstance(answer, Hit) and answer.fix is not None for answer in answers(rule, example))
}


def identity(hit: Hit) -> tuple[object, ...]:
    return hit.at.path, hit.subject, hit.variant, hit.evidence, hit.message


@pytest.mark.parametrize(
    ("rule", "example"), EXAMPLES.values(), ids=[f"{id}:{line}" for id, line in EXAMPLES]
)
def test_a_fix_means_the_same_in_every_notation(rule: AnyRule, example: Example) -> None:
    """It is not offered, or does to the file what it does to the example as it stands on the page."""
    random = Random(f"{rule.id}:{example.line}")
    before = [hit for hit in answers(rule, example) if isinstance(hit, Hit)]
    for _ in range(REWORDED):
        files = {
            path: reworded(random, text, random.randrange(1, 9)) if kind_of(path) in YAML else text
            for path, text in example.files.items()
        }
        other = example._replace(files=files)
        hits = [hit for hit in answers(rule, other) if isinstance(hit, Hit)]
        for number, hit in enumerate(hits):
            if hit.fix is None:
                continue
            fixed = applied(files, hit.fix)
            assert repository(fixed)[1] == () or len(repository(fixed)[1]) == len(repository(files)[1]), files
            left = answers(rule, other._replace(files=fixed))
            assert sum(isinstance(one, Hit) for one in left) == len(hits) - 1, files
            if [identity(one) for one in hits] != [identity(one) for one in before]:
                continue  # comments count, too
            same = before[number].fix
            if same is not None and same.what == hit.fix.what:
                meant = applied(example.files, same)
                assert {path: notation.said(fixed[path]) for path in files if kind_of(path) in YAML} == {
                    path: notation.said(text) for path, text in meant.items() if kind_of(path) in YAML
                }, files


# ---------------------------------------------------------------- where no fix is certain

STEPS = "on: push\npermissions: {}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n"
UNUSED = "# snowfence: ignore[artipacked]"


def offered(id: str, text: str, *also: str) -> list[Fix | None]:
    """For each finding of a rule in a workflow its fix."""
    files = {".github/workflows/ci.yml": text}
    example = Example("bad", 1, files, (), (), None, None, {}, also, None)
    return [answer.fix for answer in answers(RULES[id][0], example) if isinstance(answer, Hit)]


@pytest.mark.parametrize(
    ("step", "certain"),
    [
        (f"- run: make {UNUSED}", True),
        (f"- {{run: make, name: x}} {UNUSED}", True),
        (f"- run: | {UNUSED}\n          make", True),
        (f'- run: "make {UNUSED}"', False),
        (f"- run: 'make {UNUSED}'", False),
        (f'- {{run: "make {UNUSED}", name: x}}', False),
        (f'- run: "make {UNUSED}\n\n          make"', False),
        (f"- run: |\n          cat <<END > x\n          {UNUSED}\n          END", False),
        ('- run: "make # snowfence: ignore[artipacked, template-injection]"', False),
    ],
)
def test_only_a_comment_is_removed(step: str, certain: bool) -> None:
    fixes = offered("unused-ignore", f"{STEPS}      {step}\n", "artipacked", "template-injection")
    assert fixes
    assert all((one is not None) == certain for one in fixes)


def test_a_comment_behind_brackets_may_be_about_more() -> None:
    """In them more of the step stands behind `uses:`, or another step."""
    rule, example = next(both for (id, _), both in EXAMPLES.items() if id == "ref-version-mismatch")
    for step, certain in (
        (r"'uses': '\1'   ## \2", True),
        (r"{uses: \1} # \2", False),
        (r"{uses: \1, name: x} # \2", False),
        (r"{uses: \1, name: 'x # \2 or so'}", False),
    ):
        files = {
            path: re.sub(r"(?m)uses: (\S+) +# (.*)$", step, text) for path, text in example.files.items()
        }
        assert files != example.files
        hits = [hit for hit in answers(rule, example._replace(files=files)) if isinstance(hit, Hit)]
        assert any(hit.fix is not None for hit in hits) == certain
        assert hits


JOB = "    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"


@pytest.mark.parametrize(
    ("id", "text", "certain"),
    [
        ("unused-permissions", f"  build:\n    permissions:\n      issues: write # old\n{JOB}", True),
        ("unused-permissions", "  build:\n    permissions:\n      issues: write # old\r" + JOB.replace("\n", "\r"), False),
        ("unused-permissions", f"  build:\n    permissions:\n      issues: &-p write\n{JOB}    name: *-p\n", False),
        ("invalid-shell", f"  build:\n    defaults: {{run: {{shell: bash -e}}}}\n{JOB}", True),
        ("unsound-condition", f"  build:\n    if: |\n      ${{{{ a }}}}\n{JOB}", True),
        ("unsound-condition", f"  build:\n    if: |+\n      ${{{{ a }}}}\n{JOB}", False),
    ],
)  # fmt: skip
def test_a_fix_of_a_job(id: str, text: str, certain: bool) -> None:
    text = f"on: push\njobs:\n{text}"
    [fix] = offered(id, text)
    assert (fix is not None) == certain
    if fix is not None:
        path = ".github/workflows/ci.yml"
        after = applied({path: text}, fix)[path]
        assert notation.said(after)[1] == notation.said(text)[1] == ()
        assert offered(id, after) == []
