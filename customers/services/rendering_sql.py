"""Customers as the API and events show them, put together by the database.

For what is told of many at once; a test holds it to ``rendering.full_customer``.
"""

from customers.models.customer import ID_PREFIX
from promo.clock import ISO_SQL
from promo.ids import shown_sql

#: A row ``w`` of customers as ``full_customer`` shows it.
SHOWN = f"""
jsonb_build_object(
  'id', {shown_sql(ID_PREFIX, "w.id")}, 'source_id', nullif(w.source_id, ''),
  'name', nullif(w.name, ''), 'email', nullif(w.email, ''), 'address', w.address,
  'summary', w.summary, 'loyalty', w.loyalty, 'referrals', w.referrals,
  'metadata', w.metadata, 'system_metadata', w.system_metadata,
  'created_at', {ISO_SQL.format("w.created_at")}, 'object', 'customer')
|| jsonb_strip_nulls(jsonb_build_object(
  'description', nullif(w.description, ''), 'phone', nullif(w.phone, ''),
  'birthdate', w.birthdate::text, 'birthday', w.birthday::text,
  'updated_at', {ISO_SQL.format("w.updated_at")}))
"""
