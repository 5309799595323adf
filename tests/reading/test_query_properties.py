"""The query language as a whole: what is printed is read back, and a slow reading of it agrees."""

import re
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from app.reading.folding import is_word
from app.reading.matching import Heard, Matcher
from app.reading.matching.heard import compared
from app.reading.query.grammar import read
from app.reading.query.tree import And, Count, Field, Near, Node, Not, Or, Term, Without, terms
from app.reading.query.wrong import BadQuery

WORDS = ["Orange", "fibre", "rue Orange", "réseau", "Ça", "資生堂", "box", "C++", "🔥"]
TERMS = st.builds(
    Term,
    st.sampled_from(WORDS).flatmap(
        lambda word: st.sampled_from([word, f"{word}*"]) if word.isalpha() else st.just(word)
    ),
    quoted=st.just(True),  # a word in quotes has no endings of its own, which the slow reading does not know
    exact=st.booleans(),
)
LEAVES = st.one_of(
    TERMS,
    st.builds(Field, st.just("title"), TERMS),
    st.builds(Field, st.just("lang"), st.sampled_from([Term("fr"), Term("en")])),
    st.builds(Count, st.just("likes"), st.sampled_from([">", ">=", "<", "<=", "="]), st.integers(0, 3)),
)
SIDES = st.one_of(TERMS, st.lists(TERMS, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))))


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    with_out = st.tuples(
        st.lists(parts, min_size=1, max_size=2), st.lists(TERMS.map(Without), min_size=1, max_size=2)
    )
    return st.one_of(
        several.map(And),
        several.map(Or),
        parts.map(Not),
        with_out.map(lambda both: And((*both[0], *both[1]))),
        st.builds(Near, SIDES, SIDES, st.integers(0, 3)),
    )


TREES: st.SearchStrategy[Node] = st.recursive(LEAVES, joined, max_leaves=8)
# Letters to which some scripts write particles, and the signs of links and tags, are tried by themselves.
FILLING = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc", "Co", "Cn", "Mn", "Mc", "Me"],
        exclude_characters="#@./:&_\\",
        max_codepoint=0x04FF,
    ),
    max_size=4,
)
PIECES = st.one_of(
    st.sampled_from([*WORDS, "orange", "FIBRE", "rue-Orange", "«Orange»", "jus", " ", ", "]), FILLING
)
POSTS = st.lists(PIECES, max_size=12).flatmap(
    lambda pieces: st.sampled_from(["", " ", "-"]).map(lambda j: j.join(pieces))
)


def slowly(node: Node, title: str, text: str, lang: str | None, likes: int | None) -> bool:
    """What the query says, read letter by letter, without compiling anything."""
    said = f"{compared(title)}\x00{compared(text)}"
    return holds(node, said, len(compared(title)), lang, likes, [], wanted=True)


def holds(
    node: Node, said: str, title_end: int, lang: str | None, likes: int | None, hidden: list[tuple[int, int]],
    *, wanted: bool,
) -> bool:  # fmt: skip
    def inner(part: Node, hidden: list[tuple[int, int]], *, wanted: bool = wanted) -> bool:
        return holds(part, said, title_end, lang, likes, hidden, wanted=wanted)

    match node:
        case Term():
            return bool(free(node, said, hidden))
        case Field(name="title", value=term):
            return any(end <= title_end for _, end in free(term, said, hidden))
        case Field(value=term):
            return lang == term.text if lang else wanted
        case Count(sign=sign, number=number):
            if likes is None:
                return False
            return {
                ">": likes > number, ">=": likes >= number, "<": likes < number, "<=": likes <= number,
                "=": likes == number,
            }[sign]  # fmt: skip
        case Or(parts):
            return any(inner(part, hidden) for part in parts)
        case Not(part):
            return not inner(part, hidden, wanted=not wanted)
        case Near(left, right, most):
            return any(
                apart(said, one, other) <= most
                for a in terms(left)
                for b in terms(right)
                for one in free(a, said, hidden)
                for other in free(b, said, hidden)
                if one[1] <= other[0] or other[1] <= one[0]
            )
        case Without(part):
            return not inner(part, hidden, wanted=not wanted)
        case And(parts):
            asked = [t for p in parts if not isinstance(p, Without) for t in terms(p, wanted=True)]
            masks = [
                p for p in parts
                if isinstance(p, Without) and isinstance(p.part, Term)
                and any(around(p.part, term) for term in asked)
            ]  # fmt: skip
            now = [
                *hidden,
                *(span for p in masks if isinstance(p.part, Term) for span in places(p.part, said)),
            ]
            return all(inner(part, now) for part in parts if part not in masks)


def around(phrase: Term, term: Term) -> bool:
    mine, its = compared(phrase.text.rstrip("*")).casefold(), compared(term.text.rstrip("*")).casefold()
    if mine == its:
        return False
    if term.text.endswith("*") or not its.isascii():
        return its in mine
    return re.search(rf"(?:^| ){re.escape(its)}(?: |$)", mine) is not None


def places(term: Term, said: str) -> list[tuple[int, int]]:
    cased = compared(term.text.rstrip("*"))
    spellings = {cased, cased.replace(" ", "")} if re.fullmatch(r"\w+(?: \w+){1,2}", cased) else {cased}
    found = []
    for spelling in spellings:
        for start in range(len(said) - len(spelling) + 1):
            end = start + len(spelling)
            here = said[start:end]
            if (here if term.exact else here.casefold()) != (spelling if term.exact else spelling.casefold()):
                continue
            if start and is_word(said[start - 1]) and is_word(here[0]):
                continue
            if end < len(said) and is_word(said[end]) and is_word(here[-1]) and not term.text.endswith("*"):
                continue
            found.append((start, end))
    return found


def free(term: Term, said: str, hidden: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [s for s in places(term, said) if not any(h[0] < s[1] and s[0] < h[1] for h in hidden)]


def apart(said: str, one: tuple[int, int], other: tuple[int, int]) -> int:
    between = said[min(one[1], other[1]) : max(one[0], other[0])]
    count = 0
    for word in re.findall(r"[^\W_]+", between):
        unspaced = sum(char >= "\u0e00" and not "\uac00" <= char <= "\ud7a3" for char in word)
        count += max(1, -(-unspaced // 2))
    return count


@given(TREES)
def test_what_is_printed_is_read_back(tree: Node) -> None:
    once = read(str(tree))
    assert read(str(once)) == once
    assert str(read(str(once))) == str(once)


@given(TREES, POSTS, POSTS, st.sampled_from(["fr", "en", None]), st.one_of(st.none(), st.integers(0, 3)))
def test_a_slow_reading_agrees(
    tree: Node, title: str, text: str, lang: str | None, likes: int | None
) -> None:
    tree = read(str(tree))
    fast = Matcher([tree, Term("Orange"), None]).matches(Heard(title, text, lang=lang, likes=likes))
    assert (0 in fast) == slowly(tree, title, text, lang, likes), str(tree)


TYPED = st.lists(
    st.sampled_from(
        ["Orange", "fibre", "AND", "OR", "NOT", "ET", "OU", "SAUF", "NEAR/3", "(", ")", '"', "“", "”",
         "«", "»", "-", "=", "~", "*", ",", ";", "|", "lang:", "fr", "likes>3",
         "'", "’", "and", "<", ":", "/", "&&", "@a", "#b", "a.fr"]
    ),
    max_size=9,
)  # fmt: skip


@given(TYPED, st.sampled_from(["", " "]))
def test_whatever_is_typed_is_read_or_refused_with_its_place(pieces: list[str], joint: str) -> None:
    text = joint.join(pieces)
    try:
        tree = read(text)
    except BadQuery as error:
        doubt = error.doubt
        assert 0 <= doubt.start <= doubt.end <= max(1, len(text))
        assert doubt.en
        assert doubt.fr
        if doubt.mend and doubt.code not in {"foreign", "field", "near_chain"}:
            read(doubt.mend)
    else:
        assert read(str(tree)) == tree


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadQuery):
        tree = read(text)
        assert read(str(tree)) == tree
