// The alignments of a run as pixels.

/** Students by what they do and teachers by who takes them, so that a match is a diagonal. */
const matched = ({ neurons, k, kinds, teachers }) => {
  const ranks = ["exact copy", "approximate copy", "exact average", "approximate average", "other"];
  const students = [...Array(neurons).keys()];
  if (kinds.length)
    students.sort(
      (a, b) => ranks.indexOf(kinds[a]) - ranks.indexOf(kinds[b]) || (teachers[a][0] ?? k) - (teachers[b][0] ?? k),
    );
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
  return (value) =>
    ground.map((part, i) => Math.round(part + Math.abs(value) * ((value < 0 ? negative : positive)[i] - part)));
};

/** The heat map with its read-out, and the choice of its order. */
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
  const sorting = html("input", {
    type: "checkbox",
    id: "map-order",
    checked: run.kinds.length > 0,
    onchange: () => paint(),
  });
  const at = { i: -1, j: -1 };
  // the cells are painted once, the frame around one of them with every step
  const cells = html("canvas", { width: canvas.width, height: canvas.height });
  let order = null;
  const paint = () => {
    order = sorting.checked ? matched(run) : natural(run);
    const context = cells.getContext("2d");
    const colours = ramp();
    order.students.forEach((student, i) =>
      order.teachers.forEach((teacher, j) => {
        context.fillStyle = `rgb(${colours(run.cosines[student * run.k + teacher])})`;
        context.fillRect(j * cell, i * cell, cell, cell);
      }),
    );
    draw();
  };
  const draw = () => {
    const context = canvas.getContext("2d");
    context.drawImage(cells, 0, 0);
    if (at.i < 0) return;
    context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--ink");
    context.lineWidth = 2;
    context.strokeRect(at.j * cell, at.i * cell, cell, cell);
  };
  const show = (i, j) => {
    [at.i, at.j] = i >= 0 && i < run.neurons && j >= 0 && j < run.k ? [i, j] : [-1, -1];
    draw();
    const [student, teacher] = [order.students[at.i], order.teachers[at.j]];
    readout.textContent =
      at.i < 0
        ? rest
        : `student ${student}${run.kinds.length ? ` (${run.kinds[student]})` : ""}, teacher ${teacher}: cosine ${fixed(run.cosines[student * run.k + teacher], 4)}`;
  };
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const part = (value, low, size, cells) => Math.floor(((value - low) / size) * cells);
    show(part(event.clientY, box.top, box.height, run.neurons), part(event.clientX, box.left, box.width, run.k));
  });
  canvas.addEventListener("pointerleave", () => show(-1, -1));
  canvas.addEventListener("blur", () => show(-1, -1));
  canvas.addEventListener("keydown", (event) => {
    const [down, along] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[
      event.key
    ] || [0, 0];
    if (!down && !along) return;
    show(Math.min(run.neurons - 1, Math.max(0, at.i + down)), Math.min(run.k - 1, Math.max(0, at.j + along)));
    event.preventDefault();
    event.stopPropagation();
  });
  paint();
  repaint = paint;
  const scale = html("span", { class: "ramp", "aria-hidden": "true" }, "−1", html("i"), "1");
  return [
    html(
      "p",
      { class: "controls" },
      html("span", { class: "key" }, "cosine", scale),
      html("span", { class: "key" }, "rows: students, columns: teachers"),
    ),
    canvas,
    readout,
    html("p", { class: "controls" }, html("label", {}, sorting, "matched students and teachers on the diagonal")),
  ];
};
