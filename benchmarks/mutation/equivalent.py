"""Changes that no test can notice, for the changed module does the same: each with its reason."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutation.mutants import Mutant

FILE = Path(__file__).with_name("equivalent.json")
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Equivalents:
    """Known changes by module, line as it stands, what changes of it and to what."""

    reasons: dict[_Key, str]
    root: Path  # the folder from which modules are named

    @classmethod
    def read(cls) -> "Equivalents":
        """Those of the file: for each module, reasons, each with its lines and what changes of them."""
        reasons = {}
        for module, groups in json.loads(FILE.read_text(encoding="utf-8")).items():
            for group in groups:
                for line, before, after in group["changes"]:
                    reasons[module, line, before, after] = group["reason"]
        return cls(reasons, FILE.parent.parent.parent)

    def __contains__(self, mutant: object) -> bool:
        return isinstance(mutant, Mutant) and self._key(mutant) in self.reasons

    def check(self, module: Path, mutants: Sequence[Mutant]) -> None:
        """Refuse what is no change of the module any more."""
        there = {self._key(mutant) for mutant in mutants}
        for key in self.reasons:
            if key[0] == self._name(module) and key not in there:
                raise SystemExit(f"{FILE.name}: this is no change of {key[0]} any more: {', '.join(key[1:])}")

    def _key(self, mutant: Mutant) -> _Key:
        return self._name(mutant.path), mutant.source, mutant.before, mutant.after

    def _name(self, module: Path) -> str:
        path = module.resolve()
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()
