"""The company's tag containers, as they were published version after version: which tags fire where, and every change.

A version is what was published on one day; what is live at an instant is the newest of them. Tags count what
`web_traffic.py` has people do, and the conversions of advertising campaigns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from sg_assets.sandbox.company.campaigns import CAMPAIGNS
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.web_traffic import ABOUT, DEMO, DOCS, INFO, LEAD, SIGN_UP, SUBSCRIBED, TRIAL

DAY = timedelta(days=1)
HISTORY = 200
"""Days before the anchor on which the first versions were published."""
PUBLISHED = 0.12
"""Share of days on which a container is published."""
TAG, TRIGGER, VARIABLE = "tag", "trigger", "variable"
EVENTS = (LEAD, DEMO, TRIAL, SUBSCRIBED, SIGN_UP)
COOKIES = ("sourcegraphAnonymousUid", "sourcegraphSourceUrl", "sourcegraphRecentSourceUrl", "originalReferrer")
Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Element:
    """A tag, a trigger or a variable as it was last saved; `settings` are its own, as the API calls them."""

    kind: str
    id: str
    name: str
    type: str
    saved_at: datetime
    settings: Settings = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """What changes whenever it is saved."""
        return str(int(self.saved_at.timestamp() * 1000))


@dataclass(frozen=True, slots=True)
class Version:
    """What was published at an instant."""

    number: int
    published_at: datetime
    elements: tuple[Element, ...]

    def of(self, kind: str) -> tuple[Element, ...]:
        """The elements of a kind."""
        return tuple(element for element in self.elements if element.kind == kind)


@dataclass(frozen=True, slots=True)
class Container:
    """One container; `context` is where its tags run: in browsers (`web`) or on a server of ours (`server`)."""

    id: str
    public_id: str
    name: str
    context: str
    is_published: bool = True


@dataclass(frozen=True)
class TagContainers:
    """The containers of one company."""

    company: Company

    @property
    def containers(self) -> tuple[Container, ...]:
        """All containers; one of them was never published."""
        hosts = (ABOUT, DOCS, INFO)
        return (
            *(self._container(host, "web") for host in hosts),
            self._container("collect.sourcegraph.com", "server"),
            replace(self._container("Try-outs", "web"), is_published=False),
        )

    def versions(self, container: Container, at: datetime) -> list[Version]:
        """Every version that was published by an instant, the oldest first."""
        if not container.is_published:
            return []
        begin = self.company.anchor - HISTORY * DAY
        found = [Version(1, begin, tuple(_first(container, begin)))]
        for day in range(1, (at - begin) // DAY + 1):
            chance = dice(self.company.seed, "tag version", container.id, day)
            published = begin + day * DAY + timedelta(hours=16, minutes=chance.randrange(240))
            if chance.random() < PUBLISHED and published <= at:
                elements = _edited(chance, found[-1].elements, published)
                found.append(Version(found[-1].number + 1, published, tuple(elements)))
        return found

    def live(self, container: Container, at: datetime) -> Version | None:
        """What of a container is live at an instant; None where it was never published."""
        versions = self.versions(container, at)
        return versions[-1] if versions else None

    def _container(self, name: str, context: str) -> Container:
        chance = number(self.company.seed, "container", name)
        letters = "".join("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[chance >> 5 * place & 31] for place in range(7))
        return Container(str(10_000_000 + chance % 90_000_000), f"GTM-{letters}", name, context)


def _first(container: Container, at: datetime) -> list[Element]:
    """The elements of the first version."""
    triggers = [Element(TRIGGER, "2", "All pages", "pageview", at)]
    tags = [Element(TAG, "3", "Google tag", "googtag", at, _tag("2", tagId="G-SANDBOX001"))]
    for place, event in enumerate(EVENTS if container.name != DOCS else EVENTS[-1:]):
        trigger = str(10 + place)
        triggers.append(Element(TRIGGER, trigger, f"Event {event}", "customEvent", at, _when(event)))
        settings = _tag(trigger, eventName=event, measurementIdOverride="G-SANDBOX001")
        tags.append(Element(TAG, str(30 + place), f"GA4 event - {event}", "gaawe", at, settings))
    secret = {"apiSecret": "made-up-secret"} if container.context == "server" else {}
    variables = [
        Element(VARIABLE, str(60 + place), f"Cookie - {name}", "k", at, {"parameter": _parameters(name=name, **secret)})
        for place, name in enumerate(COOKIES)
    ]
    if container.name == ABOUT:
        html = _tag("2", html="<script>keepSourceUrl()</script>")
        tags.append(Element(TAG, "40", "Keep the source URL in a cookie", "html", at, html))
    return [*tags, *triggers, *variables]


def _edited(chance: Random, elements: tuple[Element, ...], at: datetime) -> list[Element]:
    """The elements after one to three edits, saved a little before they were published."""
    found = list(elements)
    for turn in range(chance.randint(1, 3)):
        saved = at - timedelta(minutes=5 + turn, milliseconds=chance.randrange(60_000))
        tags = [place for place, element in enumerate(found) if element.kind == TAG]
        match chance.choice(("settings", "settings", "pause", "name", "new", "new", "gone")):
            case "pause":
                place = chance.choice(tags)
                is_paused = not found[place].settings.get("paused", False)
                changed = {**found[place].settings, "paused": is_paused}
                found[place] = replace(found[place], saved_at=saved, settings=changed)
            case "name":
                place = chance.randrange(len(found))
                stem = found[place].name.partition(" (")[0]
                found[place] = replace(found[place], saved_at=saved, name=f"{stem} ({chance.randrange(2, 9)})")
            case "new":
                found.append(_conversion(chance, str(max(int(one.id) for one in found) + 1), saved))
            case "gone" if len(tags) > 3:
                found.pop(chance.choice(tags[1:]))
            case _:
                place = chance.randrange(len(found))
                changed = {**found[place].settings, "notes": f"checked, step {chance.randrange(100)}"}
                found[place] = replace(found[place], saved_at=saved, settings=changed)
    return found


def _conversion(chance: Random, id_: str, at: datetime) -> Element:
    """A tag that tells an advertising network of a conversion."""
    one = chance.choice([campaign for campaign in CAMPAIGNS if campaign.utm_campaign])
    settings = _tag("2", conversionId=str(chance.randrange(10**9)), conversionLabel=one.utm_campaign)
    return Element(TAG, id_, f"Conversion - {one.utm_campaign} {id_}", "awct", at, settings)


def _tag(trigger: str, **parameters: str) -> Settings:
    return {
        "firingTriggerId": [trigger],
        "tagFiringOption": "oncePerEvent",
        "parameter": _parameters(**parameters),
        "monitoringMetadata": {"type": "map"},
    }


def _when(event: str) -> Settings:
    """The condition of a trigger: the event's name."""
    both = [
        {"type": "template", "key": "arg0", "value": "{{_event}}"},
        {"type": "template", "key": "arg1", "value": event},
    ]
    return {"customEventFilter": [{"type": "equals", "parameter": both}]}


def _parameters(**values: str) -> list[Settings]:
    return [{"type": "template", "key": key, "value": value} for key, value in values.items()]
