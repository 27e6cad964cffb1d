// The phase diagram, its legend, and the places on the axis of n/k in numbers.

const STRIP = 15; // px between the intervals of γ₁, 50 % and γ₂
const LABEL = 18; // px that a line of text along a boundary takes

const drawDiagram = () => {
  const diagram = state.diagram;
  const holder = find("#diagram");
  const width = Math.max(320, Math.round(holder.clientWidth));
  const narrow = width < 560;
  const left = 46;
  const right = width - 12;
  const losses = { left, right, top: 26, bottom: narrow ? 250 : 350 };
  const shares = { left, right, top: losses.bottom + 78, bottom: losses.bottom + (narrow ? 200 : 230) };
  const k = diagram.k;
  const all = Object.entries(diagram.marks).flatMap(([name, marks]) => marks.map((mark) => ({ name, ...mark })));
  const widest = Math.max(k, ...diagram.table.n);
  const x = linear(0, widest / k + 0.5 / k, left, right, narrow ? 5 : 10);
  // against optimal copy-average's loss, which is zero at n = k and not defined beyond
  const relative = find("#relative").checked;
  const height = (n, loss) => (relative ? loss / diagram.exact["C-A"][n - 1] : loss);
  const drawn = relative ? all.filter((mark) => mark.n < k) : all;
  const curves = Object.entries(diagram.exact).map(([name, values]) => [
    name,
    (relative ? values.slice(0, -1) : values).map((loss, i) => [i + 1, height(i + 1, loss)]),
  ]);
  const heights = [
    ...curves.flatMap(([, points]) => points.map((point) => point[1])),
    ...drawn.map((mark) => height(mark.n, mark.loss)),
  ];
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  const pad = 0.04 * (most - least || most || 1);
  const y = linear(relative ? least - pad : Math.min(0, least), most + pad, losses.bottom, losses.top, narrow ? 4 : 6);
  const share = linear(0, 1, shares.bottom, shares.top, 2);
  const names = Object.keys(diagram.shares).join(", ");
  const picture = chart(
    width,
    shares.bottom + 44,
    `Phase diagram at k = ${k}`,
    `Above, losses at convergence over n/k, a mark for all runs of a width that end at one loss, its area their share, with the exact curves of C-A and P-n-C; below, the share of runs that end in each class (${names}) with 95 % intervals. Arrow keys walk over the marks, Enter shows their runs in the table.`,
  );
  picture.append(
    frame(x, y, losses, {
      y: relative ? "loss at convergence over that of optimal C-A" : "loss at convergence",
      hideX: true,
    }),
    frame(x, share, shares, { x: "n/k", y: "share of runs" }),
  );

  diagram.transition.forEach((place, i) => {
    const row = shares.top - 12 - STRIP * (diagram.transition.length - 1 - i);
    const ends = [place.lower, place.upper].map((end) => (given(end) ? x.at(end) : null));
    if (ends[0] !== null && ends[1] !== null) {
      picture.append(
        svg("rect", {
          class: "within",
          x: ends[0],
          width: Math.max(1, ends[1] - ends[0]),
          y: shares.top,
          height: shares.bottom - shares.top,
        }),
      );
      picture.append(
        svg("path", { class: "estimate", d: `M${ends[0]} ${row - 3}v6m0 -3H${ends[1]}m0 -3v6`, fill: "none" }),
      );
    }
    if (given(place.value)) {
      picture.append(
        svg("line", {
          class: "estimate faint",
          x1: x.at(place.value),
          x2: x.at(place.value),
          y1: row,
          y2: shares.bottom,
        }),
      );
      picture.append(svg("circle", { class: "value", cx: x.at(place.value), cy: row, r: 3 }));
    }
    const known = [...ends, given(place.value) ? x.at(place.value) : null].filter((end) => end !== null);
    if (known.length)
      picture.append(
        svg("text", { class: "name halo", x: Math.min(...known) - 7, y: row + 4, "text-anchor": "end" }, place.label),
      );
  });
  let last = -Infinity;
  for (const place of diagram.boundaries.filter((one) => given(one.value)).sort((a, b) => a.value - b.value)) {
    const at = x.at(place.value);
    // to the right of its line where another label stands to the left
    last = at - last < LABEL ? at + 13 : at - 5;
    picture.append(svg("line", { class: "boundary", x1: at, x2: at, y1: losses.top, y2: shares.bottom }));
    picture.append(
      svg(
        "text",
        {
          class: narrow ? "halo small" : "halo",
          transform: `translate(${last} ${relative ? losses.bottom - 8 : losses.top}) rotate(-90)`,
          "text-anchor": relative ? "start" : "end",
        },
        place.label,
      ),
    );
  }
  for (const [name, values] of curves) {
    const line = polyline(values.map(([n, value]) => [x.at(n / k), y.at(value)]));
    picture.append(
      svg("path", {
        class: "exact",
        d: line,
        fill: "none",
        stroke: colour(name),
        "stroke-width": 1.3,
        opacity: 0.85,
      }),
    );
  }
  const spacing = (right - left) / widest;
  const area = Math.PI * Math.min(8, Math.max(2.6, 0.42 * spacing)) ** 2;
  const points = [];
  for (const mark of drawn.sort((a, b) => b.part - a.part)) {
    const [cx, cy] = [x.at(mark.n / k), y.at(height(mark.n, mark.loss))];
    const drawing = shape(mark.name, cx, cy, area * (0.12 + 0.88 * mark.part));
    drawing.setAttribute("class", "mark");
    drawing.setAttribute("opacity", 0.8);
    picture.append(drawing);
    const row = diagram.shares[mark.name].find((one) => one.n === mark.n);
    points.push({
      x: cx,
      y: cy,
      order: mark.n + (0.5 * (most - height(mark.n, mark.loss))) / (most - least || 1),
      say: `n = ${mark.n}, n/k = ${(mark.n / k).toFixed(3)}, ${mark.name}: ${counted(mark.runs, "run")} (${percent(mark.part)} of the width) at loss ${fixed(mark.loss, 9)}; ${mark.name} in all ${percent(row.share)}, 95 % interval ${percent(row.lower)} to ${percent(row.upper)}`,
      act: () => showOnly(mark.n, mark.name),
    });
  }
  for (const [name, found] of Object.entries(diagram.shares)) {
    const [low, high] = ["lower", "upper"].map((end) => found.map((one) => [x.at(one.n / k), share.at(one[end])]));
    picture.append(
      svg("path", {
        class: "interval",
        d: `${polyline(low)}L${polyline(high.reverse()).slice(1)}Z`,
        fill: colour(name),
        opacity: 0.16,
      }),
    );
    picture.append(
      svg("path", {
        class: "share",
        d: polyline(found.map((one) => [x.at(one.n / k), share.at(one.share)])),
        fill: "none",
        stroke: colour(name),
        "stroke-width": 1.3,
      }),
    );
    for (const one of found) {
      const [cx, cy] = [x.at(one.n / k), share.at(one.share)];
      picture.append(shape(name, cx, cy, Math.min(22, 0.5 * area)));
      points.push({
        x: cx,
        y: cy,
        order: one.n + 0.6,
        say: `n = ${one.n}, n/k = ${(one.n / k).toFixed(3)}: ${counted(one.runs, "run")} in ${name}, ${percent(one.share)}, 95 % interval ${percent(one.lower)} to ${percent(one.upper)}`,
        act: () => showOnly(one.n, name),
      });
    }
  }
  points.sort((a, b) => a.order - b.order);
  probe(picture, points, find("#diagram-readout"), "Point at a mark to read it, click it to see its runs.");
  holder.replaceChildren(picture);
};

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
    const ends = [place.lower, place.upper].map((end) => (given(end) ? end.toFixed(3) : "?"));
    const bounded = given(place.lower) || given(place.upper);
    return card(
      `${place.name} of the runs`,
      given(place.value) ? place.value.toFixed(3) : none,
      bounded ? `95 %: ${ends[0]} to ${ends[1]}` : "no interval",
    );
  });
  const exact = boundaries.map((place) =>
    card(
      place.name,
      given(place.value) ? place.value.toFixed(6) : none,
      place.status === "found" ? "exact" : place.status,
    ),
  );
  find("#places").replaceChildren(...estimates, ...exact);
  const minded = [...new Set(transition.map((place) => place.status))].filter((status) => status !== "found");
  find("#places-note").textContent = minded.length ? `γ₁, 50 %, γ₂: ${minded.join("; ")}.` : "";
};
