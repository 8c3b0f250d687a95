"""Settings of Nix are found wherever they stand, by their real name and with their place."""

import pytest

from scanner.analysis.settings.accepted import acceptances
from scanner.analysis.settings.caches import caches_in_use
from scanner.analysis.settings.in_use import Place, SettingInUse, settings_in_use
from tests.memory import KNOWLEDGE, repository

CI = ".github/workflows/ci.yml"


def used(files: dict[str, str]) -> list[SettingInUse]:
    graph, problems = repository(files)
    assert not problems
    return list(settings_in_use(graph, KNOWLEDGE))


def step(script: str) -> dict[str, str]:
    """A workflow with one step that runs a script."""
    lines = "".join(f"          {line}\n" for line in script.splitlines())
    head = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n"
    return {CI: head + lines}


def short(setting: SettingInUse) -> tuple[str, bool, str]:
    return setting.name, setting.extra, setting.text


@pytest.mark.parametrize(
    ("written", "name", "extra"),
    [
        ("binary-caches", "substituters", False),
        ("extra-binary-caches", "substituters", True),
        ("build-use-chroot", "sandbox", False),
        ("extra-substituters", "substituters", True),
        ("extra-cores", "extra-cores", False),
        ("no-such-setting", "no-such-setting", False),
    ],
)
def test_names(written: str, name: str, extra: bool) -> None:
    assert short(used({"nix.conf": f"{written} = x"})[0]) == (name, extra, "x")


def test_a_flake() -> None:
    text = """{
      nixConfig = {
        sandbox = false;
        extra-substituters = [ "https://a" "https://b" ];
        substituters = "https://c https://d";
      };
      outputs = { self }: { };
    }"""
    sandbox, extra, caches = used({"flake.nix": text})
    assert sandbox.whole.text == "sandbox = false"
    assert sandbox.place is Place.FLAKE
    assert sandbox.subject == "flake:flake.nix"
    assert [word.at.text for word in extra.words] == ["https://a", "https://b"]
    assert [word.at.text for word in caches.words] == ["https://c", "https://d"]


@pytest.mark.parametrize(
    ("script", "settings"),
    [
        ("nix build --option sandbox false", [("sandbox", False, "false")]),
        ("nix build --no-sandbox --relaxed-sandbox", [("sandbox", False, "false"), ("sandbox", False, "relaxed")]),
        ("sudo nix-store -r x --no-require-sigs", [("require-sigs", False, "false")]),
        ("nix build --extra-substituters 'https://a https://b'", [("substituters", True, "https://a https://b")]),
        ("nix run .#x --accept-flake-config -- --no-sandbox", [("accept-flake-config", False, "true")]),
        ("nix develop -c nix build --no-sandbox", [("sandbox", False, "false")]),
        ("bash -c 'nix build --no-sandbox'", [("sandbox", False, "false")]),
        ("nixos-rebuild switch --option sandbox false", [("sandbox", False, "false")]),
        ("cargo build --no-sandbox  # nix", []),
        ("echo nix build --no-sandbox", []),
        ("# nix build --no-sandbox", []),
        ("nix build --option sandbox", []),
        ("NIX_CONFIG='sandbox = false' nix build", [("sandbox", False, "false")]),
        ('export NIX_CONFIG="sandbox = false"', [("sandbox", False, "false")]),
        ('echo "NIX_CONFIG=sandbox = false" >> "$GITHUB_ENV"', [("sandbox", False, "false")]),
        ('echo "NIX_CONFIG=sandbox = false"', []),
        ("echo 'sandbox = false' >> ~/.config/nix/nix.conf", [("sandbox", False, "false")]),
        ("echo 'sandbox = false' | sudo tee -a /etc/nix/nix.conf >/dev/null", [("sandbox", False, "false")]),
        ("echo 'sandbox = false' > settings && cat /etc/nix/nix.conf", []),
        ("echo 'sandbox = false'; cat /etc/nix/nix.conf", []),
        ("printf 'cores = 1\\nsandbox = false\\n' >> /etc/nix/nix.conf", [("cores", False, "1"), ("sandbox", False, "false")]),
        ("cat > /etc/nix/nix.conf <<EOF\nsandbox = false\nEOF", [("sandbox", False, "false")]),
        ("cat <<'EOF' | sudo tee -a /etc/nix/nix.conf\nsandbox = false\nEOF", [("sandbox", False, "false")]),
        ("sudo tee -a /etc/nix/nix.conf <<< 'sandbox = false'", [("sandbox", False, "false")]),
        ("{\n  echo 'cores = 1'\n  echo 'sandbox = false';\n} >> /etc/nix/nix.conf", [("cores", False, "1"), ("sandbox", False, "false")]),
        ("{\n  echo 'NIX_CONFIG<<EOF'\n  echo 'sandbox = false'\n  echo EOF\n  echo 'cores = 1'\n} >> $GITHUB_ENV", [("sandbox", False, "false")]),
        ("cat >> $GITHUB_ENV <<EOF\nNIX_CONFIG<<END\nsandbox = false\nEND\nEOF", [("sandbox", False, "false")]),
    ],
)  # fmt: skip
def test_scripts(script: str, settings: list[tuple[str, bool, str]]) -> None:
    found = used(step(script))
    assert [short(setting) for setting in found] == settings
    for setting in found:
        for word in setting.words:
            assert word.at.text == word.text or setting.place is Place.OPTION


def test_the_environment_and_its_owners() -> None:
    text = """on: push
env: { NIX_CONFIG: cores = 1 }
jobs:
  a:
    runs-on: ubuntu-latest
    env: { NIX_CONFIG: "cores = 2\\nsandbox = false" }
    steps:
      - run: nix build
        env: { NIX_CONFIG: cores = 3 }
      - if: false
        run: nix build
        env: { NIX_CONFIG: cores = 4 }
"""
    found = used({CI: text})
    assert [(setting.text, setting.subject) for setting in found] == [
        ("1", f"workflow:{CI}"),
        ("2", f"job:{CI}#a"),
        ("false", f"job:{CI}#a"),
        ("3", f"step:{CI}#a/0"),
    ]


def test_inputs_of_actions_and_of_local_ones_that_hand_them_on() -> None:
    action = """name: nix
inputs: { conf: {}, other: {} }
runs:
  using: composite
  steps:
    - uses: cachix/install-nix-action@v31
      with:
        extra_nix_config: |
          cores = 1
          ${{ inputs.conf }}
"""
    workflow = """on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: ./nix
        with: { conf: cores = 2, other: cores = 3 }
      - uses: DeterminateSystems/nix-installer-action@v20
        with: { extra-conf: cores = 4, planner: cores = 5 }
      - uses: somebody/else@v1
        with: { extra-conf: cores = 6 }
      - uses: DeterminateSystems/update-flake-lock@v25
        with: { nix-options: --accept-flake-config --option cores 7 }
"""
    found = used({"nix/action.yml": action, CI: workflow})
    assert sorted(setting.text for setting in found) == ["1", "2", "4", "7", "true"]


def test_keys_belong_to_caches_by_name_host_or_path() -> None:
    text = """
      extra-substituters = https://a.cachix.org https://cache.b.org https://c.org/team https://d.cachix.org
      extra-trusted-public-keys = a.cachix.org-1:A= cache.b.org-2:B= team:C= e.org-1:E=
    """
    graph, _ = repository({"nix.conf": text})
    (file,) = caches_in_use(graph, KNOWLEDGE)
    keys = [None if cache.key is None else cache.key.text for cache in file.caches]
    assert keys == ["a.cachix.org-1:A=", "cache.b.org-2:B=", "team:C=", None]
    assert not any(cache.keyless for cache in file.caches)  # `e.org` may sign for it
    assert not file.keys


@pytest.mark.parametrize(
    ("on", "steps", "decided"),
    [
        ("pull_request", "- uses: actions/checkout@v5\n      - run: nix build --accept-flake-config", True),
        ("push", "- uses: actions/checkout@v5\n      - run: nix build --accept-flake-config", False),
        ("pull_request", "- run: nix build --accept-flake-config\n      - uses: actions/checkout@v5", False),
        (
            "pull_request_target",
            "- uses: actions/checkout@v5\n      - run: nix build --accept-flake-config",
            False,
        ),
        (
            "pull_request",
            "- uses: actions/checkout@v5\n        with: { ref: main }\n      - run: nix build --accept-flake-config",
            False,
        ),
        (
            "issue_comment",
            "- uses: actions/checkout@v5\n      - run: gh pr checkout 1\n      - run: nix build --accept-flake-config",
            True,
        ),
        (
            "pull_request",
            "- uses: actions/checkout@v5\n      - run: nix run github:o/r --accept-flake-config",
            False,
        ),
        (
            "pull_request",
            "- uses: actions/checkout@v5\n      - if: github.event.pull_request.head.repo.fork == false\n"
            "        run: nix build --accept-flake-config",
            False,
        ),
    ],
)
def test_who_decides_what_is_accepted(on: str, steps: str, decided: bool) -> None:
    workflow = f"on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      {steps}\n"
    lock = '{ "nodes": { "root": {} }, "root": "root", "version": 7 }'
    graph, _ = repository({"flake.lock": lock, CI: workflow})
    (found,) = acceptances(graph, KNOWLEDGE)
    assert (found.way is not None) == decided
