"""Proof that the figures of customers are what their rows come to.

They are summed up after the event, so whoever an event waits for is left out. The sums
are worked out here on their own, beside those that keep them.
"""

# Whom unpublished events may change.
_WAITING = """
WITH waiting AS (
  SELECT DISTINCT told.id FROM outbox_domainevent e, unnest(ARRAY[
    e.customer_id, e.payload #>> '{holder,id}',
    e.payload #>> '{redemption,voucher,holder_id}']) AS told (id)
  WHERE e.published_at IS NULL AND told.id LIKE 'cust\\_%'),
asked AS (
  SELECT * FROM customers_customer c
  WHERE c.deleted_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM waiting w WHERE w.id = 'cust_' || replace(c.id::text, '-', ''))),
"""
_STANDING = "r.object = 'redemption' AND r.status = 'SUCCEEDED'"
_OF_CUSTOMERS = f"""
attempts AS (
  SELECT customer_id AS id,
    count(*) FILTER (WHERE object = 'redemption') AS redeemed,
    count(*) FILTER (WHERE object = 'redemption' AND result = 'FAILURE') AS failed,
    count(*) FILTER (WHERE object = 'redemption' AND result = 'SUCCESS') AS succeeded,
    count(*) FILTER (WHERE object <> 'redemption') AS undone,
    count(*) FILTER (WHERE object <> 'redemption' AND result = 'FAILURE') AS not_undone
  FROM redemptions_redemption WHERE related_object_type <> 'redemption' GROUP BY 1),
spent AS (
  SELECT r.customer_id AS id, v.type, sum(r.card_amount - r.returned_card_amount) AS n
  FROM redemptions_redemption r JOIN campaigns_voucher v ON v.id = r.voucher_id
  WHERE r.result = 'SUCCESS' AND r.card_amount IS NOT NULL GROUP BY 1, 2),
held AS (
  SELECT holder_id AS id, type, sum(balance) AS n,
         sum(credited_amount - expired_amount - subtracted_amount) AS ever
  FROM campaigns_voucher WHERE deleted_at IS NULL GROUP BY 1, 2),
bought AS (
  SELECT customer_id AS id, count(*) AS n,
         sum(coalesce(amount, 0) - discount_amount - items_discount_amount
             - coalesce(returned_amount, 0)) AS total
  FROM redemptions_order WHERE status IN ('PAID', 'FULFILLED') GROUP BY 1),
used AS (
  SELECT DISTINCT r.customer_id, v.id AS voucher_id, v.holder_id, v.campaign_id
  FROM redemptions_redemption r JOIN campaigns_voucher v ON v.id = r.voucher_id
  WHERE {_STANDING} AND v.is_referral_code AND r.customer_id IS NOT NULL
  AND v.holder_id IS NOT NULL AND v.campaign_id IS NOT NULL),
referrals AS (SELECT customer_id AS id, count(*) AS n FROM used GROUP BY 1),
referred AS (
  SELECT holder_id AS id, count(DISTINCT customer_id) AS n FROM used GROUP BY 1)
"""  # noqa: S608 - put together from texts of our own
_NAMES = (
    ("redemptions,total_redeemed", "a.redeemed"),
    ("redemptions,total_failed", "a.failed"),
    ("redemptions,total_succeeded", "a.succeeded"),
    ("redemptions,total_rolled_back", "a.undone"),
    ("redemptions,total_rollback_failed", "a.not_undone"),
    ("redemptions,total_rollback_succeeded", "a.undone - a.not_undone"),
    ("redemptions,gift,redeemed_amount", "gs.n"),
    ("redemptions,gift,amount_to_go", "gh.n"),
    ("redemptions,loyalty_card,redeemed_points", "ls.n"),
    ("redemptions,loyalty_card,points_to_go", "lh.n"),
    ("orders,total_count", "b.n"),
    ("orders,total_amount", "b.total"),
    ("orders,average_amount", "floor(b.total / b.n + 0.5)"),
)
_BLOCKS = (
    *((f"c.summary #>> '{{{path}}}'", path, sum_) for path, sum_ in _NAMES),
    ("c.loyalty ->> 'points'", "loyalty.points", "lh.ever"),
    ("c.loyalty ->> 'referred_customers'", "referred customers", "rd.n"),
    ("c.referrals ->> 'total'", "referrals", "rs.n"),
)
_VALUES = ",\n  ".join(
    f"('{name}', coalesce(({kept})::bigint, 0), coalesce({recorded}, 0)::bigint)"
    for kept, name, recorded in _BLOCKS
)

#: Every number of every customer: thing, what is kept, what the rows come to.
FIGURES = f"""
{_WAITING} {_OF_CUSTOMERS}
SELECT n.name || ' of ' || c.id AS thing, n.kept, n.recorded
FROM asked c
LEFT JOIN attempts a ON a.id = c.id
LEFT JOIN spent gs ON gs.id = c.id AND gs.type = 'GIFT_VOUCHER'
LEFT JOIN spent ls ON ls.id = c.id AND ls.type = 'LOYALTY_CARD'
LEFT JOIN held gh ON gh.id = c.id AND gh.type = 'GIFT_VOUCHER'
LEFT JOIN held lh ON lh.id = c.id AND lh.type = 'LOYALTY_CARD'
LEFT JOIN bought b ON b.id = c.id
LEFT JOIN referrals rs ON rs.id = c.id
LEFT JOIN referred rd ON rd.id = c.id
CROSS JOIN LATERAL (VALUES
  {_VALUES}) AS n (name, kept, recorded)
"""  # noqa: S608 - as above

#: The points of every customer in each programme, by its name.
POINTS = f"""
{_WAITING}
kept AS (
  SELECT c.id, p.key AS name, (p.value ->> 'points')::bigint AS points
  FROM asked c, jsonb_each(c.loyalty -> 'campaigns') p),
recorded AS (
  SELECT v.holder_id AS id, g.name, sum(v.balance)::bigint AS points
  FROM campaigns_voucher v JOIN campaigns_campaign g ON g.id = v.campaign_id
  WHERE v.type = 'LOYALTY_CARD' AND v.deleted_at IS NULL
  AND v.holder_id IN (SELECT id FROM asked) GROUP BY 1, 2)
SELECT 'points in ' || name || ' of ' || id AS thing,
       coalesce(k.points, 0) AS kept, coalesce(r.points, 0) AS recorded
FROM kept k FULL JOIN recorded r USING (id, name)
"""  # noqa: S608 - as above

#: Who holds a code: the voucher says the same as the record, 1 for yes.
HOLDERS = """
SELECT 'holder of ' || v.id AS thing, (v.holder_id IS NOT NULL)::int AS kept,
       (h.id IS NOT NULL)::int AS recorded
FROM campaigns_voucher v LEFT JOIN campaigns_holder h
  ON h.voucher_id = v.id AND h.role <> 'REFEREE'
  AND h.customer_id IS NOT DISTINCT FROM v.holder_id
WHERE v.holder_id IS NOT NULL OR EXISTS (
  SELECT 1 FROM campaigns_holder o WHERE o.voucher_id = v.id AND o.role <> 'REFEREE')
"""
