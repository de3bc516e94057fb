from django.db import migrations

from promo.audit.watching import watch


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0025_campaign_draft"),
        ("customers", "0008_watched"),
        ("audit", "0001_changes_by_month"),
    ]

    operations = [
        watch(
            "campaigns_campaign",
            unwatched=[
                "vouchers_count",
                "creation_status",
                "vouchers_generation_status",
            ],
        ),
        watch(
            "campaigns_campaignassignment",
            part_of="campaign_id",
            project="SELECT project_id::text FROM campaigns_campaign WHERE id = ($1 ->> 'campaign_id')::uuid",
        ),
        watch("campaigns_campaigndraft", unwatched=["step"]),
        watch("campaigns_category"),
        watch(
            "campaigns_holder",
            by_hand=True,
            part_of="voucher_id",
            customer="customer_id",
        ),
        watch("campaigns_product", by_hand=True),
        watch("campaigns_sku", by_hand=True, part_of="product_id"),
        watch("campaigns_productcollection"),
        watch(
            "campaigns_productcollectionitem",
            part_of="collection_id",
            project="SELECT project_id::text FROM campaigns_productcollection WHERE id = ($1 ->> 'collection_id')::uuid",
        ),
        watch("campaigns_promotionstack", part_of="campaign_id"),
        watch(
            "campaigns_promotionstacktier",
            part_of="stack_id",
            project="SELECT project_id::text FROM campaigns_promotionstack WHERE id = ($1 ->> 'stack_id')::uuid",
        ),
        watch(
            "campaigns_promotiontier",
            by_hand=True,
            unwatched=["redeemed_quantity", "discounted_amount", "orders_amount"],
            part_of="campaign_id",
        ),
        watch(
            "campaigns_reward", by_hand=True, unwatched=["redeemed_quantity", "balance"]
        ),
        watch("campaigns_rewardassignment", part_of="campaign_id"),
        watch("campaigns_validationrule"),
        watch("campaigns_validationruleassignment", part_of="related_object_id"),
        watch(
            "campaigns_voucher",
            by_hand=True,
            unwatched=[
                "code_key",
                "redeemed_quantity",
                "redeemed_amount",
                "publications_count",
                "held_amount",
                "held_quantity",
                "own_fields",
                "async_action_id",
            ],
            part_of="campaign_id",
        ),
    ]
