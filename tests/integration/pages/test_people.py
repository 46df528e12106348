"""Signing in, the profile, and administration, through the real door."""

from __future__ import annotations

import io
import re
import zipfile

import sqlalchemy as sa
from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.storage.platform_tables.catalog import SETTING
from trellis.web.security import SESSION_COOKIE

from tests.fakes.office import desk_files
from tests.integration.pages.conftest import Browser, Desk

PASSWORD = "three green horses run"


def stranger(desk: Desk) -> Browser:
    desk.app.test_client_class = Browser
    made = desk.app.test_client()
    assert isinstance(made, Browser)
    return made


def with_password(desk: Desk, login: str, *roles: str) -> None:
    user_id = desk.office.person(login, *roles)
    with desk.office.application.database.write() as connection:
        desk.office.application.access.set_password(connection, SYSTEM_PRINCIPAL, user_id, PASSWORD)


def test_a_stranger_is_sent_to_sign_in_and_then_where_they_wanted_to_go(
    office_desk: Desk,
) -> None:
    with_password(office_desk, "anna", "seller")
    browser = stranger(office_desk)

    sent = browser.get("/o/invoice?q=x")
    browser.get(sent.location)
    inside = browser.post(
        "/login", data={"login": "Anna", "password": PASSWORD, "next": "/o/invoice?q=x"}
    )

    assert sent.location == "/login?next=%2Fo%2Finvoice%3Fq%3Dx"
    assert inside.location == "/o/invoice?q=x"
    assert "Invoices" in browser.get("/o/invoice").text


def test_a_wrong_password_is_said_plainly_and_the_name_is_kept(office_desk: Desk) -> None:
    with_password(office_desk, "anna")
    browser = stranger(office_desk)
    browser.get("/login")

    refused = browser.post("/login", data={"login": "anna", "password": "wrong"})

    assert refused.status_code == 401
    assert "User name or password is wrong." in refused.text
    assert 'value="anna"' in refused.text


def test_guessing_is_slowed_down_with_a_word(office_desk: Desk) -> None:
    browser = stranger(office_desk)
    browser.get("/login")

    for _ in range(5):
        browser.post("/login", data={"login": "anna", "password": "wrong"})
    slowed = browser.post("/login", data={"login": "anna", "password": "wrong"})

    assert slowed.status_code == 429
    assert "Too many attempts." in slowed.text


def test_the_sign_in_form_needs_its_own_value(office_desk: Desk) -> None:
    browser = office_desk.app.test_client()

    assert browser.post("/login", data={"login": "a", "password": "b"}).status_code == 403


def test_the_way_back_stays_on_this_server(office_desk: Desk) -> None:
    with_password(office_desk, "anna")
    browser = stranger(office_desk)
    browser.get("/login")

    inside = browser.post(
        "/login", data={"login": "anna", "password": PASSWORD, "next": "//evil.example/"}
    )

    assert inside.location == "/"


def test_a_demo_offers_its_people_with_one_click(office_desk: Desk) -> None:
    office_desk.office.person("li", "seller")
    person = {
        "login": "li",
        "name": "李静",
        "post": {"en": "Seller", "zh-CN": "销售"},
        "try": {"en": ["Send an invoice"], "zh-CN": ["发送发票"]},
    }
    with office_desk.office.application.database.write() as connection:
        connection.execute(sa.insert(SETTING), {"key": "demo_people", "value": [person]})
    browser = stranger(office_desk)

    page = browser.get("/login", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    inside = browser.post("/login/demo", data={"login": "li"})

    assert "发送发票" in page
    assert inside.status_code == 303
    assert browser.post("/login/demo", data={"login": "anna"}).status_code in (401, 403)


def test_signing_out_ends_the_session(office_desk: Desk) -> None:
    anna = office_desk.anna()
    anna.get("/")

    anna.post("/logout")

    assert anna.get("/").location == "/login"
    assert anna.get_cookie(SESSION_COOKIE) is None


def test_a_form_without_its_value_is_refused(office_desk: Desk) -> None:
    anna = office_desk.anna()
    anna.token = "forged"

    refused = anna.post("/o/customer/new", data={"name": "Acme"}, headers={"X-CSRF-Token": "x"})

    assert refused.status_code == 403
    assert "You may not do this" in refused.text


def test_the_language_is_changed_for_good(office_desk: Desk) -> None:
    anna = office_desk.anna()
    anna.get("/")

    anna.post("/profile/language", data={"language": "zh-CN", "back": "/o/invoice"})

    assert '<html lang="zh-CN"' in anna.get("/").text


def test_the_theme_is_kept_by_the_browser(office_desk: Desk) -> None:
    anna = office_desk.anna()
    anna.get("/")

    anna.post("/profile/theme", data={"theme": "dark", "back": "/"})

    assert 'data-theme="dark"' in anna.get("/").text


def test_an_unknown_time_zone_is_refused_beside_its_field(office_desk: Desk) -> None:
    anna = office_desk.anna()
    anna.get("/profile")

    refused = anna.post("/profile", data={"timezone": "Mars/Base"})

    assert refused.status_code == 422
    assert "is no time zone" in refused.text


def test_a_password_is_changed_only_by_who_knows_it(office_desk: Desk) -> None:
    with_password(office_desk, "anna", "seller")
    anna = office_desk.browser("anna")
    anna.get("/profile")
    new = {"new": "four yellow doors open", "again": "four yellow doors open"}

    wrong = anna.post("/profile/password", data={"old": "guess", **new})
    differs = anna.post("/profile/password", data={"old": PASSWORD, **new, "again": "other"})
    weak = anna.post(
        "/profile/password", data={"old": PASSWORD, "new": "password1", "again": "password1"}
    )
    right = anna.post("/profile/password", data={"old": PASSWORD, **new})

    assert "is not right" in wrong.text
    assert "is not the same as above" in differs.text
    assert weak.status_code == 422
    assert right.status_code == 303
    assert "Your password is changed." in anna.get("/profile").text


def test_a_token_is_shown_once_and_can_be_revoked(office_desk: Desk) -> None:
    anna = office_desk.anna()
    anna.get("/profile")

    made = anna.post("/profile/tokens", data={"name": "export", "days": "30"}).text
    listed = anna.get("/profile").text
    revoke = re.search(r'action="(/profile/tokens/[^"]+/revoke)"', listed)
    assert revoke is not None
    anna.post(revoke[1])

    assert re.search(r'value="trl_[\w-]{40,}"', made)
    assert not re.search(r'value="trl_', listed)
    assert "export" in listed
    assert "export" not in anna.get("/profile").text


def test_an_administrator_gives_roles_and_passwords(office_desk: Desk) -> None:
    li = office_desk.office.person("li")
    admin = office_desk.enter("root", "admin")

    listed = admin.get("/admin/users").text
    admin.get(f"/admin/users/{li}")
    given = admin.post(f"/admin/users/{li}/roles", data={"role": ["seller"]})
    secret = admin.post(f"/admin/users/{li}/password").text

    assert f"/admin/users/{li}" in listed
    assert given.status_code == 303
    assert re.search(r'value="seller" checked', admin.get(f"/admin/users/{li}").text)
    found = re.search(r'readonly value="([^"]+)"', secret)
    assert found is not None
    browser = stranger(office_desk)
    browser.get("/login")
    entered = browser.post("/login", data={"login": "li", "password": found[1]})
    assert entered.status_code == 303


def test_nobody_gives_themselves_roles(office_desk: Desk) -> None:
    root = office_desk.office.person("root", "admin")
    admin = office_desk.browser("root")
    admin.get("/")

    refused = admin.post(f"/admin/users/{root}/roles", data={"role": ["admin", "seller"]})

    assert refused.status_code == 422
    assert "nobody changes their own roles" in refused.text


def test_deactivating_keeps_somebody_out_at_once(office_desk: Desk) -> None:
    admin, anna = office_desk.enter("root", "admin"), office_desk.anna()
    with office_desk.office.application.database.read() as connection:
        user = office_desk.office.application.access.directory.by_login(connection, "anna")
    assert user is not None
    admin.get("/")

    admin.post(f"/admin/users/{user.id}/deactivate")

    assert anna.get("/").location == "/login"


def test_roles_are_shown_with_their_rights(office_desk: Desk) -> None:
    html = office_desk.enter("root", "admin").get("/admin/users/roles").text

    assert "assignee = user" in html
    assert "margin" in html


def test_administration_is_for_those_who_have_the_right(office_desk: Desk) -> None:
    anna = office_desk.anna()

    for address in ("/admin/users", "/admin/packages", "/admin/jobs", "/admin/history"):
        assert anna.get(address).status_code == 403
    assert "/admin/" not in anna.get("/").text


def test_jobs_and_logs_are_shown(office_desk: Desk) -> None:
    admin = office_desk.enter("root", "admin")

    assert "No jobs here" in admin.get("/admin/jobs").text
    assert "Signed in" in admin.get("/admin/history").text
    assert "Event log" in admin.get("/admin/history?log=events").text


def zipped(files: dict[str, bytes], *, folder: str = "") -> io.BytesIO:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in files.items():
            archive.writestr(folder + name, data)
    whole.seek(0)
    return whole


def test_a_package_is_checked_shown_and_applied(office_desk: Desk) -> None:
    admin = office_desk.enter("root", "admin")
    admin.get("/admin/packages")
    files = desk_files()
    files["app.yaml"] = files["app.yaml"].replace(b"1.0.0", b"1.1.0")
    files["options.yaml"] += b"    low: {label: {en: Low}}\n"

    checked = admin.post(
        "/admin/packages", data={"files": (zipped(files, folder="desk/"), "desk.zip")}
    ).text
    package = re.search(r'name="package" value="([^"]+)"', checked)
    assert package is not None
    applied = admin.post("/admin/packages/apply", data={"package": package[1]})

    assert "Option sets: Urgency" in checked
    assert applied.status_code == 303
    page = admin.get("/admin/packages").text
    assert "Applied: version 3 is in use." in page
    assert "<td>1.1.0</td>" in page


def test_every_mistake_of_a_package_is_shown_with_its_line(office_desk: Desk) -> None:
    admin = office_desk.enter("root", "admin")
    admin.get("/admin/packages")
    files = desk_files()
    files["objects.yaml"] = (
        files["objects.yaml"]
        .replace(b"type: phone", b"type: fone")
        .replace(b"type: date,", b"type: dat,")
    )

    shown = admin.post("/admin/packages", data={"files": (zipped(files), "desk.zip")})

    assert shown.status_code == 422
    assert "2 problems found" in shown.text
    assert "<mark>fone</mark>" in shown.text
    assert "did you mean `phone`?" in shown.text
    assert "version 2" in admin.get("/admin/packages").text


def test_single_files_can_be_uploaded_together(office_desk: Desk) -> None:
    admin = office_desk.enter("root", "admin")
    admin.get("/admin/packages")
    uploads = [(io.BytesIO(data), name) for name, data in desk_files().items()]

    assert "no problems" in admin.post("/admin/packages", data={"files": uploads}).text


def test_an_archive_that_is_none_or_leaves_its_folder_is_refused(office_desk: Desk) -> None:
    admin = office_desk.enter("root", "admin")
    admin.get("/admin/packages")

    for name, data in (("x.zip", io.BytesIO(b"PK no")), ("y.zip", zipped({"../app.yaml": b"a"}))):
        refused = admin.post("/admin/packages", data={"files": (data, name)})
        assert refused.status_code == 422
        assert "PKG00" in refused.text


def test_a_page_that_is_not_there_says_so_in_the_readers_language(office_desk: Desk) -> None:
    li = office_desk.enter("li", "seller", locale="zh-CN")

    missing = li.get("/o/nothing")

    assert missing.status_code == 404
    assert "这里没有内容" in missing.text


def test_an_approval_goes_from_the_pool_to_the_boss_and_ends(office_desk: Desk) -> None:
    anna, boss = office_desk.anna(), office_desk.enter("bob", "boss")
    office_desk.office.add("customer", name="Acme")
    anna.get("/")
    anna.post(
        "/o/invoice/new",
        data={"title": "Large", "customer.text": "acme", "customer.was": "", "amount": "20000"},
    )

    pool = anna.get("/inbox?which=pool").text
    claim = re.search(r'action="(/inbox/[^"]+/claim)"', pool)
    assert claim is not None
    anna.post(claim[1], data=_answer(pool))
    mine = anna.get("/inbox").text
    complete = re.search(r'href="(/inbox/[^"]+/complete)"', mine)
    assert complete is not None
    form = anna.get(complete[1]).text
    done = anna.post(complete[1], data={**_answer(form), "_comment": "fits"})  # fmt: skip

    assert done.status_code == 303, done.text
    approve = re.search(r'href="(/inbox/[^"]+/approve)"', boss.get("/inbox").text)
    assert approve is not None
    assert "Approve the discount" in boss.get("/").text
    form = boss.get(approve[1]).text
    assert boss.post(approve[1], data=_answer(form)).status_code == 303
    assert "Nothing waits for you" in boss.get("/inbox").text
    assert "approved" in boss.get(approve[1].removesuffix("/approve")).text


def _answer(html: str) -> dict[str, str]:
    rev = re.search(r'name="_rev" value="(\d+)"', html)
    key = re.search(r'name="_key" value="([^"]+)"', html)
    assert rev is not None
    assert key is not None
    return {"_rev": rev[1], "_key": key[1]}


def test_the_event_log_is_taken_away_as_csv_and_xes(office_desk: Desk) -> None:
    customer = office_desk.office.add("customer", name="Acme")
    office_desk.office.add("invoice", title="Offer", customer=customer)
    admin = office_desk.enter("root", "admin")

    assert "/admin/history/events.xes" in admin.get("/admin/history?log=events").text
    assert "invoice" in admin.get("/admin/history/events.csv").text
    assert "<trace>" in admin.get("/admin/history/events.xes").text
