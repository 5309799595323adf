"""A field of a policy is in each of the places where it must be, or it can be stored and never be set."""

from app.admin.specs import PolicySpec
from app.api.policies import PolicyView
from app.api.preview import PreviewSpec
from app.models import Policy
from app.pipeline.simulation.compare import Terms

KEPT_BY_TOCSIN = {"id", "created_at", "updated_at", "decides_since", "scores_since"}


def test_every_column_of_a_policy_can_be_set_and_is_shown() -> None:
    columns = set(Policy.__table__.columns.keys())
    by_name = (columns - {"team_id"}) | {"team"}
    assert by_name - KEPT_BY_TOCSIN == set(PolicySpec.model_fields)
    assert by_name == set(PolicyView.model_fields)


def test_what_decides_in_a_preview_can_be_previewed() -> None:
    assert set(Terms.model_fields) == set(PolicySpec.model_fields) & set(PreviewSpec.model_fields)
