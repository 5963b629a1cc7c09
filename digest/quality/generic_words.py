"""Words by language that the rules look for: link texts that say nothing, and how people are told to leave.

Small on purpose. A language that is not here is answered "not run", never "passed".
"""

from __future__ import annotations

GENERIC_LINKS = {
    "en": (
        "click here",
        "here",
        "read more",
        "more",
        "learn more",
        "link",
        "this link",
        "find out more",
        "continue",
        "read on",
        "see more",
        "this",
        "continue reading",
    ),
    "de": (
        "hier",
        "hier klicken",
        "klicken sie hier",
        "mehr",
        "mehr lesen",
        "weiterlesen",
        "link",
        "mehr erfahren",
    ),
    "fr": ("ici", "cliquez ici", "lire la suite", "en savoir plus", "plus", "lien", "voir plus"),
    "es": (
        "aquí",
        "haga clic aquí",
        "haz clic aquí",
        "leer más",
        "más",
        "ver más",
        "más información",
        "enlace",
    ),
    "it": ("qui", "clicca qui", "leggi di più", "leggi tutto", "di più", "scopri di più", "link"),
    "nl": ("hier", "klik hier", "lees meer", "lees verder", "meer", "link", "meer informatie"),
    "pt": ("aqui", "clique aqui", "leia mais", "ler mais", "mais", "saiba mais", "link"),
    "sv": ("här", "klicka här", "läs mer", "mer", "länk"),
    "da": ("her", "klik her", "læs mere", "mere", "link"),
    "pl": ("tutaj", "kliknij tutaj", "czytaj więcej", "więcej", "link"),
}
"""Link texts that say nothing of where the link leads, in lower case."""

LEAVE = {
    "en": ("unsubscribe", "opt out", "stop these"),
    "de": ("abmelden", "abbestellen", "abmeldung"),
    "fr": ("désabonner", "désinscrire", "désinscription", "désabonnement"),
    "es": ("darse de baja", "cancelar la suscripción", "anular la suscripción", "darme de baja"),
    "it": (
        "annulla l’iscrizione",
        "annulla l'iscrizione",
        "disiscriviti",
        "cancella l’iscrizione",
        "disiscrizione",
    ),
    "nl": ("afmelden", "uitschrijven"),
    "pt": ("cancelar a subscrição", "cancelar inscrição", "cancelar assinatura", "descadastrar"),
    "sv": ("avregistrera", "avsluta prenumeration", "avprenumerera"),
    "da": ("afmeld", "frameld"),
    "pl": ("wypisz", "zrezygnuj"),
}
"""How a link out of the list is named."""

REASONS = {
    "en": (
        "because you",
        "you get ",
        "you’re receiving",
        "you're receiving",
        "you are receiving",
        "you subscribed",
        "your subscription",
        "you signed up",
        "you asked",
        "entered this address",
        "sent to you",
    ),
    "de": ("weil sie", "weil du", "sie erhalten", "du erhältst", "angemeldet", "abonniert"),
    "fr": ("parce que vous", "vous recevez", "vous êtes inscrit", "abonné"),
    "es": ("porque", "recibe", "recibes", "suscrito", "suscripción"),
    "it": ("perché", "ricevi", "riceve", "iscritto", "iscrizione"),
    "nl": ("omdat u", "omdat je", "u ontvangt", "je ontvangt", "aangemeld", "ingeschreven"),
    "pt": ("porque", "recebe", "inscreveu", "subscreveu", "assinou"),
    "sv": ("eftersom du", "du får", "prenumererar"),
    "da": ("fordi du", "du modtager", "tilmeldt", "abonnerer"),
    "pl": ("ponieważ", "otrzymujesz", "subskryb"),
}
"""How a mail says why its reader gets it."""

SPONSOR_LABELS = (
    "sponsored",
    "sponsor",
    "advertisement",
    "advertorial",
    "paid",
    "promoted",
    "anzeige",
    "werbung",
    "gesponsert",
    "publicité",
    "sponsorisé",
    "parrainé",
    "publicidad",
    "patrocinado",
    "pubblicità",
    "sponsorizzato",
    "advertentie",
    "gesponsord",
    "publicidade",
    "annons",
    "annonce",
    "reklama",
    "برعاية",
    "إعلان",
)
"""Words that tell a paid placement apart, in lower case (CAP Code 2.1 and 2.4)."""


def language_of(tag: str) -> str:
    """Return the language of a BCP 47 tag: "en" of "en-GB"."""
    return tag.partition("-")[0].lower()
