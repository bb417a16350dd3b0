import csv

from sg_assets.sandbox.company.apollo_archive import (
    MASKED,
    account_records,
    as_csv,
    contact_records,
    sequence_records,
)
from sg_assets.sandbox.company.company import Company


def test_records_refer_to_one_another(company: Company) -> None:
    accounts, sequences = ({record["id"] for record in many(company)} for many in (account_records, sequence_records))
    contacts = contact_records(company)
    assert {contact["account_id"] for contact in contacts} == accounts
    used = {id_ for contact in contacts for id_ in str(contact["emailer_campaign_ids"]).split(",") if id_}
    assert used == sequences
    assert len({contact["id"] for contact in contacts}) == len(contacts)


def test_some_addresses_are_masked(company: Company) -> None:
    masked = [contact for contact in contact_records(company) if contact["email"] == MASKED]
    assert masked
    assert {contact["email_status"] for contact in masked} == {"unavailable"}


def test_everything_is_years_old(company: Company) -> None:
    times = [str(record["created_at"]) for many in (account_records, contact_records) for record in many(company)]
    assert max(times) < f"{company.anchor.year - 4}"


def test_a_file_can_be_read_again(company: Company) -> None:
    records = sequence_records(company)
    text = as_csv(records)
    assert '""universal search""' in text
    assert list(csv.DictReader(text.splitlines())) == [{k: str(v) for k, v in one.items()} for one in records]
