"""Whether a post speaks to language models: then none is asked about it, and its extract is used.

Pure. A list of turns of phrase is no defence by itself, since anything can be said in other words; it spares
the plain attempts a call, and a post *about* such attempts keeps its own sentences, which is no loss.
Neighbour: ``faithful``, which judges every answer all the same.
"""

from __future__ import annotations

import re

_MODEL = r"(?:ai|llm|gpt|chatbot|language model|summari[sz]er|ai assistant|assistant)s?"
_ORDERS = r"(?:anweisung|instru|istruzion|consignes)"
_OUTPUT = r"(?:summary|answer|reply|output|response)"
_SAY = (
    r"(?:write|say|print|output|repeat|append|insert|include|reply|respond|reveal|translate|decode|mention)"
)
_TURNS = re.compile(
    "|".join(
        (
            # Away with what was said before, in the languages that such posts were seen in.
            r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules|guidelines)\b",
            r"\bignor\w*\b[^.!?\n]{0,40}\b(?:anweisung|instruc|instrucc|istruzion|instruç|instruction)",
            rf"\b(?:vergiss|oublie[zr]?|olvida|dimentica|esque[cç]a|zignoruj|negeer)\b[^.!?\n]{{0,40}}\b{_ORDERS}",
            r"(?:игнорируй|забудь)[^.!?\n]{0,40}инструкц",
            r"(?:忽略|无视|無視|忘记)[^。！？\n]{0,20}(?:指令|指示|说明|提示)",
            r"(?:指示|命令|プロンプト)[^。！？\n]{0,12}(?:無視|忘れ)",
            r"지시[^.!?\n]{0,12}무시",
            r"تجاهل[^.!?\n]{0,40}التعليمات",
            # The marks of conversations.
            r"\bsystem[ _-]?(?:prompt|message|override|instruction)s?\b",
            r"^\W*(?:system|assistant|developer)\W*:",
            r"<\|\w+\|>|\[/?inst\]|<</?sys>>|<start_of_turn>",
            r"\b(?:end|beginning) of (?:the )?(?:document|input|data|untrusted)\b",
            r"\b(?:new|updated|real|actual|hidden) (?:instructions?|task|prompt)\b",
            # Other roles.
            r"\byou are now (?:an?|in|the|my)\b|\b(?:jailbreak|developer mode|do anything now)\b",
            r"\b(?:pretend|role-?play) (?:to be|that you|as|you)\b|\bact as (?:if|my)\b",
            # Demands.
            rf"\b(?:attention|note to|dear|hey|hello|if you are an?)\b[^.!?\n]{{0,12}}\b{_MODEL}\b",
            rf"\binstructions? (?:for|to) (?:an? |the |any |all )?{_MODEL}\b",
            rf"\b(?:your|every|any) {_OUTPUT}\b[^.!?\n]{{0,24}}\b(?:must|should|has to|shall|needs to)\b",
            rf"\b{_MODEL} (?:must|should|shall|are required|is required)\b",
            rf"\b{_SAY}\b[^.!?\n]{{0,40}}\bin (?:your|every) {_OUTPUT}\b",
            rf"\b(?:in|to|at the end of|into) (?:your|every) {_OUTPUT}\b[^.!?\n]{{0,12}}\b{_SAY}\b",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)


def speaks_to_models(text: str) -> bool:
    """Return whether a post holds what looks like an instruction to a language model."""
    return _TURNS.search(text) is not None
