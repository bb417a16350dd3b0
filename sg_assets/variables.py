"""The environment variables: which there are, and those that are kept in the file `.env`.

Reads no environment by itself; that is `environment.py`'s alone, and so is what the variables mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from sg_assets.source import Source, Variable
from sg_assets.table import Reach

Parsed = TypeVar("Parsed")
_LOGIN = re.compile(r"//.*@")

CORE = (
    Variable(
        "SG_ENV",
        "sandbox (a made-up company, stand-ins for every vendor) or production (the real services)",
        default="sandbox",
    ),
    Variable("SG_HOME", "Folder for the warehouse file, the operations store and the sandbox's memory", default=".sg"),
    Variable("SG_WAREHOUSE", "duckdb:PATH (by default a file in SG_HOME) or bigquery:PROJECT", default=""),
    Variable("SG_TARGET", "dev_NAME: build into a copy of its own, read production for everything else", default=""),
    Variable(
        "SG_OPERATIONS_URL",
        "postgresql://USER:PASSWORD@HOST/DATABASE for notes, incidents and alerts; by default a file in SG_HOME",
        is_secret=True,
        default="",
    ),
    Variable("SG_KEEP_RUNS", "Days after which ended runs, their events and their logs are removed", default="30"),
    Variable("SG_KEEP_HISTORY", "Days after which what became of promises and alerts is removed", default="400"),
    Variable("SG_HISTORY_START", "First day (YYYY-MM-DD) of tables that are kept day by day", default=""),
    Variable("SG_DISCONNECTED", "Comma-separated sources that are not meant to be connected any more", default=""),
    Variable("SG_DAGSTER_URL", "Where people open the Dagster UI: for the links in alerts", default=""),
    Variable("SG_CLOCK", "Sandbox only: a past instant (RFC 3339) at which the clock stands still", default=""),
    Variable("SG_SANDBOX_ANCHOR", "Sandbox only: midnight UTC (YYYY-MM-DD) at which made-up history ends", default=""),
    Variable(
        "SG_SANDBOX_SCALE",
        "Sandbox only: size of the company, 1 is about 150 customers; `full` pings at the real cadence",
        default="1",
    ),
    Variable("SG_SANDBOX_DAYS", "Sandbox only: days of history before the anchor", default="60"),
    Variable("SG_SANDBOX_URL", "Sandbox only: where `sg-assets sandbox serve` shows the same one already", default=""),
    Variable("SG_SANDBOX_SEED", "Sandbox only: another number is another company", default="1"),
)

# Where the warehouse is in BigQuery. Its credentials are SG_GOOGLE_CREDENTIALS, or those of the machine.
BIGQUERY = (
    Variable("SG_BIGQUERY_LOCATION", "BigQuery: where the datasets are, such as US or europe-west1", default="US"),
    Variable("SG_BIGQUERY_JOB_PROJECT", "BigQuery: project that jobs run in; by default the tables' own", default=""),
    Variable("SG_BIGQUERY_DATASET_PREFIX", "BigQuery: stands before every dataset's name: dev_ada_", default=""),
    Variable(
        "SG_BIGQUERY_STAGING",
        "BigQuery: gs://BUCKET/FOLDER that rows are loaded from; by default they go along with the load job",
        default="",
    ),
    Variable("SG_BIGQUERY_MAX_BYTES_BILLED", "BigQuery: bytes that one query may bill; dearer ones fail", default=""),
)

# Channels of alerts, and what the watchdog asks and tells; who is told where is in sg_assets/alerts/owners.yaml.
ALERTS = (
    Variable("SG_WATCHDOG_DAGSTER_URL", "Where the watchdog asks Dagster, if not at SG_DAGSTER_URL", default=""),
    Variable("SG_WATCHDOG_BEAT_URL", "Asked once a minute while the watchdog lives", is_secret=True, default=""),
    Variable("SG_SLACK_BOT_TOKEN", "Slack bot, scopes chat:write and channels:history", is_secret=True, default=""),
    Variable("SG_SLACK_URL", "Where Slack's Web API is reached", default="https://slack.com/api"),
    Variable("SG_SLACK_WEBHOOK_URL", "Slack incoming webhook, where there is no bot", is_secret=True, default=""),
    Variable("SG_ALERT_WEBHOOK_URL", "Any address that takes alerts as JSON", is_secret=True, default=""),
    Variable("SG_SMTP_HOST", "Mail server for alerts", default=""),
    Variable("SG_SMTP_PORT", "Its port", default="587"),
    Variable("SG_SMTP_SECURITY", "starttls, tls (port 465) or none (then without a password)", default="starttls"),
    Variable("SG_SMTP_SENDER", "Address that alerts come from", default=""),
    Variable("SG_SMTP_USER", "Login at the mail server; by default none", default=""),
    Variable("SG_SMTP_PASSWORD", "Its password", is_secret=True, default=""),
)


class EnvironmentProblem(Exception):  # noqa: N818 (EnvironmentError is Python's own)
    """The environment cannot be used as it is; the message says which variables to set."""


def value_of(
    given: Mapping[str, str], name: str, parse: Callable[[str], Parsed], wanted: str, *, is_secret: bool = False
) -> Parsed | None:
    """The value of a variable, None where it is not set.

    Raises:
        EnvironmentProblem: its text cannot be read; the message says what is wanted.
    """
    text = given.get(name)
    if not text:
        return None
    try:
        return parse(text)
    except ValueError:
        shown = "***" if is_secret else _LOGIN.sub("//***@", text)
        msg = f"{name}={shown}: set it to {wanted}"
        raise EnvironmentProblem(msg) from None


def address(text: str, schemes: Sequence[str] = ("http", "https")) -> str:
    """The address of a server; that of a database may name its host, or the folder of its socket, behind a `?`.

    Raises:
        ValueError: it is none, or a password in it has characters that are not quoted: programs then take different
            parts of it for the host, and tell it.
    """
    parts = urlsplit(text)
    is_clear = parts.netloc.count("@") < 2 and (parts.port or 0) >= 0  # noqa: PLR2004 (asking for a port reads it)
    if parts.scheme not in schemes or not is_clear or not (parts.hostname or "host" in parse_qs(parts.query)):
        raise ValueError(text)
    return text


def postgres_of(given: Mapping[str, str], name: str) -> str | None:
    """The address of a Postgres, which is a secret; None where it is not set.

    Raises:
        EnvironmentProblem: it is none.
    """
    wanted = "an address such as postgresql://USER:PASSWORD@HOST/DATABASE"
    return value_of(given, name, partial(address, schemes=("postgresql",)), wanted, is_secret=True)


def days(text: str) -> int:
    """A number of days, at least one.

    Raises:
        ValueError: it is none.
    """
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def every(sources: Iterable[Source]) -> list[Variable]:
    """Every variable that is read, each once: our own, then those of the sources in their order."""
    found = {variable.name: variable for variable in (*CORE, *BIGQUERY, *ALERTS)}
    for source in sources:
        url = Variable(
            source.url_variable, f"Where {source.name} is reached", source.is_url_secret, default=source.base_url
        )
        found |= {v.name: found.get(v.name, v) for v in (() if source.is_only_watched else (url,)) + source.variables}
        found |= {variable.name: variable for variable in of_fillings(source)}
    return list(found.values())


def of_fillings(source: Source) -> Iterator[Variable]:
    """The variables that say where another system fills tables of a source."""
    for filling in {one.variable: one for one in source.fillings.values()}.values():
        what = "PROJECT.DATASET.TABLE" if filling.names_a_table else "PROJECT.DATASET"
        by = filling.filler.title()
        yield Variable(filling.variable, f"{what} that {by} fills for {source.name}: watched, not fetched", default="")
        if filling.reach is Reach.TOLD:
            told = f"Fivetran's connection for {source.name} (id or schema), if its schema is not that dataset"
            yield Variable(filling.connection_variable, told, default="")


def url_of(source: Source, given: Mapping[str, str]) -> str | None:
    """Where a source is said to be reached; None where nothing says so.

    Raises:
        EnvironmentProblem: that is no address.
    """
    parse = partial(address, schemes=source.schemes)
    wanted = f"an address such as {source.schemes[-1]}://host.example"
    return value_of(given, source.url_variable, parse, wanted, is_secret=source.is_url_secret)


def missing(source: Source, given: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that a source needs and that are not set."""
    needed = [v.name for v in source.variables if v.default is None]
    if source.instead_of_url and given.get(source.instead_of_url[0]):
        needed += source.instead_of_url[1:]
    elif source.base_url is None and not source.is_only_watched:
        needed.insert(0, source.url_variable)
    return tuple(name for name in needed if not given.get(name))


def half_configured(sources: Iterable[Source], given: Mapping[str, str], disconnected: Container[str]) -> list[str]:
    """For each source of which some variables are set and others are missing, a line that says what to do."""
    wrong, everything = [], list(sources)
    for source in everything:
        own = {v.name for v in source.variables if not _is_shared(v, everything)} | {source.url_variable}
        told, absent = sorted(name for name in own if given.get(name)), missing(source, given)
        if absent and told and source.name not in disconnected:
            wrong.append(f"{source.name}: set {', '.join(absent)} too (or unset {', '.join(told)})")
    return wrong


def _is_shared(variable: Variable, sources: Iterable[Source]) -> bool:
    return sum(variable.name in {v.name for v in source.variables} for source in sources) > 1


def kept_in(path: Path) -> dict[str, str]:
    """What a `.env` file sets, as Dagster reads it; nothing where there is no such file."""
    from dotenv import dotenv_values  # noqa: PLC0415 (most starts have no such file)

    return {name: value for name, value in dotenv_values(path).items() if value is not None} if path.exists() else {}


FROM_FILE = "_FILE"
"""The end of the name of a variable whose value is in the file that it names, as secrets are mounted in containers."""


def with_secrets(given: Mapping[str, str]) -> dict[str, str]:
    """Variables, those that files hold among them: `SG_X_FILE=/run/secrets/x` is `SG_X` with what that file says.

    A newline at the file's end does not count.

    Raises:
        EnvironmentProblem: a file cannot be read, or a variable is given both ways.
    """
    found = {name: value for name, value in given.items() if not _is_in_file(name)}
    for name in filter(_is_in_file, given):
        wanted = name.removesuffix(FROM_FILE)
        if not given[name]:
            continue
        if found.get(wanted):
            msg = f"{wanted} and {name} are both set: unset one"
            raise EnvironmentProblem(msg)
        try:
            found[wanted] = Path(given[name]).read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            msg = f"{name}={given[name]}: cannot be read ({why})"
            raise EnvironmentProblem(msg) from None
    return found


def _is_in_file(name: str) -> bool:
    return name.startswith("SG_") and name.endswith(FROM_FILE)


def with_file(environ: Mapping[str, str], file: Path) -> dict[str, str]:
    """The variables of the process and those of a file; where Dagster starts a process, the file's would win.

    Raises:
        EnvironmentProblem: a variable has one value here and another there.
    """
    kept = kept_in(file)
    if differing := sorted(name for name, value in kept.items() if environ.get(name, value) != value):
        msg = f"{', '.join(differing)}: set to one value in the environment and to another in {file}; unset one"
        raise EnvironmentProblem(msg)
    return {**kept, **environ}
