"""Everybody who holds a code gets a record of it, as of the first publication."""

from django.db import migrations

# Ids grow with time, as those made later do: 48 bits of milliseconds in front.
_BACKFILL = """
INSERT INTO campaigns_holder
  (id, project_id, voucher_id, customer_id, role, publication_id, metadata, created_at)
SELECT (lpad(to_hex((extract(epoch FROM given.at) * 1000)::bigint), 12, '0')
        || '7' || substr(given.noise, 1, 3) || '8' || substr(given.noise, 4, 15))::uuid,
       given.project_id, given.voucher_id, given.customer_id, given.role,
       given.publication_id, given.metadata, given.at
FROM (
  SELECT v.project_id, v.id AS voucher_id, v.holder_id AS customer_id,
         CASE WHEN v.is_referral_code THEN 'REFERRER' ELSE 'OWNER' END AS role,
         p.id AS publication_id, coalesce(p.metadata, '{}') AS metadata,
         coalesce(p.created_at, v.updated_at, v.created_at) AS at,
         md5(v.id::text || random()::text) AS noise
  FROM campaigns_voucher v LEFT JOIN LATERAL (
    SELECT b.id, b.metadata, b.created_at
    FROM campaigns_publication_vouchers a
    JOIN campaigns_publication b ON b.id = a.publication_id
    WHERE a.voucher_id = v.id AND b.customer_id = v.holder_id AND b.result = 'SUCCESS'
    ORDER BY b.created_at, b.id LIMIT 1) p ON true
  WHERE v.holder_id IS NOT NULL) AS given
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0019_holders")]

    operations = [
        # Going back drops the table itself.
        migrations.RunSQL(_BACKFILL, migrations.RunSQL.noop),
    ]
