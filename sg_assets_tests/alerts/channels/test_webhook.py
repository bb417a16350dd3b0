import pytest

from sg_assets.alerts.channel import NotDelivered
from sg_assets.alerts.channels.webhook import Webhook
from sg_assets.sandbox import webhook
from sg_assets.sandbox.faults import Kind as Fault
from sg_assets_tests.alerts.conftest import Served
from sg_assets_tests.alerts.telling import letter, life, message


def test_the_document_is_a_contract(vendors: Served) -> None:
    hook = Webhook(f"{vendors.url}/webhook{webhook.PATH}")
    hook.send(letter(message()))
    hook.close()
    link = "http://127.0.0.1:3000/assets/raw_crm/account?view=overview"
    assert webhook.taken(vendors.folder) == [
        {
            "id": "raw_crm.account/1#1",
            "incident": "raw_crm.account/1",
            "number": 1,
            "kind": "opened",
            "severity": "error",
            "owner": "team:analytics",
            "title": "opened raw_crm.account/1 1",
            "lines": ["Since 2026-11-21 11:00 UTC (60 min).", "Why: the vendor answers 503"],
            "links": [{"words": "the asset", "url": link}],
            "created_at": "2026-11-21T12:00:00+00:00",
            "text": "opened raw_crm.account/1 1\nSince 2026-11-21 11:00 UTC (60 min).\n"
            f"Why: the vendor answers 503\nthe asset: {link}",
        }
    ]


def test_every_message_of_an_incident_is_sent(vendors: Served) -> None:
    hook = Webhook(f"{vendors.url}/webhook{webhook.PATH}")
    for one in life("raw_crm.account/1", grown=2):
        hook.send(letter(one))
    assert [one["kind"] for one in webhook.taken(vendors.folder)] == ["opened", "grown", "grown", "resolved"]


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.FORBIDDEN, Fault.TOO_MANY_REQUESTS])
def test_a_refusal_is_said_without_the_address(vendors: Served, fault: Fault) -> None:
    vendors.sandbox.faults.switch_on(fault, "webhook", count=1)
    with pytest.raises(NotDelivered, match=r"webhook: ") as raised:
        Webhook(f"{vendors.url}/webhook{webhook.PATH}?key=hunter2").send(letter())
    assert "hunter2" not in str(raised.value)
    assert "sandbox-alerts" not in str(raised.value)
    assert webhook.taken(vendors.folder) == []


def test_an_address_without_a_path_will_do(vendors: Served) -> None:
    with pytest.raises(NotDelivered, match="404"):
        Webhook(vendors.url).send(letter())
