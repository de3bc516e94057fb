"""What is stored is compressed by lz4 wherever the server can."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)

_CAN = """
SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'
"""


def test_a_long_value_is_compressed_by_the_quicker_way() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CAN)
        (can,) = cursor.fetchone()
        cursor.execute("CREATE TEMP TABLE kept (value text)")
        cursor.execute("INSERT INTO kept VALUES (repeat('Promo', 2000))")
        cursor.execute("SELECT pg_column_compression(value) FROM kept")

        assert cursor.fetchone() == ("lz4" if can else "pglz",)
        cursor.execute("DROP TABLE kept")
