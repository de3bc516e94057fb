"""The page about metadata schemas tells what is refused, word for word."""

import pytest
from django.conf import settings

from promo.metadata_schemas.engine.checking import check
from promo.metadata_schemas.engine.definitions import Schema
from promo.metadata_schemas.engine.parsing import parse_definition

PAGE = (settings.BASE_DIR / "docs" / "algorithms" / "metadata.md").read_text()
TEAM = {"type": "string", "optional": False, "eq": ["latin", "greek"]}


@pytest.mark.parametrize(
    ("shown", "sent"),
    [
        ('{"team": "norse"}', {"team": "norse"}),
        ('{"team": null}', {"team": None}),
        ("{}", {}),
        ('{"team": "latin", "age": 7}', {"team": "latin", "age": 7}),
    ],
)
def test_the_refusals_of_the_page_are_those_of_the_engine(shown, sent):
    schema = Schema(
        related_object="customer",
        definitions={"team": parse_definition(TEAM, "")},
        defined_only="age" in sent,
    )

    (problem,) = check(sent, schema, {}, result=sent).problems

    (row,) = [each for each in PAGE.splitlines() if each.startswith(f"| `{shown}`")]
    assert f"`{problem}`" in row
