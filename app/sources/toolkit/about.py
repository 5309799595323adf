"""The name of the brand, for places that are the brand's own: what is written there seldom names it."""

from typing import Annotated

from pydantic import Field

About = Annotated[
    str,
    Field(
        description="name of the brand: it stands in the title of each post, by which a watch finds it",
        min_length=1,
        max_length=100,
    ),
]
