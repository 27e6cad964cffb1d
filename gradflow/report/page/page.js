// The page draws itself from the data that stand in it: no framework, no request.
"use strict";
{
  const DATA = JSON.parse(document.getElementById("data").textContent);
  const ROWS_A_PAGE = 50;
  const STRIP = 15; // px between the intervals of γ₁, 50 % and γ₂
  const LABEL = 18; // px that a line of text along a boundary takes
  const REACH = 24; // px from the pointer within which a mark answers

  // ---------------------------------------------------------------- elements

  const find = (selector) => document.querySelector(selector);

  const maker = (namespace) => (tag, attributes = {}, ...children) => {
    const made = document.createElementNS(namespace, tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  };
  const html = maker("http://www.w3.org/1999/xhtml");
  const svg = maker("http://www.w3.org/2000/svg");

  const colour = (name) => `var(--${name.toLowerCase()})`;

  // ---------------------------------------------------------------- numbers

  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const raised = (power) => (power < 0 ? "⁻" : "") + [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[digit]).join("");
  const minus = (text) => text.replace("-", "−");
  const none = "–";
  const given = (value) => value !== null && value !== undefined;
  const whole = (value) => (given(value) ? minus(String(value)) : none);
  const fixed = (value, digits) => (given(value) ? minus(value.toFixed(digits)) : none);
  const scientific = (value, digits = 1) => {
    if (!given(value)) return none;
    if (value === 0) return "0";
    const [mantissa, power] = value.toExponential(digits).split("e");
    return `${minus(mantissa)}·10${raised(Number(power))}`;
  };
  const percent = (value) => `${(100 * value).toFixed(value === 0 || value === 1 ? 0 : 1)} %`;
  const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

  /** 1 × 10, 40 for (1, 1, …, 1, 40): sizes with how often they occur. */
  const partitionText = (partition) => {
    if (!partition) return none;
    const counts = new Map();
    for (const size of partition) counts.set(size, (counts.get(size) || 0) + 1);
    return [...counts].map(([size, count]) => (count === 1 ? `${size}` : `${count}×${size}`)).join(" + ");
  };

  // ---------------------------------------------------------------- axes

  /** A map of numbers to pixels with the places of its ticks. */
  const linear = (low, high, from, to, about = 5) => {
    const raw = (high - low) / about;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) ticks.push([i * step, minus((i * step).toFixed(digits))]);
    return { at: (value) => from + ((value - low) / (high - low)) * (to - from), ticks };
  };

  const logarithmic = (low, high, from, to, about = 5) => {
    const [first, last] = high > low ? [Math.log10(low), Math.log10(high)] : [Math.log10(low) - 0.5, Math.log10(low) + 0.5];
    const pad = 0.03 * (last - first);
    const step = Math.max(1, Math.ceil((last - first) / about));
    const ticks = [];
    for (let power = Math.ceil((first - pad) / step) * step; power <= last + pad; power += step) ticks.push([10 ** power, `10${raised(power)}`]);
    if (ticks.length < 2) {
      // less than two decades to write: round numbers in between
      ticks.length = 0;
      for (let power = Math.floor(first); power <= last; power++) {
        for (const factor of last - first > 0.6 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]) {
          const value = factor * 10 ** power;
          if (Math.log10(value) >= first - pad && Math.log10(value) <= last + pad) ticks.push([value, factor === 1 ? `10${raised(power)}` : minus(value >= 0.01 && value < 1e4 ? String(Number(value.toPrecision(2))) : scientific(value, factor % 1 ? 1 : 0))]);
        }
      }
    }
    return { at: (value) => from + ((Math.log10(value) - first + pad) / (last - first + 2 * pad)) * (to - from), ticks };
  };

  const frame = (x, y, box, labels) => {
    const group = svg("g", { "aria-hidden": "true" });
    for (const [value, text] of y.ticks) {
      group.append(svg("line", { class: "grid", x1: box.left, x2: box.right, y1: y.at(value), y2: y.at(value) }));
      group.append(svg("text", { x: box.left - 7, y: y.at(value) + 4, "text-anchor": "end" }, text));
    }
    for (const [value, text] of labels.hideX ? [] : x.ticks) {
      group.append(svg("line", { class: "axis", x1: x.at(value), x2: x.at(value), y1: box.bottom, y2: box.bottom + 4 }));
      group.append(svg("text", { x: x.at(value), y: box.bottom + 17, "text-anchor": "middle" }, text));
    }
    group.append(svg("line", { class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }));
    if (labels.x) group.append(svg("text", { class: "name", x: (box.left + box.right) / 2, y: box.bottom + 36, "text-anchor": "middle" }, labels.x));
    if (labels.y) group.append(svg("text", { class: "name", x: 0, y: box.top - 10 }, labels.y));
    return group;
  };

  const polyline = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

  let charts = 0;
  /** An empty chart that is one stop of the Tab key, with its title and what it shows for a reader who cannot see it. */
  const chart = (width, height, title, described) => {
    const id = `chart-${++charts}`;
    return svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, role: "group", tabindex: 0, "aria-roledescription": "chart", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-desc` },
      svg("title", { id: `${id}-title` }, title),
      svg("desc", { id: `${id}-desc` }, described),
    );
  };

  /** Pointer and arrow keys walk over the points [{x, y, say, act}] of a chart; what a point says is written into `readout`. */
  const probe = (picture, points, readout, rest) => {
    const cursor = svg("circle", { class: "cursor", r: 7, visibility: "hidden" });
    let current = -1;
    const show = (index) => {
      current = index;
      const point = points[index];
      cursor.setAttribute("visibility", point ? "visible" : "hidden");
      readout.textContent = point ? point.say : rest;
      if (!point) return;
      cursor.setAttribute("cx", point.x);
      cursor.setAttribute("cy", point.y);
    };
    const nearest = (event) => {
      const box = picture.getBoundingClientRect();
      const scale = picture.viewBox.baseVal.width / box.width;
      const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      let [best, least] = [-1, REACH ** 2];
      points.forEach((point, index) => {
        const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
        if (distance < least) [best, least] = [index, distance];
      });
      return best;
    };
    // an empty title keeps the browser from showing the chart's as a tooltip
    const sheet = svg("rect", { width: "100%", height: "100%", fill: "transparent", "aria-hidden": "true" }, svg("title"));
    picture.append(cursor, sheet);
    picture.addEventListener("pointermove", (event) => {
      const index = nearest(event);
      if (index !== current) show(index);
      sheet.style.cursor = index >= 0 && points[index].act ? "pointer" : "";
    });
    picture.addEventListener("pointerleave", () => show(-1));
    picture.addEventListener("click", (event) => {
      const point = points[nearest(event)];
      if (point && point.act) point.act();
    });
    picture.addEventListener("blur", () => show(-1));
    picture.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (way && points.length) {
        show(current < 0 ? (way > 0 ? 0 : points.length - 1) : Math.min(points.length - 1, Math.max(0, current + way)));
      } else if (event.key === "Enter" && points[current] && points[current].act) points[current].act();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    readout.textContent = rest;
    return picture;
  };

  // ---------------------------------------------------------------- marks

  /** The shape of a class, of a given area. */
  const shape = (name, x, y, area) => {
    const half = Math.sqrt(area) / 2;
    const [filled, stroked] = [{ fill: colour(name) }, { stroke: colour(name), "stroke-width": 1.8, fill: "none" }];
    switch (name) {
      case "C-A":
        return svg("circle", { cx: x, cy: y, r: Math.sqrt(area / Math.PI), ...filled });
      case "P-n-C":
        return svg("path", { d: `M${x} ${y - 1.5 * half}l${1.25 * half} ${2.35 * half}h${-2.5 * half}z`, ...filled });
      case "other":
        return svg("path", { d: `M${x} ${y - 1.41 * half}l${1.41 * half} ${1.41 * half}l${-1.41 * half} ${1.41 * half}l${-1.41 * half} ${-1.41 * half}z`, ...filled });
      case "channel":
        return svg("path", { d: `M${x - half} ${y - half}l${2 * half} ${2 * half}m0 ${-2 * half}l${-2 * half} ${2 * half}`, ...stroked });
      default:
        return svg("path", { d: `M${x - half} ${y}h${2 * half}m${-half} ${-half}v${2 * half}`, ...stroked });
    }
  };

  // ---------------------------------------------------------------- the state of the page

  const state = { diagram: null, rows: [], order: [], page: 0, sort: "n", way: 1, current: -1, open: -1 };

  /** The table's rows of a diagram, as objects. */
  const rowsOf = (diagram) => {
    const columns = Object.entries(diagram.table);
    return diagram.table.n.map((_, index) => {
      const row = { id: index };
      for (const [name, values] of columns) row[name] = values[index];
      return row;
    });
  };

  // ---------------------------------------------------------------- the phase diagram

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
    const curves = Object.entries(diagram.exact).map(([name, values]) => [name, (relative ? values.slice(0, -1) : values).map((loss, i) => [i + 1, height(i + 1, loss)])]);
    const heights = [...curves.flatMap(([, points]) => points.map((point) => point[1])), ...drawn.map((mark) => height(mark.n, mark.loss))];
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
    picture.append(frame(x, y, losses, { y: relative ? "loss at convergence over that of optimal C-A" : "loss at convergence", hideX: true }), frame(x, share, shares, { x: "n/k", y: "share of runs" }));

    diagram.transition.forEach((place, i) => {
      const row = shares.top - 12 - STRIP * (diagram.transition.length - 1 - i);
      const ends = [place.lower, place.upper].map((end) => (given(end) ? x.at(end) : null));
      if (ends[0] !== null && ends[1] !== null) {
        picture.append(svg("rect", { class: "within", x: ends[0], width: Math.max(1, ends[1] - ends[0]), y: shares.top, height: shares.bottom - shares.top }));
        picture.append(svg("path", { class: "estimate", d: `M${ends[0]} ${row - 3}v6m0 -3H${ends[1]}m0 -3v6`, fill: "none" }));
      }
      if (given(place.value)) {
        picture.append(svg("line", { class: "estimate faint", x1: x.at(place.value), x2: x.at(place.value), y1: row, y2: shares.bottom }));
        picture.append(svg("circle", { class: "value", cx: x.at(place.value), cy: row, r: 3 }));
      }
      const known = [...ends, given(place.value) ? x.at(place.value) : null].filter((end) => end !== null);
      if (known.length) picture.append(svg("text", { class: "name halo", x: Math.min(...known) - 7, y: row + 4, "text-anchor": "end" }, place.label));
    });
    let last = -Infinity;
    for (const place of diagram.boundaries.filter((one) => given(one.value)).sort((a, b) => a.value - b.value)) {
      const at = x.at(place.value);
      // to the right of its line where another label stands to the left
      last = at - last < LABEL ? at + 13 : at - 5;
      picture.append(svg("line", { class: "boundary", x1: at, x2: at, y1: losses.top, y2: shares.bottom }));
      picture.append(svg("text", { class: narrow ? "halo small" : "halo", transform: `translate(${last} ${losses.top}) rotate(-90)`, "text-anchor": "end" }, place.label));
    }
    for (const [name, values] of curves) {
      const line = polyline(values.map(([n, value]) => [x.at(n / k), y.at(value)]));
      picture.append(svg("path", { class: "exact", d: line, fill: "none", stroke: colour(name), "stroke-width": 1.3, opacity: 0.85 }));
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
      picture.append(svg("path", { class: "interval", d: `${polyline(low)}L${polyline(high.reverse()).slice(1)}Z`, fill: colour(name), opacity: 0.16 }));
      picture.append(svg("path", { class: "share", d: polyline(found.map((one) => [x.at(one.n / k), share.at(one.share)])), fill: "none", stroke: colour(name), "stroke-width": 1.3 }));
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
      const line = svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, svg("path", { d: "M1 7h24", stroke: colour(name), "stroke-width": 1.6 }));
      keys.push(html("span", { class: "key" }, line, `${name}, exact`));
    }
    const band = svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, svg("rect", { class: "within", x: 4, y: 0, width: 18, height: 14 }), svg("path", { class: "estimate", d: "M13 0v14" }));
    keys.push(html("span", { class: "key" }, band, "fitted, 95 % interval"));
    const dashes = svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, svg("path", { class: "boundary", d: "M13 0v14" }));
    keys.push(html("span", { class: "key" }, dashes, "exact boundary: what is true to its right"));
    find("#legend").replaceChildren(...keys, find("#relative").parentElement);
  };

  const drawPlaces = () => {
    const { transition, boundaries } = state.diagram;
    const card = (name, value, note) => html("div", {}, html("b", {}, value), html("span", {}, name), html("span", {}, note));
    const estimates = transition.map((place) => {
      const ends = [place.lower, place.upper].map((end) => (given(end) ? end.toFixed(3) : "?"));
      const bounded = given(place.lower) || given(place.upper);
      return card(`${place.name} of the runs`, given(place.value) ? place.value.toFixed(3) : none, bounded ? `95 %: ${ends[0]} to ${ends[1]}` : "no interval");
    });
    const exact = boundaries.map((place) => card(place.name, given(place.value) ? place.value.toFixed(6) : none, place.status === "found" ? "exact" : place.status));
    find("#places").replaceChildren(...estimates, ...exact);
    const minded = [...new Set(transition.map((place) => place.status))].filter((status) => status !== "found");
    find("#places-note").textContent = minded.length ? `γ₁, 50 %, γ₂: ${minded.join("; ")}.` : "";
  };

  // ---------------------------------------------------------------- the table

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
    ["reason", "reason", (value) => value || none, false],
  ];

  /** All that a search can find of a row, written once. */
  const searched = (row) => (row.text ||= COLUMNS.map(([key, , text]) => text(row[key])).join(" ").toLowerCase());

  const select = () => {
    const words = find("#filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [outcome, kind, n] = ["outcome", "kind", "n"].map((name) => find(`#filter-${name}`).value);
    const column = COLUMNS.find(([key]) => key === state.sort);
    const value = (row) => (column[0] === "partition" ? (row.partition ? column[2](row.partition) : null) : row[column[0]]);
    state.order = state.rows
      .filter((row) => (!outcome || row.outcome === outcome) && (!kind || row.kind === kind) && (!n || row.n === Number(n)) && words.every((word) => searched(row).includes(word)))
      .sort((first, second) => {
        const [a, b] = [value(first), value(second)];
        // what a run does not have comes last, whichever way the column is sorted
        if (!given(a) || !given(b)) return given(b) - given(a) || first.id - second.id;
        return (a < b ? -state.way : a > b ? state.way : 0) || first.id - second.id;
      });
    state.page = 0;
    state.current = state.order.length ? 0 : -1;
    drawTable();
  };

  const drawTable = () => {
    const count = state.order.length;
    const [first, last] = [state.page * ROWS_A_PAGE, Math.min(count, (state.page + 1) * ROWS_A_PAGE)];
    const rows = state.order.slice(first, last).map((row, offset) =>
      html(
        "tr",
        { tabindex: first + offset === state.current ? 0 : -1, "aria-selected": row.id === state.open ? "true" : "false", "data-row": row.id },
        COLUMNS.map(([key, , text, number]) => {
          if (key === "outcome") return html("td", {}, chip(row.outcome));
          const written = text(row[key]);
          return html("td", { class: number ? "number" : key === "reason" ? "long" : null, title: key === "reason" ? written : null }, written);
        }),
      ),
    );
    find("#rows").replaceChildren(...(rows.length ? rows : [html("tr", {}, html("td", { class: "empty", colspan: COLUMNS.length }, "No run is like that."))]));
    find("#table").setAttribute("aria-rowcount", count + 1);
    find("#count").textContent = count === state.rows.length ? `all ${counted(count, "run")}` : `${count.toLocaleString("en")} of ${counted(state.rows.length, "run")}`;
    find("#page-range").textContent = count ? `${(first + 1).toLocaleString("en")}–${last.toLocaleString("en")} of ${count.toLocaleString("en")}` : "0 of 0";
    find("#page-back").disabled = state.page === 0;
    find("#page-on").disabled = last >= count;
    for (const heading of find("#columns").children) {
      const sorted = heading.dataset.key === state.sort;
      heading.setAttribute("aria-sort", sorted ? (state.way > 0 ? "ascending" : "descending") : "none");
    }
  };

  /** Make a place of the filtered order the current row, on whichever page it stands. */
  const goTo = (position, focus = true) => {
    if (!state.order.length) return;
    state.current = Math.min(state.order.length - 1, Math.max(0, position));
    state.page = Math.floor(state.current / ROWS_A_PAGE);
    if (state.open >= 0) openRun(state.order[state.current].id);
    else drawTable();
    const row = find("#rows tr[tabindex='0']");
    if (focus && row) row.focus({ preventScroll: false });
  };

  const turn = (pages) => goTo((state.page + pages) * ROWS_A_PAGE, false);

  const fill = (name, values, all) =>
    find(`#filter-${name}`).replaceChildren(html("option", { value: "" }, all), ...values.map((value) => html("option", { value }, value)));

  const clearFilters = () => {
    for (const control of find("#filters").elements) if (control.id !== "filter-clear") control.value = "";
  };

  /** The runs of a mark, in the table. */
  const showOnly = (n, outcome) => {
    clearFilters();
    find("#filter-n").value = n;
    find("#filter-outcome").value = outcome;
    select();
    find("#runs").scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
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
        html("td", {}, html("button", { type: "button", class: "quiet", onclick: () => showOnly(other.n, "other") }, `other-${other.number}`)),
        [whole(other.n), fixed(other.loss, 12), scientific(other.above, 3)].map((text) => html("td", { class: "number" }, text)),
        html("td", {}, other.kind),
        html("td", { class: "number" }, whole(other.index)),
        html("td", { class: "long", title: other.runs.join(", ") }, `${other.runs.length} (${other.runs.join(", ")})`),
      ),
    );
    find("#others").replaceChildren(
      html("thead", {}, html("tr", {}, heads.map((head, i) => html("th", { scope: "col", class: [1, 2, 3, 5].includes(i) ? "number" : null }, head)))),
      html("tbody", {}, rows),
    );
  };

  // ---------------------------------------------------------------- one run

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

  /** Students by what they do and teachers by who takes them, so that a match is a diagonal. */
  const matched = ({ neurons, k, kinds, teachers }) => {
    const ranks = ["exact copy", "approximate copy", "exact average", "approximate average", "other"];
    const students = [...Array(neurons).keys()];
    if (kinds.length) students.sort((a, b) => ranks.indexOf(kinds[a]) - ranks.indexOf(kinds[b]) || (teachers[a][0] ?? k) - (teachers[b][0] ?? k));
    const taken = kinds.length ? students.flatMap((student) => teachers[student]) : [];
    return { students, teachers: [...new Set([...taken, ...Array(k).keys()])] };
  };

  const natural = ({ neurons, k }) => ({ students: [...Array(neurons).keys()], teachers: [...Array(k).keys()] });

  const rgb = (name) => {
    const digits = getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1);
    return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16));
  };

  /** From the ground at 0 to the colours of C-A at 1 and of P-n-C at −1. */
  const ramp = () => {
    const [ground, positive, negative] = ["--raised", "--c-a", "--p-n-c"].map(rgb);
    return (value) => ground.map((part, i) => Math.round(part + Math.abs(value) * ((value < 0 ? negative : positive)[i] - part)));
  };

  const heatMap = (run, width) => {
    const readout = html("p", { class: "readout", id: "map-readout", "aria-live": "polite" });
    const rest = "Point at a cell, or walk with the arrow keys.";
    readout.textContent = rest;
    const cell = Math.max(1, Math.min(18, Math.floor((width - 2) / run.k)));
    const canvas = html("canvas", {
      id: "map",
      width: run.k * cell,
      height: run.neurons * cell,
      tabindex: 0,
      role: "group",
      "aria-roledescription": "heat map",
      "aria-label": `Alignment of ${counted(run.neurons, "student")} with ${counted(run.k, "teacher")}; arrow keys walk over the cells`,
      "data-cell": cell,
    });
    const sorting = html("input", { type: "checkbox", id: "map-order", checked: run.kinds.length > 0, onchange: () => draw() });
    const at = { i: -1, j: -1 };
    let order = null;
    const draw = () => {
      order = sorting.checked ? matched(run) : natural(run);
      const context = canvas.getContext("2d");
      const image = context.createImageData(canvas.width, canvas.height);
      const colours = ramp();
      for (let y = 0; y < canvas.height; y++) {
        const student = order.students[Math.floor(y / cell)];
        for (let x = 0; x < canvas.width; x++) {
          const value = run.cosines[student * run.k + order.teachers[Math.floor(x / cell)]];
          image.data.set([...colours(value), 255], 4 * (y * canvas.width + x));
        }
      }
      context.putImageData(image, 0, 0);
      if (at.i < 0) return;
      context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--ink");
      context.lineWidth = 2;
      context.strokeRect(at.j * cell, at.i * cell, cell, cell);
    };
    const show = (i, j) => {
      [at.i, at.j] = i >= 0 && i < run.neurons && j >= 0 && j < run.k ? [i, j] : [-1, -1];
      draw();
      const [student, teacher] = [order.students[at.i], order.teachers[at.j]];
      readout.textContent = at.i < 0 ? rest : `student ${student}${run.kinds.length ? ` (${run.kinds[student]})` : ""}, teacher ${teacher}: cosine ${fixed(run.cosines[student * run.k + teacher], 4)}`;
    };
    canvas.addEventListener("pointermove", (event) => {
      const box = canvas.getBoundingClientRect();
      const part = (value, low, size, cells) => Math.floor(((value - low) / size) * cells);
      show(part(event.clientY, box.top, box.height, run.neurons), part(event.clientX, box.left, box.width, run.k));
    });
    canvas.addEventListener("pointerleave", () => show(-1, -1));
    canvas.addEventListener("blur", () => show(-1, -1));
    canvas.addEventListener("keydown", (event) => {
      const [down, along] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] || [0, 0];
      if (!down && !along) return;
      show(Math.min(run.neurons - 1, Math.max(0, at.i + down)), Math.min(run.k - 1, Math.max(0, at.j + along)));
      event.preventDefault();
      event.stopPropagation();
    });
    draw();
    repaint = draw;
    const scale = html("span", { class: "ramp", "aria-hidden": "true" }, "−1", html("i"), "1");
    return [
      html("p", { class: "controls" }, html("span", { class: "key" }, "cosine", scale), html("span", { class: "key" }, "rows: students, columns: teachers")),
      canvas,
      readout,
      html("p", { class: "controls" }, html("label", {}, sorting, "matched students and teachers on the diagonal")),
    ];
  };

  const quantile = (sorted, part) => {
    const place = part * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };

  /** A box for each student's alignments: quartiles, whiskers to the last value within 1.5 of their distance; all values as dots. */
  const boxPlot = (run, width) => {
    const height = 400;
    const box = { left: 46, right: width - 8, top: 26, bottom: 220 };
    const low = Math.min(0, ...run.cosines);
    const y = linear(low < 0 ? Math.min(-0.1, low) : 0, 1, box.bottom, box.top, 5);
    const slot = (box.right - box.left) / run.neurons;
    const middle = (i) => box.left + slot * (i + 0.5);
    const step = Math.max(1, Math.ceil((22 * run.neurons) / (box.right - box.left)));
    const x = { ticks: [] };
    const picture = chart(width, height, "Alignments of each student", `A box plot of the cosines of each of ${run.neurons} students with ${run.k} teachers, and below it norms and output weights.`);
    picture.append(frame(x, y, box, { y: "cosine with each teacher" }));
    const dots = [];
    const points = [];
    const half = Math.min(12, 0.34 * slot);
    for (let i = 0; i < run.neurons; i++) {
      const values = run.cosines.slice(i * run.k, (i + 1) * run.k).sort((a, b) => a - b);
      const [q1, median, q3] = [0.25, 0.5, 0.75].map((part) => quantile(values, part));
      const reach = 1.5 * (q3 - q1);
      const lower = Math.min(q1, values.find((value) => value >= q1 - reach));
      const upper = Math.max(q3, values.findLast((value) => value <= q3 + reach));
      const cx = middle(i);
      picture.append(
        svg(
          "g",
          { class: "box", "data-student": i, "data-q1": q1, "data-median": median, "data-q3": q3, "data-lower": lower, "data-upper": upper },
          svg("path", { class: "axis", d: `M${cx} ${y.at(lower)}V${y.at(q1)}M${cx} ${y.at(q3)}V${y.at(upper)}`, fill: "none" }),
          svg("rect", { class: "axis", x: cx - half, width: 2 * half, y: y.at(q3), height: Math.max(0.5, y.at(q1) - y.at(q3)), fill: "none" }),
          svg("path", { d: `M${cx - half} ${y.at(median)}h${2 * half}`, stroke: colour("C-A"), "stroke-width": 2 }),
        ),
      );
      dots.push(...values.map((value) => `M${cx.toFixed(1)} ${y.at(value).toFixed(1)}h0`));
      const kind = run.kinds[i] ? `, ${run.kinds[i]}${run.teachers[i].length === 1 ? ` of teacher ${run.teachers[i][0]}` : run.teachers[i].length ? ` of ${run.teachers[i].length} teachers` : ""}` : "";
      points.push({ x: cx, y: y.at(values[values.length - 1]), say: `student ${i}${kind}: largest cosine ${fixed(values[values.length - 1], 4)}, median ${fixed(median, 4)}, norm ${run.norms[i].toPrecision(5)}, output weight ${minus(run.outputs[i].toPrecision(5))}` });
    }
    // all dots of the students are one path: thousands of elements would take their time
    picture.append(svg("path", { class: "dots", d: dots.join(""), stroke: colour("P-n-C"), "stroke-width": Math.min(4, Math.max(2, slot / 3)), "stroke-linecap": "round", opacity: 0.6 }));
    for (const [label, values, name, top] of [["norm", run.norms, "C-A", 258], ["output weight", run.outputs, "P-n-C", 326]]) {
      const part = { left: box.left, right: box.right, top, bottom: top + 36 };
      const scale = linear(Math.min(0, ...values), Math.max(...values, 1e-9), part.bottom, part.top, 2);
      picture.append(frame(x, scale, part, { y: label }));
      values.forEach((value, i) => {
        const [a, b] = [scale.at(0), scale.at(value)];
        picture.append(svg("rect", { x: middle(i) - half, width: 2 * half, y: Math.min(a, b), height: Math.abs(a - b), fill: colour(name), opacity: 0.85 }));
      });
    }
    for (let i = 0; i < run.neurons; i += step) picture.append(svg("text", { x: middle(i), y: 379, "text-anchor": "middle" }, i));
    picture.append(svg("text", { class: "name", x: (box.left + box.right) / 2, y: 397, "text-anchor": "middle" }, "student"));
    const readout = html("p", { class: "readout", "aria-live": "polite" });
    return [html("div", { class: "chart" }, probe(picture, points, readout, "Point at a student, or walk with the arrow keys.")), readout];
  };

  /** One quantity over time, both logarithmic. */
  const pathChart = (times, values, label, name, width) => {
    const height = 230;
    const box = { left: 50, right: width - 10, top: 26, bottom: 186 };
    const shown = times.map((time, i) => [time, values[i]]).filter(([time, value]) => time > 0 && value > 0 && Number.isFinite(value));
    const readout = html("p", { class: "readout", "aria-live": "polite" });
    if (!shown.length) return html("div", {}, html("p", { class: "readout" }, `${label}: no value above zero`));
    const [x, y] = [0, 1].map((axis) => {
      const column = shown.map((point) => point[axis]);
      const ends = axis ? [box.bottom, box.top] : [box.left, box.right];
      return logarithmic(Math.min(...column), Math.max(...column), ...ends, 5);
    });
    const picture = chart(width, height, `${label} over time`, `${label} falls from ${scientific(shown[0][1])} to ${scientific(shown[shown.length - 1][1])} at time ${scientific(shown[shown.length - 1][0])}; both axes are logarithmic.`);
    const points = shown.map(([time, value]) => ({ x: x.at(time), y: y.at(value), say: `time ${scientific(time, 2)}: ${scientific(value, 3)}` }));
    picture.append(frame(x, y, box, { x: "time", y: label }), svg("path", { class: "course", "data-points": shown.length, d: polyline(points.map((point) => [point.x, point.y])), fill: "none", stroke: colour(name), "stroke-width": 1.8, "stroke-linejoin": "round" }));
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
    const groups = values.map((value, i) => (value > errors[i] ? ["positive", "C-A"] : value < -errors[i] ? ["negative", "P-n-C"] : ["inside its error bound", "channel"]));
    const counts = new Map();
    for (const [name] of groups) counts.set(name, (counts.get(name) || 0) + 1);
    const said = [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
    const picture = chart(width, height, "Spectrum of the Hessian", `${said} of the ${values.length} eigenvalues drawn; from ${scientific(values[0], 3)} to ${scientific(values[values.length - 1], 3)}.`);
    picture.append(frame(x, y, box, { x: "eigenvalue, in ascending order", y: "size" }));
    const bound = ranks.map((rank, i) => [x.at(rank), y.at(errors[i])]).filter(([, place]) => Number.isFinite(place));
    picture.append(svg("path", { class: "bound", d: polyline(bound), fill: "none", stroke: "var(--ink)", "stroke-width": 1 }));
    const points = [];
    values.forEach((value, i) => {
      if (!(size[i] > 0)) return;
      const [group, name] = groups[i];
      const [cx, cy] = [x.at(ranks[i]), y.at(size[i])];
      const dot = shape(group === "positive" ? "C-A" : group === "negative" ? "P-n-C" : "channel", cx, cy, 16);
      dot.setAttribute("class", "eigenvalue");
      picture.append(dot);
      points.push({ x: cx, y: cy, say: `eigenvalue ${ranks[i] + 1}: ${scientific(value, 4)} ± ${scientific(errors[i])}, ${group}` });
    });
    const key = (name, text) => html("span", { class: "key" }, svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, shape(name, 13, 7, 30)), text);
    const keys = [["C-A", "positive"], ["P-n-C", "negative"], ["channel", "inside its error bound"]].filter(([, text]) => counts.has(text)).map(([name, text]) => key(name, text));
    keys.push(html("span", { class: "key" }, svg("svg", { "aria-hidden": "true", viewBox: "0 0 26 14" }, svg("path", { d: "M1 7h24", stroke: "var(--ink)" })), "error bound"));
    const readout = html("p", { class: "readout", "aria-live": "polite" });
    const rest = values.length < total ? `${values.length.toLocaleString("en")} of ${total.toLocaleString("en")} eigenvalues are drawn, those at the lower end all.` : "";
    return [html("div", { class: "controls" }, keys), html("div", { class: "chart" }, probe(picture, points, readout, rest)), readout];
  };

  const facts = (pairs) => pairs.filter(([, text]) => text !== none && text !== "").map(([name, text]) => html("div", {}, html("dt", {}, name), html("dd", {}, text)));

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
    const doing = [...counts].map(([kind, count]) => `${count} ${count === 1 ? kind : kind.replace(/y$/, "ie").replace(/$/, "s")}`).join(", ");
    const parts = [
      html(
        "header",
        {},
        html("h2", { id: "panel-title" }, `n = ${row.n}, run ${row.run}`),
        html("button", { type: "button", class: "quiet", "aria-label": "Run before", disabled: state.current <= 0, onclick: () => step(-1) }, "↑"),
        html("button", { type: "button", class: "quiet", "aria-label": "Next run", disabled: state.current >= state.order.length - 1, onclick: () => step(1) }, "↓"),
        html("button", { type: "button", class: "quiet", id: "panel-close", onclick: closeRun }, "Close"),
      ),
      html("p", { class: "verdict" }, chip(row.outcome), row.partition ? ` with partition ${partitionText(row.partition)}` : "", row.kind === row.outcome ? "" : `, ${row.kind}`, given(row.index) ? ` of index ${row.index}` : ""),
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
    if (inside) ([...panel.querySelectorAll("button:enabled")].find((button) => button.getAttribute("aria-label") === focused) || panel).focus();
    panel.append(
      html(
        "dl",
        { class: "facts" },
        facts([
          ["loss", fixed(row.loss, 12)],
          ["n/k", (row.n / run.k).toFixed(4)],
          ["gradient norm", scientific(row.gradient_norm)],
          ["its rounding floor", scientific(row.gradient_floor)],
          ["least eigenvalue", given(row.least_eigenvalue) ? `${scientific(row.least_eigenvalue, 4)} ± ${scientific(row.least_eigenvalue_error)}` : none],
          ["largest eigenvalue", scientific(row.largest_eigenvalue, 4)],
          ["nullity", whole(row.nullity)],
          ["flow", given(row.time) ? `to time ${scientific(row.time, 2)} in ${counted(row.steps, "step")}` : none],
          ["seconds", fixed(row.seconds, 2)],
          ["neurons", doing],
          ["done again with", row.changes],
          ["result", row.result === "successful" ? "" : row.result.replaceAll("_", " ")],
        ]),
      ),
      html("h3", {}, "Neurons"),
    );
    panel.append(...(run.neurons ? [...heatMap(run, wide), ...boxPlot(run, wide)] : [html("p", { class: "readout" }, "No weights at the end of this run.")]));
    panel.append(html("h3", {}, "Path"));
    panel.append(
      run.path.times.length
        ? html("div", { class: "pair" }, pathChart(run.path.times, run.path.losses, "loss", "C-A", half), pathChart(run.path.times, run.path.gradients, "gradient norm", "P-n-C", half))
        : html("p", { class: "readout", id: "no-path" }, "Path not kept: the run did not get that far, or its record was written by an older version."),
    );
    panel.append(html("h3", {}, "Spectrum"));
    const total = row.n * state.diagram.d + row.n;
    panel.append(...(run.spectrum.values.length ? spectrumChart(run.spectrum, total, wide) : [html("p", { class: "readout", id: "no-spectrum" }, "No eigenvalues of this run.")]));
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

  // ---------------------------------------------------------------- a diagram, and the page

  const list = (object) => Object.entries(object).map(([name, value]) => `${name} ${value}`).join(", ");

  const showDiagram = (diagram) => {
    closeRun();
    Object.assign(state, { diagram, rows: rowsOf(diagram), sort: "n", way: 1 });
    for (const tab of find("#tabs").children) {
      const chosen = DATA.diagrams[tab.dataset.diagram] === diagram;
      tab.setAttribute("aria-selected", chosen ? "true" : "false");
      tab.tabIndex = chosen ? 0 : -1;
    }
    find("#lead").textContent = `${counted(diagram.k, "teacher")} in ${diagram.d} dimensions, students of ${Object.values(diagram.shares)[0].length} widths, ${counted(state.rows.length, "run")} from ${diagram.init} starts${diagram.complete ? "" : " (not complete)"}.`;
    const { rule, ...problem } = diagram.problem;
    find("#experiment").replaceChildren(
      ...facts([
        ["teacher", `${rule}, k = ${diagram.k}, d = ${diagram.d}`],
        ["activation and inputs", `${problem.activation}, ${problem.inputs}`],
        ["initial weights", diagram.law],
        ["root seed", String(diagram.seed)],
        ["options of the flow", list(diagram.options)],
        ["runs", `${counted(state.rows.length, "run")}, ${diagram.complete ? "complete" : "not complete"}`],
        ["run by", diagram.versions.join("; ")],
        ["experiment", diagram.identity],
      ]),
    );
    const distinct = (name) => [...new Set(state.rows.map((row) => row[name]))];
    fill("outcome", DATA.classes.filter((name) => name in diagram.shares), "all");
    fill("kind", distinct("kind").sort(), "all");
    fill("n", distinct("n").sort((a, b) => a - b), "all");
    clearFilters();
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
      ...DATA.diagrams.map((diagram, i) => html("button", { type: "button", role: "tab", "aria-controls": "main", "data-diagram": i, onclick: () => showDiagram(diagram) }, diagram.name)),
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
          { scope: "col", class: number ? "number" : null, "data-key": key },
          html("button", { type: "button", onclick: () => {
            [state.way, state.sort] = [state.sort === key ? -state.way : 1, key];
            select();
          } }, label),
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
    const position = (event) => {
      const row = event.target.closest("tr[data-row]");
      return row ? state.order.findIndex((one) => one.id === Number(row.dataset.row)) : -1;
    };
    rows.addEventListener("click", (event) => {
      const clicked = position(event);
      if (clicked < 0) return;
      state.open = state.order[clicked].id;
      goTo(clicked);
    });
    rows.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      const chosen = position(event);
      if (chosen < 0) return;
      event.preventDefault();
      state.open = state.order[chosen].id;
      goTo(chosen);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return closeRun();
      const way = { ArrowDown: 1, ArrowUp: -1, PageDown: ROWS_A_PAGE, PageUp: -ROWS_A_PAGE, Home: -Infinity, End: Infinity }[event.key];
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
}
