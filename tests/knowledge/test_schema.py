"""The table of GitHub's workflow language holds together."""

import json
from pathlib import Path

from tests.memory import KNOWLEDGE

TABLE = json.loads(Path("scanner/knowledge/data/workflow-schema.json").read_text("utf-8"))
SCHEMA = KNOWLEDGE.schema


def test_every_name_leads_to_a_shape() -> None:
    waiting, seen = ["workflow-root", "action.action-root"], set()
    while waiting:
        shape = SCHEMA.shape(waiting.pop())
        if shape.name in seen:
            continue
        seen.add(shape.name)
        maps = [*shape.maps, *(shape.by[1].values() if shape.by else ())]
        assert (
            shape.items
            or maps
            or shape.anything
            or shape.values
            or shape.text
            or shape.filled
            or shape.boolean
            or shape.number
        )
        waiting += [name for keys in maps for name in (*keys.known.values(), *filter(None, [keys.free]))]
        waiting += [shape.items] if shape.items else []
        for keys in maps:
            assert set(keys.required) <= set(keys.known)
    # Nothing in the table is out of reach.
    assert set(TABLE["shapes"]) <= seen


def test_events() -> None:
    assert "closed" in SCHEMA.types("pull_request")
    assert "merged" not in SCHEMA.types("pull_request")
    assert SCHEMA.types("push") == SCHEMA.types("no such event") == ()
    push = SCHEMA.shape("event:push").maps[0]
    assert set(push.known) == {"branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"}
