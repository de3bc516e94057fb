"""Let redemptions made before name what they count; counters are summed up anew."""

from django.db import migrations

_COUNT = """
DELETE FROM redemptions_counter;
UPDATE redemptions_redemption SET claims = '{}';
WITH one AS (
  SELECT r.id, r.applied_amount, r.card_amount, k.app_id::text AS key,
         replace(r.customer_id::text, '-', '') AS customer,
         coalesce('v_' || replace(r.voucher_id::text, '-', ''),
                  'promo_' || replace(r.promotion_tier_id::text, '-', '')) AS incentive,
         coalesce('camp_' || replace(r.campaign_id::text, '-', ''),
                  'v_' || replace(r.voucher_id::text, '-', '')) AS campaign,
         ARRAY['', ':d' || d.day, ':w' || date_trunc('week', d.day)::date,
               ':m' || date_trunc('month', d.day)::date] AS windows,
         coalesce(o.initial_amount, o.amount) AS value,
         row_number() OVER (PARTITION BY r.order_id,
                            coalesce(r.campaign_id, r.voucher_id)
                            ORDER BY r.created_at, r.id) AS turn
  FROM redemptions_redemption r
  JOIN tenancy_project p ON p.id = r.project_id
  LEFT JOIN redemptions_order o ON o.id = r.order_id
  LEFT JOIN tenancy_apikey k ON k.app_id::text = r.channel_id
  CROSS JOIN LATERAL (
    SELECT (r.created_at AT TIME ZONE p.timezone)::date AS day) d
  WHERE r.object = 'redemption' AND r.status = 'SUCCEEDED'
  AND (r.voucher_id IS NOT NULL OR r.promotion_tier_id IS NOT NULL)
), counted AS (
  SELECT id, campaign AS subject, 'count' || w AS bucket, 1::bigint AS amount
  FROM one, unnest(windows) w
  UNION SELECT id, incentive, 'count' || w, 1 FROM one, unnest(windows) w WHERE w <> ''
  UNION SELECT id, s, 'count:customer:' || customer || w, 1
  FROM one, unnest(windows) w, unnest(ARRAY[campaign, incentive]) s
  WHERE customer IS NOT NULL
  UNION SELECT id, incentive, 'count:key:' || key, 1 FROM one WHERE key IS NOT NULL
  UNION SELECT id, campaign, 'orders', value FROM one WHERE turn = 1 AND value > 0
  UNION SELECT id, campaign, 'discounted', applied_amount FROM one
  WHERE card_amount IS NULL AND applied_amount > 0
  UNION SELECT id, campaign, 'gift', card_amount FROM one WHERE card_amount > 0
), by_subject AS (
  SELECT id, subject, jsonb_object_agg(bucket, amount) AS buckets
  FROM counted GROUP BY id, subject
)
UPDATE redemptions_redemption r SET claims = c.claims
FROM (SELECT id, jsonb_object_agg(subject, buckets) AS claims
      FROM by_subject GROUP BY id) c
WHERE c.id = r.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("redemptions", "0006_what_redemptions_count"),
        ("tenancy", "0005_first_day_of_the_week"),
    ]

    operations = [migrations.RunSQL(_COUNT, migrations.RunSQL.noop)]
