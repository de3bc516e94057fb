"""Publications at the dashboard."""

import pytest

from campaigns.models import Publication
from campaigns.services.publication import PublicationRequest, publish
from customers.services.upsert import CustomerDraft
from promo.errors import BadRequest
from promo.tenancy.models import Project
from tests.admin_site import make_project, rows_of, sign_in, statements_of, text_of
from tests.factories.campaigns import VoucherFactory
from tests.factories.customers import CustomerFactory
from tests.factories.tenancy import NOW

pytestmark = pytest.mark.django_db


def give(project: Project, code: str, customer: str = "ada") -> None:
    draft = CustomerDraft(source_id=customer)
    request = PublicationRequest(customer=draft, voucher=code)
    publish(project=project, request=request, now=NOW)


def test_the_list_tells_who_got_what_and_what_failed():
    project = make_project()
    eve = CustomerFactory(project=project)
    VoucherFactory(project=project, code="MINE")
    VoucherFactory(project=project, code="HERS", holder=eve)
    give(project, "MINE")
    with pytest.raises(BadRequest):
        give(project, "HERS")

    shown = text_of(sign_in(project, "VIEWER").list(Publication))

    assert "MINE" in shown
    assert "Voucher already published" in shown


def test_the_list_costs_the_same_for_one_row_as_for_twenty():
    project = make_project()
    person = sign_in(project, "VIEWER")
    counts = []
    for number in (1, 20):
        for one in range(number):
            code = f"CODE-{number}-{one}"
            VoucherFactory(project=project, code=code)
            give(project, code, f"customer-{number}-{one}")
        counts.append(statements_of(lambda: person.list(Publication)))

    assert counts[0] == counts[1]
    assert len(rows_of(person.list(Publication))) == 21
