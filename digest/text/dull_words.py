"""Words that begin or end no name of a subject, beside the commonest ones that ``languages`` has.

Pure. Only the naming of groups needs them: a list is worth little elsewhere (see ``words``), but a section
called "Making" or "At design" is worth nothing.
"""

from __future__ import annotations

from digest.text.languages import common_words
from digest.text.words import listed

_MORE = {
    "en": listed(
        "about after again all also another any are at back because before behind being best better between "
        "both building can could day days did do does doing down during each every few find finding first "
        "full get getting give go going good got great had happy has have he help helping her here his how "
        "into its just keep know last learn learning less let like look looking love made make making many "
        "may me meet might more most much must my need never new next no now off once one only other out "
        "over own part people put read ready real really right same see set she should since so some "
        "something start still stop such take than them then these thing things think this those three "
        "through time today together too top toward try turn two under until up us use used user using very "
        "via wanted was way ways week well were what when where which while who why with without work "
        "working would year years yes yet you"
    ),
    "de": listed(
        "aber alle alles am an beim bis dann dass dein diese dieser dieses du durch ein einem einer eines "
        "er es ganz gibt haben hat hier ich ihr immer ja jahr jetzt kann kein keine machen man mehr mein "
        "mit nach neu neue neuen neuer noch nur oder ohne schon sein seine sie sind so über um uns unser "
        "unsere unter vom vor warum was wenn wer wie wieder wir wird wo zum zur zwei"
    ),
    "fr": listed(
        "alors après au aussi autre autres aux avant avec ce ces cette chez comme comment dans depuis des "
        "deux donc du elle elles en encore entre est et faire fait il ils je jour la leur mais mes moi "
        "moins mon nos notre nous nouveau nouveaux nouvelle nouvelles on ou où par pas peu plus pour "
        "pourquoi premier première qu quand que quel quelle qui sans se ses si son sous sur tous tout toute "
        "toutes très trop un une vers voici vos votre vous"
    ),
    "es": listed(
        "ahora al algo algunas algunos antes aquí así año años bien cada como con cosas cuando cómo de del "
        "desde donde dos día días el ella ellos en entre era es esta estas este estos están está fue hace "
        "hacer hacia hasta hay la las los mejor mi mis mucho muy más nos nosotros nuestra nuestras nuestro "
        "nuestros nueva nuevas nuevo nuevos otra otras otro otros para pero poco por porque primer primera "
        "puede que quien qué se según ser si sin sobre son su sus también tan te tiene todo todos tu tus un "
        "una unas uno unos usando usar vez y ya yo"
    ),
    "pt": listed(
        "agora ainda algo algumas alguns antes ao aos aqui assim até bem cada coisas com como criando criar "
        "da das de depois deu dia dias do dos e ela ele em entre era essa esse esta este está eu faz "
        "fazendo fazer foi hoje já lá mais mas melhor meu meus minha minhas muito na nas no nos nossa nosso "
        "nova novas novo novos não o onde os ou outra outro para pela pelo pode por porque primeira "
        "primeiro qual quando que quem se sem ser seu seus sobre sua suas são também te tem ter todo todos "
        "tudo um uma usando usar vai vamos ver vez você à às é"
    ),
    "it": listed(
        "al alla alle anche ancora anni anno che chi ci come con cosa cosi da dal dalla dei del della delle "
        "di dopo dove due e ecco ed era fare gli ha ho i il in io la le lo ma mio molto ne nel nella noi "
        "non nostra nostro nuova nuove nuovi nuovo ogni per perché più poi prima primo qual quale quando "
        "questa questo qui se sei senza si sia solo sono sopra sua suo sul sulla tra tutti tutto un una uno "
        "usare"
    ),
}


def dull_words(language: str) -> frozenset[str]:
    """Return the words of a language (BCP 47 tag) that say nothing of a subject by themselves."""
    return common_words(language) | _MORE.get(language.partition("-")[0].lower(), frozenset())
