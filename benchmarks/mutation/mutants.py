"""All small changes of a module: one operator, number, word or answer in each."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import CodeType

_BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_NAMES = {
    "maximum": "minimum", "minimum": "maximum", "fmax": "fmin", "fmin": "fmax", "max": "min", "min": "max",
    "any": "all", "all": "any", "zeros": "ones", "ones": "zeros",
}  # fmt: skip
_GUARD = 1e-5  # what is smaller keeps a division from nought; how small it is says nothing


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one change: the one of this number that can be made at this place of its tree."""

    path: Path
    place: int
    number: int
    line: int
    source: str  # that line as it stands
    before: str  # the smallest part that changes, and what becomes of it
    after: str

    def __str__(self) -> str:
        before, after = (text if len(text) <= 60 else f"{text[:59]}…" for text in (self.before, self.after))
        return f"{self.path}:{self.line}  {before}  →  {after}    {self.source}"

    def program(self) -> CodeType:
        """The changed module, compiled as if its file said so."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        if self.place >= 0:
            node = next(islice(ast.walk(tree), self.place, None))
            name, value = list(_changes(node))[self.number]
            setattr(node, name, value)
        return compile(ast.fix_missing_locations(tree), str(self.path.resolve()), "exec")


def unchanged(path: Path) -> Mutant:
    """The module as it stands: what all tests must let pass."""
    return Mutant(path, -1, 0, 1, "", "", "")


def mutants_of(path: Path) -> list[Mutant]:
    """Each mutant of a module, in the order of the text."""
    text = path.read_text(encoding="utf-8")
    lines, tree, found = text.splitlines(), ast.parse(text), []
    silent = {id(part) for node in ast.walk(tree) for part in _silent(node)}
    for place, node in enumerate(list(ast.walk(tree))):
        if id(node) in silent:
            continue
        line = getattr(node.target if isinstance(node, ast.comprehension) else node, "lineno", 1)
        before = ast.unparse(node)
        for number, (name, value) in enumerate(list(_changes(node))):
            stood = getattr(node, name)
            setattr(node, name, value)
            found.append(
                Mutant(path, place, number, line, lines[line - 1].strip(), before, ast.unparse(node))
            )
            setattr(node, name, stood)
    return sorted(found, key=lambda mutant: mutant.line)


def _silent(node: ast.AST) -> Iterator[ast.AST]:
    """Of this node, all that computes nothing: types, docstrings, decorators, sentences for people."""
    parts: list[ast.AST | None] = []
    match node:
        case ast.FunctionDef():
            parts = [node.returns, *node.decorator_list]
        case ast.ClassDef():
            parts = [*node.bases, *node.decorator_list]
        case ast.arg() | ast.AnnAssign():
            parts = [node.annotation]
        case ast.keyword(arg="strict"):  # of zip: a second look at what is so anyway
            parts = [node]
        case (
            ast.Expr(value=ast.Constant())
            | ast.Assign(targets=[ast.Name(id="__all__")])
            | ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar")))
            | ast.Raise()
            | ast.Assert()
            | ast.JoinedStr()
        ):
            parts = [node]
    for part in parts:
        if part is not None:
            yield from ast.walk(part)


def _changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """What can be changed of this node alone: a field of it, and its other value."""
    yield from _of_operators(node)
    match node:
        case ast.Constant():
            yield from (("value", value) for value in _values(node.value))
        case ast.Name(ctx=ast.Load()) if node.id in _NAMES:
            yield "id", _NAMES[node.id]
        case ast.Attribute(ctx=ast.Load()) if node.attr in _NAMES:
            yield "attr", _NAMES[node.attr]
        case ast.Return(value=ast.expr()) | ast.Expr(value=ast.Call()):
            yield "value", ast.Constant(None)
        case ast.If() | ast.IfExp() | ast.While() if not isinstance(node.test, ast.Compare):
            yield "test", ast.UnaryOp(ast.Not(), node.test)
        case ast.comprehension() if node.ifs:
            yield "ifs", []


def _of_operators(node: ast.AST) -> Iterator[tuple[str, object]]:
    match node:
        case ast.Compare():
            for at, op in enumerate(node.ops):
                for table in (_BOUNDARY, _OPPOSITE):
                    if other := table.get(type(op)):
                        yield "ops", [*node.ops[:at], other(), *node.ops[at + 1 :]]
        case ast.BinOp() | ast.AugAssign():
            if operation := _ARITHMETIC.get(type(node.op)):
                yield "op", operation()
        case ast.BoolOp():
            yield "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp():
            yield "operand", ast.UnaryOp(node.op, node.operand)  # twice is not at all


def _values(value: object) -> list[object]:
    """A number a little larger and a little smaller, the other truth, another word."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1]
        case float() if value == 0 or value > _GUARD:
            return [value * 1.1, value * 0.9] if value else [0.1]
        case str():
            return [value + "x"]
        case _:
            return []
