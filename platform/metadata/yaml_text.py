"""Plain values → YAML that the reader of definitions reads as the same values."""

from __future__ import annotations

from typing import Any

import yaml
from trellis.metadata.scalars import core_scalar


def yaml_text(value: Any) -> str:
    """Return a map as YAML: one key a line, texts in quotes where YAML 1.2 would read otherwise."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return text


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        """Write everything out: anchors are not read."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain = isinstance(core_scalar(value), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, None if plain else "'")


def _nothing(dumper: yaml.SafeDumper, _value: None) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), _nothing)
