"""The report of 1,000 runs at k = 50: how many megabytes it is, and how soon it answers in headless Chromium.

The runs are those of a store that is given, or of a small sweep made here (one run at every width, some minutes on one
core), repeated under new numbers until there are enough; runs of a store without paths get the path of a made-up decay,
so that the page is as large as it would be. The clock runs from the start of the navigation until the table is drawn
and a click on a run has drawn its panel: the median of five loads, each in a fresh profile.

    python benchmarks/report_page.py [--store runs/k50] [--runs 1000]
"""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

import numpy as np
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

import gradflow as gf
from gradflow._compilation_cache import use_compilation_cache

LOADS = 5
# what the page's own clock says once it has drawn the table, clicked a run and drawn it
CLICK_AND_TELL = """
const done = arguments[0];
const drawn = document.querySelectorAll('#rows tr[data-row]');
drawn[drawn.length - 1].click();
const wait = () => {
  if (!document.querySelector('#panel').dataset.run) return requestAnimationFrame(wait);
  requestAnimationFrame(() => done([drawn.length, performance.now()]));
};
wait();
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--runs", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = gf.phase_diagram(50, runs=1, progress=True) if asked.store is None else stored(asked.store)
        page = gf.write_report(repeated(source, asked.runs), Path(folder) / "report.html")
        seconds = [load(page) for _ in range(LOADS)]
        print(f"{asked.runs} runs at k = {source.k}, widths {source.widths[0]} to {source.widths[-1]}")
        print(f"{page.stat().st_size / 1e6:.2f} MB")
        each = ", ".join(f"{one:.2f}" for one in seconds)
        print(f"{statistics.median(seconds):.2f} s to a table and an answered click (median of {each})")


def stored(folder: Path) -> gf.PhaseDiagram:
    """The largest sweep of a store."""
    return max(gf.stored_diagrams(folder), key=lambda diagram: diagram.k)


def repeated(source: gf.PhaseDiagram, runs: int) -> gf.PhaseDiagram:
    """So many runs, evenly over the widths of a diagram."""
    widths = source.widths
    same = {n: [record for record in source.records if record.address.n == n] for n in widths}
    records = []
    for number in range(runs):
        n, run = widths[number % len(widths)], number // len(widths)
        records.append(renumbered(same[n][run % len(same[n])], run))
    records.sort(key=lambda record: record.address)
    return gf.PhaseDiagram(experiment=source.experiment, k=source.k, records=tuple(records), complete=True)


def renumbered(record: gf.Record, run: int) -> gf.Record:
    """The record under another number, with a path, and not the same in the last digits."""
    noise = np.random.default_rng([record.address.n, run])
    weights = record.arrays["weights"]
    times = np.concatenate([[0.0], np.geomspace(1e-4, record.header["flow"]["time"], record.header["flow"]["steps"])])
    path = {"times": times, "losses": record.loss + 1 / (1 + times), "gradient_norms": 1 / (1 + times) ** 2}
    arrays = path | record.arrays | {"weights": weights + 1e-6 * noise.standard_normal(weights.shape)}
    address = record.address._replace(run=run)
    return gf.Record(address=address, header=record.header | {"run": run}, arrays=arrays)


def load(page: Path) -> float:
    """Seconds from the start of the navigation to the answered click."""
    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or "chromium"
        for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1200,900"):
            options.add_argument(option)
        options.add_argument(f"--user-data-dir={profile}")
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            driver.get(page.as_uri())
            rows, milliseconds = driver.execute_async_script(CLICK_AND_TELL)
        finally:
            driver.quit()
    assert rows > 0
    return milliseconds / 1000


if __name__ == "__main__":
    use_compilation_cache()
    main()
