"""Show what holds for each rule, and which policy says so."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from scanner.adapters.git import Git
from scanner.analysis.waivers import Waiver
from scanner.cli.common import add_policy, own_policy_remarks, policy_of
from scanner.cli.terminal import emit, terminal_width, warn
from scanner.model.errors import UsageError
from scanner.model.finding import Severity
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted
from scanner.model.source import Span
from scanner.policy.holding import Holding, holding, holdings
from scanner.policy.policy import Paths, PathSetting, Policy, Said, Setting
from scanner.policy.remarks import place
from scanner.report.escape import bounded, visible
from scanner.report.table import WIDTH, Column, table

_COLUMNS: Final = (
    Column("rule", 20, rank=3),
    Column("severity", 6, rank=2),
    Column("floor"),
    Column("options and paths", 8, most=80),
    Column("said by", 10, most=60, rank=1),
)


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the repository (default: here)")
    parser.add_argument(
        "--explain",
        metavar="RULE",
        help="all that is said of one rule, the stronger below, and what holds then",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="what to write (default: text)"
    )
    add_policy(parser)


def run(arguments: Namespace) -> int:
    folder = Path(arguments.path)
    if not folder.is_dir():
        raise UsageError(f"{quoted(arguments.path)} is not a folder; name the root of a repository")
    policy = policy_of(arguments, folder)
    for remark in own_policy_remarks(arguments, folder, Git()):
        warn(remark)
    if arguments.explain is None:
        every = list(holdings(policy))
        text = _json(policy, every) if arguments.format == "json" else _text(policy, every)
    else:
        one = holding(policy, arguments.explain)
        if one is None:
            known = [found.rule.id for found in holdings(policy)]
            raise UsageError(
                f"there is no rule {quoted(arguments.explain)}{nearest(arguments.explain, known)}"
            )
        text = (
            _dumped(_data(one)) if arguments.format == "json" else "\n".join(_explained(policy, one)) + "\n"
        )
    emit(text, None, format=arguments.format)
    return 0


# ---------------------------------------------------------------- all rules


def _text(policy: Policy, every: list[Holding]) -> str:
    width = terminal_width() or WIDTH
    on = [one for one in every if one.setting.on_somewhere]
    off = [one for one in every if not one.setting.on_somewhere]
    lines = [bounded(f"Policies, the weakest first: {', '.join(policy.names)}")]
    lines.append(f"A finding fails the run from severity {policy.gate} on")
    lines += [f"Files: {one}" for one in _files(policy.paths)]
    lines += ["", f"On: {len(on)}", *table(_COLUMNS, [_row(one) for one in on], width)]
    by = {one.rule.id: _switched_off(one) for one in off}
    if any(by.values()):
        rows = [[id, at] for id, at in by.items() if at]
        lines += ["", f"Off: {len(rows)}", *table((_COLUMNS[0], _COLUMNS[-1]), rows, width)]
    idle = [visible(id) for id, at in by.items() if not at]
    if idle:
        lines += ["", f"Switched on by nobody: {len(idle)}", *_wrapped(idle, width)]
    lines += ["", "`snowfence policy show --explain RULE` shows all that is said of one of them."]
    return "\n".join(lines) + "\n"


def _files(paths: Paths) -> Iterator[str]:
    for word, globs in (("only those of", paths.include), ("without", paths.exclude)):
        if globs:
            yield bounded(f"{word} {', '.join(one.text for one in globs)}")


def _row(one: Holding) -> list[str]:
    setting = one.setting
    options = [f"{name}: {_value(value)}" for name, value in one.options.items()]
    paths = [f"{inner.glob.text}: {_for_files(one, setting, inner)}" for inner in setting.paths]
    unknown = [f"undecided: {setting.unknown}"] if setting.unknown is not None else []
    return [
        one.rule.id,
        _span(one),
        str(setting.confidence) if setting.confidence is not None else "",
        "; ".join([*unknown, *options, *paths]),
        _places(one),
    ]


def _span(one: Holding) -> str:
    """The least and the most severe that it says."""
    severities = sorted(set(one.severities.values()))
    return "–".join(dict.fromkeys(str(end) for end in (severities[0], severities[-1])))


def _places(one: Holding) -> str:
    """Where what holds is said, the strongest first."""
    said = [said for said, left in _with_rest(one) if left != Setting()]
    return ", ".join(dict.fromkeys(place(one.at) for one in reversed(said)))


def _switched_off(one: Holding) -> str:
    """Where a rule is switched off; nowhere, when nothing has switched it on."""
    return next((place(said.at) for said in reversed(one.said) if said.setting.enabled is False), "")


def _wrapped(names: list[str], width: int) -> list[str]:
    lines = [" "]
    for name in names:
        if len(lines[-1]) + len(name) + 2 > width:
            lines.append(" ")
        lines[-1] += f" {name},"
    lines[-1] = lines[-1].removesuffix(",")
    return lines


def _with_rest(one: Holding) -> Iterator[tuple[Said, Setting]]:
    """What is said, each with what is left of it under the stronger ones."""
    for at, said in enumerate(one.said):
        above = Setting()
        for later in one.said[at + 1 :]:
            above = later.setting.over(above)
        mine = said.setting
        options = one.options_by(above)
        yield (
            said,
            Setting(
                mine.enabled if above.enabled is None else None,
                mine.severity if above.severity is None else None,
                mine.confidence if above.confidence is None else None,
                mine.options if any(name not in options for name in one.options_by(mine)) else (),
                mine.unknown if above.unknown is None else None,
                mine.paths if above.enabled is not False else (),
            ),
        )


# ---------------------------------------------------------------- one rule


def _explained(policy: Policy, one: Holding) -> Iterator[str]:
    setting = one.setting
    state = "on" if setting.enabled else "on for some files" if setting.on_somewhere else "off"
    yield bounded(f"{one.rule.id}: {state}")
    yield bounded(f"  {one.title}")
    own = policy.own.get(one.rule.id)
    if own is not None:
        before = ", ".join(place(at) for at in reversed(policy.replaced.get(one.rule.id, ())))
        yield bounded(f"  declared at {place(own.at)}{f', in place of {before}' if before else ''}")
    yield ""
    yield "What is said, the stronger below:" if one.said else "No policy says anything of it."
    rows = [[place(said.at), said.key, *_said(one, said, left)] for said, left in _with_rest(one)]
    sizes = [max((len(visible(row[at])) for row in rows), default=0) for at in range(2)]
    for where, key, what, hidden in rows:
        line = f"  {visible(where):<{sizes[0]}}  {visible(key):<{sizes[1]}}  {bounded(what)}"
        yield line + (f" (overridden: {bounded(hidden)})" if hidden else "")
    yield ""
    yield "What holds:"
    for name, text in _results(one):
        yield f"  {name:<12}{bounded(text)}".rstrip()


def _said(one: Holding, said: Said, left: Setting) -> tuple[str, str]:
    """What one place says, and which part of it stronger ones hide."""
    words = _words(one, said.setting)
    shown = {
        *_words(one, left),
        *_words(one, one.setting),
    }  # who says the same as a stronger one is not wrong
    return ", ".join(words) or "nothing", ", ".join(word for word in words if word not in shown)


def _words(one: Holding, setting: Setting) -> list[str]:
    """What a setting says, in words."""
    words = [] if setting.enabled is None else ["on" if setting.enabled else "off"]
    if setting.severity is not None:
        words.append(f"severity {setting.severity}")
    if setting.confidence is not None:
        words.append(f"from {setting.confidence} confidence")
    if setting.unknown is not None:
        words.append(f"undecided questions are {setting.unknown}")
    words += (f"{name}: {_value(value)}" for name, value in one.options_by(setting).items())
    words += (f"in {quoted(inner.glob.text)} {_for_files(one, setting, inner)}" for inner in setting.paths)
    return words


def _for_files(one: Holding, setting: Setting, inner: PathSetting) -> str:
    """What a setting says for some files."""
    return ", ".join([*(["on again"] if setting.on_again(inner) else []), *_words(one, inner.setting)])


def _results(one: Holding) -> Iterator[tuple[str, str]]:
    setting, rule = one.setting, one.rule
    own = "" if setting.severity is None else f"; of itself {_variants({'': rule.severity, **rule.variants})}"
    yield "severity", _variants(one.severities) + own
    floor = setting.confidence
    yield "confidence", "all findings" if floor is None else f"findings of {floor} confidence and more"
    unknown = setting.unknown
    yield "undecided", "listed, no findings" if unknown is None else f"findings of severity {unknown}"
    options = one.options
    for name, value in one.options_by(setting).items():
        yield "option", f"{name}: {_value(value)}{'' if name in options else ', as of itself'}"
    for inner in setting.paths:
        yield "files", f"{inner.glob.text}: {_for_files(one, setting, inner)}"
    for waiver in one.exceptions:
        yield "exception", f"{place(waiver.at)}: {_waiver(waiver)}"


def _variants(severities: dict[str, Severity]) -> str:
    if len(set(severities.values())) == 1:
        return str(severities[""])
    plain, *others = (
        f"{severity} as {name}" if name else str(severity) for name, severity in severities.items()
    )
    return ", ".join([plain, *others])


def _waiver(waiver: Waiver) -> str:
    what = [f"{key} {', '.join(one.text for one in globs)}" for key, globs in waiver.patterns]
    what += (f"fingerprint {one}" for one in waiver.fingerprints)
    until = f"until {waiver.expires.isoformat()}" if waiver.expires is not None else "without an end"
    vex = f"; vex {waiver.vex.state}" if waiver.vex is not None else ""
    return f"{', '.join(what) or 'every finding'}; {until}; {waiver.reason}{vex}"


def _value(value: Any) -> str:
    """An option as it is written in a policy."""
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_value(inner)}' for key, inner in value.items())}}}"
    return str(value)


# ---------------------------------------------------------------- json


def _json(policy: Policy, every: list[Holding]) -> str:
    return _dumped(
        {
            "policies": list(policy.names),
            "fail_on": str(policy.fail_on) if policy.fail_on is not None else None,
            "rules": [_data(one) for one in every],
        }
    )


def _dumped(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1) + "\n"


def _data(one: Holding) -> dict[str, Any]:
    severities = {name: str(severity) for name, severity in one.severities.items()}
    return {
        "id": one.rule.id,
        "title": one.title,
        "severity": severities.pop(""),
        "variants": severities,
        **_setting_data(one, one.setting),
        "options": one.options,
        "said": [
            {"at": _at(said.at), "policy": said.policy, "key": said.key, **_setting_data(one, said.setting)}
            for said in one.said
        ],
        "exceptions": [
            {
                "at": _at(waiver.at),
                "reason": waiver.reason,
                "expires": waiver.expires.isoformat() if waiver.expires is not None else None,
                **({"vex": waiver.vex.state} if waiver.vex is not None else {}),
            }
            for waiver in one.exceptions
        ],
    }


def _setting_data(one: Holding, setting: Setting) -> dict[str, Any]:
    return {
        "enabled": setting.enabled,
        "overridden_severity": str(setting.severity) if setting.severity is not None else None,
        "confidence": str(setting.confidence) if setting.confidence is not None else None,
        "unknown": str(setting.unknown) if setting.unknown is not None else None,
        "options": one.options_by(setting),
        "paths": [
            {"pattern": inner.glob.text, **_setting_data(one, inner.setting)} for inner in setting.paths
        ],
    }


def _at(span: Span) -> str:
    place = span.begin
    return f"{span.shown}:{place.line}:{place.column}"
