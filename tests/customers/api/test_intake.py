"""Customers by the row: CSV files, bulk updates, metadata for many."""

import pytest

from customers.models import Customer
from customers.services.rendering import full_customer
from promo.jobs.models import ReportRow, UploadPart
from promo.outbox.models import DomainEvent
from tests.factories.customers import CustomerFactory
from tests.factories.metadata import define
from tests.fixtures.rows import failures, run, send_csv

pytestmark = pytest.mark.django_db
IMPORT = "/v1/customers/importCSV"


def test_a_file_of_new_and_known_customers(api, project):
    known = CustomerFactory(
        project=project, source_id="ada", name="Ada", phone="1", metadata={"old": "x"}
    )

    answer = send_csv(
        api,
        IMPORT,
        "Name,Email,Source_id,Birthdate,Address_City,Line_1,vip\r\n"
        'Ada L.,ada@example.com,ada,1815-12-10,London,"St James, 12",yes\r\n'
        "Bob,,bob,,,,\r\n",
    )
    action = run(answer)

    assert answer.status_code == 202
    assert action.result == {
        "message": "2 customer(s) imported successfully, 0 failed.",
        "failed": [],
        "done_count": 2,
        "failed_count": 0,
    }
    ada, bob = Customer.objects.order_by("source_id")
    assert ada.pk == known.pk
    assert (ada.name, ada.email, ada.phone) == ("Ada L.", "ada@example.com", "")
    assert ada.birthdate.isoformat() == "1815-12-10"
    assert ada.address == {"city": "London", "line_1": "St James, 12"}
    assert ada.metadata == {"vip": "yes"}
    assert (bob.source_id, bob.name, bob.metadata) == ("bob", "Bob", {"vip": None})
    assert bob.address is None
    assert list(
        DomainEvent.objects.order_by("id").values_list("type", "customer_id")
    ) == [
        ("customer.updated", ada.pk),
        ("customer.created", bob.pk),
    ]
    assert not UploadPart.objects.exists()


def test_rows_that_cannot_be_taken_keep_no_other_out(api, project):
    answer = send_csv(
        api,
        IMPORT,
        b"id,source_id,name,birthdate\n"
        b",ann,Ann,\n"
        b",,Nobody,\n"
        b",two,Two\n"
        b",eve,Eve,yesterday\n"
        b"cust_00000000000000000000000000000000,,Who,\n"
        b",\xff,Broken,\n"
        b",zed,Zed,2001-02-03\n",
    )
    action = run(answer)

    assert failures(action) == [
        (2, "The row has neither id nor source_id"),
        (3, "The row has 3 cells, the header has 4"),
        (4, "birthdate: 'yesterday' must be an ISO 8601 date or date-time"),
        (5, "Cannot find customer with id cust_00000000000000000000000000000000"),
        (6, "The row is not UTF-8 text"),
    ]
    assert action.status == "DONE"
    assert (action.result["done_count"], action.result["failed_count"]) == (2, 5)
    assert list(project.customers.order_by("source_id").values_list("name")) == [
        ("Ann",),
        ("Zed",),
    ]


@pytest.mark.parametrize(
    ("content", "details"),
    [
        ("", "The file is empty"),
        ("name,Name,source_id\nx,y,z\n", "The column Name stands twice"),
        ("source_id,,name\na,b,c\n", "A column has no header"),
        ("source_id,fav colour\na,b\n", "The metadata header fav colour holds a space"),
        (
            b"\xff\xfes\0o\0",
            "The header line cannot be read: The row is not UTF-8 text",
        ),
        (
            b"PK\x03\x04\0\0",
            "The header line cannot be read: The row holds a NUL character",
        ),
    ],
)
def test_a_file_without_meaning_fails_whole(api, project, content, details):
    action = run(send_csv(api, IMPORT, content))

    assert action.status == "FAILED"
    assert action.result["error"]["details"] == details
    assert not project.customers.exists()


def test_a_later_row_of_the_same_customer_wins(api, project):
    action = run(send_csv(api, IMPORT, "source_id,name\nada,First\nada,Second\n"))

    assert action.result["done_count"] == 2
    assert project.customers.get().name == "Second"


def test_what_was_taken_already_is_not_told_again(api, project):
    content = "source_id,name\nada,Ada\n"
    run(send_csv(api, IMPORT, content))
    before = DomainEvent.objects.count()

    run(send_csv(api, IMPORT, content))

    assert DomainEvent.objects.count() == before
    assert project.customers.get().updated_at is None


@pytest.mark.parametrize("body", [None, {"a": 1}, b"source_id\nada\n"])
def test_without_a_file_nothing_begins(api, project, body):
    answer = api.post(IMPORT, body)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"] == "Payload should have required property 'file'"
    assert not project.async_actions.exists()


def test_a_bulk_update_creates_and_changes_and_reports_each(api, project):
    CustomerFactory(project=project, source_id="ada", name="Ada", metadata={"a": 1})

    answer = api.post(
        "/v1/customers/bulk/async",
        [
            {"source_id": "ada", "metadata": {"b": 2}},
            {"source_id": "bob", "name": "Bob", "birthdate": "2000-01-31"},
        ],
    )
    action = run(answer)

    assert answer.status_code == 202
    assert action.result == {"errors": [], "done_count": 2, "failed_count": 0}
    ada, bob = project.customers.order_by("source_id")
    assert (ada.name, ada.metadata) == ("Ada", {"a": 1, "b": 2})
    assert (bob.name, bob.birthdate.isoformat()) == ("Bob", "2000-01-31")
    assert list(
        ReportRow.objects.values_list("number", "name", "found", "updated")
    ) == [
        (1, "ada", True, True),
        (2, "bob", False, True),
    ]
    shown = api.get(f"/v1/async-actions/{action.pk}").json()["result"]
    report = api.client.get(shown["reports"][0])
    assert b"".join(report.streaming_content).decode() == (
        "\ufeffrow,source_id,found,updated,error_key,error_details\r\n"
        "1,ada,true,true,,\r\n"
        "2,bob,false,true,,\r\n"
    )


def test_nobody_reads_a_report_without_its_address(api, project):
    action = run(api.post("/v1/customers/bulk/async", [{"source_id": "ada"}]))
    path = f"/reports/{action.pk}.csv"

    assert api.client.get(path).status_code == 404
    assert api.client.get(f"{path}?token=1:x:y").status_code == 404


def test_metadata_for_many(api, project):
    CustomerFactory(project=project, source_id="ada", metadata={"a": 1})

    answer = api.post(
        "/v1/customers/metadata/async",
        {"source_ids": ["ada", "new"], "metadata": {"vip": True}},
    )
    run(answer)

    assert answer.status_code == 202
    assert dict(project.customers.values_list("source_id", "metadata")) == {
        "ada": {"a": 1, "vip": True},
        "new": {"vip": True},
    }


@pytest.mark.parametrize("path", ["bulk/async", "metadata/async"])
@pytest.mark.parametrize("body", [None, b"{}", b"[]"])
def test_work_on_nothing_is_done(api, project, path, body):
    answer = api.post(f"/v1/customers/{path}", body)

    assert answer.status_code == 202
    assert run(answer).result == {"errors": [], "done_count": 0, "failed_count": 0}


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ([{"name": "x"}], "Property [0] should have required property 'source_id'"),
        ([{"source_id": 1}], "Property [0].source_id must be string"),
        ({"source_id": "a"}, "Payload must be array"),
    ],
)
def test_a_bulk_update_of_another_shape_is_refused(api, project, body, details):
    answer = api.post("/v1/customers/bulk/async", body)

    assert answer.status_code == 400
    assert answer.json()["key"] == "invalid_payload"
    assert answer.json()["details"] == details
    assert not project.async_actions.exists()


def test_statements_do_not_grow_with_rows(api, project, django_assert_max_num_queries):
    rows = "\n".join(f"c{n},Name {n},v" for n in range(500))
    few = send_csv(api, IMPORT, "source_id,name,k\na,A,v\n")
    many = send_csv(api, IMPORT, f"source_id,name,k\n{rows}\n")

    with django_assert_max_num_queries(30) as first:
        run(few)
    with django_assert_max_num_queries(30) as second:
        run(many)

    assert len(second) == len(first)


def test_rows_of_known_people_cost_no_more_statements(
    api, project, django_assert_max_num_queries
):
    rows = "".join(f"c{n},Name {n}\n" for n in range(300))
    run(send_csv(api, IMPORT, f"source_id,name\n{rows}"))
    few = send_csv(api, IMPORT, "source_id,name\nc1,Other\nx,New\n")
    many = send_csv(api, IMPORT, f"source_id,name\n{rows}y,New\n")

    with django_assert_max_num_queries(30) as first:
        run(few)
    with django_assert_max_num_queries(30) as second:
        run(many)

    assert len(second) == len(first)


@pytest.mark.parametrize("known", [True, False])
def test_what_is_told_is_the_whole_customer(api, project, known):
    """The event is put together by the database; it is what the API shows."""
    project.dial_code = "+48"
    project.save()
    if known:
        CustomerFactory(project=project, source_id="ada", description="old")
    run(
        send_csv(
            api,
            IMPORT,
            "source_id,name,description,email,phone,birthdate,birthday,city,note\n"
            'ada,"A ""Q"" Ł",Poet,a@b.c,501,1815-12-10,1815-12-11,Łódź,\\t\n',
        )
    )

    told = DomainEvent.objects.get(type__startswith="customer.")
    ada = project.customers.get()
    assert told.type == ("customer.updated" if known else "customer.created")
    assert told.payload == {"customer": full_customer(ada)}
    assert told.source["channel"] == "API"
    assert told.source["api_key"]["app_id"] == api.headers["X-App-Id"]
    assert told.group_id == project.async_actions.get().request_id


def test_an_id_finds_its_customer_and_the_last_row_counts(api, project):
    ada = CustomerFactory(project=project, source_id="ada", name="Ada")

    action = run(send_csv(api, IMPORT, f"id,source_id,name\n{ada.pk},,One\n,ada,Two\n"))

    assert action.result["done_count"] == 2
    ada.refresh_from_db()
    assert (ada.source_id, ada.name) == ("ada", "Two")


def test_a_source_id_that_is_somebodys_id_is_refused(api, project):
    ada = CustomerFactory(project=project, source_id="ada", name="Ada")

    action = run(send_csv(api, IMPORT, f"source_id,name\n{ada.pk},Eve\n"))

    assert failures(action) == [
        (1, "Property .source_id must not be the id of another customer")
    ]
    assert project.customers.get().name == "Ada"


def test_another_projects_customers_are_nobody(api, project, other_project):
    ada = CustomerFactory(project=other_project, source_id="ada", name="Ada")

    action = run(send_csv(api, IMPORT, f"id,source_id\n{ada.pk},\n,ada\n"))

    assert failures(action) == [(1, f"Cannot find customer with id {ada.pk}")]
    assert project.customers.get().source_id == "ada"
    ada.refresh_from_db()
    assert ada.name == "Ada"


def test_metadata_are_read_by_their_declared_types(api, project):
    define(
        project,
        "customer",
        points={"type": "number"},
        vip={"type": "boolean"},
        born={"type": "date"},
        tags={"type": "string", "array": True},
        size={"type": "string", "eq": ["S", "M"], "optional": False},
    )

    action = run(
        send_csv(
            api,
            IMPORT,
            "source_id,points,vip,born,tags,size,free\n"
            'ada,1.5,TRUE,2001-02-03,"a, b",S,007\n'
            "bob,many,,,,M,\n"
            "eve,1,,,,,\n",
        )
    )

    assert project.customers.get().metadata == {
        "points": 1.5,
        "vip": True,
        "born": "2001-02-03",
        "tags": ["a", "b"],
        "size": "S",
        "free": "007",
    }
    assert [row for row, _ in failures(action)] == [2, 3]
    assert failures(action)[0][1].startswith("points: must be a number")
    assert failures(action)[1][1].startswith("size: ")


def test_metadata_for_more_than_a_thousand(api, project):
    names = [f"c{n}" for n in range(1_001)]

    answer = api.post(
        "/v1/customers/metadata/async", {"source_ids": names, "metadata": {"vip": 1}}
    )

    assert answer.status_code == 202
    assert run(answer).result["done_count"] == 1_001
    assert project.customers.count() == 1_001
