"""What a sentence gives away by its wording: that it announces, leans on another, or is no content at all.

Word lists for the languages we expect, one line each; in a language without a line nothing is found and
position, title and vocabulary decide alone. Neighbour: ``extractive`` weighs what is found here.
"""

from __future__ import annotations

import re

# The post speaks of itself: "In this article we show how …".
_CUES = {
    "en": r"\b(this|today['’]s) (blog ?post|post|article|essay|guide|tutorial|report|series|interview"
    r"|story|update)\b"
    r"|\b(we|i)(['’]re| are|['’]m| am)? (also |just )?(excited|happy|pleased|proud|delighted"
    r"|announc|introduc|launch|releas"
    r"|publish|shar)\w*"
    r"|\b(learn|find out|discover) (how|why|what)\b"
    r"|\b(explains?|describes?|explores?|examines?|introduces?|summari[sz]es?|looks? at|shows? how)\b",
    "fr": r"\b(cet|ce) (article|billet|tutoriel|guide|texte|dossier)\b|\bnous (annonçons|présentons)\b",
    "de": r"\b(diese[mrns]) (artikel|beitrag|blogbeitrag|text|post|anleitung)\b|\bwir (stellen|zeigen"
    r"|erklären)\b",
    "es": r"\best[ea] (artículo|entrada|publicación|guía|tutorial|post)\b|\b(te|os|les) (explic|cont)amos\b",
    "pt": r"\bn?est[ea] (artigo|post|texto|tutorial|guia|publicação)\b|\bvamos (falar|mostrar|explicar"
    r"|ver)\b",
    "it": r"\bquest[oa] (articolo|post|guida|tutorial)\b|\bquest['’]articolo\b",
    "nl": r"\b(dit|deze) (artikel|bericht|blog|gids|post)\b",
    "pl": r"\btym (artykule|wpisie|tekście)\b",
    "ru": r"\b(этой|этом|эта|данной) (стать[еия]|посте|заметке)\b|\bрасскаж(у|ем|ет)\b",
    "ja": r"(この|本|今回の)(記事|稿|投稿)|ご?紹介(し|いた)|について(説明|解説|紹介)",
    "zh": r"本文|本篇|这篇|本系列|(介绍|分享|讲述|总结)(了|如何)?",
    "ar": r"(هذا|هذه) (المقال|المقالة|الدليل|التدوينة)",
    "hi": r"इस (लेख|पोस्ट|ब्लॉग)",
}
# The sentence leans on the one before it.
_LEANING = {
    "en": "however|but|and|so|or|also|then|therefore|thus|hence|moreover|furthermore|additionally"
    "|instead|otherwise"
    "|meanwhile|likewise|similarly|finally|next|lastly|second|secondly|third|thirdly|still|yet"
    "|nevertheless|he|she|it"
    "|they|his|her|hers|its|their|them|this|these|those|such|again|both|another|others|below"
    "|above|that|here['’]s|here is"
    "|here are|in addition|in contrast|by contrast|for example|for instance|as a result"
    "|on the other hand|because of this",
    "fr": "mais|et|donc|or|ainsi|aussi|cependant|toutefois|ensuite|puis|enfin|néanmoins|ils?|elles?"
    "|cela|ceci|ça|c['’]est"
    "|ce|cette|ces|voici|voilà|par exemple|de plus|en effet|celui-ci|celle-ci",
    "de": "aber|und|also|doch|denn|dann|deshalb|daher|außerdem|jedoch|trotzdem|zudem|er|sie|es|dies"
    "|diese[mnrs]?|dabei|damit"
    "|zum beispiel|das (ist|sind|war)",
    "es": "pero|y|así|además|entonces|luego|ell[ao]s|él|ella|est[ao]s?|este|es[ao]s?|ese|sin embargo"
    "|por ejemplo|por eso"
    "|por lo tanto",
    "pt": "mas|e|então|assim|porém|portanto|el[ae]s?|isso|isto|ess[ae]s?|est[ae]s?|além disso"
    "|por exemplo|no entanto",
    "it": "ma|e|quindi|così|inoltre|tuttavia|poi|infine|quest[oaie]|egli|ess[oaie]|per esempio|ad esempio",
    "nl": "maar|en|dus|ook|echter|daarom|bovendien|toch|dan|hij|zij|ze|het|dit|dat|deze|die|bijvoorbeeld",
    "pl": "ale|i|a|więc|także|jednak|dlatego|potem|on|ona|ono|oni|to|ten|ta|te|na przykład",
    "cs": "ale|a|proto|takže|však|potom|on|ona|ono|oni|to|ten|ta|toto|tento|tato|například",
    "ru": "но|и|а|поэтому|также|однако|затем|потом|например|он|она|они|оно|эт[оиа]|этот|так",
    "ar": "لكن|ولكن|كما|لذلك|ثم|هو|هي|هذا|هذه|و|على سبيل المثال|مع ذلك|ومع ذلك|بالإضافة إلى ذلك",
    "hi": "लेकिन|और|इसलिए|वह|वे|यह|ये|उदाहरण के लिए|इसके अलावा",
}
# No spaces, so no word ends to look for.
_LEANING_UNSPACED = (
    r"しかし|そして|また|だから|でも|それ|これ|なお|ただし?|例えば|さらに|そこで|つまり|但是?|而且|所以|因此"
    r"|然后|另外|此外|例如|比如|其中"
    r"|它|他|她|这|那|하지만|그리고|그래서|또한|그러나|이것|그것"
)
# Credits, calls to action, notes about the page: not what the post says.
_BOILERPLATE = (
    r"\b(photo|picture|image|illustration|graphic)s?( credit)?(:| by| courtesy|©)|courtesy of"
    r"|^(words|text|written|posted|published|filed|tagged|translated|produced) (by|on|in|under|with)\b"
    r"|^(update|updated|edit|note|editor['’]s note|tl;?dr|disclaimer|disclosure|author|tags"
    r"|categories|source|via|credit)"
    r"( \([^)]*\))? ?:"
    r"|originally (published|posted|appeared)|appeared first on|cross-?posted|guest post|republished from"
    r"|sign up|subscri(be|ption)\b.*\b(news|e-?mail|feed|list|channel|blog|today|now|here|below)"
    r"|(our|my|free) newsletter"
    r"|follow (us|me|him|her)\b|click (here|on)\b|read (more|the (full|rest|whole))"
    r"|continue reading|share this"
    r"|leave a (comment|reply)|in the comments|table of contents|all rights reserved|last updated"
    r"|you can (read|find|download)\b.*\bhere\b|cookies?\b.*\b(accept|consent|polic)"
    r"|part (\d+|one|two|three|four|i+) (of|in)\b|(previous|next|last|first|second|third) (post"
    r"|part|article|instal+ment)\b"
    r"|special thanks|thank(s| you) (to|for)|let (us|me) know|get in touch|feel free|stay tuned"
    r"|contact us|e-?mail (us|me)"
    r"|we['’]?(re| are) hiring|sponsored by|our sponsors?\b|affiliate (link|disclosure)"
    r"|if you (like|liked|enjoy|enjoyed)\b"
    r"|if you have (any )?(questions|comments|feedback|suggestions|thoughts)|check out (the|our|my|this)\b"
    r"|crédits? (photo|image)|abonnez|inscrivez-vous|partagez|lire la suite|article (publié|paru)|tous droits"
    r"|bildnachweis|foto:|bild:|abonnier|unseren newsletter|weiterlesen|mehr lesen"
    r"|zuerst erschienen|alle rechte"
    r"|suscríb|síguenos|leer más|seguir leyendo|publicado (originalmente|en)|todos los derechos|foto de"
    r"|assine|inscreva-se|siga-?nos|leia mais|publicado originalmente|todos os direitos|crédito da"
    r"|iscriviti|leggi (tutto|anche|di più)|tutti i diritti|meer lezen|abonneer|zapisz się"
    r"|czytaj (dalej|więcej)"
    r"|подпи(шитесь|сывайтесь|саться)|читать далее|все права|фото:"
    r"|^watch\b.*\bon (youtube|vimeo)|^(\(c\)|©|copyright\b)|no excerpt because|protected post\b"
    r"|购买|订阅|关注我们|点击|转载|図：|写真：|購読|登録はこちら"
)
_GREETING = (
    r"(hi|hello|hey|dear|welcome|greetings|good (morning|afternoon|evening)|bonjour|salut|bienvenue|hallo"
    r"|liebe[rs]?|willkommen|guten (tag|morgen)|hola|bienvenid[oa]s|olá|bem-vind[oa]s?|ciao|benvenut[oaie]"
    r"|welkom|cześć"
    r"|witam|xin chào|kính gửi|привет|здравствуйте|مرحبا|नमस्ते)(?!\w)"
    r"|こんにちは|明けまして|あけまして|你好|大家好|안녕"
)


# "This year the courts …": the writer's own time, which leans on nothing.
_NOW = re.compile(
    r"(this (year|month|week|autumn|spring|summer|winter|morning|season)|cette (année|semaine)|ce mois"
    r"|diese[sn]? (jahr|monat|woche)|est[ea] (año|mes|semana|ano|mês)|quest['’o] ?(anno|mese)"
    r"|questa settimana"
    r"|(dit|deze) (jaar|maand|week))(?!\w)",
    re.IGNORECASE,
)

_CUE = re.compile("|".join(_CUES.values()), re.IGNORECASE)
_LEANING_OF = {
    language: re.compile(rf"\W*(?:{openings})(?!\w)", re.IGNORECASE)
    for language, openings in _LEANING.items()
}
_LEANS_UNSPACED = re.compile(rf"\W*(?:{_LEANING_UNSPACED})")
_IS_BOILERPLATE = re.compile(_BOILERPLATE, re.IGNORECASE)
_GREETS = re.compile(rf"\W*(?:{_GREETING})", re.IGNORECASE)
_ASKS = re.compile(r"[?？؟][\"'”’»」』)）\]]*$")
_ADDRESS = re.compile(r"<?(?:https?://|www\.)\S+")
_LISTED = re.compile(r"(\(?\d{1,2}[.)]|[•·▪*–—-])\s")
_RAW = re.compile(r"https?://|\]\(|www\.|[{}<>|\\=]|\w\(\)|::")


def announces(sentence: str) -> bool:
    """Whether the post speaks of itself, as in "This article explains how …"."""
    return _CUE.search(sentence) is not None


def leans(sentence: str, language: str) -> bool:
    """Whether it starts with a word that needs the sentence before: "This is why", "However, he …".

    "This post" and its like point at the post itself and lean on nothing. An unknown language is read as
    English, the language that feeds declare wrongly most often.
    """
    if _CUE.match(sentence) or _NOW.match(sentence):
        return False
    spoken = _LEANING_OF.get(language.partition("-")[0].lower(), _LEANING_OF["en"])
    return spoken.match(sentence) is not None or _LEANS_UNSPACED.match(sentence) is not None


def is_boilerplate(sentence: str) -> bool:
    """Whether it is a credit, a call to action or a note about the page."""
    return _IS_BOILERPLATE.search(sentence) is not None


def greets(sentence: str) -> bool:
    """Whether it opens with a greeting."""
    return _GREETS.match(sentence) is not None


def asks(sentence: str) -> bool:
    """Whether it is a question."""
    return _ASKS.search(sentence) is not None


def is_quoted(sentence: str) -> bool:
    """Whether it starts inside a quotation or a bracket."""
    return sentence[:1] in '"“«„‘「『(（['


def is_half_quoted(sentence: str) -> bool:
    """Whether a quotation begins in it and does not end, or ends and did not begin."""
    return any(sum(map(sentence.count, marks)) % 2 for marks in ('"“”„', "«»", "「」", "『』"))


def begins_inside(sentence: str) -> bool:
    """Whether its first word is in lower case throughout, as when what came before it was lost."""
    word = sentence.split(maxsplit=1)[0].strip(".,:;!?\"'“”‘’()")
    return word.isalpha() and word.islower()


def is_address(sentence: str) -> bool:
    """Whether it is nothing but a web address."""
    return _ADDRESS.fullmatch(sentence) is not None


def is_listed(sentence: str) -> bool:
    """Whether it starts with the mark of a list typed by hand: "6. Working with …", "• Trust"."""
    return _LISTED.match(sentence) is not None


def is_raw(sentence: str) -> bool:
    """Whether it holds addresses, code or mostly figures."""
    return _RAW.search(sentence) is not None or sum(map(str.isdigit, sentence)) > 0.15 * len(sentence)
