"""The expression that joins the rules of a set: ``1 or (2 and 3)``.

AND binds tighter than OR; operators in any letter case; keys are anything without
spaces and parentheses.

Source: rules specification, "Grammar".
"""

from functools import lru_cache
from typing import cast

from lark import Lark, Transformer, v_args
from lark.exceptions import LarkError

from campaigns.engine.rules import And, Key, Logic, Or

MAX_LENGTH = 10_000
MAX_DEPTH = 50

GRAMMAR = r"""
    ?start: or
    ?or: and (_OR and)*
    ?and: unit (_AND unit)*
    ?unit: KEY -> key | "(" or ")"

    _AND.2: /and(?=[\s()]|$)/i
    _OR.2: /or(?=[\s()]|$)/i
    KEY: /[^\s()]+/
    %ignore /\s+/
"""


class LogicError(ValueError):
    """The expression cannot be read."""


@v_args(inline=True)
class _Build(Transformer[object, Logic]):
    """Turn the parse into nodes, from the leaves up."""

    def key(self, token: str) -> Logic:
        return Key(str(token))

    def and_(self, *operands: Logic) -> Logic:
        return And(operands)

    def or_(self, *operands: Logic) -> Logic:
        return Or(operands)


setattr(_Build, "and", _Build.and_)
setattr(_Build, "or", _Build.or_)

_PARSER = Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Build())


@lru_cache(maxsize=4096)
def parse_logic(text: str) -> Logic | None:
    """Read an expression; None when it is empty, which always passes.

    Raises:
        LogicError: it is no expression, or a longer or deeper one than anyone needs.
    """
    if not text.strip():
        return None
    if len(text) > MAX_LENGTH or _depth(text) > MAX_DEPTH:
        msg = "logic is too long"
        raise LogicError(msg)
    try:
        return cast("Logic", _PARSER.parse(text))
    except LarkError as failure:
        msg = "logic cannot be parsed"
        raise LogicError(msg) from failure


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        deepest = max(deepest, depth)
    return deepest
