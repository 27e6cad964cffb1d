// Numbers and partitions as text.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (power) =>
  (power < 0 ? "⁻" : "") + [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[digit]).join("");
const minus = (text) => (/^-[0.]+$/.test(text) ? text.slice(1) : text.replace("-", "−")); // no minus zero
const none = "–";
const given = (value) => value !== null && value !== undefined;
const whole = (value) => (given(value) ? minus(String(value)) : none);
const fixed = (value, digits) => (given(value) ? minus(value.toFixed(digits)) : none);
/** A loss; 0 if its rounding level does not tell it from that. */
const lossText = (loss, floor) => (given(loss) && Math.abs(loss) <= (floor ?? 0) ? "0" : fixed(loss, 12));
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
