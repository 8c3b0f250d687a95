"""Print what policies can say: the JSON Schema of their format, or the kinds of nodes and edges with their attributes."""

from argparse import ArgumentParser, Namespace

from scanner.cli.terminal import emit
from scanner.model.errors import UsageError
from scanner.model.nearest import nearest
from scanner.model.quoting import quoted


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("policy", "nodes"),
        help="the format of policies, for editors; or what checks can select, and ask for",
    )
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND", help="with `nodes`: these kinds of nodes and edges alone"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        help="what to print (default: text for `nodes`; `policy` is always json)",
    )
    parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")


def run(arguments: Namespace) -> int:
    text = _policy(arguments) if arguments.what == "policy" else _nodes(arguments)
    emit(text, arguments.output, format="json" if arguments.what == "policy" else arguments.format or "text")
    return 0


def _policy(arguments: Namespace) -> str:
    import json

    from scanner.policy.schema import policy_schema

    if arguments.kinds:
        raise UsageError("`schema policy` prints the whole format; kinds go with `schema nodes`")
    if arguments.format not in (None, "json"):
        raise UsageError(f"`schema policy` prints a JSON Schema; leave `--format {arguments.format}` out")
    return json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"


def _nodes(arguments: Namespace) -> str:
    from scanner.views.schema import only, to_json, to_markdown, to_text, vocabulary

    words = vocabulary()
    names = [*(node.name for node in words.nodes), *(edge.name for edge in words.edges)]
    for kind in arguments.kinds:
        if kind not in names:
            raise UsageError(f"no kind of node or edge is called {quoted(kind)}{nearest(kind, names)}")
    if arguments.kinds:
        words = only(words, arguments.kinds)
    match arguments.format:
        case "json":
            return to_json(words)
        case "markdown":
            return to_markdown(words)
    return to_text(words)
