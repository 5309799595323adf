"""A field of a policy is in each of the places where it must be, or it can be stored and never be set."""

from app.admin.policy_specs import PolicyOverrides, PolicySpec
from app.api.policies import PolicyView
from app.api.preview import PreviewSpec
from app.models import Policy
from app.pipeline.simulation.compare import Terms

KEPT_BY_TOCSIN = {"id", "created_at", "updated_at", "decides_since", "scores_since"}
OF_ONE_WATCH = {"base_id", "overrides"}


def test_every_column_of_a_policy_can_be_set_and_is_shown() -> None:
    columns = set(Policy.__table__.columns.keys()) - OF_ONE_WATCH
    by_name = (columns - {"team_id"}) | {"team"}
    assert by_name - KEPT_BY_TOCSIN == set(PolicySpec.model_fields)
    assert by_name == set(PolicyView.model_fields)


def test_what_decides_in_a_preview_can_be_previewed() -> None:
    assert set(Terms.model_fields) == set(PolicySpec.model_fields) & set(PreviewSpec.model_fields)


def test_a_watch_may_override_all_of_its_policy_but_whose_it_is_and_who_is_called() -> None:
    assert set(PolicySpec.model_fields) - set(PolicyOverrides.model_fields) == {"name", "team", "rota"}
