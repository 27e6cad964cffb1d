// The phase diagram, its legend, and the places on the axis of n/k in numbers.

const STRIP = 15; // px between the intervals of γ₁, 50 % and γ₂
const LABEL = 18; // px that a line of text along a boundary takes

const drawDiagram = calm(() => {
  const plan = planned(find("#diagram").clientWidth);
  const { k, shares } = state.diagram;
  const names = Object.keys(shares).join(", ");
  const picture = chart(
    plan.width,
    plan.below.bottom + 44,
    `Phase diagram at k = ${k}`,
    "Above, losses at convergence over n/k, a mark for all runs of a width that end at one loss, its area their " +
      "share, with the exact curves of C-A and P-n-C; below, the share of runs that end in each class " +
      `(${names}) with 95 % intervals. Arrow keys walk over the marks, Enter shows their runs in the table.`,
  );
  picture.append(
    frame(plan.x, plan.y, plan.above, {
      y: plan.relative ? "loss at convergence over that of optimal C-A" : "loss at convergence",
      hideX: true,
    }),
    frame(plan.x, plan.share, plan.below, { x: "n/k", y: "share of runs" }),
    ...transitionMarks(plan),
    ...boundaryMarks(plan),
    ...exactCurves(plan),
  );
  const points = [...lossMarks(plan), ...shareMarks(plan)];
  picture.append(...points.flatMap((point) => point.drawn));
  points.sort((a, b) => a.order - b.order);
  probe(picture, points, find("#diagram-readout"), "Point at a mark to read it, click it to see its runs.");
  find("#diagram").replaceChildren(picture);
});

/** Where everything goes: the two boxes, their scales, the curves and marks that are shown, the area of a mark. */
const planned = (available) => {
  const { k, exact, marks, transition } = state.diagram;
  const width = Math.max(320, Math.round(available));
  const narrow = width < 560;
  const [left, right] = [46, width - 12];
  const above = { left, right, top: 26, bottom: narrow ? 250 : 350 };
  const strip = 33 + STRIP * transition.length;
  const below = { left, right, top: above.bottom + strip, bottom: above.bottom + strip + (narrow ? 122 : 152) };
  // against optimal copy-average's loss, which is zero at n = k and not defined beyond
  const relative = k > 1 && find("#relative").checked;
  const height = (n, loss) => (relative ? loss / exact["C-A"][n - 1] : loss);
  const curves = Object.entries(exact).map(([name, values]) => [
    name,
    (relative ? values.slice(0, -1) : values).map((loss, i) => [i + 1, height(i + 1, loss)]),
  ]);
  const shown = Object.entries(marks)
    .flatMap(([name, found]) => found.map((mark) => ({ name, ...mark })))
    .filter((mark) => !relative || mark.n < k)
    .map((mark) => ({ ...mark, height: height(mark.n, mark.loss) }))
    .sort((a, b) => b.part - a.part);
  const heights = [
    ...curves.flatMap(([, points]) => points.map((point) => point[1])),
    ...shown.map((mark) => mark.height),
  ];
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  const pad = 0.04 * (most - least || most || 1);
  const widest = Math.max(k, ...Object.values(marks).flatMap((found) => found.map((mark) => mark.n)));
  const radius = Math.min(8, Math.max(2.6, (0.42 * (right - left)) / widest));
  return {
    width,
    narrow,
    above,
    below,
    relative,
    curves,
    shown,
    area: Math.PI * radius ** 2,
    x: linear(0, (widest + 0.5) / k, left, right, narrow ? 5 : 10),
    y: linear(relative ? least - pad : Math.min(0, least), most + pad, above.bottom, above.top, narrow ? 4 : 6),
    share: linear(0, 1, below.bottom, below.top, 2),
    // for the arrow keys: from the top of a width down
    depth: (value) => (0.5 * (most - value)) / (most - least || 1),
  };
};

/** γ₁, 50 % and γ₂: a bar for the interval above the shares and a band in them, a dot and a line for the value. */
const transitionMarks = ({ x, below }) => {
  const { transition } = state.diagram;
  return transition.flatMap((place, i) => {
    const row = below.top - 12 - STRIP * (transition.length - 1 - i);
    const [lower, value, upper] = [place.lower, place.value, place.upper].map((one) => (given(one) ? x.at(one) : null));
    const drawn = [];
    if (lower !== null && upper !== null) {
      const band = { x: lower, width: Math.max(1, upper - lower), y: below.top, height: below.bottom - below.top };
      drawn.push(svg("rect", { class: "within", ...band }));
      drawn.push(svg("path", { class: "estimate", d: `M${lower} ${row - 3}v6m0 -3H${upper}m0 -3v6`, fill: "none" }));
    }
    if (value !== null) {
      drawn.push(svg("line", { class: "estimate faint", x1: value, x2: value, y1: row, y2: below.bottom }));
      drawn.push(svg("circle", { class: "value", cx: value, cy: row, r: 3 }));
    }
    const known = [lower, value, upper].filter((one) => one !== null);
    if (known.length) {
      const at = { x: Math.min(...known) - 7, y: row + 4, "text-anchor": "end" };
      drawn.push(svg("text", { class: "name halo", ...at }, place.label));
    }
    return drawn;
  });
};

/** Dotted lines, and beside each what is true to its right. */
const boundaryMarks = ({ x, above, below, narrow, relative }) => {
  const found = state.diagram.boundaries.filter((place) => given(place.value)).sort((a, b) => a.value - b.value);
  let last = -Infinity;
  return found.flatMap((place) => {
    const at = x.at(place.value);
    // to the right of its line where another label stands to the left
    last = at - last < LABEL ? at + 13 : at - 5;
    const label = {
      class: narrow ? "halo small" : "halo",
      transform: `translate(${last} ${relative ? above.bottom - 8 : above.top}) rotate(-90)`,
      "text-anchor": relative ? "start" : "end",
    };
    return [
      svg("line", { class: "boundary", x1: at, x2: at, y1: above.top, y2: below.bottom }),
      svg("text", label, place.label),
    ];
  });
};

const exactCurves = ({ curves, x, y }) =>
  curves.map(([name, values]) => {
    const line = polyline(values.map(([n, value]) => [x.at(n / state.diagram.k), y.at(value)]));
    return svg("path", { class: "exact", d: line, fill: "none", stroke: colour(name), "stroke-width": 1.3 });
  });

const between = ({ lower, upper }) => `95 % interval ${percent(lower)} to ${percent(upper)}`;
const widthText = (n) => `n = ${n}, n/k = ${(n / state.diagram.k).toFixed(3)}`;

/** A mark for the runs of a width that end in one point, with what it says and does. */
const lossMarks = ({ shown, x, y, area, depth }) =>
  shown.map((mark) => {
    const [cx, cy] = [x.at(mark.n / state.diagram.k), y.at(mark.height)];
    const drawn = shape(mark.name, cx, cy, area * (0.12 + 0.88 * mark.part));
    drawn.setAttribute("class", "mark");
    drawn.setAttribute("opacity", 0.8);
    // none at n = k, where C-A and P-n-C are one point
    const all = state.diagram.shares[mark.name]?.find((one) => one.n === mark.n);
    const inAll = all ? `; ${mark.name} in all ${percent(all.share)}, ${between(all)}` : "";
    const say =
      `${widthText(mark.n)}, ${mark.name}: ${counted(mark.runs, "run")} (${percent(mark.part)} of the width) at loss ` +
      `${fixed(mark.loss, 9)}${inAll}`;
    return { x: cx, y: cy, order: mark.n + depth(mark.height), say, act: () => showOnly(mark.n, mark.name), drawn };
  });

/** The shares of each class with the band of their intervals, and what the point of each width says and does. */
const shareMarks = ({ x, share, area }) =>
  Object.entries(state.diagram.shares).flatMap(([name, found]) => {
    const at = (one, field) => [x.at(one.n / state.diagram.k), share.at(one[field])];
    const [low, high] = ["lower", "upper"].map((end) => found.map((one) => at(one, end)));
    const band = `${polyline(low)}L${polyline(high.reverse()).slice(1)}Z`;
    const line = polyline(found.map((one) => at(one, "share")));
    const lines = [
      svg("path", { class: "interval", d: band, fill: colour(name), opacity: 0.16 }),
      svg("path", { class: "share", d: line, fill: "none", stroke: colour(name), "stroke-width": 1.3 }),
    ];
    return found.map((one, i) => {
      const [cx, cy] = at(one, "share");
      const drawn = [...(i ? [] : lines), shape(name, cx, cy, Math.min(22, 0.5 * area))];
      const say = `${widthText(one.n)}: ${counted(one.runs, "run")} in ${name}, ${percent(one.share)}, ${between(one)}`;
      return { x: cx, y: cy, order: one.n + 0.6, say, act: () => showOnly(one.n, name), drawn };
    });
  });

const drawLegend = () => {
  const keys = Object.keys(state.diagram.shares).map((name) => {
    const drawn = svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, shape(name, 13, 7, 70));
    return html("span", { class: "key" }, drawn, name);
  });
  for (const name of Object.keys(state.diagram.exact)) {
    const line = svg(
      "svg",
      { "aria-hidden": "true", viewBox: "0 0 26 14" },
      svg("path", { d: "M1 7h24", stroke: colour(name), "stroke-width": 1.6 }),
    );
    keys.push(html("span", { class: "key" }, line, `${name}, exact`));
  }
  const band = svg(
    "svg",
    { "aria-hidden": "true", viewBox: "0 0 26 14" },
    svg("rect", { class: "within", x: 4, y: 0, width: 18, height: 14 }),
    svg("path", { class: "estimate", d: "M13 0v14" }),
  );
  keys.push(html("span", { class: "key" }, band, "fitted, 95 % interval"));
  const dashes = svg(
    "svg",
    { "aria-hidden": "true", viewBox: "0 0 26 14" },
    svg("path", { class: "boundary", d: "M13 0v14" }),
  );
  keys.push(html("span", { class: "key" }, dashes, "exact boundary: what is true to its right"));
  find("#legend").replaceChildren(...keys, find("#relative").parentElement);
};

const drawPlaces = () => {
  const { transition, boundaries } = state.diagram;
  const card = (name, value, note) =>
    html("div", {}, html("b", {}, value), html("span", {}, name), html("span", {}, note));
  const estimates = transition.map((place) => {
    const ends = [place.lower, place.upper].map((end) => (given(end) ? fixed(end, 3) : "?"));
    const bounded = given(place.lower) || given(place.upper);
    return card(
      `${place.name} of the runs`,
      given(place.value) ? fixed(place.value, 3) : "undecided",
      bounded ? `95 %: ${ends[0]} to ${ends[1]}` : "no interval",
    );
  });
  const exact = boundaries.map((place) =>
    card(
      place.name,
      given(place.value) ? fixed(place.value, 6) : none,
      place.status === "found" ? "exact" : place.status,
    ),
  );
  find("#places").replaceChildren(...estimates, ...exact);
  const minded = [...new Set(transition.map((place) => place.status))].filter((status) => status !== "found");
  find("#places-note").textContent = minded.length ? `γ₁, 50 %, γ₂: ${minded.join("; ")}.` : "";
};
