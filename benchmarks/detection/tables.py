"""What a run gave, as tables in Markdown."""

from collections.abc import Iterable

from benchmarks.detection.drill import Outcome
from benchmarks.detection.libraries import missing
from benchmarks.detection.measure import BUDGETS, TOCSIN, Bought, Played
from benchmarks.detection.run import Results, best_settings

PUBLISHED = {
    "ARTime": "83.2 | 74.6 | 88.8",
    "CAD OSE": "74.5 | 73.1 | 76.9",
    "Numenta HTM": "69.3 | 63.5 | 73.5",
    "earthgecko Skyline": "68.9 | 45.3 | 78.3",
    "Twitter ADVec": "59.6 | 35.8 | 69.0",
    "windowed Gaussian": "51.4 | |",
}
_SEEN_ONE_WEEK = "1 a week"


def tables(results: Results) -> str:
    """All of them, each under its heading."""
    return "\n\n".join(
        (
            _drill(results),
            _shipped(results),
            _shapes(results),
            _scenes(results),
            _sparse(results),
            _nab(results),
        )
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _span(values: list[float]) -> str:
    low, high = round(100 * min(values)), round(100 * max(values))
    return f"{low} %" if low == high else f"{low} to {high} %"


def _minutes(values: list[float]) -> str:
    low, high = min(values), max(values)
    if low == float("inf"):
        return "never"
    return f"{low:g}" if low == high else f"{low:g} to {'never' if high == float('inf') else f'{high:g}'}"


def _cells(each: list[Outcome], *, early: bool = True) -> list[str]:
    cells = [_span([one.seen for one in each])]
    if early:
        cells.append(_span([one.before_peak for one in each]))
    return [*cells, _minutes([one.delay for one in each])]


def ordered(drills: list[Bought]) -> list[str]:
    """The methods, worst first, Tocsin last."""
    settings = best_settings(drills, _SEEN_ONE_WEEK)

    def seen(method: str) -> float:
        return sum(one[method, settings[method]][_SEEN_ONE_WEEK].seen for one in drills)

    return [*sorted((method for method in settings if method != TOCSIN), key=seen), TOCSIN]


def _drill(results: Results) -> str:
    """As it is defined, and with fewer fires."""
    seeds = ", ".join(map(str, results.seeds))
    return (
        f"### Fire drill, seeds {seeds}\n\n{_equal(results.drills, unlit=True)}\n\n"
        f"### The same fires, two weeks apart\n\n{_equal(results.rare, unlit=False)}"
    )


def _equal(drills: list[Bought], *, unlit: bool) -> str:
    settings = {budget: best_settings(drills, budget) for budget in BUDGETS}
    rows = []
    for method in ordered(drills):
        chosen = dict.fromkeys(settings[budget][method] for budget in BUDGETS)
        row = [method, "; ".join(chosen)]
        for budget in BUDGETS:
            each = [one[method, settings[budget][method]][budget] for one in drills]
            row += _cells(each)
            if unlit:
                row.append(_a_month([one.unlit for one in each]))
        rows.append(row)
    head = ["rule", "its best setting"]
    for budget in BUDGETS:
        head += [f"{budget}: seen", "early", "minutes", *(["nothing lit"] if unlit else [])]
    rows += [[f"{name}: not installed", *[""] * (len(head) - 1)] for name in missing()]
    return _table(head, rows)


def _a_month(a_week: list[float]) -> str:
    low, high = (f"{one * 30.44 / 7:.1f}" for one in (min(a_week), max(a_week)))
    return low if low == high else f"{low} to {high}"


def _shipped(results: Results) -> str:
    rows = []
    for name in results.shipped[0]:
        each = [one[name] for one in results.shipped]
        rare = [one[name] for one in results.rare_shipped]
        false = [[one.false for one in each], [one.false for one in rare], [one.unlit for one in each]]
        rows.append([name, *map(_a_month, false), *_cells(each)])
    head = [
        "rule",
        "false alarms a month",
        "fires two weeks apart",
        "nothing lit",
        "seen",
        "early",
        "minutes",
    ]
    return "### The drill with the settings that they come with\n\n" + _table(head, rows)


def _by_budget(results: Results, groups: dict[str, list[Bought]], title: str) -> str:
    """For each group Tocsin and the best peers, each in its best setting there."""
    rows = []
    for group, drills in groups.items():
        for method in (*results.peers, TOCSIN):
            row = [group, method]
            for budget in BUDGETS:
                setting = best_settings(drills, budget)[method]
                row += _cells([one[method, setting][budget] for one in drills], early=False)
            rows.append(row)
    head = [title, "rule"]
    for budget in BUDGETS:
        head += [f"{budget}: seen", "minutes"]
    return _table(head, rows)


def _shapes(results: Results) -> str:
    groups = {shape.replace("_", " "): [one[shape] for one in results.shapes] for shape in results.shapes[0]}
    return "### Fires of other shapes\n\n" + _by_budget(results, groups, "shape")


def _sparse(results: Results) -> str:
    groups = {f"{rate:g}": each for rate, each in results.sparse.items()}
    return "### Brands of few posts\n\n" + _by_budget(results, groups, "posts a day")


def _played(one: Played) -> list[str]:
    cells = [f"{one.false} of {one.spans} ({one.control_false})" if one.spans else "–"]
    if one.sparks:
        cells[0] = f"sparks told: {_part(one.sparks)}"
    if not one.delays:
        return [*cells, "–", "–"]
    middle = sorted(one.delays)[len(one.delays) // 2]
    return [*cells, _part(one.delays), _minutes([middle])]


def _part(delays: list[float]) -> str:
    return f"{100 * sum(delay < float('inf') for delay in delays) / len(delays):.0f} %"


def _scenes(results: Results) -> str:
    rows = []
    for scene, methods in results.scenes.items():
        for method, budgets in methods.items():
            row = [scene, method]
            for budget in BUDGETS:
                row += _played(budgets[budget])
            rows.append(row)
    head = ["scene", "rule"]
    for budget in BUDGETS:
        head += [f"{budget}: rings falsely", "fires seen", "minutes"]
    return "### Scenes, at the lines of fires two weeks apart\n\n" + _table(head, rows)


def _nab(results: Results) -> str:
    best: dict[str, tuple[float, str]] = {}
    for (method, _), marks in results.nab.items():
        best[method] = max(
            best.get(method, (-1.0, "")), (marks[0], " | ".join(f"{mark:.1f}" for mark in marks))
        )
    rows = [[f"{method} (published)", marks] for method, marks in PUBLISHED.items()]
    rows += [[method, marks] for method, (_, marks) in sorted(best.items(), key=lambda item: item[1])]
    lines = ["| rule | standard | reward low FP | reward low FN |", "|---|---|---|---|"]
    lines += [f"| {name} | {marks} |" for name, marks in rows]
    return "### NAB realTweets\n\n" + "\n".join(lines)
