"""What people really write of a brand, and what only looks like it: the brand is found, the other is not."""

import pytest

from app.reading.matching import Heard, Matcher
from app.reading.query import parse


def is_mention(query: str, text: str, *, title: str = "", url: str | None = None, lang: str = "") -> bool:
    return Matcher([parse(query)]).matches(Heard(title, text, url, lang or None)) == [0]


FOUND = {
    "AI": ["L'AI Act est voté", "une AI pour tous", "j’ai vu l’AI"],
    "IA": ["l'IA de Vélinor", "L’ia remplace tout", "d'IA"],
    "Vélinor": [
        "#BoycottVelinor tout le monde", "Encore #VelinorGate", "#jeboycottevelinor", "#velinor_scandale",
        "#VELINOR", "#stopvelinor", "#boycottVélinor",
        "I bought _Velinor_ yogurt", "*Velinor* again", "__Velinor__ recall", "**Velinor**", "~~Velinor~~",
        "`Velinor` crashed", "||Velinor||",
        "(https://t.co/abc)Velinor rappelle", "https://t.co/abc|Velinor", "Velinorhttps://t.co/abc",
        "[ici](https://a.example/x)Velinor", "@velinor a répondu", "les Vélinors de mon frigo",
        "Velinorin jogurtti", "Vélinor’s recall", "vélinor.Le pire", "Vélinor…", "«Vélinor»",
        "Velinor™ rappelle", "Velinor® !", "#NoVelinor", "#velinor2026", "#scandalevelinor",
        "#BalanceTonVelinor", "#boycottvelinorproducts", "#panne#Velinor", "＃Velinor",
        "𝐕𝐞𝐥𝐢𝐧𝐨𝐫", "感谢@Velinor的", "https://t.co/abc.Velinor",
        "Velinor가 리콜", "écrire à a@b.example ou à Vélinor",
    ],
    "Free": ["#boycottfree", "#freearnaque", "#FreeMobile", "#PanneFree"],
    "EDF": ["#BoycottEDF", "#EDFGate", "#boycottedf", "chez E.D.F. encore", "E.D.F"],
    "벨리노": ["벨리노 리콜", "벨리노가 리콜을 발표했다", "벨리노는 사과했다", "벨리노의 요구르트"],
    "فيلينور": [
        "فيلينور تسحب", "وفيلينور تعتذر", "بفيلينور مشكلة", "لفيلينور", "وبفيلينور", "فِيلِينُور",
    ],
    "פלינור": ["פלינור מתנצלת", "בפלינור יש בעיה", "שבפלינור", "ופלינור"],
    "ベリノール": [
        "https://t.co/abc「ベリノール」回収", "https://t.co/abc，ベリノール的酸奶",
        "速報→https://t.co/abc→ベリノールがリコール", "https://t.co/abcベリノール",
    ],
    "Велинор": ["Велинора отзывают", "о Велиноре", "Велинором", "ВЕЛИНОР"],
    "Danette": ["les Danettes"],
    "Big Mac": ["deux Big Macs périmés", "BigMac", "#BigMac", "Big-Mac"],
    "AT&T": ["AT&T is down", "AT&amp;T is down", "AT & T", "AT&amp;amp;T"],
    "H&M": ["H&amp;M retire un pull", "h&m"],
    "C++": ["C++ ou C#"],
    "Yahoo!": ["Yahoo! répond", "Yahoo répond"],
    "Coca-Cola": ["Coca Cola", "CocaCola", "coca‑cola", "#cocacola", "COCA–COLA"],
    "McDonald's": ["McDonalds", "McDonald’s"],
    "McDonalds": ["McDonald’s"],
    "M&M's": ["M&Ms", "M&amp;M’s"],
    "Les 2 Vaches": ["#BoycottLes2Vaches", "les_2_vaches", "Les2Vaches"],
    "Booking.com": ["Booking.com a annulé", "https://www.booking.com/x"],
    "Coca Cola": ["Coca-Cola", "CocaCola"],
    "L'Oréal": ["L´Oréal", "L`Oreal", "L’Oréal", "L Oréal", "l′oréal", "#loreal", "L‘Oréal", "LʼOréal"],
    "E.Leclerc": [
        "E.Leclerc augmente", "E. Leclerc augmente", "E.Leclerc-Drive", "chez E.Leclerc.",
        "mon E.Leclerc.Le pire", "E Leclerc", "#eleclerc",
    ],
    "SNCF": ["S.N.C.F. en grève", "la SNCF.", "s.n.c.f", "#sncf"],
    "S.N.C.F.": ["la SNCF en grève"],
    "Dr.Oetker": ["Dr.Oetker-Pizza", "Dr. Oetker", "dr oetker"],
    "cœur": ["un coeur", "CŒUR"], "Straße": ["STRASSE", "strasse"], "Işık": ["isik", "IŞIK"],
    "orange.fr": ["voir orange.fr ce matin", "https://boutique.orange.fr/x", "ORANGE.FR"],
    "contact@velinor.fr": ["écrire à contact@velinor.fr", "Contact@Velinor.fr."],
    "@orange": ["@orange plus de réseau", "merci @Orange.", "@orange@social.example bonjour"],
    "facebook.com/velinor": ["https://www.facebook.com/velinor/posts/1", "facebook.com/velinor"],
    "vélinor.example": ["https://xn--vlinor-bva.example/page", "https://vélinor.example/page"],
}  # fmt: skip

NOT_FOUND = {
    "AI": ["j'ai mangé", "Je n’ai rien fait", "qu'ai-je oublié", "je vous ai dit", "AIR", "maison"],
    "Vélinor": [
        "#avelinorien rien à voir", "velinor_test_fixture", "https://example.jp/velinor",
        "www.velinor.com/fr",
        "velinor.com", "example.org/velinor/page", "a@velinor.fr", "jean.velinor@free.fr",
        "velinorien",
    ],
    "ES": ["t'es où", "tu t’es vu"],
    "IT": ["it's me"],
    "EDF": ["#medfit", "#redfire", "xedfx"],
    "벨리노": ["벨리노스타일"],
    "ベリノール": ["https://example.jp/ベリノール"],
    "Orange": [
        "jean.martin@orange.fr", "lu sur www.orange.com/fr/actualites", "https://example.org/#orange test",
        "facebook.com/orange", "voir orange.fr", "oranger", "jean@orange", "mailto:a@b.fr?subject=Orange",
        "orange.fr:8080/orange", "jean.rené@orange.fr", "@a@orange.example bonjour",
    ],
    "@orange": [
        "jean.martin@orange.fr", "a.b@orange.example.fr", "moi@orange_fr", "@orangebank",
        "moi@orange",
    ],
    "orange.fr": ["jean.martin@orange.fr", "https://orange.fr.evil.example", "https://monorange.fr"],
    "facebook.com/velinor": ["https://www.facebook.com/velinorien", "https://www.facebook.com/danone"],
    "Free": ["paul@free.fr", "freedom", "#freefood", "#freemoney", "#freeworld", "#freedom", "#carefree"],
    "Total": ["#totalement", "totalement"],
    "#velinor": ["velinor", "#velinorgate"],
}  # fmt: skip


@pytest.mark.parametrize(("term", "text"), [(term, text) for term, texts in FOUND.items() for text in texts])
def test_it_is_found_however_it_is_written(term: str, text: str) -> None:
    assert is_mention(f'any of: "{term}"', text)
    assert is_mention(f'"{term}" OR xyzzy' if " " in term else f"{term} OR xyzzy", text)


@pytest.mark.parametrize(
    ("term", "text"), [(term, text) for term, texts in NOT_FOUND.items() for text in texts]
)
def test_what_only_looks_like_it_is_not_found(term: str, text: str) -> None:
    assert not is_mention(f'any of: "{term}"', text)
    assert not is_mention(f"{term} OR xyzzy", text)


def test_a_domain_is_found_in_the_own_address_of_a_post_by_its_international_name() -> None:
    assert is_mention("any of: vélinor.example", "sans lien", url="https://xn--vlinor-bva.example/b")


def test_an_acronym_that_is_an_everyday_word_is_read_in_small_letters_where_it_is_no_such_word() -> None:
    assert is_mention("AI", "ai is everywhere", lang="en")
    assert not is_mention("AI", "je lui ai dit", lang="fr")


def test_an_ending_is_that_of_the_language_of_the_post() -> None:
    assert is_mention("Велинор", "Велинора", lang="ru")
    assert not is_mention("Vélinor", "velinorin", lang="fr")
    assert is_mention("Danone~", "les Danones")
    assert not is_mention("Danone", "les Danones")
    assert not is_mention('"Vélinor"', "les Vélinors"), "what stands in quotes is read as it is written"
