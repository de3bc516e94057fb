"""The page of the audit log: what it shows, to whom, and its file."""

import pytest
from django.urls import reverse

from promo.audit.models import Change
from promo.tenancy.models import ApiKey, Project
from tests.admin_site import Person, rows_of, sign_in, statements_of, text_of
from tests.factories.campaigns import CategoryFactory, PromotionFactory
from tests.factories.customers import CustomerFactory
from tests.factories.promotions import TierFactory
from tests.factories.tenancy import ProjectFactory

pytestmark = pytest.mark.django_db
FILE = "admin:audit_change_download"


@pytest.fixture
def person(project: Project) -> Person:
    return sign_in(project, "ADMIN")


def test_the_page_tells_who_changed_what(project: Project, person: Person) -> None:
    category = CategoryFactory(project=project, name="Summer")
    person.change(category, name="Autumn", hierarchy=1, _reason="It got cold")

    page = text_of(person.list(Change))
    entry = Change.objects.filter(action="changed").get()
    detail = text_of(person.open(entry))

    assert "admin@example.com" in page
    assert "It got cold" in page
    assert "Summer" in detail
    assert "Autumn" in detail


def test_an_objects_page_leads_to_its_changes(project: Project, person: Person) -> None:
    campaign = PromotionFactory(project=project)
    tier = TierFactory(project=project, campaign=campaign)
    other = CategoryFactory(project=project)
    person.change(other, name="Other", hierarchy=1)
    person.run(tier, "disable")

    page = text_of(person.open(campaign))
    found = rows_of(person.list(Change, about=campaign.pk))

    link = reverse("admin:audit_change_changelist")
    assert f"{link}?about={campaign.pk}" in page
    assert {one.table for one in found} == {
        "campaigns_campaign",
        "campaigns_promotiontier",
    }


def test_the_filters_narrow_the_list(project: Project, person: Person) -> None:
    first = CategoryFactory(project=project, name="Summer")
    person.change(first, name="Autumn", hierarchy=1)

    by_person = rows_of(person.list(Change, who=person.user.pk))
    by_system = rows_of(person.list(Change, who="system"))
    by_kind = rows_of(person.list(Change, kind="campaigns_campaign"))
    by_deed = rows_of(person.list(Change, done="changed"))
    nothing = rows_of(person.list(Change, about="no such\x00thing"))

    assert {one.actor_id for one in by_person} == {person.user.pk}
    assert {one.actor_kind for one in by_system} == {"system"}
    assert by_kind == []
    assert [one.name for one in by_deed] == ["Autumn"]
    assert nothing == []


def test_a_file_has_a_line_for_each_field(project: Project, person: Person) -> None:
    category = CategoryFactory(project=project, name="=1+1", hierarchy=3)
    person.change(category, name="Autumn", hierarchy=9)

    answer = person.client.get(reverse(FILE), {"done": "changed"})

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 3
    assert ",Name,'=1+1,Autumn," in lines[1]
    assert ",Hierarchy,3,9," in lines[2]


def test_another_projects_changes_do_not_exist(person: Person) -> None:
    CategoryFactory(project=ProjectFactory())
    theirs = Change.objects.get(table="campaigns_category")

    listed = rows_of(person.list(Change))

    assert theirs not in listed
    assert person.open(theirs).status_code == 302


def test_who_may_not_read_a_thing_does_not_read_its_changes(project: Project) -> None:
    admin = sign_in(project, "ADMIN")
    admin.add(ApiKey, kind="server", name="Shop", role="ADMIN")
    CustomerFactory(project=project, name="Ada")
    key = Change.objects.get(table="tenancy_apikey", name="Shop")
    viewer = sign_in(project, "VIEWER")

    listed = rows_of(viewer.list(Change))

    assert key not in listed
    assert viewer.open(key).status_code == 302
    assert key in rows_of(admin.list(Change))


def test_nobody_may_write_an_entry(project: Project, person: Person) -> None:
    CategoryFactory(project=project)
    entry = Change.objects.get(table="campaigns_category")
    before = Change.objects.count()

    changed = person.change(entry, name="Mine")
    deleted = person.delete(entry)
    added = person.add(Change, name="Mine")

    assert {one.status_code for one in (changed, deleted, added)} == {403}
    assert Change.objects.count() == before


def test_a_visitor_is_sent_to_sign_in(client: object) -> None:
    answer = client.get(reverse(FILE))  # type: ignore[attr-defined]  # pytest-django's

    assert answer.status_code == 302


def test_a_long_list_costs_as_much_as_a_short_one(
    project: Project, person: Person
) -> None:
    CategoryFactory(project=project)
    few = statements_of(lambda: person.list(Change))

    for _ in range(20):
        CategoryFactory(project=project)

    assert statements_of(lambda: person.list(Change)) == few <= 20
