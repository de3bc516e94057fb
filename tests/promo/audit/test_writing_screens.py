"""A screen that writes by itself is found out, and what its services write is told."""

from typing import Any

import pytest

from campaigns.admin.category import CategoryAdmin
from campaigns.models import Category
from promo.audit.models import Change
from promo.tenancy.models import Project
from tests.admin_site import sign_in
from tests.factories.campaigns import CampaignFactory, CategoryFactory, VoucherFactory
from tests.factories.catalogue import CollectionFactory, ProductFactory, SkuFactory
from tests.factories.consents import ConsentFactory, ConsentGroupFactory
from tests.factories.customers import (
    CustomerFactory,
    EventSchemaFactory,
    LocationFactory,
    SegmentFactory,
)
from tests.factories.promotions import TierFactory
from tests.factories.rules import ValidationRuleFactory
from tests.fixtures.written import WroteBySelf

pytestmark = pytest.mark.django_db
ROWS = [
    *(CategoryFactory, CampaignFactory, VoucherFactory, ProductFactory, SkuFactory),
    *(CollectionFactory, ConsentFactory, ConsentGroupFactory, CustomerFactory),
    *(EventSchemaFactory, LocationFactory, SegmentFactory, TierFactory),
    ValidationRuleFactory,
]


@pytest.mark.parametrize("factory", ROWS)
def test_each_deletion_at_the_dashboard_is_told_with_the_person(
    factory: Any, project: Project
) -> None:
    row = factory(project=project)
    person = sign_in(project, "ADMIN")
    about = Change.objects.filter(table=row._meta.db_table, actor_id=person.user.pk)
    assert about.count() == 0

    answer = person.delete(row)

    assert answer.status_code == 302
    assert [one.action for one in about] == ["deleted"]
    assert about.get().object_id == row.pk.split("_")[-1]


def test_a_screen_that_writes_by_itself_is_found_out(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    category = CategoryFactory(project=project, name="Summer")
    person = sign_in(project, "ADMIN")
    monkeypatch.setattr(
        CategoryAdmin,
        "operations",
        CategoryAdmin.operations.__class__(update=_by_itself),
    )

    with pytest.raises(WroteBySelf, match="writes campaigns_category"):
        person.change(category, name="Autumn", hierarchy=1)

    category.refresh_from_db()
    assert category.name == "Summer"


def _by_itself(category: Category, *, now: Any, **values: Any) -> Category:
    Category.objects.filter(pk=category.pk).update(**values)
    return category
