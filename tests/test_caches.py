"""What a process keeps for as long as it lives has a bound."""

import gc
import inspect
from importlib import import_module
from pkgutil import walk_packages

import app
import detectors
from benchmarks.three_days import caches

# Of these there are as many as there are databases, languages, services and templates of sentences.
CLOSED = {"_counting", "_adding", "_with_aside", "_loaded", "_catalogue", "_pieces", "lexicon", "_list_of"}


def test_every_cache_has_a_bound_or_few_keys() -> None:
    for package in (app, detectors):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    gc.unfreeze()  # what is frozen is not listed
    gc.collect()
    found = caches()
    gc.freeze()
    assert len(found) > 10
    for one in found:
        bounded = one.cache_parameters()["maxsize"] is not None
        assert bounded or not inspect.signature(one).parameters or one.__name__ in CLOSED, one
