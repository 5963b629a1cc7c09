"""Lays the editor's table over an issue's content: all of it, or none with every fault told.

Pure. Neighbour: ``overrides`` reads the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.editorial.overrides import Overrides, PostTable, Table
from digest.editorial.themes import find
from digest.errors import ConfigurationError, Fault
from digest.model import Content, Item, Theme
from digest.text.toml_places import Path_
from digest.text.words import shorten

_TITLE_SHOWN = 60  # characters of a title that an editor recognises


@dataclass(frozen=True, kw_only=True)
class Overridden:
    """An issue's content as the editor wants it."""

    content: Content
    moved: dict[int, str]  # post id → key of the theme the editor gives it


def override(content: Content, table: Table, overrides: Overrides, themes: Sequence[Theme]) -> Overridden:
    """The content with the table laid over it. Raises ConfigurationError with every fault."""
    work = _Work(content=content, table=table, overrides=overrides, themes=themes, faults=[])
    lead = work.number((table.name, "lead"), table.lead) if table.lead else None
    first = [work.number((table.name, "order"), post) for post in table.order]
    items = {item.number: item for item in content.items}
    moved: dict[int, str] = {}
    for said in table.posts:
        path = (table.name, "posts", said.post)
        number = work.number(path, said.post)
        if number is None:
            continue
        items[number] = work.changed(items[number], said, path)
        if said.theme is not None and items[number].theme_key:
            moved[items[number].post_id] = items[number].theme_key
    if work.faults:
        raise ConfigurationError(work.faults)
    ordered = dict.fromkeys([*(number for number in first if number is not None), *items])
    whole = replace(
        content,
        title=table.title or content.title,
        intro=table.intro or content.intro,
        subject=table.subject or content.subject,
        preheader=table.preheader or content.preheader,
        lead=lead or content.lead,
        items=tuple(items[number] for number in ordered),
        overridden=work.told(),
        overrides_mark=table.mark,
    )
    return Overridden(content=whole, moved=moved)


@dataclass(kw_only=True)
class _Work:
    """One table on its way onto one content."""

    content: Content
    table: Table
    overrides: Overrides
    themes: Sequence[Theme]
    faults: list[Fault]

    def number(self, path: Path_, post: str) -> int | None:
        """The number of the post of that id or address in the issue; None with a fault."""
        item = self._item(post)
        if item is None:
            shown = ", ".join(
                f"{item.post_id} (“{shorten(item.title, _TITLE_SHOWN)}”)" for item in self._window()
            )
            problem = f"{self.content.name} has no post {post}"
            self.faults.append(self.overrides.fault(path, problem, f"Its posts are {shown}."))
        return item.number if item else None

    def changed(self, item: Item, said: PostTable, path: Path_) -> Item:
        """The item as the editor wants it."""
        if said.summary is not None:
            item = replace(item, standfirst="", summary=said.summary)
        if said.theme is None:
            return item
        theme = find(said.theme, self.themes)
        if theme is None:
            names = ", ".join(one.name for one in self.themes if one.shown) or "none yet"
            problem, mend = f"there is no theme “{said.theme}”", f"Known themes: {names}."
            self.faults.append(self.overrides.fault((*path, "theme"), problem, mend))
        return replace(item, theme_key=theme.key) if theme else item

    def told(self) -> tuple[str, ...]:
        """What the table changes, in words."""
        table = self.table
        texts = [name for name in ("title", "intro", "subject", "preheader", "lead") if getattr(table, name)]
        order = ["order"] if table.order else []
        posts = [
            f"{what} of post {item.post_id}"
            for said in table.posts
            if (item := self._item(said.post))
            for what, value in (("summary", said.summary), ("theme", said.theme))
            if value is not None
        ]
        return (*texts, *order, *posts)

    def _item(self, post: str) -> Item | None:
        return next((item for item in self.content.items if post in (str(item.post_id), item.link)), None)

    def _window(self) -> list[Item]:
        return [item for item in self.content.items if item.number in self.content.window]
