"""What WordPress and its plug-ins leave in a post once nobody turns it into a page.

Shared by the rule that finds them (HTM-04) and by ``mending``, which takes them out.
"""

from __future__ import annotations

import re

SHORTCODE = re.compile(
    r"\[/?(?:gallery|caption|embed|audio|video|playlist|contact-form(?:-7)?|gravityform|wpforms|vc_\w+|et_pb_\w+"
    r"|su_\w+|fusion_\w+|elementor-\w+|sourcecode|footnote|ref)(?:\s[^\][]{0,500})?/?\]",
    re.IGNORECASE,
)
"""A shortcode by a name that is in wide use; "[sic]" and "[3]" are none."""

BLOCK_COMMENT = re.compile(r"\s*/?wp:")
"""The start of a block editor's comment: ``<!-- wp:paragraph -->``."""

WORDPRESS_CLASS = re.compile(
    r"wp-(?:block|element|caption|image|video|embed|smiley)[\w-]*|aligncenter|alignwide|alignfull"
)

EMBED = re.compile(
    r"https?://(?:[\w-]+\.)?(?:youtube\.com|youtu\.be|vimeo\.com|twitter\.com|x\.com|instagram\.com|tiktok\.com"
    r"|soundcloud\.com|open\.spotify\.com|facebook\.com|bsky\.app)/\S+",
    re.IGNORECASE,
)
"""An address that a site shows as a player when it stands alone in a paragraph."""

FOOTNOTE = re.compile(
    r"#(?:_?(?:ftn|ftnref|fn|fnref|footnote|easy-footnote)[\w:.-]*|[0-9a-f-]{36}(?:-link)?)"
)
"""Where the links of footnotes lead: nowhere, in a mail."""
