// The charts of one run: box plot, path, spectrum.

const quantile = (sorted, part) => {
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
};

/** A box for each student's alignments: quartiles, whiskers to the last value within 1.5 of their distance; all values as dots. */
const boxPlot = (run, width) => {
  const height = 400;
  const box = { left: 46, right: width - 8, top: 26, bottom: 220 };
  const low = run.cosines.reduce((least, value) => Math.min(least, value), 0);
  const y = linear(low < 0 ? Math.min(-0.1, low) : 0, 1, box.bottom, box.top, 5);
  const slot = (box.right - box.left) / run.neurons;
  const middle = (i) => box.left + slot * (i + 0.5);
  const step = Math.max(1, Math.ceil((22 * run.neurons) / (box.right - box.left)));
  const x = { ticks: [] };
  const picture = chart(
    width,
    height,
    "Alignments of each student",
    `A box plot of the cosines of each of ${run.neurons} students with ${run.k} teachers, and below it norms and output weights.`,
  );
  picture.append(frame(x, y, box, { y: "cosine with each teacher" }));
  const dots = [];
  const points = [];
  const half = Math.min(12, 0.34 * slot);
  for (let i = 0; i < run.neurons; i++) {
    const values = run.cosines.slice(i * run.k, (i + 1) * run.k).sort((a, b) => a - b);
    const [q1, median, q3] = [0.25, 0.5, 0.75].map((part) => quantile(values, part));
    const reach = 1.5 * (q3 - q1);
    const lower = Math.min(
      q1,
      values.find((value) => value >= q1 - reach),
    );
    const upper = Math.max(
      q3,
      values.findLast((value) => value <= q3 + reach),
    );
    const cx = middle(i);
    picture.append(
      svg(
        "g",
        {
          class: "box",
          "data-student": i,
          "data-q1": q1,
          "data-median": median,
          "data-q3": q3,
          "data-lower": lower,
          "data-upper": upper,
        },
        svg("path", {
          class: "axis",
          d: `M${cx} ${y.at(lower)}V${y.at(q1)}M${cx} ${y.at(q3)}V${y.at(upper)}`,
          fill: "none",
        }),
        svg("rect", {
          class: "axis",
          x: cx - half,
          width: 2 * half,
          y: y.at(q3),
          height: Math.max(0.5, y.at(q1) - y.at(q3)),
          fill: "none",
        }),
        svg("path", { d: `M${cx - half} ${y.at(median)}h${2 * half}`, stroke: colour("C-A"), "stroke-width": 2 }),
      ),
    );
    dots.push(...values.map((value) => `M${cx.toFixed(1)} ${y.at(value).toFixed(1)}h0`));
    const kind = run.kinds[i]
      ? `, ${run.kinds[i]}${run.teachers[i].length === 1 ? ` of teacher ${run.teachers[i][0]}` : run.teachers[i].length ? ` of ${run.teachers[i].length} teachers` : ""}`
      : "";
    points.push({
      x: cx,
      y: y.at(values[values.length - 1]),
      say: `student ${i}${kind}: largest cosine ${fixed(values[values.length - 1], 4)}, median ${fixed(median, 4)}, norm ${run.norms[i].toPrecision(5)}, output weight ${minus(run.outputs[i].toPrecision(5))}`,
    });
  }
  // all dots of the students are one path: thousands of elements would take their time
  picture.append(
    svg("path", {
      class: "dots",
      d: dots.join(""),
      stroke: colour("P-n-C"),
      "stroke-width": Math.min(4, Math.max(2, slot / 3)),
      "stroke-linecap": "round",
      opacity: 0.6,
    }),
  );
  for (const [label, values, name, top] of [
    ["norm", run.norms, "C-A", 258],
    ["output weight", run.outputs, "P-n-C", 326],
  ]) {
    const part = { left: box.left, right: box.right, top, bottom: top + 36 };
    const scale = linear(Math.min(0, ...values), Math.max(...values, 1e-9), part.bottom, part.top, 3);
    picture.append(frame(x, scale, part, { y: label }));
    values.forEach((value, i) => {
      const [a, b] = [scale.at(0), scale.at(value)];
      picture.append(
        svg("rect", {
          x: middle(i) - half,
          width: 2 * half,
          y: Math.min(a, b),
          height: Math.abs(a - b),
          fill: colour(name),
          opacity: 0.85,
        }),
      );
    });
  }
  for (let i = 0; i < run.neurons; i += step)
    picture.append(svg("text", { x: middle(i), y: 379, "text-anchor": "middle" }, i));
  picture.append(
    svg("text", { class: "name", x: (box.left + box.right) / 2, y: 397, "text-anchor": "middle" }, "student"),
  );
  const readout = html("p", { class: "readout", "aria-live": "polite" });
  return [
    html(
      "div",
      { class: "chart" },
      probe(picture, points, readout, "Point at a student, or walk with the arrow keys."),
    ),
    readout,
  ];
};

/** One quantity over time, both logarithmic. */
const pathChart = (times, values, label, name, width) => {
  const height = 230;
  const box = { left: 50, right: width - 10, top: 26, bottom: 186 };
  const shown = times
    .map((time, i) => [time, values[i]])
    .filter(([time, value]) => time > 0 && value > 0 && Number.isFinite(value));
  const readout = html("p", { class: "readout", "aria-live": "polite" });
  if (!shown.length) return html("div", {}, html("p", { class: "readout" }, `${label}: no value above zero`));
  const [x, y] = [0, 1].map((axis) => {
    const column = shown.map((point) => point[axis]);
    const ends = axis ? [box.bottom, box.top] : [box.left, box.right];
    return logarithmic(Math.min(...column), Math.max(...column), ...ends, 5);
  });
  const picture = chart(
    width,
    height,
    `${label} over time`,
    `${label} falls from ${scientific(shown[0][1])} to ${scientific(shown[shown.length - 1][1])} at time ${scientific(shown[shown.length - 1][0])}; both axes are logarithmic.`,
  );
  const points = shown.map(([time, value]) => ({
    x: x.at(time),
    y: y.at(value),
    say: `time ${scientific(time, 2)}: ${scientific(value, 3)}`,
  }));
  picture.append(
    frame(x, y, box, { x: "time", y: label }),
    svg("path", {
      class: "course",
      "data-points": shown.length,
      d: polyline(points.map((point) => [point.x, point.y])),
      fill: "none",
      stroke: colour(name),
      "stroke-width": 1.8,
      "stroke-linejoin": "round",
    }),
  );
  return html("div", {}, html("div", { class: "chart" }, probe(picture, points, readout, "")), readout);
};

const spectrumChart = ({ ranks, values, errors }, total, width) => {
  const height = 270;
  const box = { left: 50, right: width - 10, top: 26, bottom: 226 };
  const size = values.map((value, i) => Math.abs(value) || errors[i]);
  const sizes = [...size, ...errors].filter((value) => value > 0 && Number.isFinite(value));
  const y = logarithmic(Math.min(...sizes), Math.max(...sizes), box.bottom, box.top, 6);
  const last = Math.max(1, ranks[ranks.length - 1]);
  const x = linear(-0.01 * last, 1.01 * last, box.left, box.right, 6);
  x.ticks = x.ticks.filter(([value]) => Number.isInteger(value) && value >= 0);
  const groups = values.map((value, i) =>
    value > errors[i]
      ? ["positive", "C-A"]
      : value < -errors[i]
        ? ["negative", "P-n-C"]
        : ["inside its error bound", "channel"],
  );
  const counts = new Map();
  for (const [name] of groups) counts.set(name, (counts.get(name) || 0) + 1);
  const said = [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
  const picture = chart(
    width,
    height,
    "Spectrum of the Hessian",
    `${said} of the ${values.length} eigenvalues drawn; from ${scientific(values[0], 3)} to ${scientific(values[values.length - 1], 3)}.`,
  );
  picture.append(frame(x, y, box, { x: "eigenvalue, in ascending order", y: "size" }));
  const bound = ranks.map((rank, i) => [x.at(rank), y.at(errors[i])]).filter(([, place]) => Number.isFinite(place));
  picture.append(
    svg("path", { class: "bound", d: polyline(bound), fill: "none", stroke: "var(--ink)", "stroke-width": 1 }),
  );
  const points = [];
  values.forEach((value, i) => {
    if (!(size[i] > 0)) return;
    const [group, name] = groups[i];
    const [cx, cy] = [x.at(ranks[i]), y.at(size[i])];
    const dot = shape(group === "positive" ? "C-A" : group === "negative" ? "P-n-C" : "channel", cx, cy, 16);
    dot.setAttribute("class", "eigenvalue");
    picture.append(dot);
    points.push({
      x: cx,
      y: cy,
      say: `eigenvalue ${ranks[i] + 1}: ${scientific(value, 4)} ± ${scientific(errors[i])}, ${group}`,
    });
  });
  const key = (name, text) =>
    html(
      "span",
      { class: "key" },
      svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, shape(name, 13, 7, 30)),
      text,
    );
  const keys = [
    ["C-A", "positive"],
    ["P-n-C", "negative"],
    ["channel", "inside its error bound"],
  ]
    .filter(([, text]) => counts.has(text))
    .map(([name, text]) => key(name, text));
  keys.push(
    html(
      "span",
      { class: "key" },
      svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, svg("path", { d: "M1 7h24", stroke: "var(--ink)" })),
      "error bound",
    ),
  );
  const readout = html("p", { class: "readout", "aria-live": "polite" });
  const rest =
    values.length < total
      ? `${values.length.toLocaleString("en")} of ${total.toLocaleString("en")} eigenvalues are drawn, those at the lower end all.`
      : "";
  return [
    html("div", { class: "controls" }, keys),
    html("div", { class: "chart" }, probe(picture, points, readout, rest)),
    readout,
  ];
};
