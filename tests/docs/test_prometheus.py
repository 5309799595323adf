"""The alerting rules ask for metrics that there are, with labels that they have."""

import re
from pathlib import Path

import yaml

from app.metrics import registry

RULES = Path(__file__).parents[2] / "docs" / "prometheus-rules.yaml"
_ASKED = re.compile(r"\b(tocsin_\w+)(?:\{(\w+)=\"([^\"]+)\"\})?")


def test_each_rule_asks_for_a_metric_that_there_is() -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    there = {family.name: family for family in registry.collect()}
    asked = [match for rule in rules for match in _ASKED.findall(rule["expr"])]
    assert len(asked) >= 6
    for name, label, _ in asked:
        family = name.removesuffix("_total")
        assert family in there, name
        if label:
            collector = registry._names_to_collectors[family]
            assert label in getattr(collector, "_labelnames"), (name, label)  # noqa: B009 - mypy knows it not


def test_each_rule_says_in_a_sentence_what_is_wrong() -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    for rule in rules:
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
