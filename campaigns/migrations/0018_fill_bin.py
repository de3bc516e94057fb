"""Give what was deleted before there was a bin its entry.

Deletions forgot rules, stacks, offered rewards and places in collections until now, so
campaigns and vouchers among them come back switched off: somebody has to look at them
first. Tiers and SKUs that went with their campaign or product are hidden by it from now
on and no longer marked themselves. Backwards, the entries go with their table.
"""

from django.db import migrations

# A time-ordered id of the moment of deletion.
_ID = """
(lpad(to_hex((extract(epoch FROM {moment}) * 1000)::bigint), 12, '0')
 || '7' || substr(md5(random()::text), 1, 3)
 || '8' || substr(md5(random()::text), 1, 15))::uuid
"""
_ENTRY = """
INSERT INTO campaigns_binentry (id, project_id, resource_type, resource_id,
  resource_name, campaign_id, product_id, joined, created_at)
SELECT {id}, x.project_id, '{kind}', '{prefix}' || replace(x.id::text, '-', ''),
  {name}, {campaign}, {product}, '[]', x.deleted_at
FROM {table} x {where}
"""
_OR_SOURCE_ID = "coalesce(nullif(x.{name}, ''), nullif(x.source_id, ''), '{prefix}')"


def _entries(kind, prefix, table, name, *, campaign="NULL", product="NULL", where):
    moment = _ID.format(moment="x.deleted_at")
    return _ENTRY.format(
        id=moment,
        kind=kind,
        prefix=prefix,
        table=table,
        name=name,
        campaign=campaign,
        product=product,
        where=where,
    )


FORWARDS = [
    """
    UPDATE campaigns_promotiontier t SET deleted_at = NULL FROM campaigns_campaign c
    WHERE c.id = t.campaign_id AND c.erased_at IS NULL AND t.deleted_at = c.deleted_at
    """,
    """
    UPDATE campaigns_sku s SET deleted_at = NULL FROM campaigns_product p
    WHERE p.id = s.product_id AND s.deleted_at = p.deleted_at
    """,
    _entries(
        "campaign",
        "camp_",
        "campaigns_campaign",
        "x.name",
        campaign="x.id",
        where="WHERE x.deleted_at IS NOT NULL AND x.erased_at IS NULL",
    ),
    _entries(
        "voucher",
        "v_",
        "campaigns_voucher",
        "x.code",
        campaign="x.campaign_id",
        where="""LEFT JOIN campaigns_campaign c ON c.id = x.campaign_id
        WHERE x.deleted_at IS NOT NULL AND x.erased_at IS NULL
        AND (c.deleted_at IS NULL OR x.deleted_at < c.deleted_at)""",
    ),
    _entries(
        "product",
        "prod_",
        "campaigns_product",
        _OR_SOURCE_ID.format(name="name", prefix="Product"),
        product="x.id",
        where="WHERE x.deleted_at IS NOT NULL",
    ),
    _entries(
        "sku",
        "sku_",
        "campaigns_sku",
        _OR_SOURCE_ID.format(name="sku", prefix="SKU"),
        product="x.product_id",
        where="WHERE x.deleted_at IS NOT NULL",
    ),
    """
    UPDATE campaigns_campaign SET active = false
    WHERE deleted_at IS NOT NULL AND erased_at IS NULL AND active
    """,
    """
    UPDATE campaigns_voucher v SET active = false FROM campaigns_binentry e
    WHERE e.resource_type = 'voucher' AND v.active
    AND e.resource_id = 'v_' || replace(v.id::text, '-', '')
    """,
    """
    UPDATE campaigns_publication p SET joined_once = false
    WHERE p.joined_once AND NOT EXISTS (
      SELECT 1 FROM campaigns_publication_vouchers m
      JOIN campaigns_voucher v ON v.id = m.voucher_id
      WHERE m.publication_id = p.id AND v.erased_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM campaigns_binentry e
        WHERE e.resource_id = 'v_' || replace(v.id::text, '-', '')))
    """,
]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0017_bin")]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in FORWARDS]
