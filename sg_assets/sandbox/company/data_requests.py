"""Requests to the analytics team: which of the four questions each answers, and how people really fill in a template.

The issues that carry them are in `github_threads.py`, how they move on the team's board in `github_board.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sg_assets.sandbox.company.dice import dice, pick


class Question(StrEnum):
    """The four questions that a request has to answer, as the template asks them."""

    PURPOSE = "What are you going to use this for, and why?"
    SHAPE = "What should it look like?"
    DEADLINE = "When do you need it by?"
    NECESSITY = "Is this a nice-to-have or a necessity?"


class Form(StrEnum):
    """How a request was written."""

    TEMPLATE = "template"  # headings, with the template's comment left where nothing was answered
    FORM = "form"  # made by an issue form, which writes `_No response_`
    FREE_TEXT = "free text"  # without the template: answers nothing that can be found
    EMPTY = "empty"  # no body at all


COMMENT = "<!-- Tell us here. Leave nothing out, it saves us asking. -->"
NO_RESPONSE = "_No response_"
_ANSWERS = {
    Question.PURPOSE: (
        "To decide which customers we call before their renewal.",
        "For the quarterly review: nobody knows how many teams use batch changes.",
        "We plan the next release by how many instances are more than two versions behind.",
    ),
    Question.SHAPE: (
        "A table with one row per customer:\r\n\r\n- name\r\n- seats\r\n- monthly active users",
        "A line chart by week on the sales board.\r\n\r\n#### Filters\r\n\r\nRegion and owner.",
        "One number is enough.",
    ),
    Question.DEADLINE: ("By the end of the month.", "Before the board meeting on the 12th.", "No hurry."),
    Question.NECESSITY: ("Nice-to-have.", "A necessity: we cannot forecast without it.", "Necessity"),
}
_WISHES = (
    "Active users of {} by week", "Renewals of {} this quarter", "Code insights at {}", "Seats against users of {}",
    "Search latency for {}", "Leads from {}",
)  # fmt: skip
_SUBJECTS = ("our ten largest customers", "managed instances", "trials", "the new pricing", "cloud", "banks")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for. `added` are the questions that its author answered only when asked again."""

    title: str
    form: Form
    answered: frozenset[Question]
    added: frozenset[Question]
    is_urgent: bool

    def answers(self, *, is_edited: bool) -> frozenset[Question]:
        """The questions that are answered, before or after the author came back to it."""
        return self.answered | self.added if is_edited else self.answered

    def body(self, *, is_edited: bool) -> str | None:
        """The text of the issue, with the line ends that GitHub's editor leaves; none where nothing was written."""
        if self.form is Form.EMPTY:
            return None
        if self.form is Form.FREE_TEXT:
            return f"Hi team, could somebody pull {self.title.lower()} for me?\r\n\r\nThanks!"
        answers = self.answers(is_edited=is_edited)
        nothing = NO_RESPONSE if self.form is Form.FORM else COMMENT
        said = {q: pick(_ANSWERS[q], self.title, q) if q in answers else nothing for q in Question}
        return "\r\n\r\n".join(f"### {question}\r\n\r\n{text}" for question, text in said.items())


def request(seed: int, number: int) -> Request:
    """The request in the issue of a number. Every way of writing one, and every lack, comes again and again."""
    chance = dice(seed, "request", number)
    form = (Form.TEMPLATE, Form.FORM, Form.TEMPLATE, Form.FREE_TEXT, Form.FORM, Form.TEMPLATE, Form.EMPTY)[number % 7]
    has_headings = form in {Form.TEMPLATE, Form.FORM}
    lacks = chance.sample(list(Question), chance.choice((0, 0, 0, 0, 1, 1, 2, 4))) if has_headings else list(Question)
    added = frozenset(lacks[:2]) if has_headings and chance.random() < 0.3 else frozenset()
    return Request(
        title=chance.choice(_WISHES).format(chance.choice(_SUBJECTS)),
        form=form,
        answered=frozenset(Question) - set(lacks),
        added=added,
        is_urgent=chance.random() < 0.1,
    )
