"""See unverified_download.md."""

from collections.abc import Iterator

from scanner.analysis.scripts.downloads import (
    Download,
    is_fixed,
    is_here,
    is_plain,
    is_versioned,
    mentions_download,
    unverified,
)
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.nodes.workflows import StepNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted

ADVICE = "download a fixed version, compare its checksum (`sha256sum -c`), then run it"
CHECK = "compare its checksum (`sha256sum -c`) before it runs"


@rule(
    "unverified-download",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    area="pinning",
    variants={"plain": Severity.HIGH, "versioned": Severity.LOW},
    same_as=("poutine:unverified_script_exec",),
    tags=(
        "supply-chain",
        "CWE-494",
        "CWE-829",
        "CICD-SEC-3",
        "SLSA:dependencies",
        "scorecard:Pinned-Dependencies",
    ),
)
def unverified_download(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    for node in live_steps(graph):
        if node.step.run is not None and mentions_download(node.step.run.script.value):
            for download in unverified(graph, node):
                if download.url is None or not (is_here(download.url) or is_fixed(download.url)):
                    yield _hit(node, download)


def _hit(node: StepNode, download: Download) -> Hit:
    url = download.url
    if url is None:
        return Hit(
            download.at,
            node.id,
            f"what is downloaded here is run unseen: whoever controls the other side runs code in the job; {ADVICE}",
            None,
            Confidence.MEDIUM,
            evidence=(download.at.text,),
        )
    advice = CHECK if is_versioned(url) else ADVICE
    if is_plain(url):
        variant, why = (
            "plain",
            "anybody on the way to it can put other code in its place, since it is not encrypted",
        )
    elif is_versioned(url):
        variant, why = "versioned", "a file behind a version can be replaced"
    else:
        variant, why = (
            None,
            "whoever controls that address runs code in the job, today or after the next change there",
        )
    return Hit(
        download.at,
        node.id,
        f"{quoted(url)} is run unseen: {why}; {advice}",
        variant,
        evidence=(url,),
    )
