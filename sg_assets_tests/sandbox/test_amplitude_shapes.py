"""What the export of the sandbox's Amplitude looks like, byte for byte where a reader relies on it."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

from sg_assets.sandbox.amplitude_memory import Taken
from sg_assets.sandbox.amplitude_shapes import exported, zipped

AT = datetime(2022, 3, 1, 5, 6, 7, 123456, tzinfo=UTC)


def taken(number: int, at: datetime) -> Taken:
    return Taken(
        number, at, "device", {"event_type": "View Home", "insert_id": f"i{number}", "time": 1_646_100_000_000}
    )


def test_there_is_a_file_of_gzipped_lines_for_each_hour() -> None:
    found = [taken(1, AT), taken(2, AT), taken(3, AT + timedelta(hours=5))]
    with zipfile.ZipFile(io.BytesIO(zipped(400102, found, {"new": "field"}))) as archive:
        assert archive.namelist() == ["400102/400102_2022-03-01_5#0.json.gz", "400102/400102_2022-03-01_10#0.json.gz"]
        lines = gzip.decompress(archive.read(archive.namelist()[0])).decode().splitlines()
    assert [json.loads(line)["$insert_id"] for line in lines] == ["i1", "i2"]
    assert all(json.loads(line)["new"] == "field" for line in lines)


def test_times_are_in_utc_without_saying_so() -> None:
    event = exported(400102, taken(1, AT))
    assert event["server_upload_time"] == "2022-03-01 05:06:07.123456"
    assert event["event_time"] == "2022-03-01 02:00:00.000000"
    assert (event["app"], event["user_id"], event["device_id"], event["session_id"]) == (400102, None, "device", -1)
    assert event["uuid"] != exported(400101, taken(1, AT))["uuid"]
