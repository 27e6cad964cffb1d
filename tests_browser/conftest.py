"""A page with every class of runs at two widths of teacher, opened from disk in Chromium without a window."""

import shutil

import pytest
from browsing import scheme
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

import gradflow as gf
from gradflow.sweeps.record import crashed
from gradflow.sweeps.task import Task

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # Chromium refuses to run as root with it
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,900",
)


@pytest.fixture(scope="session")
def diagrams():
    """k = 3 with students more than teachers, all of them certified; k = 8 with more runs than a page of the table
    holds, some of them made up: in a channel, failed, and in a record of an older version.
    """
    small = gf.phase_diagram(k=3, widths=(2, 3, 4), runs=2, certify=True)
    large = gf.phase_diagram(k=8, widths=(3, 4, 7), runs=17)
    first = large.records[0]
    channel = first.header | {
        "run": 100,
        "classification": first.header["classification"] | {"kind": "channel", "reason": "outputs grow <b>apart</b>"},
    }
    older = {name: array for name, array in first.arrays.items() if name not in ("times", "losses", "gradient_norms")}
    made = (
        gf.Record(address=gf.Address(8, 3, 100), header=channel, arrays=first.arrays),
        crashed(large.experiment, Task(gf.Address(8, 3, 101)), MemoryError("no memory for </script> of run 101")),
        gf.Record(address=gf.Address(8, 3, 102), header=first.header | {"run": 102}, arrays=older),
    )
    records = (*large.at(3), *made, *large.at(4), *large.at(7))
    return small, gf.PhaseDiagram(experiment=large.experiment, k=8, records=records, complete=True)


@pytest.fixture(scope="session")
def page(diagrams, tmp_path_factory):
    """The address of the report."""
    return gf.write_report(diagrams, tmp_path_factory.mktemp("report") / "report.html").as_uri()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """The browser; its logs of the console and of the network are kept."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for option in (*_OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium, page):
    """The page as just opened, light, at k = 8; whatever the test does, the console stays silent."""
    chromium.get_log("performance")
    scheme(chromium, "light")
    chromium.get(page)
    chromium.execute_script("document.querySelector('#tabs').lastElementChild.click()")
    yield chromium
    assert chromium.get_log("browser") == []
