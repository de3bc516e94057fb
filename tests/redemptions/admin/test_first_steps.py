"""What a new project is led through on its home page."""

import pytest
from django.test import Client
from django.urls import reverse

from promo.clock import utc_now
from promo.tenancy.models import ApiKey
from promo.tenancy.services.people import assign_role
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest
from tests.admin_site import make_project, sign_in, statements_of, text_of
from tests.factories.campaigns import CampaignFactory
from tests.factories.customers import CustomerFactory
from tests.redemptions.admin.checkout import buy, coupon

pytestmark = pytest.mark.django_db

AWAY = "/admin/first-steps/put-away/"


@pytest.fixture
def shop():
    return make_project()


def home(person):
    return person.client.get(reverse("admin:index"))


def steps(person):
    return {one.title: one.is_done for one in home(person).context["first_steps"]}


def test_an_empty_project_is_led_through_four_steps(shop):
    assert steps(sign_in(shop, "ADMIN")) == {
        "Build a campaign": False,
        "Bring in products or customers": False,
        "Connect the shop": False,
        "Redeem a code once": False,
    }


def test_steps_are_done_by_what_the_project_has(shop):
    CampaignFactory(project=shop)
    CustomerFactory(project=shop)
    ApiKey.objects.filter(project=shop).update(last_used_at=utc_now())

    assert [*steps(sign_in(shop, "ADMIN")).values()] == [True, True, True, False]


def test_what_another_project_has_does_not_count(shop):
    other = make_project("Other")
    coupon(other, "SAVE20")
    buy(other, "SAVE20")
    CustomerFactory(project=other)

    assert set(steps(sign_in(shop, "ADMIN")).values()) == {False}


def test_a_project_that_has_redeemed_something_is_under_way(shop):
    coupon(shop, "SAVE20")
    bought = buy(shop, "SAVE20")
    roll_back_redemption(
        project=shop,
        reference=bought.shown_id,
        request=RollbackRequest(),
        stacked=True,
        now=utc_now(),
    )

    assert steps(sign_in(shop, "ADMIN")) == {}


def test_only_what_the_role_may_do_is_asked_for(shop):
    assert steps(sign_in(shop, "VIEWER")) == {}
    assert "First steps" not in text_of(home(sign_in(shop, "ANALYST")))


def test_who_puts_them_away_sees_them_no_more_and_others_do(shop):
    person, other = sign_in(shop, "ADMIN"), sign_in(shop, "USER")
    second = make_project("Twin")
    assign_role(user=person.user, project=second, role="ADMIN")

    response = person.client.post(AWAY)
    person.client.post(AWAY)

    assert response["Location"] == reverse("admin:index")
    assert steps(person) == {}
    assert len(steps(other)) == 3
    person.client.post(reverse("choose-project", args=[second.pk]))
    assert len(steps(person)) == 4


def test_they_are_put_away_by_a_button_of_who_is_signed_in(shop):
    person = sign_in(shop, "ADMIN")

    assert person.client.get(AWAY).status_code == 405
    assert Client().post(AWAY).status_code == 302
    assert len(steps(person)) == 4


def test_the_steps_cost_the_same_whatever_the_project_has(shop):
    person = sign_in(shop, "ADMIN")
    CustomerFactory(project=shop)
    for_one = statements_of(lambda: home(person))

    CustomerFactory.create_batch(19, project=shop)

    assert statements_of(lambda: home(person)) == for_one
