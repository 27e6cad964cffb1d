"""The report as a reader has it: opened from disk in a real browser, by mouse and by keyboard, light and dark."""

import numpy as np
import pytest
from browsing import requests, scheme
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

import gradflow as gf

# of WCAG 2.2, level AA
LEAST_CONTRAST = 4.5


def all_of(browser, selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


def one(browser, selector):
    (found,) = all_of(browser, selector)
    return found


def texts(browser, selector):
    """What elements say, whether or not they are in view."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector
    )


def column(browser, name):
    """The cells of a column on this page of the table."""
    headings = texts(browser, "#columns th")
    return texts(browser, f"#rows td:nth-child({headings.index(name) + 1})")


def addresses(browser):
    """(n, run) of the rows on this page of the table."""
    return [(int(n), int(run)) for n, run in zip(column(browser, "n"), column(browser, "run"), strict=True)]


def press(browser, *keys):
    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def open_run(browser, n, run):
    """Find a run by the filters, click it, and wait until it is drawn."""
    Select(one(browser, "#filter-n")).select_by_value(str(n))
    Select(one(browser, "#filter-outcome")).select_by_value("")
    (row,) = [row for row in all_of(browser, "#rows tr") if row.text.split()[:2] == [str(n), str(run)]]
    row.click()
    wait_for_run(browser, n, run)


def wait_for_run(browser, n, run):
    WebDriverWait(browser, 10).until(
        lambda b: texts(b, "#panel-title") == [f"n = {n}, run {run}"] and one(b, "#panel").get_attribute("data-run")
    )


def record_of(diagrams, k, n, run):
    (diagram,) = [diagram for diagram in diagrams if diagram.k == k]
    (found,) = [record for record in diagram.records if record.address == (k, n, run)]
    return found


def cosines_of(record):
    """Alignments by their definition, for the teachers e_1 … e_k."""
    within = record.arrays["weights"][:, : record.address.k]
    cosines = within / np.linalg.norm(within, axis=1, keepdims=True)
    return np.array([row * np.sign(row[np.argmax(np.abs(row))]) for row in cosines])


def colours_of_cells(browser):
    """Of the heat map, at the middle of each cell: (row, column, RGB)."""
    canvas = one(browser, "#map")
    cell = int(canvas.get_attribute("data-cell"))
    (width, height), data = browser.execute_script(
        "const image = arguments[0].getContext('2d').getImageData(0, 0, arguments[0].width, arguments[0].height);"
        "return [[image.width, image.height], [...image.data]];",
        canvas,
    )
    return np.array(data).reshape(height, width, 4)[cell // 2 :: cell, cell // 2 :: cell, :3]


def test_it_opens_from_disk_with_no_request_and_no_word_in_the_console(chromium, page):
    chromium.get_log("performance")
    chromium.get_log("browser")
    chromium.get(page)
    assert chromium.current_url.startswith("file://")
    assert chromium.title == "Phase diagram, k = 3, 8"
    assert len(all_of(chromium, "#rows tr")) > 0
    asked = [url for url in requests(chromium) if not url.startswith("data:")]
    assert asked == [page]
    assert chromium.get_log("browser") == []


def test_the_table_has_every_run_once_on_its_pages(browser, diagrams):
    expected = [(record.address.n, record.address.run) for record in diagrams[1].records]
    seen = addresses(browser)
    assert len(seen) == 50
    one(browser, "#page-on").click()
    seen += addresses(browser)
    assert seen == expected
    assert not one(browser, "#page-on").is_enabled()
    assert one(browser, "#count").text == f"all {len(expected)} runs"
    assert one(browser, "#count").get_attribute("aria-live") == "polite"


def test_cells_say_what_the_records_say(browser, diagrams):
    record = diagrams[1].records[0]
    said = dict(zip(texts(browser, "#columns th"), texts(browser, "#rows tr:first-child td"), strict=True))
    assert said["outcome"] == "C-A"
    assert said["partition"] == "2×1 + 6"
    assert said["loss"] == f"{record.loss:.12f}"
    assert said["steps"] == str(record.header["flow"]["steps"])
    mantissa, exponent = f"{record.header['point']['gradient_norm']:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert said["gradient norm"] == f"{mantissa}·10{raised}"


def test_a_heading_sorts_and_says_so(browser, diagrams):
    heading = one(browser, "th[data-key=least_eigenvalue]")
    values = [record.summary()["least_eigenvalue"] for record in diagrams[1].records]
    # a run without a spectrum comes last both ways
    places = sorted(range(len(values)), key=lambda i: (values[i] is None, values[i] or 0))
    expected = [(diagrams[1].records[i].address.n, diagrams[1].records[i].address.run) for i in places]
    one(heading, "button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert addresses(browser) == expected[:50]
    one(heading, "button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    falling = [values[places[i]] for i in range(len(places) - 2, -1, -1)]
    shown = addresses(browser)
    by_address = {(r.address.n, r.address.run): r.summary()["least_eigenvalue"] for r in diagrams[1].records}
    assert [by_address[address] for address in shown] == falling[:50]
    assert [th.get_attribute("aria-sort") for th in all_of(browser, "th[data-key=n]")] == ["none"]


def test_filters_and_search_narrow_the_table_and_the_count_follows(browser, diagrams):
    records = diagrams[1].records
    Select(one(browser, "#filter-outcome")).select_by_value("P-n-C")
    expected = [(r.address.n, r.address.run) for r in records if r.outcome == "P-n-C"]
    assert addresses(browser) == expected
    assert one(browser, "#count").text == f"{len(expected)} of {len(records)} runs"
    one(browser, "#filter-clear").click()
    Select(one(browser, "#filter-n")).select_by_value("4")
    assert addresses(browser) == [(4, run) for run in range(17)]
    one(browser, "#filter-clear").click()
    Select(one(browser, "#filter-kind")).select_by_value("channel")
    assert addresses(browser) == [(3, 100)]
    one(browser, "#filter-clear").click()
    one(browser, "#filter-text").send_keys("MEMORY 101")
    assert addresses(browser) == [(3, 101)]
    one(browser, "#rows tr").click()
    wait_for_run(browser, 3, 101)
    one(browser, "#panel-close").click()
    one(browser, "#filter-text").send_keys(" nowhere")
    assert texts(browser, "#rows td") == ["No run is like that."]
    assert one(browser, "#count").text.startswith("0 of")


def by_search(browser):
    one(browser, "#filter-text").send_keys("P-n-C")


def by_key(selector, letters):
    """By the first letters of an option, as from the keyboard."""
    return lambda browser: one(browser, selector).send_keys(letters)


def by_heading(browser):
    one(browser, "#filter-text").send_keys("minimum")
    one(browser, "th[data-key=loss] button").click()


def cleared(browser):
    one(browser, "#filter-text").send_keys("P-n-C")
    one(browser, "#filter-clear").click()


@pytest.mark.parametrize(
    "narrowed",
    [
        by_search,
        by_key("#filter-outcome", "P"),
        by_key("#filter-kind", "m"),
        by_key("#filter-n", "7"),
        by_heading,
        cleared,
    ],
    ids=["search", "outcome", "kind", "n", "heading", "cleared"],
)
def test_the_first_click_straight_after_a_filter_opens_the_run(browser, narrowed):
    narrowed(browser)
    n, run = addresses(browser)[1]
    all_of(browser, "#rows tr")[1].click()
    wait_for_run(browser, n, run)


@pytest.mark.parametrize("kind", ["mousedown", "change", "blur"])
@pytest.mark.parametrize(
    "drawing",
    [
        "select()",
        "drawTable()",
        "state.sort = 'loss'; select()",
        "find('#filter-n').value = '7'; select()",
        "drawDiagram()",
    ],
)
def test_no_drawing_comes_between_press_and_release(browser, kind, drawing):
    """Whoever asks for it: a field that is left, or anything else at that moment."""
    field = one(browser, "#filter-text")
    field.send_keys("c")
    browser.execute_script(
        f"(arguments[0] === 'mousedown' ? document : arguments[1]).addEventListener(arguments[0], () => {{{drawing}}})",
        kind,
        field,
    )
    n, run = addresses(browser)[2]
    all_of(browser, "#rows tr")[2].click()
    wait_for_run(browser, n, run)
    # what was asked for is drawn after the click
    assert browser.execute_script("return [press.held, press.waiting.size]") == [False, 0]
    if "filter-n" in drawing:
        assert set(column(browser, "n")) == {"7"}


def test_a_press_that_ends_elsewhere_holds_nothing_back(browser):
    row = all_of(browser, "#rows tr")[1]
    ActionChains(browser).click_and_hold(row).move_to_element(one(browser, "h1")).release().perform()
    one(browser, "#filter-text").send_keys("nowhere")
    assert texts(browser, "#rows td") == ["No run is like that."]


def test_why_a_run_failed_is_text_and_no_markup(browser):
    Select(one(browser, "#filter-outcome")).select_by_value("failed")
    assert column(browser, "reason") == ["MemoryError: no memory for </script> of run 101"]
    assert column(browser, "loss") == ["–"]
    one(browser, "#rows tr").click()
    wait_for_run(browser, 3, 101)
    assert texts(browser, "#panel .reason") == ["MemoryError: no memory for </script> of run 101"]
    assert all_of(browser, "#panel canvas") == []
    assert len(all_of(browser, "#no-path")) == len(all_of(browser, "#no-spectrum")) == 1


def test_a_channel_says_its_reason(browser):
    open_run(browser, 3, 100)
    assert texts(browser, "#panel .reason") == ["outputs grow <b>apart</b>"]


def test_the_diagram_has_its_curves_marks_shares_boundaries_and_a_description(browser, diagrams):
    picture = one(browser, "#diagram svg")
    assert texts(browser, "#diagram svg > title") == ["Phase diagram at k = 8"]
    assert "95 % intervals" in texts(browser, "#diagram svg > desc")[0]
    assert picture.get_attribute("aria-labelledby")
    assert len(all_of(browser, "#diagram .exact")) == 2
    assert len(all_of(browser, "#diagram .boundary")) == 3
    classes = {record.outcome for record in diagrams[1].records}
    assert len(all_of(browser, "#diagram .interval")) == len(all_of(browser, "#diagram .share")) == len(classes)
    spots = {(r.outcome, r.address.n, round(r.loss, 9)) for r in diagrams[1].records if np.isfinite(r.loss)}
    assert len(all_of(browser, "#diagram .mark")) == len(spots)
    one(browser, "#relative").click()
    assert "loss at convergence over that of optimal C-A" in texts(browser, "#diagram text")


def test_gamma_1_and_2_stand_beside_the_exact_boundaries_in_numbers(browser, diagrams):
    shown = texts(browser, "#places b")
    estimates = (diagrams[1].gamma1, diagrams[1].gamma50, diagrams[1].gamma2)
    assert shown[:3] == ["undecided" if one.value is None else f"{one.value:.3f}" for one in estimates]
    # reference.md: copy-average's border at k = 8 is n = 6.70354
    assert float(shown[5]) == pytest.approx(6.70354 / 8, rel=1e-5)


def test_a_mark_tells_its_runs_and_a_click_shows_them_in_the_table(browser, diagrams):
    # the marks are drawn with the largest share first; that of the crossing's right side is P-n-C at n = 7
    mark = all_of(browser, "#diagram .mark")[0]
    ActionChains(browser).move_to_element(mark).perform()
    said = one(browser, "#diagram-readout").text
    n = int(said.split(",")[0].removeprefix("n = "))
    outcome = said.split(": ")[0].rsplit(", ", 1)[1]
    expected = [(r.address.n, r.address.run) for r in diagrams[1].records if (r.address.n, r.outcome) == (n, outcome)]
    assert "95 % interval" in said
    ActionChains(browser).click().perform()
    assert addresses(browser) == expected
    assert Select(one(browser, "#filter-outcome")).first_selected_option.text == outcome


def test_a_click_on_a_run_shows_its_alignments_as_pixels(browser, diagrams):
    open_run(browser, 4, 2)
    record = record_of(diagrams, 8, 4, 2)
    one(browser, "#map-order").click()  # as stored
    shown = colours_of_cells(browser)
    assert shown.shape == (4, 8, 3)
    ground, positive = np.array([255, 255, 255]), np.array([0x00, 0x72, 0xB2])
    expected = np.clip(cosines_of(record), 0, 1)[:, :, None] * (positive - ground) + ground
    assert np.max(np.abs(shown - expected)) <= 1
    canvas = one(browser, "#map")
    cell = int(canvas.get_attribute("data-cell"))
    ActionChains(browser).move_to_element_with_offset(canvas, int((2.5 - 4) * cell), int((1.5 - 2) * cell)).perform()
    kind = record.neurons[1]["kind"]
    value = f"{cosines_of(record)[1, 2]:z.4f}".replace("-", "−")
    assert one(browser, "#map-readout").text == f"student 1 ({kind}), teacher 2: cosine {value}"


def test_matched_students_and_teachers_stand_on_the_diagonal(browser, diagrams):
    open_run(browser, 7, 0)
    assert record_of(diagrams, 8, 7, 0).outcome == "P-n-C"
    red = colours_of_cells(browser)[:, :, 0]
    # white at 0; a copy's cosine is above 0.9
    assert np.all(np.diag(red) < 0.11 * 255)
    assert np.sum(red < 0.5 * 255) == 7


def test_the_box_plot_has_each_students_quartiles_and_whiskers(browser, diagrams):
    open_run(browser, 7, 1)
    cosines = cosines_of(record_of(diagrams, 8, 7, 1))
    boxes = all_of(browser, "#panel .box")
    assert len(boxes) == 7
    for student, box in enumerate(boxes):
        quartiles = np.percentile(cosines[student], [25, 50, 75])
        reach = 1.5 * (quartiles[2] - quartiles[0])
        inside = cosines[student][
            (cosines[student] >= quartiles[0] - reach) & (cosines[student] <= quartiles[2] + reach)
        ]
        shown = [float(box.get_attribute(f"data-{name}")) for name in ("q1", "median", "q3", "lower", "upper")]
        whiskers = min(quartiles[0], inside.min()), max(quartiles[2], inside.max())
        assert shown == pytest.approx([*quartiles, *whiskers], abs=5e-5)
    assert one(browser, "#panel .dots").get_attribute("d").count("M") == 7 * 8


def test_the_path_and_the_spectrum_are_drawn_and_read_out(browser, diagrams):
    open_run(browser, 4, 0)
    record = record_of(diagrams, 8, 4, 0)
    courses = all_of(browser, "#panel .course")
    points = [int(course.get_attribute("data-points")) for course in courses]
    kept = np.count_nonzero(record.arrays["times"] > 0)
    assert len(points) == 2
    assert all(0.5 * min(64, kept) < count <= min(64, kept) for count in points)
    assert len(all_of(browser, "#panel .eigenvalue")) == 4 * 9 + 4
    chart = all_of(browser, "#panel .chart svg")[-1]
    assert "40 positive" in chart.get_property("textContent")
    browser.execute_script("arguments[0].focus()", chart)
    press(browser, Keys.ARROW_RIGHT)
    value = f"{record.arrays['eigenvalues'][0]:.4e}".split("e")[0]
    readout = [text for text in texts(browser, "#panel .readout") if text.startswith("eigenvalue 1:")]
    assert len(readout) == 1
    assert value in readout[0]


def test_a_record_without_its_path_says_so(browser):
    open_run(browser, 3, 102)
    assert texts(browser, "#no-path")[0].startswith("Path not kept")
    assert len(all_of(browser, "#panel canvas")) == 1


def test_a_certificate_stands_in_the_table_and_in_the_panel_of_its_run(browser, diagrams):
    assert set(column(browser, "certified")) == {"–"}
    browser.execute_script("document.querySelector('#tabs').firstElementChild.click()")
    found = diagrams[0].certificates[gf.Address(3, 2, 1)]
    cells = dict(zip(addresses(browser), column(browser, "certified"), strict=True))
    assert cells[2, 1] == found.statement == "isolated critical point"
    open_run(browser, 2, 1)
    (shown,) = texts(browser, "#certificate")
    assert "isolated critical point" in shown
    # the digits that both ends share stand once, and the ends in full where the pointer rests
    lower, upper = (str(end) for end in str(found.loss).strip("[]").split(", "))
    loss = one(browser, "#certificate dd[title]")
    assert loss.get_attribute("title") == f"[{lower}, {upper}]"
    head, ends = loss.text.rstrip("]").split("[")
    assert [head + end for end in ends.split(", ")] == [lower, upper]
    assert len(head) > 20


def test_the_keyboard_alone_reaches_and_walks_the_runs_and_closes_them(browser, diagrams):
    order = [(record.address.n, record.address.run) for record in diagrams[1].records]
    one(browser, "#filter-text").click()
    for _ in range(40):
        if browser.switch_to.active_element.tag_name == "tr":
            break
        press(browser, Keys.TAB)
    active = browser.switch_to.active_element
    assert active.tag_name == "tr"
    outline = active.value_of_css_property("outline-style"), active.value_of_css_property("outline-width")
    assert outline == ("solid", "2px")
    press(browser, Keys.ENTER)
    wait_for_run(browser, *order[0])
    for step in (1, 2):
        press(browser, Keys.ARROW_DOWN)
        wait_for_run(browser, *order[step])
    press(browser, Keys.ARROW_UP)
    wait_for_run(browser, *order[1])
    # over the end of the table's page
    press(browser, Keys.PAGE_DOWN)
    wait_for_run(browser, *order[51])
    assert one(browser, "#page-range").text == f"51–{len(order)} of {len(order)}"
    press(browser, Keys.ESCAPE)
    assert not one(browser, "#panel").is_displayed()
    active = browser.switch_to.active_element
    assert (active.tag_name, active.text.split()[:2]) == ("tr", [str(part) for part in order[51]])
    # a row that is not open is walked to without being opened
    press(browser, Keys.ARROW_DOWN)
    assert browser.switch_to.active_element.text.split()[:2] == [str(part) for part in order[52]]
    assert not one(browser, "#panel").is_displayed()


def test_the_panel_is_walked_from_inside_and_keeps_the_focus(browser, diagrams):
    order = [(record.address.n, record.address.run) for record in diagrams[1].records]
    press(browser, Keys.TAB)
    browser.execute_script("document.querySelector('#rows tr').focus()")
    press(browser, Keys.ENTER)
    wait_for_run(browser, *order[0])
    press(browser, Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("aria-label") == "Next run"
    press(browser, Keys.ENTER)
    wait_for_run(browser, *order[1])
    assert browser.switch_to.active_element.get_attribute("aria-label") == "Next run"
    press(browser, Keys.ARROW_DOWN)
    wait_for_run(browser, *order[2])
    assert one(browser, "#panel").get_attribute("id") in browser.execute_script(
        "return [...(function* () { for (let e = document.activeElement; e; e = e.parentElement) yield e.id })()]"
    )
    one(browser, "#panel-close").click()
    assert not one(browser, "#panel").is_displayed()


def test_an_open_run_stays_the_current_one_when_the_table_is_sorted(browser, diagrams):
    losses = sorted((r.loss, i) for i, r in enumerate(diagrams[1].records) if r.header["loss"] is not None)
    order = [(r.address.n, r.address.run) for r in (diagrams[1].records[i] for _, i in losses)]
    open_run(browser, 4, 5)
    Select(one(browser, "#filter-n")).select_by_value("")
    browser.execute_script("document.querySelector('th[data-key=loss] button').click()")
    browser.execute_script("document.querySelector('#rows tr[tabindex=\"0\"]').focus()")
    press(browser, Keys.ARROW_DOWN)
    wait_for_run(browser, *order[order.index((4, 5)) + 1])


def test_marks_cells_and_charts_answer_to_arrow_keys(browser):
    browser.execute_script("document.querySelector('#diagram svg').focus()")
    press(browser, Keys.ARROW_RIGHT)
    assert one(browser, "#diagram-readout").text.startswith("n = 3,")
    press(browser, Keys.ENTER)
    assert set(column(browser, "n")) == {"3"}
    open_run(browser, 4, 0)
    browser.execute_script("document.querySelector('#map').focus()")
    press(browser, Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
    assert one(browser, "#map-readout").text.startswith("student")
    assert texts(browser, "#panel-title") == ["n = 4, run 0"]


def test_tabs_change_the_teacher_width_and_points_without_a_name_come_first(browser, diagrams):
    small = diagrams[0]
    assert not one(browser, "#others-section").is_displayed()
    tab = one(browser, "#tabs :last-child")
    assert tab.get_attribute("aria-selected") == "true"
    browser.execute_script("arguments[0].focus()", tab)
    press(browser, Keys.ARROW_LEFT)
    assert one(browser, "#tabs :first-child").get_attribute("aria-selected") == "true"
    assert tab.get_attribute("aria-selected") == "false"
    assert addresses(browser) == [(record.address.n, record.address.run) for record in small.records]
    assert texts(browser, "#diagram svg > title") == ["Phase diagram at k = 3"]
    others = small.others
    assert len(others) > 0
    assert len(texts(browser, "#others tbody tr")) == len(others)
    place = browser.execute_script("return document.querySelector('#others-section').getBoundingClientRect().top")
    assert place < browser.execute_script("return document.querySelector('#runs').getBoundingClientRect().top")
    all_of(browser, "#others button")[0].click()
    assert set(column(browser, "outcome")) == {"other"}


# the contrast of every text that is shown against what lies behind it
CONTRASTS = """
const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const parse = (colour) => {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const ground = (element) => {
  const layers = [];
  for (let e = element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
  return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
};
const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const luminance = (colour) => {
  const [r, g, b] = colour.map((part) => linear(part / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
return [...document.querySelectorAll('body *')].filter((e) =>
  [...e.childNodes].some((c) => c.nodeType === 3 && c.data.trim()) && e.getClientRects().length
  && !e.closest('script, :disabled, title, desc')
).map((e) => {
  const style = getComputedStyle(e);
  const behind = ground(e);
  const front = over(parse(e.closest('svg') ? style.fill : style.color), behind);
  const [low, high] = [luminance(front), luminance(behind)].sort((a, b) => a - b);
  return [(high + 0.05) / (low + 0.05), e.textContent.slice(0, 40)];
});
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_in_either_theme(browser, theme):
    scheme(browser, theme)
    open_run(browser, 4, 1)
    browser.execute_script("document.querySelector('.reading').open = true")
    contrasts = browser.execute_script(CONTRASTS)
    assert len(contrasts) > 200
    assert [found for found in contrasts if found[0] < LEAST_CONTRAST] == []


def test_the_button_overrules_what_the_system_prefers(browser):
    def ground():
        return one(browser, "body").value_of_css_property("background-color")

    light = ground()
    scheme(browser, "dark")
    dark = ground()
    assert (light, dark) == ("rgba(251, 251, 249, 1)", "rgba(19, 23, 26, 1)")
    assert one(browser, "#theme").text == "Light"
    one(browser, "#theme").click()
    assert (ground(), one(browser, "#theme").text) == (light, "Dark")
    one(browser, "#theme").click()
    assert ground() == dark


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 900])
@pytest.mark.parametrize("tab", ["first", "last"])
def test_no_column_is_cut_off(browser, width, theme, tab):
    scheme(browser, theme)
    device = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    try:
        browser.execute_script(f"document.querySelector('#tabs').{tab}ElementChild.click()")
        inner, outer = browser.execute_script(
            "const table = document.querySelector('#table');return [table.scrollWidth, table.parentElement.clientWidth]"
        )
        assert inner <= outer
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert one(browser, "#columns th:last-child").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_it_fits_a_narrow_screen(browser):
    device = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    try:
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 400
        open_run(browser, 4, 3)
        assert browser.execute_script("return document.querySelector('#panel').scrollWidth") <= 400
        assert one(browser, "#panel").size["width"] == 400
        assert one(browser, "#map").size["width"] <= 400
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
