// Charts that pointer and arrow keys walk over, and the marks in them.

const REACH = 24; // px from the pointer within which a mark answers

let charts = 0;

/** An empty chart that is one stop of the Tab key, with its title and what it shows for a reader who cannot see it. */
const chart = (width, height, title, described) => {
  const id = `chart-${++charts}`;
  return svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      role: "group",
      tabindex: 0,
      "aria-roledescription": "chart",
      "aria-labelledby": `${id}-title`,
      "aria-describedby": `${id}-desc`,
    },
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
  const sheet = svg(
    "rect",
    { width: "100%", height: "100%", fill: "transparent", "aria-hidden": "true" },
    svg("title"),
  );
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
      return svg("path", {
        d: `M${x} ${y - 1.41 * half}l${1.41 * half} ${1.41 * half}l${-1.41 * half} ${1.41 * half}l${-1.41 * half} ${-1.41 * half}z`,
        ...filled,
      });
    case "channel":
      return svg("path", {
        d: `M${x - half} ${y - half}l${2 * half} ${2 * half}m0 ${-2 * half}l${-2 * half} ${2 * half}`,
        ...stroked,
      });
    case "minimum at infinity":
      return svg("path", { d: `M${x - half} ${y + half}l${half} ${-2 * half}l${half} ${2 * half}`, ...stroked });
    default:
      return svg("path", { d: `M${x - half} ${y}h${2 * half}m${-half} ${-half}v${2 * half}`, ...stroked });
  }
};
