"""Which language a text is in, and which way it runs.

Pure. Four feeds in ten declare no language, and many of the rest declare the wrong one (the "en-US" of an
untouched installation). The script settles most languages by itself; among those that share one, the short
words that hold sentences together do. A text too short to tell by is in no language. Neighbour:
``feeds.entry``, which asks the feed and the markup first.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import islice

from digest.text.words import listed, tokens

_READ = 1500  # characters looked at
_FEWEST_LETTERS = 12  # in a script that only one language uses
_FEWEST_WORDS = 4  # different common words, for a language to be named at all
_SURE_WORDS = 12  # common words in all that make it sure
_LEAD = 1.3  # how far the first must be ahead of the second

# Scripts, by the first word of their characters' names, and the language nearly all texts in them are in.
_BY_SCRIPT = {
    "HANGUL": "ko",
    "HEBREW": "he",
    "GREEK": "el",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
_KANA = ("HIRAGANA", "KATAKANA")
# Letters that one language has and its neighbours in the script do not.
_TELLING = {
    "ARABIC": (("ur", "ٹڈڑںےھ"), ("fa", "پچژگکی")),
    "CYRILLIC": (("uk", "іїєґ"), ("be", "ў"), ("sr", "јљњћђџ"), ("bg", "ъ")),
}
_OTHERWISE = {"ARABIC": "ar", "CYRILLIC": "ru"}
# The commonest short words; a word of several languages counts for each.
_COMMON = {
    "en": listed(
        "the of and to in is that it for was on are with as be this have from or by not but what "
        "all were we when your can said there an each which do their if will how you they i my "
        "our has been"
    ),
    "de": listed(
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es "
        "an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum "
        "war haben nur oder wir"
    ),
    "fr": listed(
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il "
        "sont avec son ses cette ou mais comme nous vous leur être aux ont été fait l d qu c n s "
        "j"
    ),
    "es": listed(
        "de la que el en y a los del se las por un para con no una su al lo como más pero sus le "
        "ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde es son "
        "fue ha"
    ),
    "pt": listed(
        "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao "
        "ele das tem à seu sua ou ser quando muito há nos já está também só pelo pela até isso "
        "são"
    ),
    "it": listed(
        "di e il la che in a per un è del della non con le si da una i dei come anche più al lo "
        "gli sono nel alla ma delle ha questo o nella se ci degli su dal essere stato chi dalla "
        "perché"
    ),
    "nl": listed(
        "de van het een en in is dat op te zijn met voor niet die aan er om ook als dan maar bij "
        "of uit nog naar heeft hij worden wordt door over ze deze dit was hebben geen kan wel we "
        "je"
    ),
    "sv": listed(
        "och i att det som en på är av för med till den har de inte om ett han men var jag sig "
        "från vi så kan när man ska eller också där över vid under efter mycket bara"
    ),
    "da": listed(
        "og i at det er en til på som de med for af ikke den har der et var jeg han men om vi sig "
        "fra kan så når man skal eller også hvor over ved efter meget blev havde være"
    ),
    "nb": listed(
        "og i det er på til som en å for at av med ikke den har de et var jeg han men om vi seg "
        "fra kan så når man skal eller også hvor over ved etter mye ble hadde være blir"
    ),
    "fi": listed(
        "ja on ei että se oli hän mutta ovat kun myös joka niin kuin tai jos sen mukaan ole olla "
        "jo vain sekä mitä nyt voi tämä siitä hänen"
    ),
    "pl": listed(
        "w i na z się do nie to że jest o jak po co tak za od już przez dla ale czy tym był tylko "
        "może jego są oraz które który przy ma być także która ich"
    ),
    "cs": listed(
        "a se v na je že s o z do to i ve pro za by ale jako po jsem jsou k od byl které který "
        "tak si také jeho už nebo při až není ze být může"
    ),
    "sk": listed(
        "a sa v na je že s o z do to aj vo pre za by ale ako po som sú k od bol ktoré ktorý tak "
        "si tiež jeho už alebo pri až nie zo byť môže"
    ),
    "sl": listed(
        "je in se v na da so ki za pa z s ne bi po tudi kot ali še o bo le iz pri od kar ter smo "
        "ima sem lahko svoje jih ga ni bil bila"
    ),
    "hr": listed(
        "je i u se na da su za od s ne o kao što ili bi po iz koji koja koje ali već samo te još "
        "prema kako sve biti bio bila"
    ),
    "hu": listed(
        "a az és hogy nem is egy ez meg csak de van volt már még mint vagy ha el mert kell ki "
        "lehet fel azt ezt minden amely után nagyon"
    ),
    "ro": listed(
        "și în de la cu a pe nu că o din să un pentru este mai care sunt ce au fost sau prin lui "
        "dar ca după către cele fi acest această"
    ),
    "tr": listed(
        "ve bir bu da de için ile çok daha olarak gibi en ne ama var olan kadar sonra o her ya ki "
        "mi değil olduğu tarafından ancak"
    ),
    "id": listed(
        "yang dan di dengan untuk dari ini itu pada tidak ke adalah dalam akan juga oleh karena "
        "ada saya kita bisa atau sudah mereka lebih"
    ),
    "ca": listed(
        "de la i el que a en les els un una per amb del no és al com més dels són però o ha seva "
        "aquest aquesta també hi es l d s"
    ),
    "vi": listed(
        "và của là có cho không được các với trong một những này đã người để khi như từ vào đến "
        "nhiều cũng về tôi"
    ),
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _COMMON.items():
    for _word in _words:
        _LANGUAGES_OF.setdefault(_word, []).append(_language)


def common_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language by its BCP 47 tag, which say nothing of the subject."""
    return _COMMON.get(language.partition("-")[0].lower(), frozenset())


def language_of(text: str) -> str:
    """Return the language of a text as a BCP 47 tag; empty where it cannot be told."""
    return _told(text)[0]


def sure_language_of(text: str) -> str:
    """Return the language of a text that leaves no doubt, against what is declared; else an empty text."""
    language, sure = _told(text)
    return language if sure else ""


def direction_of(text: str) -> str:
    """Return "rtl" when most of the first thousand letters run from right to left; else "ltr"."""
    if text[:1000].isascii():
        return "ltr"
    strong = [unicodedata.bidirectional(letter) for letter in islice(text, 1000)]
    right = sum(kind in ("R", "AL") for kind in strong)
    return "rtl" if right > strong.count("L") else "ltr"


def _told(text: str) -> tuple[str, bool]:
    """Return the language of a text, and whether it is sure."""
    text = re.sub(r"https?://\S+|\S+@\S+", " ", text[:_READ])
    scripts = _scripts(text)
    if not scripts:
        return "", False
    script, letters = scripts.most_common(1)[0]
    kana = sum(scripts[name] for name in _KANA)
    if script in (*_KANA, "CJK"):
        # A Japanese text always has its particles in Kana, a Chinese one quotes at most a name.
        return ("ja" if kana * 10 > scripts["CJK"] else "zh"), letters >= _FEWEST_LETTERS * 3
    if script in _BY_SCRIPT:
        return (
            (_BY_SCRIPT[script], letters >= 3 * _FEWEST_LETTERS)
            if letters >= _FEWEST_LETTERS
            else ("", False)
        )
    if script in _TELLING:
        return _by_letters(script, text.lower(), letters)
    return _by_words(text)


def _scripts(text: str) -> Counter[str]:
    """Return how many letters of each script a text has."""
    if text.isascii():
        return Counter({"LATIN": len(text)}) if re.search("[A-Za-z]", text) else Counter()
    found: Counter[str] = Counter()
    for letter, count in Counter(text).items():
        if letter.isalpha():
            found[unicodedata.name(letter, "?").partition(" ")[0]] += count
    return found


def _by_letters(script: str, text: str, letters: int) -> tuple[str, bool]:
    """Return the language of a text in a script that several share, by the letters peculiar to each."""
    if letters < _FEWEST_LETTERS:
        return "", False
    for language, peculiar in _TELLING[script]:
        if sum(text.count(letter) for letter in peculiar) * 100 >= letters:
            return language, letters >= 10 * _FEWEST_LETTERS
    return _OTHERWISE[script], letters >= 10 * _FEWEST_LETTERS


def _by_words(text: str) -> tuple[str, bool]:
    """Return the language whose common words are the most, in different ones and in all."""
    all_of: Counter[str] = Counter()
    different_of: Counter[str] = Counter()
    for word, count in Counter(tokens(text)).items():
        for language in _LANGUAGES_OF.get(word, ()):
            all_of[language] += count
            different_of[language] += 1
    ranked = all_of.most_common(2)
    if not ranked:
        return "", False
    first, most = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0
    different = different_of[first]
    if different < _FEWEST_WORDS or most < second * 1.1:
        return "", False
    return first, most >= _SURE_WORDS and different >= 5 and most >= second * _LEAD
