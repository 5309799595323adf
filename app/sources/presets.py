"""Known feeds by a short name, so that nobody has to look for their addresses; forums by theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.sources.toolkit.address import site

_SEEN = "others read this address in 2026"
_FORUM = "the usual place of this software; its owner may have moved it or shut it off"


@dataclass(frozen=True, slots=True)
class Preset:
    """A source whose kind and settings are known."""

    name: str
    summary: str
    summary_fr: str
    settings: Mapping[str, Any]
    kind: str = "rss"
    # What is asked for, which stands in braces in the address: the address of a forum, or a number.
    asks: Literal["", "forum", "number"] = ""
    known: str = field(default=_SEEN)  # how surely its address is known

    def filled(self, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """(kind, settings) of a source with these settings over those of the preset.

        A ValueError says what is missing or wrong.
        """
        given = dict(given)
        settings = dict(self.settings)
        if self.asks:
            settings["url"] = settings["url"].format(self._asked(given.pop(self.asks, None)))
        return self.kind, settings | given

    def _asked(self, value: object) -> str:
        if self.asks == "forum":
            if not isinstance(value, str) or not value.strip():
                raise ValueError(
                    f"the preset {self.name} wants the address of the forum: "
                    'settings: {"forum": "https://forum.example.org"}'
                )
            return site(value)
        number = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not (number.isascii() and number.isdigit() and len(number) < 12):
            raise ValueError(
                f"the preset {self.name} wants the number of the forum, which stands in its address: "
                'settings: {"number": 51}'
            )
        return number


PRESETS: tuple[Preset, ...] = (
    Preset(
        "bonjour-la-fuite",
        "Leaks of personal data in France, as volunteers collect them.",
        "Les fuites de données personnelles en France, recensées par des bénévoles.",
        {"url": "https://bonjourlafuite.eu.org/feed.xml"},
    ),
    Preset(
        "cert-fr",
        "All that CERT-FR publishes: alerts, advisories, bulletins.",
        "Tout ce que publie le CERT-FR : alertes, avis, bulletins.",
        {"url": "https://www.cert.ssi.gouv.fr/feed/"},
    ),
    Preset(
        "cert-fr-alertes",
        "The alerts of CERT-FR alone: flaws that are being used.",
        "Les seules alertes du CERT-FR : les failles exploitées.",
        {"url": "https://www.cert.ssi.gouv.fr/alerte/feed/"},
    ),
    Preset(
        "cnil",
        "News of the CNIL: sanctions, formal notices, guidance.",
        "Les actualités de la CNIL : sanctions, mises en demeure, recommandations.",
        {"url": "https://www.cnil.fr/fr/rss.xml"},
    ),
    Preset(
        "have-i-been-pwned",
        "Breaches that Have I Been Pwned has loaded, named after the company.",
        "Les fuites ajoutées à Have I Been Pwned, avec le nom de l’entreprise.",
        {"url": "https://haveibeenpwned.com/feed/breaches/"},
    ),
    Preset(
        "jeuxvideo",
        "News of Jeuxvideo.com.",
        "Les actualités de Jeuxvideo.com.",
        {"url": "https://www.jeuxvideo.com/rss/rss.xml"},
    ),
    Preset(
        "jeuxvideo-forum",
        "Topics of one forum of Jeuxvideo.com, by its number (51 is the one of 18-25).",
        "Les sujets d’un forum de Jeuxvideo.com, par son numéro (51 : celui des 18-25 ans).",
        {"url": "https://www.jeuxvideo.com/rss/forums/{}.xml"},
        asks="number",
        known="others read such addresses, the last we saw of it is some years old",
    ),
    Preset(
        "phpbb",
        "The newest posts of a forum that runs on phpBB, by its address.",
        "Les derniers messages d’un forum sous phpBB, par son adresse.",
        {"url": "{}/app.php/feed"},
        asks="forum",
        known=_FORUM,
    ),
    Preset(
        "safety-gate",
        "What the press writes of the EU's alerts of dangerous products; we know no feed of Safety Gate.",
        "Ce que la presse écrit des alertes européennes sur les produits dangereux ; Safety Gate n’a pas de "
        "flux que nous connaissions.",
        {"query": '"Safety Gate" OR RAPEX', "language": "fr", "country": "FR"},
        kind="google_news",
        known="a search, no feed of its own",
    ),
    Preset(
        "ufc-que-choisir",
        "News and tests of UFC-Que Choisir, the largest consumers' association in France.",
        "Les actualités et les tests de l’UFC-Que Choisir.",
        {"url": "https://www.quechoisir.org/rss/"},
        known="seen twice only: try it first",
    ),
    Preset(
        "xenforo",
        "The newest topics of a forum that runs on XenForo, by its address.",
        "Les derniers sujets d’un forum sous XenForo, par son adresse.",
        {"url": "{}/forums/-/index.rss"},
        asks="forum",
        known=_FORUM,
    ),
)  # fmt: skip


def expanded(given: Mapping[str, Any]) -> dict[str, Any]:
    """The source as it was given, with the kind and settings of its preset in the place of the preset.

    A ValueError says what is wrong; what names no preset stays as it is.
    """
    if given.get("preset") is None:
        return {name: value for name, value in given.items() if name != "preset"}
    named = given["preset"]
    preset = next((one for one in PRESETS if one.name == named), None)
    if preset is None:
        known = ", ".join(one.name for one in PRESETS)
        raise ValueError(f"there is no preset {str(named)[:40]!r}; there are: {known}")
    if given.get("kind") not in (None, preset.kind):
        raise ValueError(f"the preset {preset.name} is of the kind {preset.kind}: leave the kind out")
    own = given.get("settings")
    if own is not None and not isinstance(own, Mapping):
        raise ValueError("the settings must be names with values")
    kind, settings = preset.filled(own or {})
    rest = {name: value for name, value in given.items() if name != "preset"}
    return {**rest, "kind": kind, "settings": settings}
