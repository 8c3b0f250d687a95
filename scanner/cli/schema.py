"""Print what policies can say: the JSON Schema of their format, or the kinds of nodes and edges with their attributes."""

from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=("policy", "nodes"), help="the format of policies, or what checks can ask of"
    )


def run(arguments: Namespace) -> int:
    raise NotImplementedError
