"""Short forms that carry a full stop, by language: what may follow one without a new sentence beginning.

Data only. Kept apart by language, because the lists contradict each other: "out." is October in Portuguese
and "ago." August in Spanish, and both end many an English sentence. Neighbour: ``sentences`` reads them.
"""

from __future__ import annotations

from digest.text.words import listed

# Followed by more of the same sentence, whatever comes.
_INSIDE_ANY = listed(
    "dr prof mr mrs ms vs cf approx bd vol vols pp ed eds hrsg tel fig figs lt sgt capt maj col mt messrs "
    "e.g i.e z.b d.h u.a i.d.r i.d p.ex p.ej por.ej p.es c.-à-d c.à.d o.ä m.e s.o s.u o.g m.b.t o.a d.w.z"
)
_INSIDE = {
    "en": "incl excl est rev hon sen gov rep gen cmdr adm resp mx ca viz eg ie",
    "fr": "m mm mme mmes mlle mlles me art p chap env éd réf av bld cie hab",
    "de": "hr fr frl dipl ing abs nr bzw evtl ggf inkl exkl zzgl vgl sog str kap abb tab bspw max min mio "
    "mrd art  "
    "geb gest ehem allg jährl st ca u z d o v",
    "es": "sr sra srta d dña dra ud uds vd vds pág págs núm art cap ej av avda aprox máx mín ee",
    "pt": "sr sra srs dra profa pág págs núm art cap ex av aprox",
    "it": "sig sigg sig.ra dott dott.ssa egr gent ing avv arch geom rag pag pagg art cap es n on ca",
    "nl": "dhr mevr ir drs blz nr bijv bv evt resp ing mw ca jl i.v.m t.o.v n.a.v d.m.v",
    "pl": "np tj tzn m.in ul al godz nr str tzw mgr inż ks św woj pkt wyd red płk gen hab ok im pl os",
    "ru": "т.е т.к т.н вв им ул д стр рис табл см ср напр проф акад св кв обл руб коп чел млн млрд "
    "тыс пер пл",
    "ar": "د م أ ص ج ق هـ",
    "hi": "डॉ श्री प्रो सं पं",
    "cs": "např tzv mj mgr ing ul č str",
    "sv": "t.ex bl.a d.v.s kl nr ca",
    "da": "f.eks bl.a dvs kl nr ca",
}
INSIDE = {language: listed(words) | _INSIDE_ANY for language, words in _INSIDE.items()}

# May end a sentence: the next word decides.
_EITHER_ANY = listed(
    "etc inc ltd co corp llc plc bros dept univ assn am pm a.m p.m u.s u.k u.n e.u u.s.a d.c b.c a.d ph.d "
    "m.d b.a m.a gmbh a.g usw ecc s.a s.l s.r.l jr sr st ave blvd rd al uu e.v sp.z.o.o"
)
_EITHER = {
    "pl": "r w itd itp",
    "ru": "г гг в т.д т.п н.э др",
    "nl": "enz n.v b.v",
    "de": "u.ä o.g e v",
    "fr": "s.a.r.l apr av",
}
EITHER = {language: listed(words) | _EITHER_ANY for language, words in _EITHER.items()}

# "No. 5", "pág. 3", "5 dez. 2020": inside the sentence when a figure follows.
_BEFORE_FIGURE_ANY = listed(
    "no nos nr num núm nº art arts abs p pp pag pág sec ch chap cap fig abb tab ver v § op ca approx "
    "ст стр п рис табл гл"
)
_BEFORE_FIGURE = {
    "en": "jan feb mar apr jun jul aug sept sep oct nov dec",
    "fr": "janv févr avr juil sept oct nov déc",
    "de": "jan feb mär apr jun jul aug sep sept okt nov dez",
    "es": "ene feb abr ago sept oct nov dic",
    "pt": "jan fev mar abr jun jul ago set out nov dez",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "nl": "jan feb mrt apr jun jul aug sep okt nov dec",
}
BEFORE_FIGURE = {language: listed(words) | _BEFORE_FIGURE_ANY for language, words in _BEFORE_FIGURE.items()}

# Words that begin a sentence far more often than they follow a short form.
_OPENERS = {
    "en": "the an he she it we they you this that these those in on at as but and so for if when while after "
    "before however although there here what who how why with to from our your his her its their my no "
    "not most  "
    "many some all one another nobody everyone",
    "fr": "le la les un une des il elle on nous vous ils elles ce cette ces dans en à au aux mais et si "
    "quand pour  "
    "avec par sur cependant ainsi c'est",
    "de": "der die das ein eine er sie es wir ihr ich dies diese dieser dieses in im am auf aber und wenn "
    "als nach  "
    "vor für mit doch so auch man",
    "es": "el la los las un una es en no se lo por para con si cuando pero y este esta estos estas así "
    "además él  "
    "ella ellos",
    "pt": "o a os as um uma em no na se por para com mas e este esta isso assim quando ele ela "
    "eles nós depois",
    "it": "lo la i gli le un una in nel se per con ma e questo questa così quando poi lui lei",
    "nl": "de het een in op en maar als dit dat deze die wij zij hij ik er",
    "pl": "w na to nie ale i po jest on ona oni potem dlatego gdy kiedy",
    "ru": "в на это не но и по он она они мы я потом поэтому когда все там",
    "ar": "",
    "hi": "",
}
OPENERS = {language: listed(words) for language, words in _OPENERS.items()}

INSIDE_ANY, EITHER_ANY, BEFORE_FIGURE_ANY = _INSIDE_ANY, _EITHER_ANY, _BEFORE_FIGURE_ANY

# Languages that write "3." for "third".
ORDINALS = listed("de da nb nn no fi cs sk pl hu et sl hr sr tr")
MONTHS = listed(
    "januar februar märz april mai juni juli august september oktober november dezember jan feb "
    "mär apr  "
    "jun jul aug sep sept okt nov dez jänner"
)

# "“Where to?” Anna asked.": a quotation that its sentence goes on after.
SAID = listed(
    "asked asks said says replied replies answered wrote writes added explained "
    "demanda demande répondit répond dit fragte fragt sagte sagt antwortete "
    "preguntó pregunta dijo dice respondió perguntou disse respondeu chiese rispose "
    "vroeg zei antwoordde zapytał zapytała odparł powiedział powiedziała спросил спросила "
    "сказал сказала ответил"
)
