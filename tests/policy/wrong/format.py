"""Mistakes in the format itself, and in the sections around the rules."""

from typing import Final

from tests.policy.wrong.case import Wrong

BEGIN: Final = "snowfence: 1\n"

FORMAT: Final = (
    Wrong("empty", "", "1:1", "a policy is a mapping that begins with `snowfence: 1`"),
    Wrong("a list", "- snowfence: 1\n", "1:1", "a policy is a mapping that begins with `snowfence: 1`"),
    Wrong("a text", "snowfence 1\n", "1:1", "a policy is a mapping that begins with `snowfence: 1`"),
    Wrong("no version", "rules: {}\n", "1:1", "a policy needs `snowfence`: it begins with `snowfence: 1`"),
    Wrong("another version", "snowfence: 2\n", "1:12", "`snowfence: 1`, the version of its format, not `2`"),
    Wrong(
        "a version with a dot",
        "snowfence: 1.0\n",
        "1:12",
        "`snowfence: 1`, the version of its format, not `1.0`",
        True,
    ),
    Wrong(
        "version left open", "snowfence:\n", "1:11", "`snowfence: 1`, the version of its format, and nothing"
    ),
    Wrong("unknown key", BEGIN + "rule: {}\n", "2:1", "a policy has no key `rule`; did you mean `rules`?"),
    Wrong("key of another tool", BEGIN + "package: x\n", "2:1", "a policy has no key `package`"),
    Wrong("not YAML", BEGIN + "rules: {a: [\n", "2:12", "not YAML: while parsing a flow node", True),
    Wrong(
        "a tab", BEGIN + "rules:\n\tartipacked: off\n", "3:1", "Indent with spaces, YAML forbids tabs", True
    ),
    Wrong(
        "a key twice",
        BEGIN + "rules: {}\nrules: {}\n",
        "3:1",
        "the key `rules` is given twice in this mapping. Remove one of them",
        True,
    ),
    Wrong(
        "a rule twice",
        BEGIN + "rules:\n  artipacked: off\n  artipacked: on\n",
        "4:3",
        "the key `artipacked` is given twice",
        True,
    ),
    Wrong(
        "two documents",
        BEGIN + "---\nsnowfence: 1\n",
        "2:1",
        "a second YAML document starts here. Move it to a file of its own",
        True,
    ),
    Wrong(
        "a merge",
        "snowfence: 1\n<<<<<<< ours\nrules: {}\n",
        "3:1",
        "It holds the markers of an unresolved merge",
        True,
    ),
    Wrong(
        "an alias without an anchor",
        BEGIN + "rules: *all\n",
        "2:8",
        "the alias `*all` has no anchor `&all` before it",
        True,
    ),
    Wrong(
        "an alias into itself",
        BEGIN + "rules: &all\n  artipacked: *all\n",
        "3:15",
        "the alias `*all` refers to a node that contains it",
        True,
    ),
    Wrong(
        "a control character",
        BEGIN + "fail-on: \x01\n",
        "2:10",
        "not YAML: control characters are not allowed",
        True,
    ),
    Wrong(
        "a mapping as key",
        BEGIN + "? {a: b}\n: c\n",
        "2:3",
        "a mapping or list stands where a key is expected",
        True,
    ),
    Wrong(
        "nested deep",
        BEGIN + "rules: " + "[" * 200 + "]" * 200 + "\n",
        "2:107",
        "nested deeper than 100 levels",
        True,
    ),
    # ---------------------------------------------------------------- extends
    Wrong(
        "a misspelt pack",
        BEGIN + "extends: [recomended]\n",
        "2:11",
        "there is no pack `recomended`; did you mean `recommended`?",
    ),
    Wrong(
        "a file like a pack",
        BEGIN + "extends: team\n",
        "2:10",
        "A file is named by its path, as in `./team.yaml`",
    ),
    Wrong(
        "a pack twice",
        BEGIN + "extends: [strict, minimal, strict]\n",
        "2:28",
        "`strict` is extended twice; remove one of them",
        True,
    ),
    Wrong(
        "a missing file",
        BEGIN + "extends: [./team.yaml]\n",
        "2:11",
        "there is no file `./team.yaml` beside `snowfence.yaml`",
        True,
    ),
    Wrong(
        "a file outside",
        BEGIN + "extends: [../team.yaml]\n",
        "2:11",
        "`../team.yaml` lies outside of the repository",
        True,
    ),
    Wrong(
        "an absolute file",
        BEGIN + "extends: [/etc/passwd.yaml]\n",
        "2:11",
        "`/etc/passwd.yaml` lies outside of the repository",
        True,
    ),
    Wrong(
        "itself",
        BEGIN + "extends: [./snowfence.yaml]\n",
        "2:11",
        "in a circle: `snowfence.yaml` -> `snowfence.yaml`",
        True,
    ),
    Wrong(
        "a mapping to extend",
        BEGIN + "extends: {strict: on}\n",
        "2:10",
        "`extends` must be the name of a pack or the path of a file, not a mapping",
    ),
    Wrong(
        "nothing to extend", BEGIN + "extends:\n", "2:9", "`extends` must be a list, and nothing stands here"
    ),
    Wrong(
        "a name with a NUL",
        BEGIN + 'extends: "./\\0.yaml"\n',
        "2:10",
        "`extends` must be the name of a pack or the path",
        True,
    ),
    # ---------------------------------------------------------------- the gate
    Wrong(
        "unknown gate",
        BEGIN + "fail-on: hihg\n",
        "2:10",
        "info, low, medium, high, critical, not `hihg`; did you mean `high`?",
    ),
    Wrong(
        "a list as gate", BEGIN + "fail-on: [high]\n", "2:10", "info, low, medium, high, critical, not a list"
    ),
    # ---------------------------------------------------------------- exceptions
    Wrong(
        "an exception without a reason",
        BEGIN + "exceptions:\n  - rule: artipacked\n",
        "3:5",
        "an exception needs `reason`: why the finding is acceptable",
    ),
    Wrong(
        "an exception without a rule",
        BEGIN + "exceptions:\n  - reason: so\n",
        "3:5",
        "an exception needs `rule`: the id of the rule",
    ),
    Wrong(
        "an empty reason",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: ' '\n",
        "4:13",
        "`reason` is empty",
    ),
    Wrong(
        "a reason left open",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason:\n",
        "4:12",
        "`reason` must be a text, and nothing stands here",
    ),
    Wrong(
        "an exception for no rule",
        BEGIN + "exceptions:\n  - rule: artipaked\n    reason: so\n",
        "3:5",
        "there is no rule `artipaked`; did you mean `artipacked`?",
        True,
    ),
    Wrong(
        "an exception of no list",
        BEGIN + "exceptions:\n  rule: artipacked\n",
        "3:3",
        "`exceptions` must be a list, not a mapping",
    ),
    Wrong(
        "an empty list of rules",
        BEGIN + "exceptions:\n  - rule: []\n    reason: so\n",
        "3:11",
        "`rule` is an empty list",
    ),
    Wrong(
        "no such matcher",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    paths: a/**\n",
        "5:5",
        "an exception has no key `paths`; did you mean `path`?",
    ),
    Wrong(
        "no such day",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    expires: 2026-02-30\n",
        "5:14",
        "`expires` must be a date as YYYY-MM-DD: day is out of range for month",
    ),
    Wrong(
        "a German day",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    expires: 31.12.2026\n",
        "5:14",
        "`expires` must be a date as YYYY-MM-DD, not `31.12.2026`",
    ),
    Wrong(
        "a day of a week",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    expires: 2026-W31-1\n",
        "5:14",
        "`expires` must be a date as YYYY-MM-DD, not `2026-W31-1`",
    ),
    Wrong(
        "the year zero",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    expires: '0000-01-01'\n",
        "5:15",
        "`expires` must be a date as YYYY-MM-DD: year 0 is out of range",
        True,
    ),
    Wrong(
        "a day as word",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    expires: never\n",
        "5:14",
        "`expires` must be a date as YYYY-MM-DD, not `never`",
    ),
    Wrong(
        "stars within a name",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    path: a**b\n",
        "5:11",
        "`**` stands alone between slashes, as in `vendor/**`",
        True,
    ),
    Wrong(
        "an absolute pattern",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    path: /vendor/**\n",
        "5:11",
        "patterns are relative to the root of the repository; remove the `/`",
        True,
    ),
    Wrong(
        "a backslash",
        BEGIN + "exceptions:\n  - rule: artipacked\n    reason: so\n    path: 'vendor\\x'\n",
        "5:12",
        "a backslash has no meaning in a pattern",
        True,
    ),
    # ---------------------------------------------------------------- paths
    Wrong("an open bracket", BEGIN + "paths:\n  exclude: ['a[b']\n", "3:14", "`[` is not closed", True),
    Wrong(
        "unknown key of paths",
        BEGIN + "paths:\n  excludes: [a]\n",
        "3:3",
        "`paths` has no key `excludes`; did you mean `exclude`?",
    ),
    Wrong(
        "up and away",
        BEGIN + "paths:\n  include: ../other/**\n",
        "3:12",
        "`.` and `..` have no meaning in a pattern",
        True,
    ),
    Wrong(
        "paths as a list",
        BEGIN + "paths: [a/**]\n",
        "2:8",
        "`paths` must be a mapping with `include`, `exclude`, not a list",
    ),
    # ---------------------------------------------------------------- the score
    Wrong(
        "an unknown area",
        BEGIN + "score:\n  areas: {pinnig: 1}\n",
        "3:11",
        "`areas` has no key `pinnig`; did you mean `pinning`?",
    ),
    Wrong(
        "a negative weight",
        BEGIN + "score:\n  areas: {pinning: -1}\n",
        "3:20",
        "`pinning` must be between 0 and 100",
    ),
    Wrong(
        "a huge weight",
        BEGIN + "score:\n  areas: {pinning: 1000000}\n",
        "3:20",
        "`pinning` must be between 0 and 100",
    ),
    Wrong(
        "not a number",
        BEGIN + "score:\n  areas: {pinning: .nan}\n",
        "3:20",
        "`pinning` must be a number, not `.nan`",
    ),
    Wrong(
        "infinite points",
        BEGIN + "score:\n  points: {high: .inf}\n",
        "3:18",
        "`high` must be a number, not `.inf`",
    ),
    Wrong(
        "a number in words",
        BEGIN + "score: {unknown: one}\n",
        "2:18",
        "`unknown` must be a number, not `one`",
    ),
    Wrong(
        "a quoted number", BEGIN + 'score: {unknown: "1"}\n', "2:18", "`unknown` must be a number, not `1`"
    ),
)
