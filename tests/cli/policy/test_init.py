"""`snowfence policy init`: where it writes, and what it leaves alone."""

import json
from pathlib import Path

import pytest

from tests.golden import FIXTURES
from tests.support import NOW, snowfence


def test_what_it_writes(tmp_path: Path) -> None:
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    steps = ", ".join("{uses: Actions/checkout@v4}" for _ in range(2))
    text = f"on: push\npermissions: {{}}\njobs: {{a: {{runs-on: ubuntu-latest, steps: [{steps}]}}}}\n"
    workflow.write_text(text, "utf-8")
    said = snowfence("policy", "init", tmp_path, "--output", "-", "--now", NOW).stdout
    assert said == WRITTEN


WRITTEN = """\
# yaml-language-server: $schema=https://raw.githubusercontent.com/snowfence/snowfence/main/docs/policy.schema.json
#
# The policy of this repository, begun by `snowfence policy init` on 2026-11-22. What the pack recommended finds:
# 2 findings (2 medium) of 1 rule.
#
# It judges as the pack does. Lines that begin with `#` and no space are proposals: remove the `#` to make them hold (of
# the lines that they stand under as well). `snowfence policy check` says whether the file is right.
snowfence: 1
extends: [recommended]

# A finding at least this severe makes `snowfence scan` exit with 1.
# Today's findings, at most medium, stay below it.
fail-on: high

# The rules that find something, all of them on: `snowfence explain RULE` says what to do. A rule may be `on`, `off`
# or a mapping with `severity`, `confidence`, `options` and `paths`.
rules:
  # ---- medium
  # unpinned-uses, 2 findings: Pin every action and called workflow to a full commit id
  #unpinned-uses:
    #options:
      # patterns of repositories that may be used by tag or branch, such as `my-org/*` or
      # `slsa-framework/slsa-github-generator`, whose workflows work by tag only
      #trusted: []

# Checks of your own, over the graph of this repository: `snowfence schema nodes` lists what can be asked, `snowfence
# policy test` runs their examples. These allow what is used today, and report what comes new.
values:
  #allowed-owners:
    #- actions
checks:
  #allowed-owners:
    #title: Actions and workflows come from owners that we have looked at
    #severity: high
    #area: pinning
    #select: [action, reusable-workflow]
    #where: { owner: { exists: true } }
    #require: { owner: { in: { value: allowed-owners } } }
    #message: "{label} is of {owner}, whom nobody here has allowed; look at it, then add the owner to `allowed-owners`"
    #examples:
      #bad:
        #- at: somebody-new/action@v1
          #files:
            #.github/workflows/ci.yml: |
              #on: push
              #jobs:
                #build:
                  #runs-on: ubuntu-latest
                  #steps:
                    #- uses: somebody-new/action@v1

# A finding that is right and stays: with the reason, for whoever reads this next, and the last day on which that holds.
# One that is over or matches nothing is a finding itself. For many of them there is `snowfence policy accept`.
exceptions:
  #- rule: unpinned-uses
    #path: .github/workflows/ci.yml
    #reason: why this is acceptable, and until when
    #expires: 2027-02-20
"""


def test_it_writes_where_it_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "flake.lock").write_bytes((FIXTURES / "demo" / "flake.lock").read_bytes())
    before = json.loads(snowfence("scan", tmp_path, "--now", NOW, "--format", "json", expect=(0, 1)).stdout)
    said = snowfence("policy", "init", tmp_path, "--now", NOW).stdout
    assert said.startswith(f"wrote {tmp_path}/snowfence.yaml. Next: ")
    after = json.loads(snowfence("scan", tmp_path, "--now", NOW, "--format", "json", expect=(0, 1)).stdout)
    assert after["findings"] == before["findings"]
    assert after["policies"] == ["recommended", "snowfence.yaml"]


def test_what_is_there_stays(tmp_path: Path) -> None:
    file = tmp_path / ".github" / "snowfence.yaml"
    file.parent.mkdir()
    file.write_text("mine", "utf-8")
    refused = snowfence("policy", "init", tmp_path, expect=(2,))
    assert f"`{file}` is there already; `--force` overwrites it" in refused.stderr
    assert file.read_text("utf-8") == "mine"
    # One policy, where it was: a second one in the root would be refused by every scan.
    snowfence("policy", "init", tmp_path, "--force")
    assert "snowfence: 1" in file.read_text("utf-8")
    assert not (tmp_path / "snowfence.yaml").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine", "utf-8")
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "snowfence.yaml").symlink_to(outside)
    refused = snowfence("policy", "init", folder, "--force", expect=(2,))
    assert "is a link; remove it" in refused.stderr
    assert outside.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pack", "recomended"), "there is no pack `recomended`; did you mean `recommended`?"),
        (("--now", "today"), "`today` is not a date"),
    ],
)
def test_wrong_arguments(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    assert said in snowfence("policy", "init", tmp_path, *arguments, expect=(2,)).stderr
    assert not list(tmp_path.iterdir())


def test_a_gate_that_today_passes(tmp_path: Path) -> None:
    clean = snowfence("policy", "init", FIXTURES / "clean", "--output", "-", "--now", NOW).stdout
    assert "\n# There is none today.\nfail-on: medium\n" in clean
    demo = snowfence("policy", "init", FIXTURES / "demo", "--output", "-", "--now", NOW).stdout
    assert "\nfail-on: high\n" in demo
    assert "`snowfence policy accept`" in demo
