"""Mistakes below `checks:` and `values:`."""

from typing import Final

from tests.policy.wrong.case import Wrong, check

_HEAD = "title: t\nseverity: high\nselect: action\n"
_INPUTS = "title: t\nseverity: high\nselect: flake-input\n"
_ONE = "{title: t, severity: low, select: action, require: {pinned: true}}\n"
_AGED = "{title: t, severity: low, select: flake-input, require: {age: {le: {value: days}}}}\n"


def asks(name: str, condition: str, at: str, said: str, *, blind: bool = False) -> Wrong:
    """A mistake in `require: …` of a check of actions, which is line 7."""
    return check(name, f"{_HEAD}require: {condition}", at, said, blind=blind)


CHECKS: Final = (
    Wrong("checks as a list", "snowfence: 1\nchecks: [mine]\n", "2:9", "`checks` must be a mapping, not a list"),
    Wrong("a check as a word", "snowfence: 1\nchecks:\n  mine: on\n", "3:9", "the check `mine` must be a mapping with `title`"),
    Wrong("an id with capitals", f"snowfence: 1\nchecks:\n  Mine: {_ONE}", "3:3", "`Mine` is no id of a check"),
    Wrong("the id of a rule", f"snowfence: 1\nchecks:\n  artipacked: {_ONE}", "3:3", "`artipacked` is a rule of snowfence; choose another id", True),
    Wrong("the id of a change", f"snowfence: 1\nchecks:\n  diff-more: {_ONE}", "3:3", "`diff-more` begins with `diff-`, as kinds of change do", True),
    Wrong("options of a check", f"snowfence: 1\nchecks:\n  mine: {_ONE}rules:\n  mine: {{options: {{a: 1}}}}\n", "5:10", "a check has no options; remove those of `mine`", True),
    check("no title", "severity: high\nselect: action\nrequire: {pinned: true}", "4:5", "a check needs `title`"),
    check("no severity", "title: t\nselect: action\nrequire: {pinned: true}", "4:5", "a check needs `severity`"),
    check("no select", "title: t\nseverity: high\nrequire: {pinned: true}", "4:5", "a check needs `select`"),
    check("no question", _HEAD, "4:5", "a check needs one of `require`, `forbid` and `count`", blind=True),
    check("two questions", _HEAD + "require: {pinned: true}\nforbid: {pinned: false}", "8:5", "this one says `require` and `forbid`", blind=True),
    check("unknown key of a check", _HEAD + "requires: {pinned: true}", "7:5", "a check has no key `requires`; did you mean `require`?"),
    check("unknown severity of a check", "title: t\nseverity: hihg\nselect: action\nrequire: {pinned: true}", "5:15", "not `hihg`; did you mean `high`?"),
    check("unknown area of a check", _HEAD + "require: {pinned: true}\narea: pining", "8:11", "not `pining`; did you mean `pinning`?"),
    check("unknown kind", "title: t\nseverity: high\nselect: actoin\nrequire: {pinned: true}", "6:13", "there is no kind of node `actoin`; did you mean `action`?"),
    check("unknown kind of edge", "title: t\nseverity: high\nselect: {edge: use}\nrequire: {source: {path: x}}", "6:20", "there is no kind of edge `use`; did you mean `uses`?"),
    asks("unknown attribute", "{pined: true}", "7:15", "an action has no attribute `pined`; did you mean `pinned`?"),
    asks("unknown operator", "{owner: {equals: a}}", "7:23", "there is no operator `equals`; there is `is`, `in`"),
    asks("less than a text", "{owner: {lt: a}}", "7:23", "`owner` is a text, of which `lt` cannot be asked", blind=True),
    asks("a pattern for a flag", "{pinned: {matches: a}}", "7:24", "`pinned` is true or false, of which `matches` cannot be asked", blind=True),
    asks("a word for a flag in a check", "{pinned: yess}", "7:23", "`pinned` must be true or false, not `yess`"),
    asks("a bad regex", "{owner: {matches: '('}}", "7:33", "`matches` of `owner`: missing )", blind=True),
    asks("look-ahead", "{owner: {matches: '(?=a)b'}}", "7:33", "RE2 knows no look-ahead", blind=True),
    asks("too many repetitions", "{owner: {matches: 'a{1000}{1000}'}}", "7:33", "bad repetition operator", blind=True),
    asks("in a text", "{owner: {in: a}}", "7:27", "`in` of `owner` must be a list, not `a`"),
    asks("in nothing", "{owner: {in: []}}", "7:27", "`in` of `owner` is an empty list"),
    asks("exists perhaps", "{owner: {exists: maybe}}", "7:31", "`exists` of `owner` must be true or false, not `maybe`"),
    asks("a quantifier for one", "{owner: {any: {is: a}}}", "7:23", "`owner` is a single value, and `any` is asked of lists", blind=True),
    asks("a list of conditions expected", "{all: {pinned: true}}", "7:20", "`all` must be a list of conditions"),
    asks("a list as condition", "[pinned]", "7:14", "`require` must be a mapping of attributes"),
    asks("an empty condition", "{}", "7:14", "`require` is empty, so it says nothing"),
    asks("no such value", "{owner: {in: {value: nope}}}", "7:35", "there is no value `nope`", blind=True),
    asks("deep conditions", "{not: " * 90 + "{pinned: true}" + "}" * 90, "7:134", "conditions stand in one another more than 20 levels deep", blind=True),
    check("equal to a list", "title: t\nseverity: high\nselect: job\nrequire: {runs-on: ubuntu-latest}", "7:24", "`runs-on` is a list; say of which of its items this is asked", blind=True),
    check("a bad duration", f"{_INPUTS}require: {{age: {{le: 30x}}}}", "7:25", "`le` of `age` must be a duration, as in `12h`, `30d`, `2w` or `1y`, not `30x`"),
    check("days without a unit", f"{_INPUTS}require: {{age: {{le: 30}}}}", "7:25", "must be a duration, as in `12h`, `30d`, `2w` or `1y`, not `30`; `30d` are days"),
    check("within nothing", f"{_HEAD}forbid: {{reached-by: {{node: job, within: 0}}}}", "7:46", "`within` must be between 1 and 100"),
    check("along no edge", f"{_HEAD}forbid: {{reached-by: {{node: job, along: [use]}}}}", "7:46", "there is no kind of edge `use`; did you mean `uses`?"),
    check("reached by no kind", f"{_HEAD}forbid: {{reached-by: {{node: jobb}}}}", "7:33", "there is no kind of node `jobb`; did you mean `job`?"),
    check("a number in words for a count", f"{_HEAD}count: {{le: many}}", "7:17", "`le` of `count` must be a whole number, not `many`"),
    check("an unknown field", f"{_HEAD}require: {{pinned: true}}\nmessage: '{{ownr}} x'", "8:15", "`message` has no field `ownr`; did you mean `owner`?", blind=True),
    check("an open field", f"{_HEAD}require: {{pinned: true}}\nmessage: '{{owner x'", "8:15", "`message`: `{` is not closed", blind=True),
    check("a bad example without a place", f"{_HEAD}require: {{pinned: true}}\nexamples: {{bad: [{{files: {{flake.nix: b}}}}]}}", "8:22", "a bad example needs `at`"),
    check("an absolute path in an example", f"{_HEAD}require: {{pinned: true}}\nexamples: {{good: [{{files: {{/a: b}}}}]}}", "8:32", "`/a` is no path of a file in an example", blind=True),
    Wrong("a mapping as value", "snowfence: 1\nvalues:\n  a: {b: c}\n", "3:6", "`a` in `values` must be a text, a number or a list of them"),
    Wrong("a value of another type", f"snowfence: 1\nvalues:\n  days: soon\nchecks:\n  mine: {_AGED}", "3:9", "the value `days`, which the check `mine` uses as `le` of `age`, must be a duration", True),
    Wrong(
        "a bomb",
        "snowfence: 1\nvalues:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"  {b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcde", "bcdef", strict=True)),
        "7:31",
        "aliases expand to more than 100000 nodes",
        True,
    ),
)  # fmt: skip
