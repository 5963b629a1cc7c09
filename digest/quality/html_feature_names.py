"""Which feature of caniemail each element, attribute and picture format is: by exact name."""

from __future__ import annotations

ELEMENTS: dict[str, str] = {
    **{
        tag: f"html-{tag}"
        for tag in (
            "abbr",
            "acronym",
            "address",
            "audio",
            "base",
            "bdi",
            "blockquote",
            "code",
            "del",
            "dfn",
            "dialog",
            "div",
            "form",
            "hr",
            "img",
            "link",
            "marquee",
            "meter",
            "object",
            "p",
            "picture",
            "pre",
            "progress",
            "rp",
            "rt",
            "ruby",
            "select",
            "small",
            "span",
            "strike",
            "strong",
            "style",
            "svg",
            "table",
            "textarea",
            "video",
            "wbr",
            "body",
        )
    },
    **{f"h{level}": "html-h1-h6" for level in range(1, 7)},
    **dict.fromkeys(("ul", "ol", "dl", "li"), "html-lists"),
    **dict.fromkeys(
        (
            "article",
            "aside",
            "details",
            "figcaption",
            "figure",
            "footer",
            "header",
            "main",
            "mark",
            "nav",
            "section",
            "summary",
            "time",
        ),
        "html-semantics",
    ),
    **dict.fromkeys(("map", "area"), "html-image-maps"),
}
"""Elements by name."""

ATTRIBUTES: dict[str, str] = {
    **{
        name: f"html-{name}"
        for name in (
            "align",
            "background",
            "cellpadding",
            "cellspacing",
            "dir",
            "height",
            "hidden",
            "lang",
            "popover",
            "required",
            "role",
            "srcset",
            "target",
            "valign",
            "width",
            "aria-describedby",
            "aria-hidden",
            "aria-label",
            "aria-labelledby",
            "aria-live",
        )
    },
    "loading": "html-loading-attribute",
    "inert": "css-inert-attribute",
}
"""Attributes by name."""

TYPED: dict[tuple[str, str], str] = {
    **{
        ("input", kind): f"html-input-{kind}"
        for kind in ("checkbox", "hidden", "radio", "reset", "submit", "text")
    },
    ("button", "reset"): "html-button-reset",
    ("button", "submit"): "html-button-submit",
}
"""Elements whose type attribute makes them a feature of their own."""

PICTURES: dict[str, str] = {
    "apng": "image-apng",
    "avif": "image-avif",
    "bmp": "image-bmp",
    "gif": "image-gif",
    "heic": "image-heif",
    "heif": "image-heif",
    "ico": "image-ico",
    "jpg": "image-jpg",
    "jpeg": "image-jpg",
    "mp4": "image-mp4",
    "png": "image-png",
    "svg": "image-svg",
    "tif": "image-tiff",
    "tiff": "image-tiff",
    "webp": "image-webp",
    "hdr": "image-hdr",
}
"""Picture formats by the ending of the address."""
