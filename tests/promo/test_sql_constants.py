"""Words that stand in a statement itself."""

import pytest

from promo.sql_constants import Constant
from redemptions.models import Redemption
from redemptions.models.redemption import Result


def test_a_constant_is_written_into_the_statement():
    rows = Redemption.objects.filter(result=Constant(Result.FAILURE))

    text, values = rows.order_by().values("pk").query.sql_with_params()

    assert text.endswith("""."result" = 'FAILURE'""")
    assert values == ()


@pytest.mark.parametrize("text", ["it's", "a b", "1", "a%s", "ä"])
def test_what_is_no_word_is_refused(text):
    with pytest.raises(ValueError, match="Not a word"):
        Constant(text)
