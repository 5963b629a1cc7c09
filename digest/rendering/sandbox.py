"""What a template may do: read plain values, choose, repeat, and nothing that reaches further.

Operators, and whoever may write to their template folder, lay templates over ours. Jinja's sandbox keeps them
from private attributes and from changing what they are given; the lists here leave out what is useful only
for getting out or for making a result that fills the memory. What remains (nested loops) is bounded by the
process a template runs in: ``pipeline.confine``. Neighbour: ``environment`` makes one of these per set.
"""

from __future__ import annotations

from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_RANGE = 1_000  # numbers a template may count through at once
LONGEST_PRODUCT = 10_000  # characters or entries that a text or list may be multiplied to

# Left out of Jinja's own filters: what reaches attributes by a name made up at run time (attr), shows how a
# value is made (pprint, tojson), pads to any size (center, indent, batch), or differs each time (random).
_FILTERS = frozenset({
    "abs", "capitalize", "count", "default", "d", "e", "escape", "first", "float", "int", "items",
    "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace",
    "round", "reverse", "safe", "select", "selectattr", "sort", "string", "striptags", "sum", "title", "trim",
    "upper", "truncate", "unique", "urlencode", "wordcount",
})  # fmt: skip

# Methods of texts that pad to any size, or run the small language of str.format.
_REFUSED_OF_TEXT = frozenset(
    {"center", "ljust", "rjust", "zfill", "expandtabs", "format", "format_map", "encode", "translate"}
)


class Sandbox(ImmutableSandboxedEnvironment):
    """Refuses private attributes, changes to what it is given, and results too large to be meant."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters = {name: use for name, use in self.filters.items() if name in _FILTERS}
        for needless in ("dict", "lipsum", "cycler", "joiner"):
            del self.globals[needless]
        self.globals["range"] = _range

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may use an attribute of a value."""
        if isinstance(obj, str) and attr in _REFUSED_OF_TEXT:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Any:
        """Return None for what is not ``str.format``; refuse that, which Jinja lets through wrapped."""
        if super().wrap_str_format(value) is not None:
            raise SecurityError("str.format is not allowed in a template; join its parts with ~")
        return None

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return a product or remainder of numbers, or a text repeated a few times."""
        if operator == "**":
            raise SecurityError("powers (**) are not allowed in a template")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("a text cannot be filled in with % in a template; join its parts with ~")
        for one, other in ((left, right), (right, left)):
            if hasattr(one, "__len__") and isinstance(other, int) and len(one) * other > LONGEST_PRODUCT:
                raise SecurityError(f"nothing is repeated to more than {LONGEST_PRODUCT} characters")
        return super().call_binop(context, operator, left, right)


def _range(*bounds: int) -> range:
    """Return the numbers a template counts through."""
    numbers = range(*bounds)
    # The length of a huge range does not fit len(): a slice of it does.
    if len(numbers[: LONGEST_RANGE + 1]) > LONGEST_RANGE:
        raise SecurityError(f"range() counts to {LONGEST_RANGE} at most in a template")
    return numbers
