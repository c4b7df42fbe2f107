"""The page, in a headless Chromium against the test server."""

import re
import shutil

import pytest

from tfseq.serving import Client

api = pytest.importorskip(
    "playwright.sync_api", reason="a browser is driven by Playwright: pip install 'tfseq[browser]'"
)

ADDRESS = "http://page.test/"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
SENTENCE = "The black cat sleeps."


@pytest.fixture(scope="module")
def browser():
    with api.sync_playwright() as playwright:
        installed = shutil.which("chromium") or shutil.which("google-chrome")
        try:
            browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        except api.Error as error:
            pytest.skip(f"no Chromium can be started: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def page(browser, kit, server):
    """The page and the REST API under one address, as nginx gives them out."""
    page = browser.new_page(viewport=DESKTOP)
    place = f"http://127.0.0.1:{server.rest_api_port}/"
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route(ADDRESS, lambda route: route.fulfill(path=kit / "page" / "index.html"))
    page.route(
        f"{ADDRESS}v1/**",
        lambda route: route.fulfill(
            response=route.fetch(url=route.request.url.replace(ADDRESS, place))
        ),
    )
    page.goto(ADDRESS)
    yield page
    page.close()
    assert not errors


@pytest.fixture
def generator(server):
    with Client(f"http://127.0.0.1:{server.rest_api_port}/v1/models/tv_script") as client:
        yield client


def write(page, **options):
    for label, value in options.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(str(value))
    page.get_by_role("button", name="Write").click()


def done(page, name):
    api.expect(page.locator(f"#{name}-status")).to_contain_text("Done", timeout=20_000)


def test_a_scene_is_written_by_all_options_as_the_server_writes_it_at_once(page, generator):
    options = {
        "Prompt": 'Ada: "Is <b>',
        "Seed": 7,
        "Words": 30,
        "Temperature": 1.4,
        "Top_k": 25,
        "Top_p": 0.9,
        "Repetition_penalty": 1.1,
    }
    write(page, **options)
    done(page, "write")
    names = ["prompt", "seed", "max_words", "temperature", "top_k", "top_p", "repetition_penalty"]
    inputs = dict(zip(names, options.values(), strict=True))
    (text,) = generator.predict(inputs, "generate")["text"]
    assert page.locator("#scene").text_content() == text
    told = page.locator("#write-status").text_content()
    assert re.fullmatch(r"Done: 30 words in \d+\.\d\d s, the first after \d+\.\d\d s\.", told)


def test_words_come_before_the_last_is_written_and_writing_stops(page):
    write(page, Words=10_000)
    api.expect(page.locator("#scene")).to_have_text(re.compile(r".{40}", re.DOTALL))
    page.get_by_role("button", name="Stop").click()
    api.expect(page.locator("#write-status")).to_contain_text("Stopped: ")
    api.expect(page.get_by_role("button", name="Write")).to_be_enabled()


def test_an_alignment_is_a_table_whose_rows_are_shares(page):
    page.get_by_label("Sentence", exact=True).fill(SENTENCE)
    page.get_by_role("button", name="Translate").click()
    done(page, "translate")
    columns = page.get_by_role("columnheader").all_text_contents()
    assert "".join(columns).startswith("".join(SENTENCE.split()))
    rows = page.locator("#alignment tbody tr")
    assert rows.count() > 0
    for row in rows.all():
        assert row.get_by_role("rowheader").count() == 1
        shares = [int(cell) for cell in row.get_by_role("cell").all_text_contents()]
        assert len(shares) == len(columns)
        assert sum(shares) == pytest.approx(100, abs=len(columns))
    assert page.get_by_role("table").locator("caption").count() == 1


def test_what_the_server_refuses_is_told_in_words(page):
    page.locator("#write").evaluate("form => form.noValidate = true")
    write(page, Top_p=1.5)
    alert = page.locator("#write-error")
    api.expect(alert).to_have_text("`top_p` must be above 0 and at most 1. Received: top_p=1.5")
    page.route(f"{ADDRESS}v1/**", lambda route: route.fulfill(status=503, json={"error": "full"}))
    write(page, Top_p=1)
    api.expect(alert).to_have_text(
        "The server has too much to do. Try again in a moment. It says: full"
    )
    page.route(f"{ADDRESS}v1/**", lambda route: route.abort())
    write(page)
    api.expect(alert).to_have_text("The server cannot be reached. Is it running?")
    page.unroute(f"{ADDRESS}v1/**")


def test_all_is_reached_by_the_keyboard_and_has_a_name(page):
    page.keyboard.press("Tab")
    names = []
    while (element := page.evaluate_handle("document.activeElement")).evaluate(
        "e => e.tagName"
    ) != ("BODY"):
        names.append(
            element.evaluate("e => e.labels?.[0]?.textContent || e.ariaLabel || e.textContent")
        )
        page.keyboard.press("Tab")
        assert len(names) < 30
    options = ["Seed", "Words", "Temperature", "Top k", "Top p", "Repetition penalty"]
    assert names == ["Prompt", *options, "Write", "Scene", "Sentence", "Translate"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(page, scheme):
    """At least 4.5 to 1, as WCAG 2.2 asks for (1.4.3)."""
    page.emulate_media(color_scheme=scheme)
    colours = page.evaluate(
        """() => {
          const style = getComputedStyle(document.documentElement);
          const names = "paper card ink quiet accent on-accent bad heat most".split(" ");
          return Object.fromEntries(names
            .map((name) => [name, style.getPropertyValue("--" + name).trim()]));
        }"""
    )
    for behind in ("paper", "card"):
        for name in ("ink", "quiet", "accent", "bad"):
            assert contrast(colours[name], colours[behind]) >= 4.5, (name, behind)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    most, card = float(colours["most"]), parts_of(colours["card"])
    heat = [int(part) for part in colours["heat"].split(",")]
    hottest = [round(most * h + (1 - most) * c) for h, c in zip(heat, card, strict=True)]
    assert contrast(colours["ink"], "#{:02x}{:02x}{:02x}".format(*hottest)) >= 4.5


@pytest.mark.parametrize(("name", "size"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_it_fits_the_screen(page, name, size, tmp_path_factory):
    """Its picture is kept with the files of the test, `page-...png`."""
    page.set_viewport_size(size)
    write(page, Prompt="Ada: Is", Words=60)
    done(page, "write")
    page.get_by_label("Sentence", exact=True).fill(SENTENCE)
    page.get_by_role("button", name="Translate").click()
    done(page, "translate")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    picture = tmp_path_factory.getbasetemp() / f"page-{name}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 10_000


def contrast(one, other):
    """The ratio of two colours `#rrggbb` or `#rgb`, 1 to 21."""
    lights = sorted([luminance(one), luminance(other)])
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour):
    """Relative luminance, 0 to 1, by WCAG 2.2."""
    shares = [part / 255 for part in parts_of(colour)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def parts_of(colour):
    """Red, green and blue, 0 to 255."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    return [int(digits[place : place + 2], 16) for place in (0, 2, 4)]
