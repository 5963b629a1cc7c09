"""Sentences of one block, in any language.

``sentencex`` proposes the cuts; we only mend them, each rule for a case it gets wrong. Where a rule is
in doubt it joins: a summary may hold one sentence too many, never half of one.
"""

from __future__ import annotations

import re

import sentencex

from digest.text.words import listed, normalised

# Abbreviations that are followed by more of the same sentence, kept apart by language: "out." is October
# in Portuguese and would break English.
_INSIDE_ANY = listed("dr prof mr mrs ms st vs cf ca approx bd vol vols pp ed eds hrsg tel fig figs")
_INSIDE = {
    "en": "incl excl est rev hon sen gov rep gen col capt lt sgt cmdr dept jan feb aug sept oct nov dec resp",
    "fr": "m mm mme mmes mlle mlles me art p chap janv févr avr juil sept oct nov déc env éd réf av bld",
    "de": "hr fr dipl ing abs nr bzw evtl ggf inkl exkl zzgl vgl sog str kap abb tab bspw max min mio mrd"
    " jan feb aug sept okt nov dez geb gest",
    "es": "sr sra srta d dña dra ud uds vd pág págs núm art cap ej av avda aprox ene abr ago dic máx mín ee",
    "pt": "sr sra srs dra profa pág págs núm art cap ex av aprox fev abr ago set out dez",
    "it": "sig sigg dott egr gent ing avv arch geom rag pag pagg art cap es n",
    "nl": "dhr mevr ir drs blz nr bijv bv enz evt resp mr",
    "pl": "np tj tzn m.in ul al godz nr str tzw mgr inż ks św woj pkt",
    "ru": "т.е т.к т.н г гг в вв ул стр рис табл см ср напр проф акад обл руб коп чел млн млрд тыс",
}
_INSIDE_OF = {language: listed(words) | _INSIDE_ANY for language, words in _INSIDE.items()}
# "No. 5", "pág. 3", "approx. 300": inside the sentence when a figure follows.
_BEFORE_FIGURE = listed(
    "no nos nr num núm art arts abs p pp pag pág sec ch chap cap fig abb tab ver v § op ст п рис"
)
_ORDINALS = listed("de da nb nn no fi cs sk pl hu et sl hr sr tr")  # write "3." for "third"

_IN_VIEW = 80  # characters before a cut that decide it; bounds the work on a text of a million marks
_LAST_WORD = re.compile(r"([^\s\"'“‘«„(\[—–/’]+)\.$")
_CLOSED_BY_MARK = re.compile(r"[.!?…][\"'”’»)\]]+(?=\s+[\"'“‘«„¿¡(\[]*\w)")
_FINISHED = re.compile(r"[.!?…。！？｡؟۔।॥։።။][\"'“”’»›」』）)\]]*$")
_NEVER_FIRST = ")]}）】」』”’»,;:.!?。！？，、"  # these close a sentence or go on with it
_JAPANESE_PARTICLE = re.compile(r"[とっというのをがはに、，]")


def sentences(text: str, language: str = "") -> tuple[str, ...]:
    """The sentences of one block in order, none of them empty; joined, they are the block again.

    ``language`` is a BCP 47 tag or empty; an unknown one is read by the common rules.
    """
    spoken = language.partition("-")[0].lower()
    found: list[str] = []  # each with the white space that followed it
    for piece in sentencex.segment(spoken or "en", normalised(text)):
        for part in _cut_after_closing(piece):
            if found and _belongs(found[-1], part, spoken):
                found[-1] += part
            else:
                found.append(part)
    return tuple(sentence.strip() for sentence in found if sentence.strip())


def is_finished(sentence: str) -> bool:
    """Whether it ends with the mark that ends a sentence in its script."""
    return _FINISHED.search(sentence) is not None


def _cut_after_closing(piece: str) -> tuple[str, ...]:
    """The piece cut where a closed aside or quotation ended a sentence and a capital follows."""
    cuts = [
        match.end()
        for match in _CLOSED_BY_MARK.finditer(piece)
        if piece[match.end() : match.end() + 8].lstrip(" \"'“‘«„¿¡([")[:1].isupper()
    ]
    return tuple(piece[start:end] for start, end in zip([0, *cuts], [*cuts, len(piece)], strict=True))


def _belongs(left: str, right: str, language: str) -> bool:
    """Whether a proposed cut falls inside a sentence."""
    head, tail = left.rstrip()[-_IN_VIEW:], right.lstrip()
    glued = not (left[-1].isspace() or right[0].isspace())
    return (
        not tail
        or not is_finished(head)
        or tail[0] in _NEVER_FIRST
        or _is_glued(head, tail, glued)
        or _begins_small(tail)
        or _ends_in_abbreviation(head, tail, language)
    )


def _is_glued(head: str, tail: str, glued: bool) -> bool:
    """ "ASP" + ".NET", "example" + ".com", and a Japanese quotation that the sentence goes on after."""
    if not glued:
        return False
    if head[-1] in "」』”" and _JAPANESE_PARTICLE.match(tail):
        return True
    return tail[0].isascii() and tail[0].isalnum()


def _begins_small(tail: str) -> bool:
    """A lower-case start goes on with a sentence; "iPad" and "eBay" may begin one."""
    return tail[0].islower() and not tail[1:2].isupper()


def _ends_in_abbreviation(head: str, tail: str, language: str) -> bool:
    match = _LAST_WORD.search(head)
    if match is None:
        return False
    word = match.group(1)
    low = word.lower()
    if low in _INSIDE_OF.get(language, _INSIDE_ANY) or (low in _BEFORE_FIGURE and tail[0].isdigit()):
        return True
    if re.fullmatch(r"\d{1,2}", word):
        return language in _ORDINALS or head == f"{word}."
    return _is_initial(word, head, tail)


def _is_initial(word: str, head: str, tail: str) -> bool:
    """The "J." of "J. Smith": one capital before a name, not the end of "plan B. The rest"."""
    if not (len(word) == 1 and word.isupper()):
        return False
    at_start = head == f"{word}."
    after_initial = re.search(r"[^\W\d_]\.\s*[^\W\d_]\.$", head) is not None
    return tail[0].isupper() and (at_start or after_initial or tail[1:2] == ".")
