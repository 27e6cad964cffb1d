// A diagram is shown, and the page is built.

const list = (object) =>
  Object.entries(object)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

const showDiagram = (diagram) => {
  closeRun();
  Object.assign(state, { diagram, rows: rowsOf(diagram), sort: "n", way: 1 });
  for (const tab of find("#tabs").children) {
    const chosen = DATA.diagrams[tab.dataset.diagram] === diagram;
    tab.setAttribute("aria-selected", chosen ? "true" : "false");
    tab.tabIndex = chosen ? 0 : -1;
  }
  find("#lead").textContent =
    `${counted(diagram.k, "teacher")} in ${diagram.d} dimensions, students of ${Object.values(diagram.shares)[0].length} widths, ${counted(state.rows.length, "run")} from ${diagram.init} starts${given(diagram.certified) ? `, ${diagram.certified.toLocaleString("en")} certified` : ""}${diagram.complete ? "" : " (not complete)"}.`;
  find("#alarm").hidden = !diagram.contradicted;
  find("#alarm").textContent =
    `Proofs contradict the class of ${counted(diagram.contradicted, "run")}: the class is wrong, or gradflow is. Please report it.`;
  const { rule, ...problem } = diagram.problem;
  find("#experiment").replaceChildren(
    ...facts([
      ["teacher", `${rule}, k = ${diagram.k}, d = ${diagram.d}`],
      ["activation and inputs", `${problem.activation}, ${problem.inputs}`],
      ["initial weights", diagram.law],
      ["root seed", String(diagram.seed)],
      ["options of the flow", list(diagram.options)],
      ["runs", `${counted(state.rows.length, "run")}, ${diagram.complete ? "complete" : "not complete"}`],
      ["certified", given(diagram.certified) ? `${diagram.certified} of ${counted(state.rows.length, "run")}` : ""],
      ["run by", diagram.versions.join("; ")],
      ["experiment", diagram.identity],
    ]),
  );
  const distinct = (name) => [...new Set(state.rows.map((row) => row[name]))];
  fill(
    "outcome",
    DATA.classes.filter((name) => name in diagram.shares),
    "all",
  );
  fill("kind", distinct("kind").sort(), "all");
  fill(
    "n",
    distinct("n").sort((a, b) => a - b),
    "all",
  );
  clearFilters();
  find("#relative").parentElement.hidden = diagram.k < 2;
  drawLegend();
  drawDiagram();
  drawPlaces();
  drawOthers();
  select();
};

const dark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
const themed = () => {
  find("#theme").textContent = dark() ? "Light" : "Dark";
  repaint();
};

const build = () => {
  find("#tabs").replaceChildren(
    ...DATA.diagrams.map((diagram, i) =>
      html(
        "button",
        {
          type: "button",
          role: "tab",
          "aria-controls": "main",
          "data-diagram": i,
          onclick: () => showDiagram(diagram),
        },
        diagram.name,
      ),
    ),
  );
  find("#tabs").addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tab = way && event.target[way > 0 ? "nextElementSibling" : "previousElementSibling"];
    if (!tab) return;
    tab.click();
    tab.focus();
  });
  find("#columns").replaceChildren(
    ...COLUMNS.map(([key, label, , number]) =>
      html(
        "th",
        {
          scope: "col",
          class: `${number ? "number" : ""} ${FURTHER.includes(key) ? "further" : ""}`.trim() || null,
          "data-key": key,
        },
        html(
          "button",
          {
            type: "button",
            onclick: () => {
              [state.way, state.sort] = [state.sort === key ? -state.way : 1, key];
              select();
            },
          },
          label,
        ),
      ),
    ),
  );
  for (const name of ["input", "change"]) find("#filters").addEventListener(name, select);
  find("#filters").addEventListener("submit", (event) => event.preventDefault());
  find("#filter-clear").addEventListener("click", () => {
    clearFilters();
    select();
  });
  find("#page-back").addEventListener("click", () => turn(-1));
  find("#page-on").addEventListener("click", () => turn(1));
  const rows = find("#rows");
  const openRow = (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row) return;
    event.preventDefault();
    state.open = Number(row.dataset.row);
    const place = state.order.findIndex((one) => one.id === state.open);
    if (place >= 0) goTo(place);
    else openRun(state.open); // what was pressed, though the filters have left it out meanwhile
  };
  rows.addEventListener("click", openRow);
  rows.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") openRow(event);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return closeRun();
    const way = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: ROWS_A_PAGE,
      PageUp: -ROWS_A_PAGE,
      Home: -Infinity,
      End: Infinity,
    }[event.key];
    const [inRows, inPanel] = ["#rows", "#panel"].map((selector) => event.target.closest?.(selector));
    if (!way || !(inRows || (inPanel && Math.abs(way) === 1))) return;
    event.preventDefault();
    goTo(state.current + way, !inPanel);
  });
  find("#theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    themed();
  });
  find("#relative").addEventListener("change", drawDiagram);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themed);
  themed();
  showDiagram(DATA.diagrams[0]);
  let width = find("#diagram").clientWidth;
  new ResizeObserver(() => {
    if (find("#diagram").clientWidth === width) return;
    width = find("#diagram").clientWidth;
    drawDiagram();
  }).observe(find("#diagram"));
};

build();
