// The table of runs: sorted, filtered, in pages; and the points without a name.

const MARGIN = 40; // px that stay free above and below the current row

const chip = (name) => html("span", { class: "chip", style: `--class:${colour(name)}` }, name);

/** key of the data, heading, text of a cell, and whether it is a number. */
const COLUMNS = [
  ["n", "n", whole, true],
  ["run", "run", whole, true],
  ["outcome", "outcome", String, false],
  ["partition", "partition", partitionText, false],
  ["kind", "kind", String, false],
  ["index", "index", whole, true],
  ["nullity", "nullity", whole, true],
  ["loss", "loss", (value) => fixed(value, 12), true],
  ["gradient_norm", "gradient norm", scientific, true],
  ["least_eigenvalue", "least eigenvalue", (value) => scientific(value, 3), true],
  ["time", "flow time", (value) => scientific(value, 2), true],
  ["steps", "steps", whole, true],
  ["seconds", "seconds", (value) => fixed(value, 2), true],
  ["certified", "certified", (value) => value || none, false],
  ["reason", "reason", (value) => value || none, false],
  // what is proved has a column once anything was tried
].filter(([key]) => key !== "certified" || DATA.diagrams.some((diagram) => given(diagram.certified)));

/** Cells of words, which may be wrapped; and what a narrow page leaves to the panel of the run. */
const WORDY = ["kind", "certified", "reason"];
const FURTHER = ["nullity", "gradient_norm", "time", "steps", "seconds"];

/** All that a search can find of a row, written once. */
const searched = (row) =>
  (row.text ||= COLUMNS.map(([key, , text]) => text(row[key]))
    .join(" ")
    .toLowerCase());

const select = calm(() => {
  const words = find("#filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [outcome, kind, n] = ["outcome", "kind", "n"].map((name) => find(`#filter-${name}`).value);
  // partitions are in ascending order: sorted by how many teachers the largest average takes
  const value = (row) => (state.sort === "partition" ? row.partition?.at(-1) : row[state.sort]);
  state.order = state.rows
    .filter(
      (row) =>
        (!outcome || row.outcome === outcome) &&
        (!kind || row.kind === kind) &&
        (!n || row.n === Number(n)) &&
        words.every((word) => searched(row).includes(word)),
    )
    .sort((first, second) => {
      const [a, b] = [value(first), value(second)];
      // what a run does not have comes last, whichever way the column is sorted
      if (!given(a) || !given(b)) return given(b) - given(a) || first.id - second.id;
      return (a < b ? -state.way : a > b ? state.way : 0) || first.id - second.id;
    });
  // an open run stays the current one, so that the arrow keys go on from it
  const open = state.order.findIndex((row) => row.id === state.open);
  state.current = open < 0 && state.order.length ? 0 : open;
  state.page = Math.max(0, Math.floor(state.current / ROWS_A_PAGE));
  drawTable();
});

const drawTable = calm(() => {
  const count = state.order.length;
  const [first, last] = [state.page * ROWS_A_PAGE, Math.min(count, (state.page + 1) * ROWS_A_PAGE)];
  const rows = state.order.slice(first, last).map((row, offset) =>
    html(
      "tr",
      {
        tabindex: first + offset === state.current ? 0 : -1,
        "aria-selected": row.id === state.open ? "true" : "false",
        "data-row": row.id,
      },
      COLUMNS.map(([key, , text, number]) => {
        if (key === "outcome") return html("td", {}, chip(row.outcome));
        const written = key === "loss" ? lossText(row.loss, row.loss_floor) : text(row[key]);
        const kind = [number ? "number" : WORDY.includes(key) ? "wordy" : "", FURTHER.includes(key) ? "further" : ""];
        // a long reason is cut after two lines, and whole in the panel
        const shown = key === "reason" ? html("span", { class: "two-lines", title: written }, written) : written;
        return html("td", { class: kind.join(" ").trim() || null }, shown);
      }),
    ),
  );
  find("#rows").replaceChildren(
    ...(rows.length
      ? rows
      : [html("tr", {}, html("td", { class: "empty", colspan: COLUMNS.length }, "No run is like that."))]),
  );
  find("#table").setAttribute("aria-rowcount", count + 1);
  find("#count").textContent =
    count === state.rows.length
      ? `all ${counted(count, "run")}`
      : `${count.toLocaleString("en")} of ${counted(state.rows.length, "run")}`;
  find("#page-range").textContent = count
    ? `${(first + 1).toLocaleString("en")}–${last.toLocaleString("en")} of ${count.toLocaleString("en")}`
    : "0 of 0";
  find("#page-back").disabled = state.page === 0;
  find("#page-on").disabled = last >= count;
  for (const heading of find("#columns").children) {
    const sorted = heading.dataset.key === state.sort;
    heading.setAttribute("aria-sort", sorted ? (state.way > 0 ? "ascending" : "descending") : "none");
  }
});

/** Make a place of the filtered order the current row, on whichever page it stands. */
const goTo = (position, focus = true) => {
  if (!state.order.length) return;
  state.current = Math.min(state.order.length - 1, Math.max(0, position));
  state.page = Math.floor(state.current / ROWS_A_PAGE);
  if (state.open >= 0) openRun(state.order[state.current].id);
  else drawTable();
  const row = find("#rows tr[tabindex='0']");
  if (!focus || !row) return;
  // focus alone would scroll the table sideways too
  row.focus({ preventScroll: true });
  const { top, bottom } = row.getBoundingClientRect();
  if (top < MARGIN) scrollBy(0, top - MARGIN);
  else if (bottom > innerHeight - MARGIN) scrollBy(0, bottom - innerHeight + MARGIN);
};

const turn = (pages) => goTo((state.page + pages) * ROWS_A_PAGE, false);

const fill = (name, values, all) =>
  find(`#filter-${name}`).replaceChildren(
    html("option", { value: "" }, all),
    ...values.map((value) => html("option", { value }, value)),
  );

const clearFilters = () => {
  for (const control of find("#filters").elements) if (control.id !== "filter-clear") control.value = "";
};

/** The runs of a mark, in the table. */
const showOnly = (n, outcome) => {
  clearFilters();
  find("#filter-n").value = n;
  find("#filter-outcome").value = outcome;
  select();
  find("#runs").scrollIntoView({
    block: "start",
    behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  });
  const row = find("#rows tr[tabindex='0']");
  if (row) row.focus({ preventScroll: true });
};

const drawOthers = () => {
  const others = state.diagram.others;
  find("#others-section").hidden = !others.length;
  const heads = ["point", "n", "loss", "loss − C-A", "kind", "index", "runs"];
  const rows = others.map((other) =>
    html(
      "tr",
      {},
      html(
        "td",
        {},
        html(
          "button",
          { type: "button", class: "quiet", onclick: () => showOnly(other.n, "other") },
          `other-${other.number}`,
        ),
      ),
      [whole(other.n), fixed(other.loss, 12), scientific(other.above, 3)].map((text) =>
        html("td", { class: "number" }, text),
      ),
      html("td", {}, other.kind),
      html("td", { class: "number" }, whole(other.index)),
      html("td", { class: "long", title: other.runs.join(", ") }, `${other.runs.length} (${other.runs.join(", ")})`),
    ),
  );
  find("#others").replaceChildren(
    html(
      "thead",
      {},
      html(
        "tr",
        {},
        heads.map((head, i) => html("th", { scope: "col", class: [1, 2, 3, 5].includes(i) ? "number" : null }, head)),
      ),
    ),
    html("tbody", {}, rows),
  );
};
