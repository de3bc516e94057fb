"""Promotion stacks at the dashboard."""

import pytest
from django.test import Client

from campaigns.models import PromotionStack
from tests.admin_site import (
    address,
    errors_of,
    make_project,
    rows_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CategoryFactory, PromotionFactory
from tests.factories.promotions import StackFactory, TierFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return PromotionFactory(project=make_project())


def tiers_of(campaign, count=3):
    return [
        TierFactory(
            project=campaign.project, campaign=campaign, name=f"T{at}", hierarchy=at
        )
        for at in range(1, count + 1)
    ]


def order_of(stack):
    return [member.tier.name for member in stack.members.select_related("tier")]


def test_tiers_are_stacked_in_the_order_in_which_they_are_chosen(campaign):
    first, second, third = tiers_of(campaign)

    response = sign_in(campaign.project, "USER").add(
        PromotionStack,
        campaign=campaign.pk,
        name="Both",
        tiers=[third.pk, first.pk],
    )

    stack = PromotionStack.objects.get()
    assert response.status_code == 302
    assert (stack.name, stack.campaign) == ("Both", campaign)
    assert order_of(stack) == ["T3", "T1"]
    assert second.memberships.count() == 0


def test_places_move_tiers_and_an_empty_one_takes_a_tier_out(campaign):
    first, second, third = tiers_of(campaign)
    stack = StackFactory(
        project=campaign.project, campaign=campaign, tiers=[first, second]
    )
    category = CategoryFactory(project=campaign.project)

    sign_in(campaign.project, "USER").change(
        stack,
        name="New",
        category=category.pk,
        **{f"place_of_{second.pk}": "2", f"place_of_{third.pk}": "1"},
    )

    stack.refresh_from_db()
    assert order_of(stack) == ["T3", "T2"]
    assert (stack.name, stack.category) == ("New", category)


def test_a_name_alone_leaves_the_order_as_it_is(campaign):
    stack = StackFactory(
        project=campaign.project, campaign=campaign, tiers=tiers_of(campaign, 2)
    )
    places = {f"place_of_{one.tier_id}": one.position for one in stack.members.all()}

    sign_in(campaign.project, "USER").change(stack, name="New", **places)

    stack.refresh_from_db()
    assert (stack.name, order_of(stack)) == ("New", ["T1", "T2"])


def test_what_the_service_refuses_is_shown(campaign):
    (first,) = tiers_of(campaign, 1)
    stranger = TierFactory(project=campaign.project)
    person = sign_in(campaign.project, "USER")
    stack = StackFactory(project=campaign.project, campaign=campaign, tiers=[first])

    mixed = person.add(
        PromotionStack,
        campaign=campaign.pk,
        name="Both",
        tiers=[first.pk, stranger.pk],
    )
    emptied = person.change(stack, name=stack.name)

    assert list(errors_of(mixed)) == ["tiers"]
    assert "fewer than 1" in str(errors_of(emptied)["__all__"])
    assert PromotionStack.objects.get() == stack
    assert order_of(stack) == ["T1"]


def test_a_stack_is_deleted_and_its_tiers_stay(campaign):
    stack = StackFactory(
        project=campaign.project, campaign=campaign, tiers=tiers_of(campaign)
    )

    sign_in(campaign.project, "USER").delete(stack)

    assert not PromotionStack.objects.exists()
    assert campaign.tiers.alive().count() == 3


def test_a_viewer_reads_the_order_and_changes_nothing(campaign):
    stack = StackFactory(
        project=campaign.project, campaign=campaign, tiers=tiers_of(campaign)
    )
    person = sign_in(campaign.project, "VIEWER")

    assert "T1, then T2, then T3" in text_of(person.open(stack))
    assert person.add(PromotionStack, name="x").status_code == 403
    assert person.change(stack, name="x").status_code == 403
    assert person.delete(stack).status_code == 403
    assert PromotionStack.objects.get().name == stack.name


def test_nobody_sees_them_without_sign_in():
    response = Client().get(address(PromotionStack, "changelist"))

    assert (response.status_code, "login" in response.url) == (302, True)


def test_the_list_shows_the_projects_stacks_at_a_constant_cost(campaign):
    project = campaign.project
    StackFactory(campaign=campaign, project=project, tiers=tiers_of(campaign))
    StackFactory()
    person = sign_in(project, "VIEWER")
    for_one = statements_of(lambda: person.list(PromotionStack))

    (row,) = rows_of(person.list(PromotionStack))
    StackFactory.create_batch(19, project=project)

    assert (row.campaign, row.tier_count) == (campaign, 3)
    assert len(rows_of(person.list(PromotionStack))) == 20
    assert statements_of(lambda: person.list(PromotionStack)) == for_one
