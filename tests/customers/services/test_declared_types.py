"""Segments compare metadata by the types that the project declares."""

import pytest

from customers.services.segment import create_segment
from customers.services.segment_lookup import segments_of
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db

FEW = {"junction": "and", "metadata.visits": {"conditions": {"$less_than": ["9"]}}}


@pytest.mark.parametrize("declared", [False, True])
def test_ten_as_a_text_is_below_nine(project, declared):
    if declared:
        define(project, "customer", visits={"type": "string"})
    ada = CustomerFactory.create(project=project, metadata={"visits": "10"})
    segment = create_segment(
        project=project, now=NOW, name="Few", type="passive", filter=FEW
    )

    for action in AsyncAction.objects.all():
        run_step(action.pk, now=NOW)

    assert segment.members.filter(customer=ada).exists() is declared
    assert (segment in segments_of(project, ada.pk, now=NOW)) is declared
