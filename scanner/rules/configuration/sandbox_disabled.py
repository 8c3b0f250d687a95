"""See sandbox_disabled.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.aliases import once
from scanner.analysis.nix_settings import SettingInUse, known, settings_in_use, undecided
from scanner.analysis.steps import jobs_of
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted

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
    variants={"relaxed": Severity.LOW, "paths": Severity.MEDIUM},
    tags=("hardening", "CWE-265", "CWE-693"),
)
def sandbox_disabled(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(
        hit for setting in settings_in_use(ctx.graph, ctx.knowledge) for hit in _judge(setting, ctx.graph)
    )


def _judge(setting: SettingInUse, graph: Graph) -> Iterator[Hit | Unknown]:
    if setting.name == "sandbox":
        if (unknown := undecided(setting)) is not None:
            yield unknown
        elif setting.text == "relaxed":
            message = (
                f"derivations that ask for it are built without a sandbox {setting.place.reach}: they read its files and reach "
                "the network; remove this unless a build that you know needs it"
            )
            yield Hit(setting.whole, setting.subject, message, "relaxed")
        elif setting.text == "false" and not _on_macos(setting, graph):
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


def _on_macos(setting: SettingInUse, graph: Graph) -> bool:
    """Whether only macOS is concerned, where Nix has no sandbox unless asked."""
    if not setting.place.in_workflow or not all(map(known, setting.words)):
        return False
    labels = [
        label.value.lower() for job in jobs_of(graph, setting.subject) for label in job.job.runs_on.labels
    ]
    return bool(labels) and all(label.startswith("macos") for label in labels)
