"""The ways through a running demo that `pictures.py` takes: which pages, in which states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import FilePayload, Page

FIXED = {
    "home": "/", "inbox": "/inbox", "pool": "/inbox?which=pool", "done": "/inbox?which=done",
    "notifications": "/notifications", "profile": "/profile", "search": "/search?q=a",
    "nothing_found": "/search?q=zzzzzz", "nowhere": "/o/nothing_here",
    "packages": "/admin/packages", "people": "/admin/users", "roles": "/admin/users/roles",
    "jobs": "/admin/jobs", "jobs_failed": "/admin/jobs?state=incident",
    "audit": "/admin/history", "events": "/admin/history?log=events",
}  # fmt: skip
#: What a finger cannot hit for certain (px); links inside sentences and tables are read, not hit.
_SMALLEST = 40
_SMALL = """(smallest) => {
  const found = [];
  for (const one of document.querySelectorAll(
      'a.btn, button, summary, select, input:not([type=hidden]), label.btn, .tabs a, .menu-item')) {
    const box = one.getBoundingClientRect();
    const shown = one.checkVisibility({visibilityProperty: true, opacityProperty: true});
    if (!shown || box.width < 2 || box.height === 0) continue;
    const label = one.closest('label');
    const around = parseFloat(getComputedStyle(one, '::after').height) || 0;
    const tall = Math.max(box.height, around, label ? label.getBoundingClientRect().height : 0);
    if (tall < smallest - 0.5) {
      const said = (one.textContent || one.name || '').trim().slice(0, 20);
      found.push(`${one.tagName.toLowerCase()}.${one.className} ${Math.round(tall)}px ${said}`);
    }
  }
  return found;
}"""
_CUT = """() => [...document.querySelectorAll('h1, h2, .btn, .tabs a, .badge, th, label')]
  .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
    && one.clientWidth > 0 && getComputedStyle(one).display !== 'inline')
  .map(one => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)
"""
_BROKEN_PACKAGE = {
    "app.yaml": "app: shop\nversion: 1.0\nlabel: Shop\n",
    "objects.yaml": "objects:\n  order:\n    label: Order\n    title: nummer\n    fields:\n"
    "      number: {type: auto, format: 'O-{0000}'}\n      amount: {type: mony}\n"
    "      buyer: {type: ref, to: custommer}\n"
    "      big: {type: formula, of: boolean, formula: 'amont > 1000'}\n",
    "roles.yaml": "roles:\n  seller: {label: Seller, grants: {ordr: all}}\n",
}
_SOUND_PACKAGE = {
    "app.yaml": "app: shop\nversion: 1.0.0\nlabel: {en: Shop, zh-CN: 商店}\n",
    "objects.yaml": "objects:\n  order:\n    label: {en: Order, zh-CN: 订单}\n    title: number\n"
    "    fields:\n      number: {type: auto, format: 'O-{0000}'}\n"
    "      amount: {type: money, currency: EUR}\n",
    "roles.yaml": "roles:\n  seller: {label: {en: Seller, zh-CN: 销售}, grants: {order: all}}\n",
}


@dataclass
class Camera:
    """Takes pictures for one person in one look, and notes what looks wrong by measure."""

    page: Page
    address: str
    folder: Path
    person: str
    touched: bool = False
    tall: bool = False
    taken: list[Path] = field(default_factory=list)
    noted: set[str] = field(default_factory=set)

    def take(self, name: str, path: str) -> bool:
        """Open a page and take its picture; false when the server refuses it."""
        answer = self.page.goto(self.address + path)
        self.snap(name)
        return answer is not None and answer.ok

    def snap(self, name: str) -> None:
        """Take the page as it stands."""
        wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.note(f"wide by {wide} px: {self.person} {name} {self.page.url}")
        for text in self.page.evaluate(_SMALL, _SMALLEST) if self.touched else ():
            self.note(f"small to touch: {text}", name)
        for text in self.page.evaluate(_CUT):
            self.note(f"cut off: {text}", name)
        target = self.folder / f"{self.person}.{name}.png"
        self.page.screenshot(path=target, full_page=self.tall, animations="disabled")
        self.taken.append(target)

    def note(self, text: str, where: str = "") -> None:
        """Say once what looks wrong, and where it was seen first."""
        if text not in self.noted:
            self.noted.add(text)
            print(f"{text}  ({self.person} {where})" if where else text)

    def links(self, selector: str) -> list[str]:
        """Return the addresses of links on the page, each once."""
        found = self.page.locator(selector).evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        return list(dict.fromkeys(link for link in found if link and link.startswith("/")))

    def opened(self, selector: str, name: str) -> None:
        """Click what opens something, and take the page with it open."""
        found = self.page.locator(selector)
        if found.count() and found.first.is_visible():
            found.first.click()
            self.page.wait_for_timeout(200)
            self.snap(name)


def walk(camera: Camera, wanted: re.Pattern[str], *, apply: bool) -> None:
    """Take every page of a person whose name is wanted."""
    for name, path in FIXED.items():
        if wanted.search(name):
            camera.take(name, path)
    if wanted.search("menu"):
        camera.page.goto(camera.address + "/")
        camera.opened("a[href='#nav'].icon-btn", "menu")
        camera.opened(".side-foot summary", "account_menu")
    _walk_menu(camera, wanted)
    if wanted.search("task"):
        _walk_tasks(camera)
    if wanted.search("user_page"):
        _walk_users(camera)
    if wanted.search("package"):
        _walk_packages(camera, apply=apply)
    if wanted.search("token"):
        _walk_tokens(camera)
    if wanted.search("slowed"):
        _walk_too_fast(camera)


def _walk_menu(camera: Camera, wanted: re.Pattern[str]) -> None:
    camera.page.goto(camera.address + "/")
    for link in camera.links(".side nav a"):
        match = re.match(r"/o/(\w+)(?:\?view=(\w+))?$", link)
        if match and wanted.search(match[1]):
            _walk_object(camera, match[1], link, match[2] or "")


def _walk_tokens(camera: Camera) -> None:
    camera.take("token", "/profile")
    camera.page.locator("#tokens input[name=name]").fill("picture")
    camera.page.locator("#tokens form .btn:not(.btn-danger)").last.click()
    camera.page.wait_for_load_state()
    camera.snap("token_made")


def _walk_users(camera: Camera) -> None:
    camera.page.goto(camera.address + "/admin/users")
    for link in camera.links("td.name a")[:1]:
        camera.take("user_page", link)


def _walk_tasks(camera: Camera) -> None:
    for which in ("mine", "pool"):
        camera.page.goto(f"{camera.address}/inbox?which={which}")
        for link in camera.links("a[href^='/inbox/']")[:1]:
            camera.take(f"task_{which}", link)
    camera.page.goto(camera.address + "/inbox")
    button = camera.page.locator("a[data-dialog]")
    if button.count():
        button.first.click()
        camera.page.wait_for_selector("dialog[open]", timeout=5000)
        camera.snap("task_dialog")


def _walk_object(camera: Camera, key: str, link: str, view: str) -> None:
    camera.take(f"{key}{'.' + view if view else ''}.list", link)
    records = camera.links("#list td.name a")
    if view:
        return
    _walk_list(camera, key)
    if camera.take(f"{key}.new", f"/o/{key}/new"):
        _break_form(camera, key)
    for record in records[:1]:
        camera.take(f"{key}.record", record)
        dialogs = camera.links(".record-actions a[data-dialog]")
        _open_dialog(camera, key)
        for dialog in dialogs[:1]:
            camera.take(f"{key}.transition", dialog)
        camera.take(f"{key}.edit", f"{record}/edit")
        camera.take(f"{key}.history", f"{record}/history")
        camera.take(f"{key}.delete", f"{record}/delete")


def _walk_list(camera: Camera, key: str) -> None:
    camera.opened(".filters details > summary", f"{key}.filter_open")
    camera.page.goto(f"{camera.address}/o/{key}")
    camera.opened(".columns details > summary", f"{key}.columns_open")
    camera.page.goto(f"{camera.address}/o/{key}")
    boxes = camera.page.locator("#list input[name=id]")
    for place in range(min(3, boxes.count())):
        boxes.nth(place).evaluate("one => one.click()")
    if boxes.count():
        camera.snap(f"{key}.bulk")
    camera.take(f"{key}.found", f"/o/{key}?q=a&sort=-created_at")
    camera.take(f"{key}.none", f"/o/{key}?q=zzzzzz")
    camera.take(f"{key}.badfilter", f"/o/{key}?filter=nothing+%3E")


def _open_dialog(camera: Camera, key: str) -> None:
    button = camera.page.locator(".record-actions > a[data-dialog]")
    if button.count():
        button.first.click()
        camera.page.wait_for_selector("dialog[open]", timeout=5000)
        camera.snap(f"{key}.dialog")


def _break_form(camera: Camera, key: str) -> None:
    camera.page.locator("form[data-form] .form-actions .btn-primary").first.click()
    camera.page.wait_for_timeout(500)
    if camera.page.locator(".invalid-feedback").count():
        camera.snap(f"{key}.mistakes")


def _files(texts: dict[str, str]) -> Iterator[FilePayload]:
    for name, text in texts.items():
        yield {"name": name, "mimeType": "text/yaml", "buffer": text.encode()}


def _walk_packages(camera: Camera, *, apply: bool) -> None:
    for name, texts in (("problems", _BROKEN_PACKAGE), ("plan", _SOUND_PACKAGE)):
        if not camera.take("package", "/admin/packages"):
            return
        camera.page.locator("input[type=file][name=files]").set_input_files(list(_files(texts)))
        camera.page.wait_for_timeout(800)
        if camera.page.locator("form[data-drop] .btn-primary").is_visible():
            camera.page.locator("form[data-drop] .btn-primary").click()
        camera.page.wait_for_load_state()
        camera.snap(f"package_{name}")
    if apply:
        camera.page.locator("form[action='/admin/packages/apply'] .btn-primary").click()
        camera.page.wait_for_load_state()
        camera.snap("package_applied")


def _walk_too_fast(camera: Camera) -> None:
    """Search until the server asks for a pause; the person's searches are slow for a while."""
    for _ in range(400):
        if camera.page.request.get(f"{camera.address}/search?q=a").status == 429:
            camera.take("slowed", "/search?q=a")
            return
