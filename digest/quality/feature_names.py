"""Which feature of caniemail each piece of CSS or HTML is: exact names, never parts of names.

Matching by substring finds ``transform`` in ``text-transform``; that is why this table exists. Every slug of
``caniemail.json`` is here, in ``html_feature_names`` or in UNSEEN with its reason; a test compares the two.
"""

from __future__ import annotations

_SAME_NAME = [
    "accent-color",
    "align-items",
    "animation",
    "aspect-ratio",
    "backdrop-filter",
    "background",
    "background-blend-mode",
    "background-clip",
    "background-color",
    "background-image",
    "background-origin",
    "background-position",
    "background-repeat",
    "background-size",
    "border",
    "border-collapse",
    "border-image",
    "border-radius",
    "border-spacing",
    "box-shadow",
    "box-sizing",
    "caption-side",
    "clear",
    "clip-path",
    "color-scheme",
    "column-count",
    "cursor",
    "direction",
    "display",
    "empty-cells",
    "filter",
    "flex-direction",
    "flex-wrap",
    "float",
    "font",
    "font-kerning",
    "font-size",
    "font-size-adjust",
    "font-stretch",
    "font-weight",
    "gap",
    "height",
    "hyphenate-character",
    "hyphenate-limit-chars",
    "hyphens",
    "inline-size",
    "inset",
    "justify-content",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-image",
    "list-style-position",
    "list-style-type",
    "margin",
    "mask-image",
    "max-block-size",
    "max-height",
    "max-inline-size",
    "max-width",
    "min-block-size",
    "min-height",
    "min-inline-size",
    "min-width",
    "mix-blend-mode",
    "object-fit",
    "object-position",
    "opacity",
    "orphans",
    "outline",
    "outline-offset",
    "overflow",
    "overflow-wrap",
    "padding",
    "position",
    "resize",
    "shape-margin",
    "shape-outside",
    "tab-size",
    "table-layout",
    "text-align",
    "text-align-last",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-skip-ink",
    "text-decoration-style",
    "text-decoration-thickness",
    "text-emphasis",
    "text-emphasis-position",
    "text-indent",
    "text-justify",
    "text-orientation",
    "text-overflow",
    "text-shadow",
    "text-transform",
    "text-underline-offset",
    "text-underline-position",
    "text-wrap",
    "transform",
    "transition",
    "user-select",
    "vertical-align",
    "visibility",
    "white-space",
    "white-space-collapse",
    "widows",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
    "writing-mode",
    "z-index",
]

PROPERTIES: dict[str, str] = {name: f"css-{name}" for name in _SAME_NAME} | {
    **{f"margin-{side}": "css-margin" for side in ("top", "right", "bottom", "left")},
    **{f"padding-{side}": "css-padding" for side in ("top", "right", "bottom", "left")},
    **{
        f"border-{side}": "css-border"
        for side in ("top", "right", "bottom", "left", "width", "style", "color")
    },
    **{f"overflow-{axis}": "css-overflow" for axis in ("x", "y")},
    **dict.fromkeys(("left", "right", "top", "bottom"), "css-left-right-top-bottom"),
    **{f"margin-{axis}": "css-margin-inline-block" for axis in ("inline", "block")},
    **{f"margin-inline-{end}": "css-margin-inline-start-end" for end in ("start", "end")},
    **{f"margin-block-{end}": "css-margin-block-start-end" for end in ("start", "end")},
    **{f"padding-{axis}": "css-padding-inline-block" for axis in ("inline", "block")},
    **{f"padding-inline-{end}": "css-padding-inline-start-end" for end in ("start", "end")},
    **{f"padding-block-{end}": "css-padding-block-start-end" for end in ("start", "end")},
    **{f"border-{axis}": "css-border-inline-block" for axis in ("inline", "block")},
    **{
        f"border-{axis}-{end}": "css-border-inline-block-individual"
        for axis in ("inline", "block")
        for end in ("start", "end")
    },
    **{
        f"border-{axis}-{what}": "css-border-inline-block-longhand"
        for axis in ("inline", "block")
        for what in ("width", "style", "color")
    },
    **{
        f"border-{block}-{inline}-radius": "css-border-radius-logical"
        for block in ("start", "end")
        for inline in ("start", "end")
    },
    "block-size": "css-block-inline-size",
    "columns": "css-column-layout-properties",
    "column-gap": "css-column-layout-properties",
    "column-rule": "css-column-layout-properties",
    "column-width": "css-column-layout-properties",
    "column-span": "css-column-layout-properties",
    "column-fill": "css-column-layout-properties",
    "grid-template": "css-grid-template",
    "grid-template-columns": "css-grid-template",
    "grid-template-rows": "css-grid-template",
    "grid-template-areas": "css-grid-template",
    "row-gap": "css-gap",
    "scroll-snap-type": "css-scroll-snap",
    "scroll-snap-align": "css-scroll-snap",
    "animation-name": "css-animation",
    "transition-property": "css-transition",
}
"""The feature of a property by its whole name."""

VALUES: dict[tuple[str, str], str] = {
    ("display", r"(?:inline-)?flex"): "css-display-flex",
    ("display", r"(?:inline-)?grid"): "css-display-grid",
    ("display", r"none"): "css-display-none",
    ("*", r"(?:min|max|fit)-content|fit-content\(.*\)"): "css-intrinsic-size",
    ("*", r"initial"): "css-unit-initial",
    ("font-family", r"(?:.*[,\s])?system-ui(?:\s*,.*)?"): "css-sytem-ui",
    ("font", r".*\bsystem-ui\b.*"): "css-sytem-ui",
}
"""Values that are features of their own: property ("*" is any) and what the whole value is like."""

FUNCTIONS: dict[str, str] = {
    "calc": "css-unit-calc",
    "min": "css-function-min",
    "max": "css-function-max",
    "clamp": "css-function-clamp",
    "light-dark": "css-function-light-dark",
    "var": "css-variables",
    "rgb": "css-rgb",
    "rgba": "css-rgba",
    "linear-gradient": "css-linear-gradient",
    "radial-gradient": "css-radial-gradient",
    "conic-gradient": "css-conic-gradient",
    "lab": "css-modern-color",
    "lch": "css-modern-color",
    "oklab": "css-modern-color",
    "oklch": "css-modern-color",
    "hwb": "css-modern-color",
    "color": "css-modern-color",
    "color-mix": "css-modern-color",
}
"""Functions in values."""

UNITS: dict[str, str] = {
    unit: f"css-unit-{unit}"
    for unit in ("ch", "cm", "em", "ex", "in", "mm", "pc", "pt", "px", "rem", "vh", "vmax", "vmin", "vw")
} | {"%": "css-unit-percent"}
"""Units of lengths."""

AT_RULES: dict[str, str] = {
    "font-face": "css-at-font-face",
    "import": "css-at-import",
    "keyframes": "css-at-keyframes",
    "media": "css-at-media",
    "supports": "css-at-supports",
}
"""At-rules by name."""

MEDIA: dict[str, str] = {
    "device-pixel-ratio": "css-at-media-device-pixel-ratio",
    "hover": "css-at-media-hover",
    "orientation": "css-at-media-orientation",
    "prefers-color-scheme": "css-at-media-prefers-color-scheme",
    "prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
}
"""Media features by name, without -webkit-, min- and max-."""

PSEUDOS: dict[str, str] = {
    **{
        f":{name}": f"css-pseudo-class-{name}"
        for name in (
            "active",
            "checked",
            "default",
            "first-child",
            "first-of-type",
            "focus",
            "focus-visible",
            "focus-within",
            "has",
            "hover",
            "lang",
            "last-child",
            "last-of-type",
            "link",
            "not",
            "nth-child",
            "nth-last-child",
            "nth-last-of-type",
            "nth-of-type",
            "only-child",
            "only-of-type",
            "target",
            "visited",
        )
    },
    **{
        f"::{name}": f"css-pseudo-element-{name}"
        for name in ("after", "before", "first-letter", "first-line", "marker", "placeholder")
    },
    ":after": "css-pseudo-element-after",
    ":before": "css-pseudo-element-before",
    ":first-letter": "css-pseudo-element-first-letter",
    ":first-line": "css-pseudo-element-first-line",
}
"""Pseudo-classes and pseudo-elements, the old spelling of the latter included."""

COMBINATORS: dict[str, str] = {
    " ": "css-selector-descendant",
    ">": "css-selector-child",
    "+": "css-selector-adjacent-sibling",
    "~": "css-selector-general-sibling",
}
"""How selectors hang together."""

OTHERS: frozenset[str] = frozenset(
    {
        "css-important",
        "css-comments",
        "css-nesting",
        "css-modern-color",
        "css-variables",
        "css-selector-attribute",
        "css-selector-chaining",
        "css-selector-class",
        "css-selector-grouping",
        "css-selector-id",
        "css-selector-type",
        "css-selector-universal",
        "html-comments",
        "html-doctype",
        "html-anchor-links",
        "html-mailto-links",
        "html-meta-color-scheme",
        "image-base64",
    }
)
"""Features that ``features`` sees by more than a name."""

UNSEEN: dict[str, str] = {
    "amp": "a part of the mail of its own, which Everypost never makes",
    "bimi": "a record in the DNS, not in the mail",
}
"""Features that a mail's HTML cannot show, with the reason."""
