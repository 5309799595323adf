"""What is of a team has a rule by which a session that is bound to teams sees it, or not."""

from app.admin.scope import RULES
from app.models import Base


def test_every_table_of_what_belongs_to_a_team_has_its_rule() -> None:
    owned = {mapper.class_ for mapper in Base.registry.mappers if "team_id" in mapper.columns}
    assert len(owned) > 6
    assert owned <= set(RULES)
