"""What the tests ask of Chromium beyond clicks and keys."""

import json


def scheme(driver, name):
    """What the system prefers: light or dark.

    The page hears of it when it next draws, not when the command returns: two frames later it has.
    """
    feature = {"name": "prefers-color-scheme", "value": name}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def requests(driver):
    """The addresses that were asked for since the log was last read."""
    said = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return [one["params"]["request"]["url"] for one in said if one["method"] == "Network.requestWillBeSent"]
