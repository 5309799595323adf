"""The reading of posts: negativity beside its peers on labelled posts, and near-duplicates on our own set.

    python -m benchmarks.reading [--only tone] [--data ../shared/data] [--docs docs/reading.md]
    python -m benchmarks.reading --fit app/reading/lexicon/semantic.json

tone: macro-F1 over negative, neutral and positive, the F1 of the negatives and posts a second. copies: the
part of relays and syndicated headlines that is folded, and of different posts that should not be. topics: the
subjects of made-up excesses that are found and named, beside TF-IDF with KMeans. With --docs
the tables are also put into that page, between their marks. --fit writes the weights of the semantic reading,
fitted on our own sentences. The labelled posts measure only: nothing that ships was trained on them. The
lists of words were looked over with the even rows; the odd rows are shown apart.
"""

import argparse
import csv
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sklearn.metrics import f1_score

from app.reading import semantic
from app.reading.negativity import CLASSES, judge
from app.reading.readable import readable
from benchmarks.reading import alike, praise, topics
from benchmarks.reading.peers import peers

FILES = {
    "en": ("en-tweeteval-val.csv",),
    "fr": ("fr-deft2017-train.csv", "fr-deft2017-val.csv"),
}
BEGIN, END = "<!-- table of python -m benchmarks.reading --only {} -->", "<!-- end of the table -->"
Judged = Callable[[Sequence[str]], Sequence[str]]


def tocsin(language: str) -> Judged:
    """The default of Tocsin, cleaning included."""

    def judged(texts: Sequence[str]) -> list[str]:
        likely = judge([readable(text) for text in texts], [language] * len(texts))
        return [CLASSES[i] for i in likely.argmax(axis=1)]

    return judged


def with_semantic(language: str) -> Judged:
    """The default joined with embeddings."""

    def judged(texts: Sequence[str]) -> list[str]:
        read = [readable(text) for text in texts]
        likely = semantic.judge(read, judge(read, [language] * len(read)))
        return [CLASSES[i] for i in likely.argmax(axis=1)]

    return judged


def labelled(data: Path, language: str) -> tuple[list[str], list[str]]:
    """Texts and labels of all files of a language."""
    rows = []
    for name in FILES[language]:
        with (data / "labelled" / name).open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def row(language: str, name: str, judged: Judged, texts: list[str], labels: list[str]) -> list[str]:
    """What one rule is worth, as cells."""
    judged(texts[:50])  # what is read once and kept is not what a service waits for
    began = time.perf_counter()
    sentences = list(judged(texts))
    each = time.perf_counter() - began
    marks = [f1_score(labels[i::2], sentences[i::2], average="macro") for i in (0, 1)]
    negatives = f1_score(labels, sentences, labels=["negative"], average="macro")
    both = f1_score(labels, sentences, average="macro", zero_division=0)
    figures = [f"{mark:.3f}" for mark in (both, *marks, negatives)]
    return [language, name, *figures, "" if name.startswith("majority") else f"{len(texts) / each:,.0f}"]


def tone(data: Path) -> str:
    """All rules on both languages, in Markdown."""
    if not (data / "labelled").is_dir():
        raise SystemExit(
            f"{data} holds no folder “labelled”; give its folder with --data, or --only copies or topics"
        )
    lines = [["language", "rule", "macro-F1", "even rows", "odd rows", "F1 of negatives", "posts a second"]]
    lines.append(["---"] * len(lines[0]))
    for language in FILES:
        texts, labels = labelled(data, language)
        most = max(CLASSES, key=labels.count)
        rules: dict[str, Judged | None] = {
            f"majority ({most})": lambda said, most=most: [most] * len(said),  # type: ignore[misc]
            **peers(language),
            "Tocsin": tocsin(language),
            "Tocsin, semantic": with_semantic(language) if semantic.installed() else None,
        }
        for name, judged in rules.items():
            if judged is None:
                lines.append([language, f"{name}: not installed", *[""] * (len(lines[0]) - 2)])
            else:
                lines.append(row(language, name, judged, texts, labels))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


TABLES: dict[str, Callable[[Path], str]] = {
    "tone": tone,
    "copies": lambda _: alike.table(),
    "topics": lambda _: topics.table(),
    "praise": lambda _: praise.table(),
}


def put(name: str, text: str, page: Path) -> None:
    """Replaces what stands between the marks of a page; a page without them is an error."""
    begin = BEGIN.format(name)
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{page} needs the lines {begin} and {END}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder of the labelled posts"
    )
    parser.add_argument("--only", choices=TABLES, default=None, help="one table instead of all")
    parser.add_argument("--docs", type=Path, default=None, help="page that takes the tables")
    parser.add_argument("--fit", type=Path, default=None, help="file that takes the semantic weights")
    parser.add_argument("--fit-irony", type=Path, default=None, help="file that takes the weights of irony")
    chosen = parser.parse_args()
    if chosen.fit_irony:
        chosen.fit_irony.write_text(praise.fit(), encoding="utf-8")
        return
    if chosen.fit:
        chosen.fit.write_text(semantic.fit(), encoding="utf-8")
        return
    for name in [chosen.only] if chosen.only else TABLES:
        text = TABLES[name](chosen.data)
        print(f"{name}\n\n{text}\n")
        if chosen.docs:
            put(name, text, chosen.docs)


if __name__ == "__main__":
    main()
