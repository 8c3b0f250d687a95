"""nix.conf: Nix takes the texts that we take, and sets what we read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.model.finding import Problem
from scanner.model.source import Source
from scanner.parse.nix.conf import read_nix_conf
from scanner.parse.nix.setting import Setting
from tests.memory import KNOWLEDGE
from tests.nix.installed import Nix, needs_nix

pytestmark = [pytest.mark.registry, needs_nix]

READ = {
    "nothing": "",
    "remarks": "# cores = 1\n\n   # sandbox = false\n",
    "one of each type": "sandbox = relaxed\ncores = 5\nfallback = true\nuser-agent-suffix = a b  c\n",
    "a list": "substituters = https://a.example https://b.example\n",
    "blanks": "  substituters\t=   https://a.example\t\thttps://b.example  \r\n",
    "a remark behind": "substituters = https://a.example # https://b.example\n",
    "a remark inside of a word": "substituters = https://a.example#b https://c.example\n",
    "nothing said": "substituters =\n",
    "equals sign as a word": "user-agent-suffix = a = b\n",
    "said twice": "substituters = https://a.example\nsubstituters = https://b.example\n",
    "said twice of a switch": "fallback = true\nfallback = false\n",
    "added": "trusted-users = root\nextra-trusted-users = ada @wheel\n",
    "added twice": "trusted-users = root\nextra-trusted-users = ada\nextra-trusted-users = eve\n",
    "an alias": "binary-caches = https://a.example\nbinary-cache-public-keys = a-1:AAAA\n",
    "an alias, then the name": "binary-caches = https://a.example\nsubstituters = https://b.example\n",
    "an alias that adds": "trusted-substituters =\nextra-trusted-binary-caches = https://a.example\n",
    "include of nothing": "!include /does/not/exist\ncores = 2\n",
    "no end of line": "cores = 3",
    "unknown": "no-such-setting = 1\ncores = 4\n",
}

REFUSED = {
    "no equals sign": "cores 5\n",
    "no value at all": "cores\n",
    "no blanks": "cores=5\n",
    "no blank before": "cores =5\n",
    "on two lines": "substituters = https://a.example\n  https://b.example\n",
    "include of two": "!include a b\n",
    "conflict": "<<<<<<< HEAD\ncores = 1\n=======\n>>>>>>> x\n",
}


def read(text: str) -> tuple[tuple[Setting, ...], list[Problem]]:
    problems: list[Problem] = []
    conf = read_nix_conf(Source("nix.conf", "nix-conf", text), problems)
    return conf.settings if conf is not None else (), problems


def settings_of_nix(tmp_path: Path, text: str, *, expect: int = 0) -> dict[str, Any]:
    nix = Nix(tmp_path / "nix")
    command = ("nix", "--extra-experimental-features", "nix-command", "show-config", "--json")
    answer = nix.run(*command, config=text, expect=(expect,))
    return {} if expect else json.loads(answer.stdout)


@pytest.mark.parametrize("case", READ)
def test_what_nix_sets(tmp_path: Path, case: str) -> None:
    settings, problems = read(READ[case])
    assert not problems
    by_nix = settings_of_nix(tmp_path, READ[case])
    wanted: dict[str, list[str]] = {}
    for setting in settings:
        name = setting.name.removeprefix("extra-")
        known = KNOWLEDGE.nix_setting(name)
        if known is None:
            assert name not in by_nix
            continue
        words = [word.text for word in setting.words]
        before = wanted.get(known.name, []) if setting.name.startswith("extra-") else []
        wanted[known.name] = before + words
    for name, words in wanted.items():
        value = by_nix[name]["value"]
        match value:
            case bool():
                assert words == [json.dumps(value)], name
            case list():
                assert sorted(words) == sorted(value), name
            case _:
                assert " ".join(words) == str(value), name


@pytest.mark.parametrize("case", REFUSED)
def test_what_nix_refuses(tmp_path: Path, case: str) -> None:
    settings_of_nix(tmp_path, REFUSED[case], expect=1)
    assert read(REFUSED[case])[1] != []
