import pytest
from django.db import connection

from campaigns.models import Voucher
from promo.row_reader import RowReader
from tests.factories.campaigns import CampaignFactory, VoucherFactory
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


def test_a_row_reads_as_the_orm_reads_it(project):
    voucher = VoucherFactory.create(
        campaign=CampaignFactory.create(project=project),
        holder=CustomerFactory.create(project=project),
    )
    reader = RowReader(Voucher, "v")

    with connection.cursor() as cursor:
        sql = f"SELECT {reader.columns} FROM {reader.table} v"  # noqa: S608 - our names
        cursor.execute(sql)
        (row,) = cursor.fetchall()

    def values(one):
        return {field.attname: getattr(one, field.attname) for field in fields}

    fields = Voucher._meta.concrete_fields
    assert values(reader.read(row)) == values(Voucher.objects.get(pk=voucher.pk))
