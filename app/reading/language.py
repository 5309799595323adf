"""The language of a post: as its source says, else as its commonest words say."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

_TAG = re.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9]{1,8})*")
# They say that nobody knows, or that it is no language; with X's own codes for hashtags, links and the like.
_NO_LANGUAGE = frozenset(
    ("und", "mul", "mis", "zxx", "root", "art", "in-", "qam", "qct", "qht", "qme", "qst")
)
_WORD = re.compile(r"[^\W\d_]+")
_NOT_WORDS = re.compile(r"(?i)https?\S*|www\.\S+|[@#][\w.-]+|&#?\w+;|\S+@\S+")
_READ = 600  # characters: enough words to know
_LEAD = 2  # commonest words more than of any other language
_PLAIN_LEAD = 3  # and so many where it keeps a post out, or stands against what its source says
_SHORT = 4  # fewer words than that, and what a source says of their language is as good as thrown dice

# The words that nobody writes a sentence without. A word of several languages counts for each of them.
COMMONEST = {
    "fr": """
        le la les un une des du de et est en que qui pas pour dans sur au aux ce cette ces avec il
        elle ils elles je tu nous vous on mais ou où ne se sa son ses leur leurs mon ma mes ton ta
        tes votre vos notre nos plus par sont être été était suis ai avez avons ont fait faire tout
        tous très bien même aussi comme sans si j l d c n s m t qu moi toi lui ça cela c'est rien
        jamais encore quand après avant chez entre contre donc car merci bonjour oui non quoi
        pourquoi comment trop peu va vais veut peut sera depuis toujours
    """,
    "en": """
        the a an of and is in to that it this was for with on are be at by from as have has had not
        but they you he she we i my your his her their our its me him them us will would can could
        should do does did just so if what when where who how why all out up about there more now
        than then been were no get got like after before over into only very too any some don t s ll
        ve re isn doesn didn can't thanks please yes still never again because these those here
        every
    """,
    "es": """
        el la los las un una de del y es en que no por para con se su sus al lo le les como más pero
        muy ya este esta estos está están son ha han hay mi tu yo me te nos si sí sin sobre todo
        todos cuando qué porque hoy gracias hola eso esto ser fue era también donde desde hasta nada
        nunca siempre
    """,
    "de": """
        der die das den dem des ein eine einen einem einer und ist in zu nicht mit von auf für im am
        an als auch es ich du er sie wir ihr mich dich sich mir dir uns aber oder wenn wie was wer
        wo so bei nach aus wird werden hat haben habe sind war noch nur schon mehr kein keine über
        vor durch um zum zur danke immer wieder dass weil seit
    """,
    "it": """
        il lo la i gli le un una di del della dei delle e è in che non per con si su al alla da dal
        come più ma anche sono ha hanno mi ti ci vi io tu noi voi questo questa quello quella se
        perché cosa tutto tutti molto già ancora solo sempre mai grazie ciao nel nella essere stato
        dove quando
    """,
    "pt": """
        o a os as um uma de do da dos das e é em no na nos nas que não por para com se seu sua ao à
        mais mas muito já este esta isso isto são foi tem têm eu você ele ela nós meu minha me te
        como também quando porque até só sem sobre obrigado olá sempre nunca tudo ser está estão
    """,
    "nl": """
        de het een van en is in op te dat die niet met voor aan er om bij ook als maar ik je jij hij
        zij we wij ze mijn zijn haar ons naar uit dan nog wel geen door over wat wie waar hoe heeft
        hebben heb was worden wordt meer al veel deze dit nu zo kan bedankt altijd weer
    """,
}
_OWNERS: dict[str, tuple[str, ...]] = {
    word: tuple(code for code, said in COMMONEST.items() if word in said.split())
    for words in COMMONEST.values()
    for word in words.split()
}


@lru_cache(maxsize=1024)
def tag(given: str | None) -> str | None:
    """The language of a BCP 47 tag in its shortest code, else None.

    >>> [tag(given) for given in ("en-GB", "fra", "pt_BR", "und", "utf-8", "xx", None)]
    ['en', 'fr', 'pt', None, None, None, None]
    """
    match = _TAG.fullmatch(given.strip()) if given else None
    if match is None:
        return None
    code = match[1].lower()
    code = get_global("language_aliases").get(code, code)
    return code if code in _known() and code not in _NO_LANGUAGE else None


def language(text: str, given: str | None = None) -> str | None:
    """The language as a code such as `fr`; None where neither the source nor the text tells.

    >>> language("the shop is closed and nobody answers"), language("?", "fr-CA"), language("12 €")
    ('en', 'fr', None)
    """
    return spoken(text, given) or tag(given) or by_words(text)


def code(asked: str) -> str:
    """The language that somebody asks for, as `spoken` names it.

    >>> code("fr-CA"), code("fra"), code("Fil")
    ('fr', 'fr', 'fil')
    """
    return tag(asked) or asked.lower()


def spoken(text: str, given: str | None = None) -> str | None:
    """The language that the post is plainly in, of which a watch may ask; None: nobody knows, so it is kept.

    Sources guess the language of their posts, and people leave the one that was set: a text that plainly is
    in another is taken for what it is, and of two or three words nothing is believed.

    >>> spoken("c'est la honte, je suis dégoûté de cette marque", "en"), spoken("Scandale Vélinor", "ro")
    ('fr', None)
    """
    words = _words(text)
    known, plain = tag(given), _leading(words, _PLAIN_LEAD)
    return plain or (known if len(words) >= _SHORT else None)


def by_words(text: str) -> str | None:
    """The language whose commonest words lead; None where they do not tell."""
    return _leading(_words(text), _LEAD)


def _words(text: str) -> list[str]:
    return _WORD.findall(_NOT_WORDS.sub(" ", text[:_READ]).lower().replace("’", "'"))


def _leading(words: Sequence[str], lead: int) -> str | None:
    hits: Counter[str] = Counter()
    for word in words:
        for code in _OWNERS.get(word, ()):
            hits[code] += 1
    first, second = (*hits.most_common(2), ("", 0), ("", 0))[:2]
    return first[0] if first[1] - second[1] >= lead else None


@cache
def _known() -> frozenset[str]:
    return frozenset(Locale("en").languages)
