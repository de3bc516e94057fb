import pytest

from customers.engine.profile import international_phone
from customers.engine.tracking import decode, encode, same_person
from promo.errors import BadRequest


@pytest.mark.parametrize("source_id", ["ada", "ada@example.com", "käthe/1", "x" * 255])
def test_a_tracking_id_leads_back_to_its_source_id(source_id):
    assert decode(encode(source_id)) == source_id
    assert encode(source_id) != source_id


@pytest.mark.parametrize(
    "raw", ["ada", "track_", "track_%%%", "track_/w", "track_YQ=="]
)
def test_what_is_no_tracking_id_stands_for_itself(raw):
    assert decode(raw) == raw


def test_both_names_may_mean_the_same_person():
    assert same_person("ada", encode("ada")) == "ada"
    assert same_person(None, encode("ada")) == "ada"
    assert same_person(None, None) is None


def test_names_of_two_people_are_refused():
    with pytest.raises(BadRequest) as refused:
        same_person("ada", encode("bob"))

    assert refused.value.key == "ambiguous_tracking_id"


@pytest.mark.parametrize(
    ("phone", "code", "stored"),
    [
        ("030 1234", "+49", "+49 030 1234"),
        ("+33 1 2345", "+49", "+33 1 2345"),
        ("030 1234", "", "030 1234"),
        ("  ", "+49", "  "),
    ],
)
def test_a_phone_gets_the_projects_prefix_where_it_has_none(phone, code, stored):
    assert international_phone(phone, code) == stored
