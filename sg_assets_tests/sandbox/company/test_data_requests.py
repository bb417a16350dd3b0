import pytest

from sg_assets.sandbox.company.data_requests import COMMENT, NO_RESPONSE, Form, Question, Request, request

REQUESTS = [request(1, number) for number in range(1, 400)]


def asked(form: Form, answered: set[Question]) -> Request:
    return Request("Seats", form, frozenset(answered), frozenset({Question.DEADLINE}), is_urgent=False)


def test_every_way_of_writing_one_and_every_number_of_answers_occurs() -> None:
    assert {one.form for one in REQUESTS} == set(Form)
    assert {len(one.answered) for one in REQUESTS} == {0, 2, 3, 4}
    assert {one.is_urgent for one in REQUESTS} == {True, False}
    assert any(one.added for one in REQUESTS)


@pytest.mark.parametrize(("form", "nothing"), [(Form.TEMPLATE, COMMENT), (Form.FORM, NO_RESPONSE)])
def test_what_was_not_answered_is_left_as_the_template_has_it(form: Form, nothing: str) -> None:
    body = asked(form, {Question.PURPOSE, Question.SHAPE}).body(is_edited=False)
    assert body
    parts = body.split("### ")[1:]
    assert [part.partition("\r\n")[0] for part in parts] == list(Question)
    assert [nothing in part for part in parts] == [False, False, True, True]


def test_an_author_may_come_back_to_it() -> None:
    one = asked(Form.FORM, {Question.PURPOSE})
    assert one.answers(is_edited=True) == {Question.PURPOSE, Question.DEADLINE}
    assert str(one.body(is_edited=True)).count(NO_RESPONSE) == 2 < str(one.body(is_edited=False)).count(NO_RESPONSE)


def test_without_the_template_nothing_is_answered() -> None:
    assert all(not one.answered for one in REQUESTS if one.form in {Form.FREE_TEXT, Form.EMPTY})
    assert "###" not in str(asked(Form.FREE_TEXT, set()).body(is_edited=False))
    assert asked(Form.EMPTY, set()).body(is_edited=False) is None
