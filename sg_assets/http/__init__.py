"""One HTTP client for every vendor: authorised, paced, patient for a minute, and silent about secrets.

`client.py` is what sources use; `exchange.py` sends one request once, `answers.py` says what an answer means, `pace.py`
keeps a vendor's rate. What one vendor alone means by an answer (a quota in a 403, say) is in that vendor's module.
"""

from sg_assets.http.answers import ComeBackLater, Fail, Later, Reply, Retry, Rule, Ruling, SourceError
from sg_assets.http.client import Authorize, Client

__all__ = ["Authorize", "Client", "ComeBackLater", "Fail", "Later", "Reply", "Retry", "Rule", "Ruling", "SourceError"]
