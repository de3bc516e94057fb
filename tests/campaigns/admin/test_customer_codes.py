"""Giving codes from the page of a customer."""

import pytest

from campaigns.models import Publication
from tests.admin_site import make_project, messages_of, page_of, sign_in, text_of
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


def test_a_code_by_name_is_held_from_then_on():
    project = make_project()
    ada = CustomerFactory(project=project, name="Ada")
    code = VoucherFactory(project=project, code="GIVE-1")

    response = sign_in(project, "USER").run(ada, "assign_code", code="GIVE-1")

    code.refresh_from_db()
    assert response["Location"] == f"{page_of(ada)}?tab=wallet"
    assert messages_of(response) == ["Ada has GIVE-1."]
    assert code.holder_id == ada.pk
    assert [row.customer_id for row in Publication.objects.all()] == [ada.pk]


def test_a_free_code_of_a_campaign_is_taken():
    project = make_project()
    ada = CustomerFactory(project=project, name="Ada")
    campaign = CampaignFactory(project=project, name="Spring")
    code = VoucherFactory(project=project, campaign=campaign, code="SPRING-1")

    response = sign_in(project, "USER").run(ada, "assign_code", campaign="Spring")

    code.refresh_from_db()
    assert messages_of(response) == ["Ada has SPRING-1."]
    assert code.holder_id == ada.pk


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Name a code or a campaign, one of the two."),
        ({"code": "A", "campaign": "B"}, "Name a code or a campaign, one of the two."),
        ({"code": "NOWHERE"}, "NOWHERE"),
        ({"campaign": "Nowhere"}, "Nowhere"),
    ],
)
def test_what_cannot_be_given_is_told_and_gives_nothing(typed, said):
    project = make_project()
    ada = CustomerFactory(project=project)
    code = VoucherFactory(project=project, code="GIVE-1")

    response = sign_in(project, "USER").run(ada, "assign_code", **typed)

    code.refresh_from_db()
    assert response.status_code == 200
    assert said in text_of(response)
    assert code.holder_id is None
    assert not Publication.objects.exists()


def test_a_code_of_another_project_does_not_exist():
    project = make_project()
    ada = CustomerFactory(project=project)
    code = VoucherFactory(project=make_project("Other"), code="GIVE-1")

    sign_in(project, "USER").run(ada, "assign_code", code="GIVE-1")

    code.refresh_from_db()
    assert code.holder_id is None
    assert not Publication.objects.exists()


def test_who_may_only_look_is_not_offered_it():
    project = make_project()
    ada = CustomerFactory(project=project)
    code = VoucherFactory(project=project, code="GIVE-1")
    person = sign_in(project, "VIEWER")

    response = person.run(ada, "assign_code", code="GIVE-1")

    code.refresh_from_db()
    assert response.status_code == 403
    assert "Assign a code" not in text_of(person.open(ada))
    assert code.holder_id is None
