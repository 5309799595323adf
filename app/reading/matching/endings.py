"""What languages write to the end or the beginning of a name: particles, cases, plurals."""

import re

# Korean particles stand at the end of a word, Arabic and Hebrew ones at its beginning.
_PARTICLES = """
    은 는 이 가 을 를 의 에 에서 에게 에게서 한테 한테서 께 께서 도 만 로 으로 와 과
    랑 이랑 하고 까지 부터 보다 처럼 마다 조차 마저 밖에 이나 나 이라 라 이라고 라고
    이라는 라는 이다 다 입니다 이며 며 이고 고 인 이란 란 에는 에도 에만 에서는 에서도
    에서의 으로는 로는 으로도 로도 와의 과의 와는 과는 만의 만은 까지도 들 들이 들은 들의
    들을 측 측은 측이 측의 측에 님 님이 이여 여 야 아
"""
_KOREAN = frozenset(_PARTICLES.split())
_ARABIC = re.compile("[وف]?(?:ال|لل|[بكلس]|بال|كال)?")
_HEBREW = re.compile("[ושהבכלמ]{1,3}")
_LEAST = 3  # letters of a name before which such a letter is read as a particle

_CYRILLIC = "а у ом ем е ы и ов ев ам ям ами ями ах ях ой ей ою ею ю я й ів ові еві ою"
_BY_LANGUAGE = {
    "fr": "s x", "en": "s es", "es": "s es", "pt": "s es", "it": "i", "ca": "s os", "ro": "ul ului i le lor",
    "de": "s es n en e er", "nl": "s en", "sv": "s en ens er et ar arna erna", "da": "s en ens er et",
    "nb": "s en ens er et", "no": "s en ens er et",
    "fi": "n in a ia ta na ssa issa sta ista an iin lla illa lta ilta lle ille ksi iksi t",
    "et": "i is ist isse it ile ilt iga le st ga",
    "hu": "t ot et at ban ben nak nek ra re val vel rol bol hoz hez nal nel ert k ok ek on en",
    "pl": "a u owi em ie y ow om ami ach i a", "cs": "a u em ovi e y ech um", "sk": "a u om ovi e y och",
    "hr": "a u om i ima", "sr": "a u om i ima", "sl": "a u om i", "lt": "as o ui a e u ams",
    "lv": "s a am u us",
    "tr": "in un a e i u da de ta te dan den tan ten la le lar ler nin nun ya ye yi yu",
    "ru": _CYRILLIC, "uk": _CYRILLIC, "bg": f"{_CYRILLIC} ът ят та то те", "be": _CYRILLIC, "mk": _CYRILLIC,
}  # fmt: skip
_ENDINGS = {language: frozenset(endings.split()) for language, endings in _BY_LANGUAGE.items()}
# Of a language that nobody told: a plural, or what is too long to begin another word by chance.
_UNKNOWN = frozenset(
    end for ends in _ENDINGS.values() for end in ends if len(end) > 1 or not end.isascii()
) | {"s"}
_EVERY = frozenset(end for ends in _ENDINGS.values() for end in ends) | {"e", "es", "ne", "nes"}
LEAST_INFLECTED = 7  # letters of a name that is found with an ending without being asked for it


def is_particle_after(tail: str) -> bool:
    """Whether what is written to the end of a name is a Korean particle."""
    return tail in _KOREAN


def is_particle_before(head: str, name: str) -> bool:
    """Whether what is written before a name is an Arabic or Hebrew particle: and, the, in, to.

    >>> is_particle_before("وب", "فيلينور"), is_particle_before("ב", "פלינור"), is_particle_before("x", "y")
    (True, True, False)
    """
    if len(name) < _LEAST:
        return False
    return bool(_ARABIC.fullmatch(head) or _HEBREW.fullmatch(head))


def is_ending(tail: str, language: str, *, asked: bool) -> bool:
    """Whether a language writes this to the end of a name; `asked`: whatever any language may write.

    >>> is_ending("s", "fr", asked=False), is_ending("ien", "fr", asked=False)
    (True, False)
    """
    if asked:
        return tail in _EVERY
    return tail == "s" or tail in (_ENDINGS.get(language, _UNKNOWN) if language else _UNKNOWN)


def stem(name: str) -> str:
    """A Cyrillic name without the vowel that its cases replace; empty if it keeps all its letters.

    >>> stem("данетта"), stem("велинор")
    ('данетт', '')
    """
    return name[:-1] if len(name) > _LEAST + 1 and name[-1] in "аяьйое" else ""
