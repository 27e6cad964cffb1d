// The panel of one run.

/** The packed arrays of a run; the layout is that of gradflow/report/page/detail.py. */
const unpack = async (index) => {
  const { details, k } = state.diagram;
  const [neurons, points, eigenvalues] = ["neurons", "points", "eigenvalues"].map((name) => details[name][index]);
  const bytes = Uint8Array.from(atob(details.packed[index]), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  let offset = 0;
  const floats = (count) => {
    const view = new DataView(buffer, offset, 4 * count);
    offset += 4 * count;
    return Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  };
  const [norms, outputs] = [floats(neurons), floats(neurons)];
  const path = { times: floats(points), losses: floats(points), gradients: floats(points) };
  const spectrum = { ranks: floats(eigenvalues), values: floats(eigenvalues), errors: floats(eigenvalues) };
  const cosines = Array.from(new Int16Array(buffer, offset, neurons * k), (value) => value / DATA.steps);
  offset += 2 * neurons * k;
  const named = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, offset)));
  return { neurons, k, norms, outputs, path, spectrum, cosines, kinds: named.kinds, teachers: named.teachers };
};

const facts = (pairs) =>
  pairs
    .filter(([, text]) => text !== none && text !== "")
    .map(([name, text, title]) => html("div", {}, html("dt", {}, name), html("dd", { title }, text)));

/** What is proved of the end; nothing for a run without a certificate. */
const certificateOf = (row) =>
  given(row.certified)
    ? [
        html("h3", {}, "Certificate"),
        ...(row.contradicted ? [html("p", { class: "alarm" }, CONTRADICTION)] : []),
        html(
          "dl",
          { class: "facts", id: "certificate" },
          facts([
            ["statement", row.certified],
            ["why not", row.unproved || ""],
            ["index", whole(row.certified_index)],
            ["distance to the critical point", given(row.radius) ? `≤ ${scientific(row.radius)}` : none],
            ["digits known", whole(row.digits)],
            // the digits that both ends share once; both in full where the pointer rests
            ["its loss", row.certified_loss ? row.certified_loss[0] : none, row.certified_loss?.[1]],
          ]),
        ),
      ]
    : [];

const CONTRADICTION = "The proof contradicts the class of this run: the class is wrong, or gradflow is. Please report it.";

let repaint = () => {};

/** Open the panel on a run, or move it there. */
const openRun = async (index) => {
  state.open = index;
  drawTable();
  const row = state.rows[index];
  const panel = find("#panel");
  const run = await unpack(index);
  if (state.open !== index) return; // another run was opened meanwhile
  const step = (way) => goTo(state.current + way, false);
  const counts = new Map();
  for (const kind of run.kinds) counts.set(kind, (counts.get(kind) || 0) + 1);
  const doing = [...counts]
    .map(([kind, count]) => `${count} ${count === 1 ? kind : kind.replace(/y$/, "ie").replace(/$/, "s")}`)
    .join(", ");
  const parts = [
    html(
      "header",
      {},
      html("h2", { id: "panel-title" }, `n = ${row.n}, run ${row.run}`),
      html(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-label": "Run before",
          disabled: state.current <= 0,
          onclick: () => step(-1),
        },
        "↑",
      ),
      html(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-label": "Next run",
          disabled: state.current >= state.order.length - 1,
          onclick: () => step(1),
        },
        "↓",
      ),
      html("button", { type: "button", class: "quiet", id: "panel-close", onclick: closeRun }, "Close"),
    ),
    html(
      "p",
      { class: "verdict" },
      chip(row.outcome),
      row.partition ? ` with partition ${partitionText(row.partition)}` : "",
      row.kind === row.outcome ? "" : `, ${row.kind}`,
      given(row.index) && row.kind !== "undecided" ? ` of index ${row.index}` : "",
    ),
  ];
  if (row.reason) parts.push(html("p", { class: "reason", style: `--class:${colour(row.outcome)}` }, row.reason));
  // the panel is drawn anew: the focus stays where it was in it
  const focused = panel.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  const inside = panel.contains(document.activeElement);
  panel.replaceChildren(...parts);
  panel.hidden = false;
  panel.scrollTop = 0;
  const wide = panel.firstElementChild.clientWidth;
  const half = wide < 500 ? wide : (wide - 16) / 2; // the gap of .pair
  if (inside)
    (
      [...panel.querySelectorAll("button:enabled")].find((button) => button.getAttribute("aria-label") === focused) ||
      panel
    ).focus();
  panel.append(
    html(
      "dl",
      { class: "facts" },
      facts([
        ["loss", lossText(row.loss, row.loss_floor)],
        ["n/k", (row.n / run.k).toFixed(4)],
        ["gradient norm", scientific(row.gradient_norm)],
        ["its rounding floor", scientific(row.gradient_floor)],
        [
          "least eigenvalue",
          given(row.least_eigenvalue)
            ? `${scientific(row.least_eigenvalue, 4)} ± ${scientific(row.least_eigenvalue_error)}`
            : none,
        ],
        ["largest eigenvalue", scientific(row.largest_eigenvalue, 4)],
        ["nullity", whole(row.nullity)],
        ["flow", given(row.time) ? `to time ${scientific(row.time, 2)} in ${counted(row.steps, "step")}` : none],
        ["seconds", fixed(row.seconds, 2)],
        ["neurons", doing],
        ["done again with", row.changes],
        ["result", row.result === "successful" ? "" : row.result.replaceAll("_", " ")],
      ]),
    ),
    ...certificateOf(row),
    html("h3", {}, "Neurons"),
  );
  panel.append(
    ...(run.neurons
      ? [...heatMap(run, wide), ...boxPlot(run, wide)]
      : [html("p", { class: "readout" }, "No weights at the end of this run.")]),
  );
  panel.append(html("h3", {}, "Path"));
  panel.append(
    run.path.times.length
      ? html(
          "div",
          { class: "pair" },
          pathChart(run.path.times, run.path.losses, "loss", "C-A", half),
          pathChart(run.path.times, run.path.gradients, "gradient norm", "P-n-C", half),
        )
      : html(
          "p",
          { class: "readout", id: "no-path" },
          "Path not kept: the run did not get that far, or its record was written by an older version.",
        ),
  );
  panel.append(html("h3", {}, "Spectrum"));
  const total = row.n * state.diagram.d + row.n;
  panel.append(
    ...(run.spectrum.values.length
      ? spectrumChart(run.spectrum, total, wide)
      : [html("p", { class: "readout", id: "no-spectrum" }, "No eigenvalues of this run.")]),
  );
  panel.dataset.run = index;
};

const closeRun = () => {
  const panel = find("#panel");
  if (panel.hidden) return;
  state.open = -1;
  panel.hidden = true;
  panel.replaceChildren();
  delete panel.dataset.run;
  repaint = () => {};
  drawTable();
  const row = find("#rows tr[tabindex='0']");
  if (row) row.focus({ preventScroll: true });
};
