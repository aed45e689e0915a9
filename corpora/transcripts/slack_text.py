"""The text of Slack messages: mentions, links and entities as people saw them.

<@U02> see <https://x.example/p|the page> &amp; wait    →    @ben see the page & wait
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

MARKUP = re.compile(r"<([@#!])?([^<>|]{1,4000})(?:\|([^<>]{0,4000}))?>")
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the last one last, or &amp;lt; is lost
DEEPEST = 20  # levels of blocks


def decode_slack(text: str, names: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """`text` with names for ids, labels for links and characters for entities.

    Args:
        text: As the export has it.
        names: Display names by user id.
        channels: Names of channels by id.
    """

    def shown(match: re.Match[str]) -> str:
        sign, target, label = match.groups()
        if sign == "@":
            return "@" + (names.get(target) or label or target)
        if sign == "#":
            return "#" + (channels.get(target) or label or target)
        if sign == "!":
            return label or "@" + target.partition("^")[0]
        return label or target.removeprefix("mailto:")

    if "<" in text:
        text = MARKUP.sub(shown, text)
    if "&" in text:
        for entity, character in ENTITIES:
            text = text.replace(entity, character)
    return text


def text_of(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The encoded text of a message; where it is empty, that of its blocks or attachments."""
    text = message.get("text")
    if isinstance(text, str) and text:
        return text
    blocks = message.get("blocks")
    if isinstance(blocks, list) and (said := "".join(_of_blocks(blocks, names, 0)).strip("\n")):
        return said
    attachments = message.get("attachments")
    parts = []
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict):
            inside = attachment.get("text") or attachment.get("fallback")
            if isinstance(inside, str):
                parts.append(inside)
    return "\n".join(parts)


def _of_blocks(blocks: list[Any], names: Mapping[str, str], depth: int) -> Iterator[str]:
    for block in blocks:
        if not isinstance(block, dict) or depth > DEEPEST:
            continue
        kind, text = block.get("type"), block.get("text")
        if isinstance(text, dict):  # a section keeps its text one level further down
            text = text.get("text")
        if kind == "user":
            yield f"<@{block.get('user_id', '')}>"
        elif kind == "channel":
            yield f"<#{block.get('channel_id', '')}>"
        elif kind == "broadcast":
            yield f"<!{block.get('range', '')}>"
        elif kind == "emoji":
            yield f":{block.get('name', '')}:"
        elif isinstance(text, str):
            yield text
        elif kind == "link" and isinstance(block.get("url"), str):
            yield block["url"]
        if isinstance(inner := block.get("elements"), list):
            yield from _of_blocks(inner, names, depth + 1)
        if kind in ("rich_text_section", "rich_text_preformatted", "rich_text_quote", "section"):
            yield "\n"
