"""See sandbox_disabled.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.settings.in_use import (
    SettingInUse,
    settings_in_use,
    undecided,
    unread_configuration,
)
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.matrix import matrix_values
from scanner.analysis.workflows.steps import jobs_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Access, parse

_EXACT: Final = frozenset(
    "/ /etc /root /home /Users /run /var /var/run /nix /nix/var /nix/var/nix /proc /sys /dev /tmp".split()
)
_BELOW: Final = (
    "/root/", "/home/", "/Users/", "~", "$HOME", "/etc/ssh", "/etc/shadow", "/etc/nix", "/run/secrets", "/run/keys",
    "/run/agenix", "/run/user", "/run/docker.sock", "/var/run/docker.sock", "/run/podman", "/run/containerd",
    "/nix/var/", "/var/lib/",
)  # fmt: skip
"""Where secrets lie, and sockets that give power over the machine."""


@rule(
    "sandbox-disabled",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"relaxed": Severity.LOW, "paths": Severity.MEDIUM},
    tags=("nix", "hardening", "CWE-265", "CWE-693", "CICD-SEC-7", "SLSA:build-L3"),
)
def sandbox_disabled(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_answers(ctx))


def _answers(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from unread_configuration(ctx.graph, ctx.knowledge)
    for setting in settings_in_use(ctx.graph, ctx.knowledge):
        yield from _judge(setting, ctx.graph)


def _judge(setting: SettingInUse, graph: Graph) -> Iterator[Hit | Unknown]:
    if setting.name == "sandbox":
        if (unknown := undecided(setting)) is not None:
            yield unknown
        elif setting.text in ("relaxed", "false") and (macos := _on_macos(setting, graph)) is not False:
            if macos is None:
                reason = (
                    f"only a run can tell whether the machine is one with Linux, where {quoted(setting.text)} weakens "
                    "the sandbox, or with macOS, where there is none unless asked; write the runner's label out"
                )
                yield Unknown(setting.whole, setting.subject, reason)
        elif setting.text == "relaxed":
            message = (
                f"derivations that ask for it are built without a sandbox {setting.place.reach}: they read its files and reach "
                "the network; remove this unless a build that you know needs it"
            )
            yield Hit(setting.whole, setting.subject, message, "relaxed")
        elif setting.text == "false":
            message = (
                f"builds run without a sandbox {setting.place.reach}: they reach the network and read every file that the "
                "build user can, so that secrets can leak into what they make; remove this"
            )
            yield Hit(setting.whole, setting.subject, message)
    elif setting.name == "sandbox-paths":
        for word in setting.words:
            path = word.text.partition("=")[2] or word.text
            path = path.removesuffix("?")
            bare = path.rstrip("/") or "/"
            if bare in _EXACT or path.startswith(_BELOW):
                message = (
                    f"every build may read {quoted(path)} {setting.place.reach}, where secrets lie or power over the "
                    "machine is to be had; name the one file that a build needs"
                )
                yield Hit(word.at.first_line(), setting.subject, message, "paths", evidence=(path,))


def _on_macos(setting: SettingInUse, graph: Graph) -> bool | None:
    """Whether only macOS is concerned, where Nix has no sandbox unless asked; None when no runner is known."""
    if not setting.place.in_workflow:
        return False
    labels: list[str] = []
    unknown = False
    for job in jobs_of(graph, setting.subject):
        for label in job.job.runs_on.labels:
            if "${{" not in label.value:
                labels.append(label.value.lower())
                continue
            tree = parse(label.value.strip().removeprefix("${{").removesuffix("}}"))
            paths = [context.path for context in occurring(tree)] if isinstance(tree, Access) else []
            found = matrix_values(job.job, paths[0][1:]) if paths and paths[0][0] == "matrix" else None
            unknown = unknown or found is None or not found.written
            labels += [value.value.lower() for value in found.written] if found is not None else []
    if any(not label.startswith("macos") for label in labels):
        return False
    return None if unknown else bool(labels)
