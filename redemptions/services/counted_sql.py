"""What PostgreSQL adds up where a counter has no row: the sum of what was redeemed.

A function keeps its plans, where a statement that might look into any of four indexes
would be planned anew for every checkout. Installed by a migration; a change takes a
new one.
"""

_SUM = """
    SELECT sum((r.claims -> shown ->> bucket)::bigint) INTO found
    FROM redemptions_redemption r
    WHERE r.project_id = project AND {condition} AND r.created_at >= since
      AND r.object = 'redemption' AND r.status = 'SUCCEEDED';
"""
# Of a customer only what was redeemed of this campaign, or of this incentive, may
# count: somebody with a long history costs no more than anybody.
_CONDITIONS = {
    "kind = 'cust_' AND starts_with(shown, 'camp_')": (
        "r.customer_id = whose AND r.campaign_id = subject"
    ),
    "kind = 'cust_'": (
        "r.customer_id = whose"
        " AND coalesce(r.voucher_id, r.promotion_tier_id) = subject"
    ),
    "kind = 'camp_'": "r.campaign_id = whose",
    "kind = 'v_'": "r.voucher_id = whose",
    "kind = 'promo_'": "r.promotion_tier_id = whose",
}
_BRANCHES = "ELS".join(
    f"IF {case} THEN {_SUM.format(condition=condition)}"
    for case, condition in _CONDITIONS.items()
)

CREATE = f"""
CREATE OR REPLACE FUNCTION promo_counted(
  project uuid, shown text, subject uuid, bucket text, kind text, whose uuid,
  since timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE found bigint;
BEGIN
  {_BRANCHES}
  END IF;
  RETURN coalesce(found, 0);
END $$
"""
DROP = "DROP FUNCTION promo_counted(uuid, text, uuid, text, text, uuid, timestamptz)"
