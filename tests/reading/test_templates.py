"""Many people fill in the same sentence, each with what happened to them: they are a crowd, and no copies."""

import random
from collections.abc import Callable

import pytest

from app.reading.alike import groups

PLACES = """
    lyon nantes lille brest rennes paris nice metz tours dijon reims rouen toulouse angers caen pau nimes
    leeds york bristol hull derby bath cardiff belfast dover truro
"""
PRODUCTS = "yaourt dessert fromage beurre skyr lait gâteau mousse crème kéfir"
THINGS = "plastic glass metal wood paper hair rubber stone string wire"
DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche"
WEEK = "monday tuesday wednesday thursday friday saturday sunday"
# The sentence, what it is about, and the days.
FRAMES = {
    "fr": ("j'ai trouvé du verre dans mon {product} vélinor acheté {day} à {place} c'est honteux",
           PRODUCTS, DAYS),
    "fr, the place last": ("mon {product} vélinor était moisi {day} dans le magasin de {place}",
                           PRODUCTS, DAYS),
    "en": ("found a piece of {product} in my velinor yoghurt that i bought on {day} in {place} not ok",
           THINGS, WEEK),
    "en, complaint": ("dear velinor my order of {day} never came to {place} and the {product} was broken",
                      THINGS, WEEK),
    "es": ("he encontrado un trozo de {product} en mi yogur velinor comprado el {day} en {place}, vergüenza",
           "plastico vidrio metal madera papel pelo goma piedra", "lunes martes jueves viernes sabado"),
    "de": ("habe ein stück {product} in meinem velinor joghurt gefunden {day} in {place} gekauft unmöglich",
           "plastik glas metall holz papier haar gummi", "montag dienstag mittwoch freitag"),
}  # fmt: skip


def mistyped(text: str, rng: random.Random) -> str:
    words = text.split()
    at = rng.choice([i for i, word in enumerate(words) if len(word) > 5])
    k = rng.randrange(1, len(words[at]) - 2)
    words[at] = words[at][:k] + words[at][k + 1] + words[at][k] + words[at][k + 2 :]
    return " ".join(words)


def hashed(text: str, rng: random.Random) -> str:
    return " ".join(f"#{word}" if len(word) > 4 and rng.random() < 0.4 else word for word in text.split())


CLOTHES: dict[str, Callable[[str, random.Random], str]] = {
    "small": lambda text, _: text,
    "Capital": lambda text, _: text.title(),
    "SHOUTED": lambda text, _: text.upper(),
    "typos": mistyped,
    "emoji": lambda text, rng: f"{rng.choice('😡🤮😱👀')} {text} {rng.choice('😡🤮😱👀') * 2}",
    "hashtags": hashed,
    "a tag behind": lambda text, rng: f"{text} #velinor {rng.choice(('#honte', '#scandale', '#shame'))}",
    "a tag each": lambda text, rng: f"{text} #{rng.choice(('honte', 'scandale', 'shame', 'boycott'))}",
}


@pytest.mark.parametrize("clothes", CLOTHES)
@pytest.mark.parametrize("frame", FRAMES)
def test_each_filling_of_a_template_is_a_post_of_its_own(frame: str, clothes: str) -> None:
    sentence, products, days = FRAMES[frame]
    rng = random.Random(3)
    filled = {
        sentence.format(
            product=rng.choice(products.split()),
            day=rng.choice(days.split()),
            place=rng.choice(PLACES.split()),
        )
        for _ in range(150)
    }
    texts = [CLOTHES[clothes](text, rng) for text in sorted(filled)]
    assert len(set(groups(texts).tolist())) >= 0.98 * len(texts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("je suis malade depuis", "je suis guéri depuis"),
        ("je suis malade depuis hier soir", "je suis guéri depuis hier soir"),
        ("i have been sick since monday", "i have been well since monday"),
        ("vélinor rappelle le lot de lyon", "vélinor relance le lot de lyon"),
        ("my train from leeds was cancelled again", "my train from york was cancelled again"),
        ("commande passée lundi toujours pas livrée", "commande passée mardi toujours pas livrée"),
        ("le rasoir vélinor m'a coupé ce matin", "le four vélinor m'a brûlé ce matin"),
        ("买了这个牌子的酸奶在里昂发现塑料很生气", "买了这个牌子的酸奶在南特发现塑料很生气"),
        ("ヨーグルトを東京で買ったら変な味がしました", "ヨーグルトを大阪で買ったら変な味がしました"),
        ("ซื้อโยเกิร์ตที่กรุงเทพแล้วเจอพลาสติกในถ้วย", "ซื้อโยเกิร์ตที่เชียงใหม่แล้วเจอพลาสติกในถ้วย"),
        ("اشتريت الزبادي من الرياض أمس وكان فيه بلاستيك", "اشتريت الزبادي من جدة أمس وكان فيه بلاستيك"),
        ("купил йогурт в казани вчера и нашёл стекло", "купил йогурт в перми вчера и нашёл стекло"),
    ],
)
def test_another_word_of_content_in_the_same_place_makes_another_post(one: str, other: str) -> None:
    assert groups([one, other]).tolist() == [0, 1]
    assert groups([one.upper(), other.upper()]).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("post", "copy"),
    [
        ("je suis malade depuis hier à cause du yaourt", "je suis malade depuis hier à cause de ce yaourt"),
        ("my daughter is sick after one velinor yoghurt", "my daughter is ill after one velinor yoghurt"),
        (
            "the app of velinor is down again for everyone",
            "the ap of velinor is down again for everyone #fail",
        ),
        ("encore un lot retiré chez vélinor ce soir", "wow encore un lot retirés chez vélinor ce soir 😱"),
        ("encore un lot retiré chez vélinor ce soir", "encore un lot retiré chez vélinor ce soir incroyable"),
        ("ヨーグルトを東京で買ったら変な味がしました", "ヨーグルトは東京で買ったら変な味がしました"),
    ],
)
def test_a_copy_that_was_retouched_is_the_same(post: str, copy: str) -> None:
    assert groups([post, copy]).tolist() == [0, 0]


def test_comments_on_one_post_do_not_make_it_many() -> None:
    post = "encore un lot retiré chez vélinor après trois enfants malades à lyon"
    comments = ("wow", "incroyable", "à lire", "une honte", "quelle marque", "j'hallucine", "partagez")
    texts = [post, *(f"{said} {post}" for said in comments), *(f"{post} {said}" for said in comments)]
    assert set(groups(texts).tolist()) == {0}
    assert set(groups(texts[::-1]).tolist()) == {0}


def test_what_forgot_its_place_does_not_join_those_that_name_one() -> None:
    short = "j'ai trouvé du verre dans mon yaourt vélinor acheté hier"
    texts = [short, f"{short} à lyon", f"{short} à nantes"]
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        found = dict(zip(order, groups([texts[i] for i in order]).tolist(), strict=True))
        assert found[1] != found[2]
