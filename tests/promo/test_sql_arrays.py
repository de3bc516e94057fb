import uuid

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promo import sql_arrays

pytestmark = pytest.mark.django_db
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def read_back(literal, kind):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [literal])
        return cursor.fetchone()[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(TEXT | st.sampled_from(["NULL", "", " ", '"', "\\", "{a,b}"])))
def test_texts_come_back_as_they_were(values):
    assert read_back(sql_arrays.texts(values), "text") == values


def test_uuids_and_integers_come_back_as_they_were():
    keys = [uuid.uuid4(), uuid.uuid4()]

    assert read_back(sql_arrays.uuids(keys), "uuid") == keys
    assert read_back(sql_arrays.uuids([]), "uuid") == []
    assert read_back(sql_arrays.integers([1, None, -(2**63)]), "bigint") == [
        1,
        None,
        -(2**63),
    ]
