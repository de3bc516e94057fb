"""Reading a formula, and refusing one that is wrong or too large to be meant.

Source: rules specification, "Syntax".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import cast

from lark import Lark, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

from campaigns.engine.formulas.catalogue import (
    FUNCTIONS,
    KEYED_OPERANDS,
    OF_LINE,
    OPERANDS,
)
from campaigns.engine.formulas.nodes import (
    Call,
    Case,
    Chain,
    Negative,
    Node,
    Number,
    Operand,
    Switch,
    Text,
)

MAX_LENGTH = 2_000
MAX_DEPTH = 40
MAX_NODES = 400
MAX_DIGITS = 28

GRAMMAR = r"""
    ?start: or
    ?or: and (OR and)* -> chain
    ?and: comparison (AND comparison)* -> chain
    ?comparison: sum (COMPARES sum)* -> chain
    ?sum: product (ADDS product)* -> chain
    ?product: unary (TIMES unary)* -> chain
    ?unary: "-" unary -> negative
        | atom
    ?atom: NUMBER -> number
        | TEXT -> text
        | "(" or ")"
        | "SWITCH" "(" or ";" case+ ";" or ")" -> switch
        | NAME "(" or (";" or)* ")" -> call
        | NAME -> name
    case: "SWITCH_CASE" "(" or ";" or ")"

    OR: "OR"
    AND: "AND"
    COMPARES: ">=" | "<=" | "!=" | ">" | "<" | "=" | "is" | "isNot" | "contains"
        | "startsWith" | "endsWith" | "IN_ARRAY" | "NOT_IN_ARRAY" | "DATE_IS"
        | "DATE_IS_NOT" | "IS_AFTER" | "IS_BEFORE"
    ADDS: "+" | "-"
    TIMES: "*" | "/" | "%" | "\u00d7" | "÷"
    NUMBER: /[0-9]+(\.[0-9]+)?/
    TEXT: /"[^"]*"/
    NAME: /[A-Za-z_][A-Za-z0-9_]*/
    %ignore /\s+/
"""


class FormulaError(ValueError):
    """The formula cannot be read; the text says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read: its text, its parts, the operands it names."""

    text: str
    root: Node
    operands: frozenset[str]

    @property
    def reads_line(self) -> bool:
        """Whether it has a value of its own for every line."""
        return not self.operands.isdisjoint(OF_LINE)


@v_args(inline=True)
class _Build(Transformer[object, Node]):
    """Turn the parse into nodes, from the leaves up."""

    def number(self, token: str) -> Node:
        return Number(Decimal(str(token)))

    def text(self, token: str) -> Node:
        return Text(str(token)[1:-1])

    def name(self, token: str) -> Node:
        return Operand(str(token))

    def negative(self, operand: Node) -> Node:
        return Negative(operand)

    def call(self, name: str, *arguments: Node) -> Node:
        if name in KEYED_OPERANDS and len(arguments) == 1:
            key = arguments[0]
            if isinstance(key, Text):
                return Operand(str(name), key.value)
        return Call(str(name), arguments)

    def case(self, matches: Node, result: Node) -> Case:
        return Case(matches, result)

    def switch(self, subject: Node, *rest: Node | Case) -> Node:
        cases = tuple(case for case in rest if isinstance(case, Case))
        return Switch(subject, cases, cast("Node", rest[-1]))

    def chain(self, first: Node, *rest: Node | str) -> Node:
        if not rest:
            return first
        signs, values = rest[::2], rest[1::2]
        pairs = zip(signs, values, strict=True)
        return Chain(first, tuple((str(sign), cast("Node", v)) for sign, v in pairs))


_PARSER = Lark(GRAMMAR, parser="lalr", transformer=_Build())


@lru_cache(maxsize=4096)
def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaError: it is no formula, names something unknown, or is longer, deeper
            or of more parts than anyone needs.
    """
    if len(text) > MAX_LENGTH:
        msg = f"it must NOT have more than {MAX_LENGTH} characters"
        raise FormulaError(msg)
    try:
        root = cast("Node", _PARSER.parse(text))
    except UnexpectedInput as failure:
        raise FormulaError(_where(failure, text)) from failure
    names = frozenset(_checked(root))
    return Formula(text, root, names)


def _where(failure: UnexpectedInput, text: str) -> str:
    if isinstance(failure, UnexpectedToken) and failure.token.type == "$END":
        return "it ends too early"
    position = cast("int", failure.pos_in_stream)
    return f"unexpected {text[position]!r} at position {position + 1}"


def _checked(root: Node) -> Iterator[str]:
    """Look at every part once; return the operands that are named."""
    waiting: list[tuple[Node | Case, int]] = [(root, 1)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_NODES:
            msg = "it is nested too deeply" if depth > MAX_DEPTH else "it is too large"
            raise FormulaError(msg)
        _check_names(node)
        if isinstance(node, Operand):
            yield node.name
        waiting += [(part, depth + 1) for part in _parts(node)]


def _check_names(node: Node | Case) -> None:
    if isinstance(node, Number) and len(node.value.as_tuple().digits) > MAX_DIGITS:
        msg = f"a number has more than {MAX_DIGITS} digits"
        raise FormulaError(msg)
    if isinstance(node, Operand) and node.key is None and node.name not in OPERANDS:
        msg = f"{node.name} is not known"
        if node.name in KEYED_OPERANDS or node.name in FUNCTIONS:
            msg = f"{node.name} needs what is between parentheses"
        raise FormulaError(msg)
    if isinstance(node, Call):
        _check_call(node)


def _check_call(node: Call) -> None:
    if node.name in KEYED_OPERANDS:
        msg = f"{node.name} takes one text"
        raise FormulaError(msg)
    if node.name not in FUNCTIONS:
        msg = f"{node.name} is not a known function"
        raise FormulaError(msg)
    fewest, most = FUNCTIONS[node.name]
    if not fewest <= len(node.arguments) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        msg = f"{node.name} takes {wanted} arguments"
        raise FormulaError(msg)


def _parts(node: Node | Case) -> tuple[Node | Case, ...]:
    match node:
        case Call():
            return node.arguments
        case Switch():
            return (node.subject, *node.cases, node.default)
        case Case():
            return (node.matches, node.result)
        case Negative():
            return (node.operand,)
        case Chain():
            return (node.first, *(value for _, value in node.rest))
    return ()
