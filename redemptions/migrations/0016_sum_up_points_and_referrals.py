"""Have points and referrals of those who have any summed up, as others are asked to."""

from django.db import migrations

# Ids grow with time, as those made later do: 48 bits of milliseconds in front.
_ASK = """
INSERT INTO outbox_domainevent
  (id, project_id, type, category, entity_id, customer_id, campaign_id, payload,
   source, group_id, created_at)
SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0')
        || '7' || substr(who.noise, 1, 3) || '8' || substr(who.noise, 4, 15))::uuid,
       who.project_id, 'customer.figures.outdated', 'EFFECT', who.shown, who.shown, '',
       '{}', '{"channel": "INTERNAL"}', '', now()
FROM (
  SELECT c.project_id, 'cust_' || replace(c.id::text, '-', '') AS shown,
         md5(c.id::text || random()::text) AS noise
  FROM customers_customer c
  WHERE c.deleted_at IS NULL AND c.id IN (
    SELECT holder_id FROM campaigns_voucher
    WHERE type = 'LOYALTY_CARD' OR is_referral_code
    UNION
    SELECT r.customer_id FROM redemptions_redemption r
    JOIN campaigns_voucher v ON v.id = r.voucher_id
    WHERE v.is_referral_code)) AS who
"""


class Migration(migrations.Migration):
    dependencies = [
        ("redemptions", "0015_exports"),
        ("outbox", "0004_event_of_entity"),
    ]

    operations = [
        # Going back leaves what has been summed up; nobody reads it there.
        migrations.RunSQL(_ASK, migrations.RunSQL.noop),
    ]
