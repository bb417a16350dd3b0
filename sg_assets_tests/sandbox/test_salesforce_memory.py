from datetime import timedelta
from pathlib import Path

from sg_assets.sandbox.salesforce_memory import Memory
from sg_assets_tests.sandbox.world import HOUR, NOW


def test_nothing_is_there_before_the_first_write_not_even_a_file(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert (list(memory.written(NOW)), memory.jobs(), memory.job(1)) == ([], [], None)
    assert list(tmp_path.iterdir()) == []


def test_what_one_process_writes_another_one_reads_as_of_any_instant(tmp_path: Path) -> None:
    Memory(tmp_path).write(NOW, "Account", "001", {"A__c": "x"})
    Memory(tmp_path).write(NOW + HOUR, "Account", "001", {"A__c": None})
    assert list(Memory(tmp_path).written(NOW)) == [(NOW, "Account", "001", {"A__c": "x"})]
    assert [fields for *_, fields in Memory(tmp_path).written(NOW + HOUR)] == [{"A__c": "x"}, {"A__c": None}]


def test_a_job_counts_who_asks_for_it_until_it_is_deleted(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    made = memory.start_job(NOW, "SELECT Id FROM Lead", "59.0", is_all=True)
    memory.start_job(NOW + timedelta(minutes=1), "SELECT Id FROM User", "59.0", is_all=False)
    memory.job(made.number, is_asked=True)
    memory.abort_job(made.number)
    found = Memory(tmp_path).job(made.number)
    assert found is not None
    assert (found.at, found.query, found.is_all, found.asked, found.state) == (NOW, made.query, True, 1, "Aborted")
    memory.delete_job(made.number)
    assert memory.jobs() == [made.number + 1]
