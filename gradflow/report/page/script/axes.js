// Scales with round ticks, and the axes that show them.

const linear = (low, high, from, to, about = 5) => {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
    ticks.push([i * step, digits > 5 ? scientific(i * step) : minus((i * step).toFixed(digits))]);
  return { at: (value) => from + ((value - low) / (high - low)) * (to - from), ticks };
};

const logarithmic = (low, high, from, to, about = 5) => {
  const [first, last] =
    high > low ? [Math.log10(low), Math.log10(high)] : [Math.log10(low) - 0.5, Math.log10(low) + 0.5];
  const pad = 0.03 * (last - first);
  const step = Math.max(1, Math.ceil((last - first) / about));
  const ticks = [];
  for (let power = Math.ceil((first - pad) / step) * step; power <= last + pad; power += step)
    ticks.push([10 ** power, `10${raised(power)}`]);
  if (ticks.length < 2) {
    // less than two decades to write: round numbers in between
    ticks.length = 0;
    for (let power = Math.floor(first); power <= last; power++) {
      for (const factor of last - first > 0.6 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]) {
        const value = factor * 10 ** power;
        if (Math.log10(value) >= first - pad && Math.log10(value) <= last + pad)
          ticks.push([
            value,
            factor === 1
              ? `10${raised(power)}`
              : minus(
                  value >= 0.01 && value < 1e4
                    ? String(Number(value.toPrecision(2)))
                    : scientific(value, factor % 1 ? 1 : 0),
                ),
          ]);
      }
    }
  }
  return {
    at: (value) => from + ((Math.log10(value) - first + pad) / (last - first + 2 * pad)) * (to - from),
    ticks,
  };
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
  if (labels.x)
    group.append(
      svg(
        "text",
        { class: "name", x: (box.left + box.right) / 2, y: box.bottom + 36, "text-anchor": "middle" },
        labels.x,
      ),
    );
  if (labels.y) group.append(svg("text", { class: "name", x: 0, y: box.top - 10 }, labels.y));
  return group;
};

const polyline = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
