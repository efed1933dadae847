import httpx
import pytest

from deploy.cli.token import Credentials, SignInForm, access_token
from deploy.local.settings import read_settings
from deploy.local.trouble import CannotStart
from services.identity.pages.schemas import MessagePage, Problem, SignInPage


def _page(html: str) -> httpx.Response:
    return httpx.Response(200, html=html)


def test_the_sign_in_page_is_read_with_all_it_carries() -> None:
    page = SignInPage(csrf_token="secret", continue_to="/oauth2/authorize?a=1&b=2")
    form = SignInForm.of(_page(page.html()))
    assert form.action == "/account/sign-in"
    assert form.fields["csrf_token"] == "secret"
    assert form.fields["continue"] == "/oauth2/authorize?a=1&b=2"
    assert {"email", "password"} <= set(form.fields)


def test_the_sentence_of_a_refused_sign_in_is_read() -> None:
    wrong = Problem(text="Wrong address or password.", field="email")
    page = SignInPage(email="a@b.example", problems=(wrong,))
    assert SignInForm.of(_page(page.html())).alert.strip() == "Wrong address or password."


def test_the_heading_of_a_message_is_read() -> None:
    page = MessagePage(title="You act for no organization", text="Ask.")
    assert SignInForm.of(_page(page.html())).heading == "You act for no organization"


def test_a_gateway_that_does_not_answer_is_named() -> None:
    settings = read_settings({"BMMS_PUBLIC_URL": "http://127.0.0.1:9"})
    with pytest.raises(CannotStart, match=r"http://127\.0\.0\.1:9 does not answer"):
        access_token(settings, Credentials("a@b.example", "password"))
