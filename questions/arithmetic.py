"""Small arithmetic, written as text: works a numeric answer out again, so that nobody has to trust a typed number.

A closed language of numbers, operators, lists and a few named functions; nothing else can be said in it, so a text
from an import is as safe to evaluate as it is to read.
"""

import ast
import math
import operator
import statistics
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

MAX_NODES = 200
MAX_WHOLE = 10_000


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in ("sqrt", "exp", "log", "log2", "log10", "floor", "ceil", "tanh", "erf")},
    **{name: getattr(math, name) for name in ("sin", "cos", "atan2", "hypot")},
    **{name: getattr(statistics, name) for name in ("mean", "median", "variance", "pvariance", "stdev", "pstdev")},
    "abs": abs,
    "max": max,
    "min": min,
    "round": round,
    "sum": sum,
    "dot": lambda left, right: sum(a * b for a, b in zip(left, right, strict=True)),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "normal_cdf": lambda x: statistics.NormalDist().cdf(x),
    "normal_quantile": lambda p: statistics.NormalDist().inv_cdf(p),
}
_BOUNDED: dict[str, Callable[..., Any]] = {"comb": math.comb, "factorial": math.factorial}
_CONSTANTS = {"pi": math.pi, "e": math.e}


class ArithmeticTextError(ValueError):
    """The text is not arithmetic that can be worked out; the message says why."""


def evaluate(text: str) -> float:
    """Return the value of `text`, such as `comb(5, 2) * 0.1**2 * 0.9**3`. Raises ArithmeticTextError."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArithmeticTextError(_("“%s” is not an arithmetic expression") % text) from error
    if sum(1 for _node in ast.walk(tree)) > MAX_NODES:
        raise ArithmeticTextError(_("the expression is too long"))
    try:
        value = float(_value(tree.body))
    except (ArithmeticError, TypeError, ValueError) as error:
        if isinstance(error, ArithmeticTextError):
            raise
        raise ArithmeticTextError(_("“%(text)s” has no value: %(why)s") % {"text": text, "why": error}) from error
    if not math.isfinite(value):
        raise ArithmeticTextError(_("“%s” is not finite") % text)
    return value


def _value(node: ast.AST) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_number(_value(left)), _number(_value(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, [_value(argument) for argument in arguments])
    raise ArithmeticTextError(_("“%s” is not allowed in an expression") % ast.unparse(node))


def _number(value: Any) -> float:
    """Refuse lists under an operator, where they would be repeated or joined instead of reckoned with."""
    if isinstance(value, list):
        raise ArithmeticTextError(_("a list can only be handed to a function"))
    return float(value)


def _power(base: Any, exponent: Any) -> float:
    return math.pow(_number(base), _number(exponent))


def _call(name: str, arguments: list[Any]) -> Any:
    if name in _BOUNDED:
        if any(_number(argument) > MAX_WHOLE or argument != int(argument) for argument in arguments):
            raise ArithmeticTextError(
                _("%(name)s takes whole numbers up to %(max)d") % {"name": name, "max": MAX_WHOLE}
            )
        return _BOUNDED[name](*(int(argument) for argument in arguments))
    if name not in FUNCTIONS:
        raise ArithmeticTextError(
            _("“%(name)s” is not known; known are %(all)s")
            % {"name": name, "all": ", ".join(sorted([*FUNCTIONS, *_BOUNDED]))}
        )
    return FUNCTIONS[name](*arguments)
